"""Parameters at the far ends of their priors give extreme answers, and finite ones; so do levers of absurd size."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.parameters import NAMES, PRIORS, Parameters
from sim import quarter
from sim.ensemble.ensemble import series_of
from sim.model.model import IndustryModel
from sim.state.indicators import INDICATORS
from sim.state.indicators import NAMES as COLUMNS

FAR = (1e-4, 0.5, 1.0 - 1e-4)
ORIGIN, END = quarter.parse("2024Q4"), quarter.parse("2027Q4")
COUNTS = [i for i, name in enumerate(COLUMNS) if INDICATORS[name].kind in ("stock", "flow")]


def drawn(ends):
    """Return parameters at an end of each prior, or its middle."""
    return Parameters(**{name: float(PRIORS[name].value(np.array(u))) for name, u in zip(NAMES, ends, strict=True)})


def numbers(city, in_force, plan, parameters):
    """Return every indicator of a coarse run through the history and the plan."""
    weight = max(60.0, parameters.opening_pool / 200.0)
    root = IndustryModel(city, in_force, parameters, seed=1, as_of=ORIGIN, weight=weight).run_to(ORIGIN)
    return series_of(root.fork(plan).run_to(END))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(ends=st.lists(st.sampled_from(FAR), min_size=len(NAMES), max_size=len(NAMES)))
def test_any_corner_of_the_priors_gives_finite_numbers(city, scenario, plan, ends):
    made = numbers(city, scenario("in_force"), plan, drawn(ends))
    assert np.isfinite(made).all()
    assert (made[:, COUNTS] >= 0.0).all()


@pytest.mark.parametrize("u", [FAR[0], FAR[-1]])
def test_all_parameters_at_one_end_at_once(city, scenario, plan, u):
    made = numbers(city, scenario("in_force"), plan, drawn([u] * len(NAMES)))
    assert np.isfinite(made).all() and (made[:, COUNTS] >= 0.0).all()


def test_levers_of_absurd_size_and_budget_give_finite_numbers(city, scenario, plan):
    loud = replace(plan, levers=tuple(replace(x, size=1e6, budget=1e9) for x in plan.levers))
    made = numbers(city, scenario("in_force"), loud, Parameters())
    usual = numbers(city, scenario("in_force"), plan, Parameters())
    assert np.isfinite(made).all() and (made[:, COUNTS] >= 0.0).all() and not np.array_equal(made, usual)
