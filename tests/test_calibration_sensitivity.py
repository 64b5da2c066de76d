"""Sensitivity against closed forms: shares of a known model, Ishigami's indices, what a datum of known error tells."""

from dataclasses import replace

import numpy as np
import pytest

from agents.parameters import NAMES
from calibration.fit.fit import load_fit
from calibration.sensitivity import indices as sensitivity
from calibration.sensitivity import information, variance_budget
from calibration.sensitivity.design import (
    EFFORTS,
    SensitivityBudget,
    crossed,
    design,
    morris_problem,
    morris_runs,
    sobol_problem,
    sobol_runs,
)
from calibration.sensitivity.factors import Space, corners, factors, is_effect, parts
from calibration.sensitivity.runs import Run, tasks_of
from sim.scenario.rule import Act, Rule

TINY = SensitivityBudget("tiny", 6, 3, 4, 2, 2, 60.0, 60.0)


@pytest.fixture(scope="module")
def space(city, scenario):
    return Space.of(load_fit(city), scenario("plan_as_written"), 8099)


def crossed_toy(pairs, f, seed=1):
    """Return f of two independent normal draws of four parts, crossed in all ways, (pairs, 16)."""
    z = np.random.default_rng(seed).normal(size=(pairs, 2, 4))
    second = corners(4).astype(int)
    return f(*(z[:, second[:, k], k] for k in range(4)))


def test_budget_of_a_model_with_an_interaction_has_the_shares_of_its_formula():
    """Var(3a + 2b + c + d + ab) = 9 + 4 + 1 + 1 + 1."""
    y = crossed_toy(4000, lambda a, b, c, d: 100 + 3 * a + 2 * b + c + d + a * b)
    found = variance_budget.budget(y, ("a", "b", "c", "d", "together"), 1, resamples=100)
    for got, exact in zip(found, np.array([9, 4, 1, 1, 1]) / 16, strict=True):
        assert abs(got.share - exact) < 0.03
        assert got.low < got.share < got.high
    assert sum(s.share for s in found) == pytest.approx(1)


def test_budget_intervals_cover_as_often_as_they_say():
    """Forty budgets of a linear model: 90 % intervals of its first share miss 9/16 in few; binomial, alarm 1e-4."""
    missed = 0
    for seed in range(40):
        y = crossed_toy(60, lambda a, b, c, d: 3 * a + 2 * b + np.sqrt(1.5) * (c + d), seed)
        first = variance_budget.budget(y, ("a", "b", "c", "d", "t"), seed + 1, resamples=100)[0]
        missed += not first.low <= 9 / 16 <= first.high
    assert missed <= 13


def test_components_add_up_and_a_part_that_does_nothing_has_none():
    y = crossed_toy(300, lambda a, b, c, d: a * b + b * c)
    made = variance_budget.components(variance_budget.closed_variances(variance_budget.products(y).mean(axis=0)))
    apart = np.mean(y * y[:, np.arange(16) ^ 15])
    assert made.sum() == pytest.approx(np.mean(y**2) - apart)
    with_d = [made[s] for s in range(16) if s & 8]
    assert np.allclose(with_d, 0)


def test_a_constant_has_no_budget():
    assert np.isnan(variance_budget.shares(variance_budget.products(np.ones((4, 16))).mean(axis=0))).all()


