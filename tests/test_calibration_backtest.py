"""Backtests never see the future, give comparators a fair chance, and treat every printed number as what it is."""

import tomllib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration.backtest import backtest, comparators, publish, settled, spread
from calibration.backtest import goals as goal_backtest
from calibration.backtest import summary as backtest_summary
from calibration.backtest.backtest import BacktestBudget
from calibration.backtest.weights import Carried, left_one_out, model_weight, written
from calibration.panel import data as panel_data
from calibration.panel.data import FLOW, STOCK, Course, Row, at_origin, courses, known_points, pairs
from sim.city.files import CITIES
from sim.city.history import PANEL
from sim.ensemble.pool import WEIGHTS
from sim.ensemble.recorded import INFORMED
from sim.ensemble.track_record import WeightPrior
from sim.workers import Workers

FILES = panel_data.PanelFiles.of_city(CITIES / "hangzhou", "hangzhou")


@pytest.fixture(scope="module")
def rows():
    return panel_data.read_rows(FILES)


def row(region, year, value, series=FLOW, bound="none", grade="B", known=None, month=12):
    kind = "flow" if series == FLOW else "stock"
    return Row(series, region, kind, year, month, value, bound, 0.01, grade, known or 12 * (year + 1) + 2)


@pytest.fixture(scope="module")
def small():
    made = []
    for i, region in enumerate(["hubei", "beijing"]):
        flows = [round((300 + 100 * i) * 1.15**t * (1 + 0.05 * ((t + i) % 3))) for t in range(8)]
        made += [row(region, 2015 + t, f) for t, f in enumerate(flows)]
        made += [row(region, 2017 + t, round(0.98 * sum(flows[t : t + 3])), STOCK) for t in range(6)]
    return made


def test_the_shipped_pairs_are_the_panel_and_the_stocks(rows):
    asked = pairs(rows)
    flow = [(o, p) for o, p in asked if p.series == FLOW]
    assert {o for o, _ in flow} >= {2020, 2021, 2022} and len({p.region for _, p in flow}) == 31
    assert {1, 2, 3} == {p.year - o for o, p in asked}
    stocks = {p.region for _, p in asked if p.series == STOCK}
    assert {"hangzhou", "zhejiang", "shenzhen", "guangzhou", "china"} <= stocks
    assert not any(p.series.endswith(("_target", "_expected")) or p.bound != "none" for _, p in asked)


def test_an_origin_knows_nothing_later(rows):
    for origin in (2018, 2020, 2022):
        assert all(p.time <= origin for p in at_origin(rows, origin))
    late = row("hubei", 2020, 5.0, known=12 * 2023)
    assert at_origin([late], 2021) == [] and at_origin([late], 2023)


def test_forecasts_do_not_change_when_the_future_does(small):
    asked = [(o, p) for o, p in pairs(small) if o == 2019]
    points = [p for _, p in asked]
    changed = [replace(r, value=r.value * (7 if r.year > 2019 else 1)) for r in small]
    one = backtest.score_origin(small, 1, (2019, points))
    two = backtest.score_origin(changed, 1, (2019, points))
    assert one == two and {p.model for p in one} >= {"peiyu", "naive", "pooled_damped"}


def test_one_and_two_workers_give_the_same_scores(small):
    def quiet(_done, _total):
        pass

    made = [backtest.run(small, [2019, 2020], backtest.BacktestBudget(1, Workers(n)), quiet) for n in (1, 2)]
    assert made[0] == made[1] and len(made[0]) > 30
    table = backtest_summary.frame(made[0])
    summary = backtest_summary.summary(table)
    assert summary[0]["model"] == "peiyu" and min(
        r["relative_crps"] for r in summary if r["pairs"] == summary[0]["pairs"]
    )
    best = backtest_summary.best_comparator(backtest_summary.wide(table))
    assert next(r for r in summary if r["model"] == best)["relative_crps"] == 1.0
    assert sum(r["pairs"] for r in backtest_summary.regions(table)) == summary[0]["pairs"]
    assert {d["against"] for d in backtest_summary.differences(table, 1)} == {r["model"] for r in summary} - {"peiyu"}
    assert all(sum(shares) == pytest.approx(1, abs=0.01) for shares in backtest_summary.calibration(table).values())
    assert all(p.q05 <= p.q50 <= p.q95 for p in made[0])


