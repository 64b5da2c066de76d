"""Which parameters can have acted by a year: a step of the drive that is still to come explains nothing before it comes."""

from dataclasses import replace

import numpy as np
import pytest

from agents.drive import LAST, WALKS, step_name
from agents.parameters import NAMES, Parameters, acting_by
from sim import quarter
from sim.model.model import IndustryModel


def test_only_later_steps_of_the_drive_cannot_have_acted():
    able = acting_by(2026)
    late = {step_name(kind, year) for kind in WALKS for year in range(2027, LAST + 1)}
    assert {name for name, acts in zip(NAMES, able, strict=True) if not acts} == late
    assert acting_by(LAST).all() and acting_by(2012).sum() == len(NAMES) - sum(len(w.years()) for w in WALKS.values())


@pytest.mark.parametrize(("year", "same"), [(2027, True), (2026, False)])
def test_a_later_step_moves_nothing_before_its_year(city, scenario, year, same):
    other = replace(Parameters(), **{step_name(kind, year): 2.0 for kind in WALKS})
    assert all(acting_by(2026)[NAMES.index(step_name(kind, year))] != same for kind in WALKS)
    runs = [
        IndustryModel(city, scenario("baseline"), p, seed=1, as_of=quarter.parse("2024Q4"), weight=60.0)
        .run_to(quarter.parse("2026Q4"))
        .datacollector.get_model_vars_dataframe()
        .to_numpy(float)
        for p in (Parameters(), other)
    ]
    assert np.array_equal(*runs, equal_nan=True) is same