def test_sobol_of_ishigami_in_groups():
    """Ishigami (a=7, b=0.1): S1 = .314, .442, 0; ST = .558, .442, .244; the third factor grouped with a dead one."""
    from SALib.sample import sobol

    problem = {
        "num_vars": 4,
        "names": ["x1", "x2", "x3", "dead"],
        "groups": ["one", "two", "three", "three"],
        "bounds": [[-np.pi, np.pi]] * 4,
    }
    x = sobol.sample(problem, 4096, calc_second_order=False, seed=1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = {i.factor: i for i in sensitivity.sobol_indices(problem, y, 1)}
    assert list(found) == ["one", "two", "three"]
    exact = {"one": (0.3139, 0.5576), "two": (0.4424, 0.4424), "three": (0.0, 0.2437)}
    for name, (first, total) in exact.items():
        assert found[name].first == pytest.approx(first, abs=0.03)
        assert found[name].total == pytest.approx(total, abs=0.03)
        assert 0 < found[name].total_half < 0.05


def test_share_of_the_probability_leaves_luck_out():
    """P = x1 at luck uniform: a hit is luck < x1, and the probability varies by x1 alone."""
    from SALib.sample import sobol

    problem = {
        "num_vars": 3,
        "names": ["x", "dead", "chance"],
        "groups": ["x", "dead", "chance"],
        "bounds": [[0, 1]] * 3,
    }
    x = sobol.sample(problem, 2048, calc_second_order=False, seed=3)
    hit = (x[:, 2] < x[:, 0]).astype(float)
    found = {i.factor: i for i in sensitivity.sobol_indices(problem, hit, 1, chance="chance")}
    assert found["x"].first == pytest.approx(1 / 3, abs=0.05)
    assert found["x"].of_probability == pytest.approx(1, abs=0.12)
    assert found["dead"].of_probability == 0
    assert found["chance"].of_probability is None


def test_morris_of_a_linear_model_is_its_slopes():
    from SALib.sample import morris

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    x = morris.sample(problem, 6, num_levels=4, seed=1)
    moves = sensitivity.morris_moves(problem, x, 2 * x[:, 0] - 5 * x[:, 1], 1)
    assert [m.factor for m in moves] == ["b", "a", "c"]
    assert [m.change for m in moves] == pytest.approx([-5, 2, 0])
    assert [m.size for m in moves] == pytest.approx([5, 2, 0])


def test_nothing_is_said_where_nothing_varies():
    problem = {"num_vars": 1, "names": ["a"], "groups": None, "bounds": [[0.0, 1.0]]}
    assert sensitivity.sobol_indices(problem, np.ones(12), 1) == []
    assert sensitivity.morris_moves(problem, np.zeros((4, 1)), np.ones(4), 1) == []
    assert not sensitivity.telling(np.r_[np.ones(9), np.zeros(100)])
    assert sensitivity.telling(np.r_[np.ones(10), np.zeros(10)])


def test_a_datum_tells_what_its_error_leaves():
    """y = x, seen with noise of half the variance of y: half is explained and the interval is 1 - 1/sqrt 2 narrower."""
    rng = np.random.default_rng(2)
    truth = rng.normal(size=4000)
    datum = truth + rng.normal(size=4000)
    other = rng.normal(size=4000)
    share = information.explained(information.bins(datum), np.column_stack([truth, other, np.full(4000, 3.1)]))
    assert share[0] == pytest.approx(0.5, abs=0.04)
    assert abs(share[1]) < 0.02
    assert np.isnan(share[2])
    assert information.narrowing(information.bins(datum), truth, 1) == pytest.approx(1 - np.sqrt(0.5), abs=0.03)
    assert abs(information.narrowing(information.bins(other), truth, 1)) < 0.02


def test_what_is_not_explained_is_not_claimed_on_average():
    """Few members and many bins: without the correction noise would explain a tenth."""
    rng = np.random.default_rng(5)
    shares = [
        information.explained(information.bins(rng.normal(size=150)), rng.normal(size=(150, 1)))[0] for _ in range(150)
    ]
    assert abs(np.mean(shares)) < 4 * np.std(shares) / np.sqrt(150)


def test_the_value_of_a_published_count_is_that_of_the_normal_formula(city):
    """y = log count, sd s: a datum with error e explains s2 / (s2 + e2), and narrows by 1 - e / sqrt(s2 + e2)."""
    rng = np.random.default_rng(7)
    log = 6 + 0.15 * rng.normal(size=4000)
    error = information.datum_error(city.series, "unicorns")
    at = information.bins(information.seen(np.expm1(log), error, "x", 1))
    assert information.explained(at, log[:, None])[0] == pytest.approx(0.15**2 / (0.15**2 + error**2), abs=0.04)
    left = error / np.hypot(0.15, error)
    assert information.narrowing(at, log, 1) == pytest.approx(1 - left, abs=0.04)


def test_what_luck_explains_is_passed_by_the_best_of_useless_data_in_one_case_of_twenty():
    """Sixty sets of thirty data that tell nothing; binomial(60, 0.05), alarm 1e-4. One that tells passes."""
    rng, passed = np.random.default_rng(8), 0
    for i in range(60):
        data = [information.bins(rng.normal(size=150)) for _ in range(30)]
        y = rng.normal(size=150)
        luck = information.permutation_threshold(data, y, i + 1)
        passed += max(information.explained(at, y[:, None])[0] for at in data) > luck
    assert passed <= 12
    assert luck > 0
    assert information.explained(information.bins(y + 0.5 * rng.normal(size=150)), y[:, None])[0] > luck


def test_an_interval_without_width_is_not_narrowed():
    y = np.r_[np.full(97, 4.0), 1.0, 2.0, 3.0]
    assert np.isnan(information.narrowing(information.bins(np.arange(100.0)), y, 1))


def test_width_is_that_of_quantiles():
    rng = np.random.default_rng(9)
    y, at = rng.normal(size=200), rng.integers(0, 4, 200)
    exact = sum(np.ptp(np.quantile(y[at == k], (0.05, 0.95))) * (at == k).sum() for k in range(4)) / 200
    assert information._width(at, y) == pytest.approx(exact)


def test_linear_share_out_of_sample():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1500, 6))
    y = np.column_stack([x[:, 0] + x[:, 1] + np.sqrt(2) * rng.normal(size=1500), rng.normal(size=1500)])
    share = information.linear_share(x, y)
    assert share[0] == pytest.approx(0.5, abs=0.06)
    assert share[1] < 0.01