def test_conflicting_rows_are_kept_and_widen_the_error():
    one, other = row("hangzhou", 2012, 1526, STOCK, grade="C"), row("hangzhou", 2012, 1779, STOCK, grade="C")
    (point,) = known_points([one, other], 10**6)
    assert np.exp(point.log) == pytest.approx(np.sqrt(1526 * 1779)) and point.error > 0.07
    (best,) = known_points([one, replace(other, grade="A")], 10**6)
    assert np.exp(best.log) == pytest.approx(1779) and best.error > 0.07
    (exact,) = known_points([one, replace(other, bound="lower", grade="A")], 10**6)
    assert np.exp(exact.log) == pytest.approx(1526)


def test_as_of_is_derived_as_the_shipped_file_assumes():
    table = pd.read_csv(PANEL, dtype=str, keep_default_na=False)
    assumed = table[
        table.note.str.contains(r"\[as_of assumed\]") & ~table.series.str.endswith(("_target", "_expected"))
    ]
    said = [panel_data.assumed_as_of(dict(r)) for r in assumed.to_dict("records")]
    assert np.mean([a == b[:7] for a, b in zip(said, assumed.as_of, strict=True)]) > 0.9


def test_both_history_layouts_give_the_same_targets(tmp_path, rows):
    table = pd.concat(pd.read_csv(path, dtype=str, keep_default_na=False) for path in FILES.paths)
    table.drop(columns="as_of").to_csv(tmp_path / "history.csv", index=False)
    plain = panel_data.read_rows(panel_data.PanelFiles((tmp_path / "history.csv",)))
    assert panel_data.targets(plain) == panel_data.targets(rows)
    assert len(pairs(plain)) == pytest.approx(len(pairs(rows)), rel=0.1)


def test_a_lower_bound_is_news_only_above_what_was():
    made = [row("x", 2018, 3785, STOCK), row("x", 2019, 3000, STOCK, "lower"), row("x", 2021, 10000, STOCK, "lower")]
    course = courses(known_points(made, 10**6))[STOCK]["x"]
    assert course.times == (2018.0, 2021.0)


GROWING = Course((2015.0, 2016.0, 2017.0, 2018.0, 2019.0, 2020.0), tuple(np.log(100 * 1.1 ** np.arange(6))))
AHEAD = np.array([2021.0, 2023.0])


@pytest.mark.parametrize("name", comparators.COMPARATORS)
def test_comparators_follow_steady_growth(name):
    panel = {f"r{i}": GROWING for i in range(4)}
    made = comparators.COMPARATORS[name](panel)("r0", GROWING, AHEAD)
    true = GROWING.logs[-1] + np.log(1.1) * np.array([1.0, 3.0])
    slack = {"naive": 0.3, "damped_trend": 0.12, "pooled_damped": 0.12, "logistic": 0.06, "gompertz": 0.05}.get(
        name, 0.03
    )
    assert made == pytest.approx(true, abs=slack)


def test_comparators_step_aside_where_they_cannot_be_fitted():
    short = Course((2019.0, 2020.0), (5.0, 5.1))
    for name in ("ets", "arima", "gompertz", "logistic"):
        assert comparators.COMPARATORS[name]({"x": short})("x", short, AHEAD) is None
    gap = Course((2012.0, 2014.0, 2016.0, 2018.0, 2020.0), (1.0, 2.0, 3.0, 4.0, 5.0))
    assert comparators.arima({})("x", gap, AHEAD) is None
    assert comparators.drift({})("x", gap, AHEAD) == pytest.approx([5.5, 6.5])


def test_mixed_model_pulls_regions_to_the_mean():
    rates = {"fast": 0.5, "slow": 0.1, "mid": 0.3}
    noise = [0.05, -0.05, 0.04, -0.04]
    panel = {
        r: Course(tuple(2015.0 + np.arange(5)), tuple(np.cumsum([5.0, *(g + e for e in noise)])))
        for r, g in rates.items()
    }
    forecast = comparators.pooled(panel)
    step = {r: forecast(r, panel[r], np.array([2020.0]))[0] - panel[r].logs[-1] for r in rates}
    assert 0.1 < step["slow"] < step["mid"] < step["fast"] < 0.5


