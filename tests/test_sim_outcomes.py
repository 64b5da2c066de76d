"""Outcomes by year: every number against one counted enterprise by enterprise, and the difference that is printed."""

import numpy as np
import pytest
from helpers import AS_OF

from agents.enterprises import Recognition, Stage
from peiyu.forecasts.outcomes import shown_years
from sim import quarter
from sim.ensemble.effects import leaks
from sim.ensemble.ensemble import series_of
from sim.ensemble.outcome_effects import moved
from sim.ensemble.outcomes import OUTCOMES
from sim.ensemble.record import follow, origin_of
from sim.state.census import Census
from sim.state.indicators import INDICATORS, NAMES

END = quarter.parse("2028Q2")  # not a year's end: the last whole year is 2027


@pytest.fixture(scope="module")
def runs(root, scenario):
    """Models and records of the baseline and of the plan with more vouchers."""
    models = [root.fork(scenario(name)) for name in ("baseline", "voucher_heavy")]
    return models, [follow(m, END, origin_of(root.state), compared=True) for m in models]


def test_a_run_that_is_compared_with_none_is_the_same_without_the_registers_of_its_years(root, scenario, runs):
    model = root.fork(scenario("baseline"))
    alone, (models, (compared, _)) = follow(model, END, origin_of(root.state), compared=False), runs
    assert compared.years and not alone.years
    assert np.array_equal(series_of(model), series_of(models[0]), equal_nan=True)
    assert np.array_equal(alone.ladder, compared.ladder) and np.array_equal(alone.newcomers, compared.newcomers)
    assert leaks(root.state.city, alone, alone) == leaks(root.state.city, compared, compared)


def test_every_outcome_adds_up_to_the_difference_of_its_indicator_at_every_years_end(runs):
    models, (first, record) = runs
    series = [series_of(m) for m in models]
    found = moved(record, first)
    assert {x.year for x in found} == {2025, 2026, 2027} and {x.indicator for x in found} == set(OUTCOMES)
    for x in found:
        at = 4 * x.year + 3 - models[0].state.city.start - 1, NAMES.index(x.indicator)
        there, here = (s[at] for s in series)
        assert x.net == pytest.approx(here - there, rel=1e-6, abs=1e-9 * max(abs(there), 1.0))
        assert x.additional + x.spillover - x.displaced == pytest.approx(x.net, rel=1e-6, abs=1e-9 * max(abs(there), 1.0))
        assert min(x.spillover, x.displaced) >= 0.0 and x.gross >= 0.0
    assert any(x.spillover > 0 for x in found) and any(x.displaced > 0 for x in found)


def test_sums_and_counts_are_those_made_enterprise_by_enterprise(root, scenario):
    """One year on, with sets and dictionaries, for revenue in the tracks and labels in the city."""
    end, seen = AS_OF + 4, []
    for name in ("baseline", "voucher_heavy"):
        m = root.fork(scenario(name))
        known, reached, came = set(m.state.enterprises.slot.tolist()), set(), set()
        while m.quarter < end:
            m.step()
            e = m.state.enterprises
            came |= set(e.slot.tolist()) - known
            reached |= set(e.slot[e.reached].tolist())
        rows = range(len(e))
        revenue = {int(e.slot[i]): float(e.revenue[i]) for i in rows if e.future[i] and not e.dormant[i]}
        labels = {int(e.slot[i]): 1.0 for i in rows if e.until[i, Recognition.HNTE] > end}
        seen.append((reached, came, {"future_revenue": revenue, "hnte_stock": labels}))
    records = [follow(root.fork(scenario(n)), end, origin_of(root.state), compared=True) for n in ("baseline", "voucher_heavy")]
    found = {x.indicator: x for x in moved(records[1], records[0])}
    (_, came_there, there), (reached, came, here) = seen
    for name in ("future_revenue", "hnte_stock"):
        supported = reached | (came - came_there)
        gross = sum(v for k, v in here[name].items() if k in supported)
        anyway = sum(v for k, v in there[name].items() if k in reached)
        others = (here[name].keys() | there[name].keys()) - supported
        gains = [here[name].get(k, 0.0) - there[name].get(k, 0.0) for k in others]
        w, x = root.state.weight, found[name]
        assert x.gross == pytest.approx(w * gross) and gross > 0
        assert x.additional == pytest.approx(w * (gross - anyway))
        assert x.spillover == pytest.approx(w * sum(g for g in gains if g > 0))
        assert x.displaced == pytest.approx(w * -sum(g for g in gains if g < 0))


def test_indicators_of_outcomes_count_the_active_and_the_tracks(by_hand):
    s = by_hand(4, revenue=[10.0, 20.0, 40.0, 80.0], employees=[1.0, 2.0, 3.0, 4.0], rd_spend=[1.0, 1.0, 2.0, 8.0])
    e = s.enterprises
    e.future[:], e.dormant[:] = [True, True, False, True], [False, False, False, True]
    e.stage[:] = [Stage.HIGH_GROWTH, Stage.STARTUP, Stage.HIGH_GROWTH, Stage.LEADER]
    s.census = Census.of(e, s.quarter)
    read = {name: INDICATORS[name].measure(s) for name in OUTCOMES}
    assert (read["revenue"], read["employees"], read["rd_spend"]) == (70.0, 6.0, 4.0)
    assert (read["future_revenue"], read["future_employees"], read["future_rd_spend"]) == (30.0, 3.0, 2.0)
    assert (read["future_high_growth"], read["high_growth_enterprises"], read["future_unicorns"]) == (1.0, 2.0, 1.0)
    assert np.isfinite(list(read.values())).all()


@pytest.mark.parametrize(
    ("every", "shown"),
    [([2025, 2026], [2025, 2026]), ([*range(2025, 2031)], [2026, 2028, 2030]), ([*range(2025, 2035)], [2026, 2030, 2034])],
)
def test_the_last_year_is_always_shown_and_others_evenly_before_it(every, shown):
    assert shown_years(every) == shown