def test_error_of_a_datum_is_that_of_its_list(city):
    noisy = information.seen(np.full(20000, 99.0), 0.15, "x", 1)
    assert noisy.std() == pytest.approx(0.15, rel=0.03)
    assert noisy.mean() == pytest.approx(np.log(100), abs=0.01)
    srdi, hnte, consortia = (information.datum_error(city.series, x) for x in ("srdi_stock", "hnte_stock", "consortia"))
    assert srdi > hnte > consortia


def test_parts_and_factors_hold_every_parameter_once(space):
    assert sorted(n for names in parts(space).values() for n in names) == sorted(NAMES)
    blocks = [f for f in factors(space) if f.key.startswith("parameters:")]
    assert sorted(n for f in blocks for n in f.members) == sorted(NAMES)
    assert factors(space)[-1].key == "chance"
    assert is_effect("voucher_effect") and is_effect("public_odds") and not is_effect("hnte_apply")


def test_crossed_runs_take_each_part_from_one_of_two_draws(space):
    runs = crossed(space, TINY, 1)
    assert len(runs) == 16 * TINY.pairs
    rows = np.array([r.parameters for r in runs[:16]])
    for k, names in enumerate(parts(space).values()):
        block = rows[:, space.columns(names)]
        drawn = space.draws[:, space.columns(names)]
        assert all((drawn == row).all(axis=1).any() for row in block)  # a part is one draw, correlations kept
        second = corners(4)[:, k]
        assert (block[second] == block[second][0]).all() and (block[~second] == block[~second][0]).all()
    assert len({r.seed for r in runs}) == 2 * TINY.pairs


def test_sobol_points_move_blocks_sizes_and_seeds(space):
    columns = sobol_problem(space)["num_vars"]
    low, high = sobol_runs(space, np.repeat([[0.0], [1.0]], columns, axis=1), 1)
    assert low.parameters == tuple(space.draws[0]) and high.parameters == tuple(space.draws[-1])
    assert {s for _, s in low.sizes} == {0.5} and {round(s, 9) for _, s in high.sizes} == {2.0}
    assert {name for name, _ in low.sizes} == {x.name for x in space.levers}
    assert low.seed != high.seed


def test_design_is_the_same_again_and_differs_by_seed(space):
    one, two, other = design(space, TINY, 1), design(space, TINY, 1), design(space, TINY, 2)
    assert one == two
    assert all(a != b for a, b in zip(one.stages().values(), other.stages().values(), strict=True))


def test_paths_of_morris_hold_calibrated_parameters_at_one_draw_and_move_one_thing_a_step(space):
    runs = morris_runs(space, TINY, 1)
    names = morris_problem(space)["names"]
    assert set(names).isdisjoint(space.informed)
    assert set(names) == {*NAMES, *(f"lever {x.name}" for x in space.levers)} - set(space.informed)
    length, tied = len(names) + 1, space.columns(space.informed)
    for path in (runs[:length], runs[length:]):
        rows = np.array([r.parameters for r in path])
        assert (rows[:, tied] == rows[0, tied]).all() and (space.draws[:, tied] == rows[0, tied]).all(axis=1).any()
        sizes = np.array([[size for _, size in r.sizes] for r in path])
        moved = (np.diff(rows, axis=0) != 0).sum(axis=1) + (np.diff(sizes, axis=0) != 0).sum(axis=1)
        assert (moved == 1).all()
        assert len({r.seed for r in path}) == 1


def test_runs_with_one_history_are_one_task():
    a, b = (1.0, 2.0), (1.0, 3.0)
    runs = [Run(a, 1), Run(a, 1, (("x", 2.0),)), Run(b, 1), Run(a, 1), Run(a, 2)]
    tasks = tasks_of(runs)
    assert [len(t.sizes) for t in tasks] == [2, 1, 1, 1]
    assert [(t.parameters, t.seed) for t in tasks for _ in t.sizes] == [(r.parameters, r.seed) for r in runs]


def test_levers_that_a_rule_changes_have_no_size_of_their_own(city, scenario):
    plan = scenario("plan_as_written")
    act = Act(change={"fund_seed": {"size": 2.0}})
    ruled = replace(plan, rules=(Rule("later", "hnte_new < 1 by 2025Q4", None, "<", 1.0, 8103, 8100, act, None),))
    names = {x.name for x in Space.of(load_fit(city), plan, 8099).levers}
    assert names == {x.name for x in plan.levers if x.end > 8099}
    assert {x.name for x in Space.of(load_fit(city), ruled, 8099).levers} == names - {"fund_seed"}


def test_the_usual_effort_has_a_base_that_salib_takes():
    for effort in EFFORTS.values():
        assert effort.base & (effort.base - 1) == 0 and effort.pairs >= 2 and effort.paths >= 2