def test_the_spread_is_that_of_past_errors():
    rng = np.random.RandomState(1)
    panel = {
        f"r{i}": Course(tuple(2010.0 + np.arange(12)), tuple(np.cumsum(rng.normal(0, 0.3, 12)))) for i in range(20)
    }
    errors = spread.past_errors(comparators.naive, panel)
    made = spread.spread(errors, errors)
    assert made.power == pytest.approx(0.5, abs=0.26)
    assert made.draws(0.0, 1.0).std() == pytest.approx(0.3, rel=0.25)
    assert spread.spread(spread.Errors(np.array([]), np.array([])), errors) == made
    none = spread.Errors(np.array([]), np.array([]))
    assert spread.spread(none, none).scale == 0.2


def test_goals_are_read_and_settled(rows):
    goals = settled.all_goals(FILES, rows, shipped=True)
    assert len(goals) >= 45 and len({g.name for g in goals}) == len(goals)
    by_name = {g.name: g for g in goals}
    assert by_name["dongguan hte_stock >= 6500 by 2019"].hit is False
    assert "hangzhou little_giant_stock >= 500 by 2025" not in by_name  # the 478 of 2025 is a lower bound
    assert by_name["hangzhou hte_stock >= 5688 by 2020"].origin == "2018-11"
    assert not any("forecast" in g.series for g in goals)


def scored(rows, goals, *asked):
    made = [goal_backtest.ask(rows, goals, 1, goal) for goal in asked]
    return goal_backtest.scored(made, goals)


def test_records_hold_only_goals_settled_before(rows):
    goals = settled.shipped_goals()
    goal = next(g for g in goals if g.series == "gdp_growth" and g.deadline == 2022 and g.region == "hangzhou")
    turned = [g if g.settled <= goal.set_by else replace(g, hit=not g.hit) for g in goals]
    (one,), (two,) = (scored(rows, many, goal) for many in (goals, turned))
    assert one.probability == two.probability == one.kind_rate and one.basis == "base rate"
    assert one.left_out != two.left_out


def test_the_left_out_record_holds_all_goals_but_the_one_asked(rows):
    """Of the market goals 13 of 25 were met, of all 51 of 75; without one that was missed 13 of 24 and 51 of 74."""
    goals = settled.shipped_goals()
    goal = next(g for g in goals if g.series == "gdp_growth" and g.deadline == 2022 and g.region == "hangzhou")
    (one,) = scored(rows, goals, goal)
    every = (51 + 1) / (74 + 2)
    assert one.left_out == pytest.approx((13 + 2 * every) / (24 + 2), abs=0.005)


def test_goals_have_the_same_scores_with_any_number_of_workers(rows):
    """Also what leaves a goal out, which comes back from another process as a copy."""
    goals = settled.shipped_goals()[:12]
    one, two = (goal_backtest.run(rows, goals, BacktestBudget(1, Workers(n)), lambda *_: None) for n in (1, 2))
    assert one == two
    assert any(g.left_out != g.kind_rate for g in one)


def test_a_goal_of_the_model_is_asked_with_what_was_known(rows):
    goals = settled.shipped_goals()
    goal = next(g for g in goals if g.region == "chongqing" and g.target == 5500)
    later = [replace(r, value=r.value * 3) if r.known > goal.set_by else r for r in rows]
    (one,), (two,) = (scored(r, goals, goal) for r in (rows, later))
    assert one == two and one.basis == "model" and 0.5 < one.probability < 1
    summary = goal_backtest.goals_summary([one])
    assert summary["all"]["brier_peiyu"] == pytest.approx(one.brier, abs=1e-3)


def test_a_model_that_knows_gets_weight_and_one_that_does_not_gets_none():
    knows = [Carried(0.95 if hit else 0.05, 0.6, hit) for hit in (True, False) * 15]
    blind = [Carried(0.3, 0.6, hit) for hit in (True, True, False) * 10]
    assert model_weight(knows) > 0.5 and model_weight(blind) == model_weight([]) == 0.0
    few = model_weight(knows[:2])
    assert 0.0 < few < 0.2  # two goals do not outweigh the prior
    # what one goal is weighed by does not know its own outcome
    assert left_one_out([*blind, Carried(0.99, 0.01, hit=True)])[-1] == 0.0


