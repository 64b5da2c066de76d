"""Each scenario's headline table equals tests/golden/<city>/<scenario>.csv: counts exactly, money to 1e-9.

After a change that is meant to move results: python -m tests.test_golden, and say so in CHANGELOG.md.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from agents.parameters import Parameters
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES, shipped_cities
from sim.city.shelf import scenario_names
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

GOLDEN = Path(__file__).parent / "golden"
MONEY = ["equity_raised", "outlay", "revenue", "future_revenue", "rd_spend", "future_rd_spend"]
HEADS = ["employees", "future_employees", "future_listed"]
RATIOS = ["high_growth_share", "gazelle_rate"]


SCENARIOS = [(city, name) for city in shipped_cities() for name in scenario_names(CITIES / city)]
ROWS = 1000
"""At the opening, about; a row stands for as many enterprises as that takes."""


def headline(place, name):
    """Every indicator at year-ends 2016, 2020, 2024-2026, at the prior medians, with about a thousand rows."""
    city = load_city(place, known_indicators=frozenset(NAMES))
    origin, weight = quarter.parse("2024Q4"), city.opening.enterprises / ROWS
    parameters = replace(Parameters(), opening_pool=float(city.opening.enterprises))
    root = IndustryModel(city, load_scenario(city.in_force, city), parameters, seed=1, as_of=origin, weight=weight)
    model = root.run_to(origin).fork(load_scenario(name, city)).run_to(origin + 8)
    frame = model.datacollector.get_model_vars_dataframe()
    frame.index = [quarter.label(city.start + 1 + i) for i in range(len(frame))]
    return frame.loc[["2016Q4", "2020Q4", "2024Q4", "2025Q4", "2026Q4"]].T.astype(float)


@pytest.mark.parametrize(("place", "name"), SCENARIOS)
def test_headline_table_is_golden(place, name):
    now, golden = headline(place, name), pd.read_csv(GOLDEN / place / f"{name}.csv", index_col=0)
    assert list(now.index) == list(golden.index)
    soft = MONEY + HEADS + RATIOS
    pd.testing.assert_frame_equal(now.drop(soft), golden.drop(soft), check_exact=True, check_names=False)
    pd.testing.assert_frame_equal(now.loc[soft], golden.loc[soft], rtol=1e-9, check_names=False)


def test_every_golden_table_is_of_a_scenario_that_is_shipped():
    assert sorted((p.parent.name, p.stem) for p in GOLDEN.rglob("*.csv")) == sorted(SCENARIOS)


if __name__ == "__main__":
    for place, scenario in SCENARIOS:
        (GOLDEN / place).mkdir(parents=True, exist_ok=True)
        headline(place, scenario).to_csv(GOLDEN / place / f"{scenario}.csv")
