"""Each scenario's headline table equals tests/golden/<scenario>.csv: counts exactly, money to 1e-9.

After a change that is meant to move results: python -m tests.test_golden, and say so in CHANGELOG.md.
"""

from pathlib import Path

import pandas as pd
import pytest

from agents.parameters import Parameters
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES
from sim.city.shelf import scenario_names
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

GOLDEN = Path(__file__).parent / "golden"
MONEY = ["equity_raised", "outlay", "revenue", "future_revenue", "rd_spend", "future_rd_spend"]
HEADS = ["employees", "future_employees", "future_listed"]
RATIOS = ["high_growth_share", "gazelle_rate"]


def headline(name):
    """Every indicator at year-ends 2016, 2020, 2024-2026, at the prior medians, a row for ten enterprises."""
    city = load_city("hangzhou", known_indicators=frozenset(NAMES))
    origin = quarter.parse("2024Q4")
    root = IndustryModel(city, load_scenario("in_force", city), Parameters(), seed=1, as_of=origin, weight=10.0)
    model = root.run_to(origin).fork(load_scenario(name, city)).run_to(origin + 8)
    frame = model.datacollector.get_model_vars_dataframe()
    frame.index = [quarter.label(city.start + 1 + i) for i in range(len(frame))]
    return frame.loc[["2016Q4", "2020Q4", "2024Q4", "2025Q4", "2026Q4"]].T.astype(float)


@pytest.mark.parametrize("name", scenario_names(CITIES / "hangzhou"))
def test_headline_table_is_golden(name):
    now, golden = headline(name), pd.read_csv(GOLDEN / f"{name}.csv", index_col=0)
    assert list(now.index) == list(golden.index)
    soft = MONEY + HEADS + RATIOS
    pd.testing.assert_frame_equal(now.drop(soft), golden.drop(soft), check_exact=True, check_names=False)
    pd.testing.assert_frame_equal(now.loc[soft], golden.loc[soft], rtol=1e-9, check_names=False)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for scenario in scenario_names(CITIES / "hangzhou"):
        headline(scenario).to_csv(GOLDEN / f"{scenario}.csv")