def test_a_weight_never_makes_the_pool_worse_than_the_record_alone():
    rng = np.random.default_rng(2)
    for _ in range(50):
        model, record = rng.uniform(size=(2, 12))
        hit = rng.uniform(size=12) < rng.uniform(size=12)
        w = model_weight([Carried(*x) for x in zip(model, record, hit, strict=True)])
        pool, alone = (((p - hit) ** 2).mean() for p in (w * model + (1 - w) * record, record))
        assert pool <= alone + 1e-12


def test_the_published_weight_is_that_of_the_shipped_goals():
    """The file says what was scored; with it the pool is not worse than the record alone."""
    file = tomllib.loads(WEIGHTS.read_text("utf8"))
    assert file["brier"]["pool"] <= file["brier"]["record"] + 1e-4 and file["goals"] >= 25


def test_the_file_of_the_weight_says_what_was_scored_and_how_well():
    goals = [Carried(0.8, 0.4, hit=True), Carried(0.3, 0.5, hit=False)]
    weight, text = model_weight(goals), written(goals)
    told = tomllib.loads(text)
    assert told["goals"] == 2 and set(told["weight"]) == INFORMED
    assert all(x == pytest.approx(weight, abs=5e-4) for x in told["weight"].values())
    pool = [weight * a + (1.0 - weight) * b for a, b, _ in goals]
    for name, chances in {"pool": pool, "model": [0.8, 0.3], "record": [0.4, 0.5]}.items():
        assert told["brier"][name] == pytest.approx(((1 - chances[0]) ** 2 + chances[1] ** 2) / 2, abs=5e-5)
    assert text.startswith("# Made by `python -m calibration.backtest.publish`") and text.endswith("\n")


def test_what_publishes_the_weight_writes_the_file_that_is_shipped(tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "WEIGHTS", tmp_path / "weights.toml")
    publish.main()
    assert (tmp_path / "weights.toml").read_bytes() == WEIGHTS.read_bytes()


def test_required_growth_is_the_rule_of_three():
    goal = settled.SettledGoal(
        "x", STOCK, settled.DEPARTMENT, settled.LABEL, 1300, 12 * 2020 + 2, 2021, None, 1.0, False, True, 10**6
    )  # fmt: skip
    known = known_points([row("x", 2018, 800, STOCK), row("x", 2019, 1000, STOCK)], 10**6)
    assert goal_backtest.required_growth(goal, known, 0.5) == 1.0
    assert goal_backtest.required_growth(replace(goal, target=1700), known, 0.5) == 0.0
    assert goal_backtest.required_growth(replace(goal, region="y"), known, 0.5) == 0.5


@pytest.mark.parametrize(("model", "record"), [(2.0, 6.0), (3.0, 1.0)])
def test_where_model_and_record_say_the_same_the_weight_is_that_of_its_prior(model, record):
    goals = [Carried(0.5, 0.5, hit) for hit in (True, False, True)]
    weight = model_weight(goals, WeightPrior(model=model, record=record))
    assert weight == pytest.approx(model / (model + record), abs=1e-3)


def test_the_weight_is_cut_where_the_pool_would_be_worse_than_the_record_alone():
    # w (0.13 w + 2 * -0.05) is above zero from w = 0.1 / 0.13 on
    goals = [Carried(0.8, 0.5, True), Carried(0.3, 0.5, True)]
    towards_model = WeightPrior(model=1000.0, record=1.0)
    assert model_weight(goals, towards_model) == pytest.approx(0.1 / 0.13)
    assert model_weight([Carried(0.9, 0.5, True)], towards_model) == pytest.approx(1.0, abs=0.01)
    assert model_weight([Carried(0.9, 0.6, True), Carried(0.1, 0.6, True)], towards_model) == 0.0


def test_a_goal_left_out_is_the_only_one_that_does_not_speak():
    goals = [Carried(0.9, 0.5, True), Carried(0.2, 0.5, False), Carried(0.7, 0.4, True), Carried(0.4, 0.6, True)]
    found = left_one_out(goals)
    assert found == [model_weight([g for g in goals if g is not left]) for left in goals]
    assert all(w > 0.0 for w in found) and len(set(found)) == len(goals)
