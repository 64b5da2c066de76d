"""Moments are measured right: planted shapes come back, hand-made cohorts give known shares, replays have signs."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import AS_OF
from registers import END, START, watched
from scipy.special import ndtri

from agents.enterprises import NEVER, Origin, Recognition, Stage
from agents.growth import HIGH_GROWTH_RATE, shock, shock_table
from agents.parameters import Parameters
from calibration.fit.fit import Fit, Provenance
from calibration.moments import growth as measures_growth
from calibration.moments import measures, shapes
from calibration.moments.check import Trial, check
from calibration.moments.life_courses import watch
from calibration.moments.moments import MOMENTS, Moment, result, verdict
from calibration.moments.replays import Replays
from calibration.moments.rolling import rolling
from sim.ensemble.ensemble import series_of
from sim.model.model import IndustryModel
from sim.state.state import OLDEST
from sim.streams import Streams
from sim.workers import Workers


def uniforms(n, name="u"):
    return Streams(1).uniform(name, 0, np.arange(n))


# --- shapes


@pytest.mark.parametrize("shape", [0.7, 0.9, 1.3])
def test_a_planted_subbotin_shape_is_found(shape):
    x = 0.2 * shock(uniforms(40_000), shock_table(shape)) + 0.03
    assert shapes.subbotin_shape(x) == pytest.approx(shape, rel=0.04)


def test_a_gaussian_is_not_rejected_and_a_laplace_is():
    assert shapes.against_gaussian(ndtri(uniforms(20_000))) > np.log(0.01)
    laplace = shock(uniforms(20_000), shock_table(1.0))
    assert shapes.subbotin_shape(laplace) == pytest.approx(1.0, rel=0.04)
    assert shapes.against_gaussian(laplace) < -500


def test_a_planted_spread_by_size_is_found():
    size = 10.0 * np.exp(2.0 * uniforms(60_000, "size"))
    x = 0.2 * (size / 20.0) ** -0.17 * ndtri(uniforms(60_000))
    assert shapes.spread_slope(size, x) == pytest.approx(0.17, abs=0.02)


def test_a_planted_pareto_tail_is_found():
    assert shapes.hill(5.0 * uniforms(50_000) ** (-1 / 1.1)) == pytest.approx(1.1, rel=0.03)


def test_nothing_is_said_of_too_few():
    assert np.isnan(shapes.subbotin_shape(np.ones(5))) and np.isnan(shapes.hill(np.ones(5)))


# --- hand-made cohorts


def test_a_constant_hazard_gives_its_survival_and_rates():
    w, quarterly = watched(), 0.02
    risk = np.full(OLDEST + 1, 50_000)
    w.at_risk, w.exits, w.entries = [risk] * 20, [(risk * quarterly).astype(int)] * 20, [int(1000 * (OLDEST + 1))] * 20
    yearly = 1 - (1 - quarterly) ** 4
    assert measures.yearly_hazard(w, 1, 1) == pytest.approx(yearly)
    assert measures.yearly_hazard(w, 4, 7) == pytest.approx(yearly)
    assert measures.survival(w, 5) == pytest.approx((1 - quarterly) ** 20)
    assert measures.exit_rate(w) == pytest.approx(4 * quarterly)
    assert measures.entry_rate(w) == pytest.approx(4 * 0.02)


def test_ages_are_those_of_a_population_that_grows_by_eight_percent():
    w, q = watched(), 0.0225
    risk = np.full(OLDEST + 1, 40_000)
    w.at_risk, w.exits = [risk], [(risk * q).astype(int)]
    step = (1 - q) * np.exp(-0.02)  # a geometric age structure, cut at forty years
    assert measures.young_living(w) == pytest.approx((1 - step**20) / (1 - step ** (OLDEST + 1)))
    assert measures.young_exits(w) == pytest.approx((1 - step**21) / (1 - step ** (OLDEST + 1)))
    assert measures.age_at_exit(w) == pytest.approx((step / (1 - step) + 0.5) / 4, rel=0.01)


def panel(growth, first=20.0):
    """Return staff after every year of growth, (n, years), from the same staff."""
    return first * np.exp(np.cumsum(np.asarray(growth, float), axis=1))


def test_high_growth_repeats_in_the_next_disjoint_three_years():
    up, flat = 1.1 * np.log1p(HIGH_GROWTH_RATE), 0.0
    g = np.array([[up] * 6, [up] * 3 + [flat] * 3, [flat] * 6, [up] * 3 + [flat] * 3])
    w = watched(growth=g, staff=panel(g))
    assert measures_growth.repeated_high_growth(w) == pytest.approx(1 / 3)
    small = watched(growth=g, staff=panel(g, first=2.0))  # began with fewer than ten
    assert np.isnan(measures_growth.repeated_high_growth(small))


def test_spells_of_high_years_end_when_they_end():
    up = 0.3
    g = np.array([[0, up, 0, 0, 0, 0], [0, up, up, up, 0, 0], [0, 0, up, 0, up, 0], [0, 0, 0, 0, 0, 0]], float)
    ended, reached = measures_growth.high_years(watched(growth=g, staff=panel(g)))
    assert reached[:3].tolist() == [4, 1, 1] and ended[:3].tolist() == [3, 0, 1]
    assert measures_growth.hazard_falls(watched(growth=g, staff=panel(g))) == pytest.approx(1 / 2 - 3 / 4)


def test_autocorrelation_has_the_planted_sign_by_size():
    n = 4000
    z = [ndtri(uniforms(n, f"z{i}")) for i in range(2)]
    small = np.arange(n) % 2 == 0
    second = np.where(small, -0.3, 0.3) * z[0] + z[1]
    g = 0.05 * np.column_stack((z[0], second))
    staff = panel(g) * np.where(small, 0.4, 4.0)[:, None]
    w = watched(n, 2, growth=g, staff=staff)
    assert measures_growth.autocorrelation(w, large=False) == pytest.approx(-0.29, abs=0.05)
    assert measures_growth.autocorrelation(w, large=True) == pytest.approx(0.29, abs=0.05)


def test_the_seed_cohort_is_followed_for_eight_years():
    first = START + 4
    rounds = np.array([[first, first + 8, first + 12, first + 31], [first, first + 33, 0, 0], [first, 0, 0, 0]])
    rounds = np.vstack((rounds, [[START + 40, START + 44, 0, 0], [0, 0, 0, 0]]))  # too late; never
    w = watched(5, rounds=rounds, born=np.full(5, START), listed=[first + 30, NEVER, NEVER, first + 41, NEVER],
                billion=[NEVER, first + 20, NEVER, NEVER, NEVER])  # fmt: skip
    assert measures.seed_cohort(w).tolist() == [True, True, True, False, False]
    assert measures.next_round(w, 2) == pytest.approx(1 / 3) and measures.next_round(w, 4) == pytest.approx(1 / 3)
    assert measures.cohort_exit(w) == measures.cohort_billion(w) == pytest.approx(1 / 3)


def test_leaders_that_are_listed_are_on_no_unicorn_list():
    w = watched(3, born=[END - 40, END - 80, END - 20], listed=[END - 8, NEVER, NEVER])
    w.final = {"stage": np.array([Stage.LEADER] * 3), "born": w.register.born, "listed": w.register.listed}
    assert measures.leader_age(w) == pytest.approx((20 + 5) / 2)
    assert measures.listing_age(w) == pytest.approx(8.0)
    w.final["stage"][:] = Stage.STARTUP
    assert np.isnan(measures.leader_age(w))


# --- the watcher


@pytest.fixture(scope="module")
def seen(city, scenario):
    options = {"seed": 5, "as_of": AS_OF, "weight": 20.0}
    plain = IndustryModel(city, scenario("history"), Parameters(), **options).run_to(AS_OF)
    return plain, watch(IndustryModel(city, scenario("history"), Parameters(), **options), AS_OF)


def test_watching_changes_nothing_and_counts_what_the_model_counts(seen, city):
    plain, w = seen
    series = plain.datacollector.model_vars
    assert np.array_equal(w.series["gazelle_rate"], series["gazelle_rate"])
    assert np.array_equal(np.sort(w.final["slot"]), np.sort(plain.state.enterprises.slot))
    exits = [x.sum() * plain.state.weight for x in w.exits]
    assert exits == series["exits"] and [n * plain.state.weight for n in w.entries] == series["entries"]
    alive = w.register.left == NEVER
    assert np.array_equal(w.register.slot[alive], np.sort(plain.state.enterprises.slot))
    assert len(series_of(plain)) == len(w.exits) == AS_OF - city.start


def test_the_register_remembers_the_years_that_the_model_closed(seen):
    plain, w = seen
    e = plain.state.enterprises
    at = np.searchsorted(w.register.slot, e.slot)
    old = (plain.quarter - e.born >= 16) & ~e.dormant & (e.origin != Origin.ATTRACTED)
    last = w.register.growth[at[old], -1]
    assert np.array_equal(last, e.growth[old, 0])
    assert (w.register.rounds[at, 0] > 0).sum() >= (e.rounds > 0).sum()
    assert (w.register.listed[at] == e.listed).all()


def test_every_history_moment_is_measured_on_a_run(seen):
    values = {x.key: x.measure(seen[1]) for x in MOMENTS if x.measure is not None}
    few = {"M8", "M9a", "M9b", "M9c", "M9d", "M10a", "M10b", "M5b", "M4b", "M7a", "M7b", "M7c", "M6c"}
    assert all(np.isfinite(x) for key, x in values.items() if key not in few), values
    assert 0 < values["M1a"] < values["M1c"] and values["M6a"] > 0.5


# --- replays


@pytest.fixture(scope="module")
def replayed(root, scenario):
    return Replays(root, scenario("no_policy")).measure(), root


def test_replays_have_the_signs_of_the_studies(replayed):
    found, root = replayed
    p = root.state.parameters
    assert found["M11a"] < 0 and found["M11a"] == pytest.approx(-p.zone_growth, abs=0.03)
    assert found["M11b1"] == pytest.approx(p.financed_growth, abs=0.03)
    assert found["M11b2"] < 0 and found["M11b2"] == pytest.approx(-p.displacement_local * p.financed_growth, abs=0.03)
    assert 0 < found["M11c"] < 0.01
    assert found["M11d"] == pytest.approx(0.0, abs=1e-3)


def test_a_replay_without_effect_finds_none(root, scenario):
    still = root.fork(scenario("history"))
    still.state.parameters = replace(root.state.parameters, voucher_effect=0.0, label_effect=0.0, financed_growth=0.0)
    found = Replays(still, scenario("no_policy"))
    assert found.own_finance() == pytest.approx(0.0, abs=1e-12)
    assert found.voucher() == pytest.approx(0.0, abs=1e-12)
    assert found.label() == pytest.approx(0.0, abs=1e-12)


def test_replays_leave_the_city_as_it_was(replayed):
    _, root = replayed
    assert root.quarter == AS_OF and not any(z.designated > AS_OF for z in root.state.institutions.pilot_zones)
    assert (root.state.enterprises.until[:, Recognition.HNTE] < 2**29).all()


# --- verdicts and M12


def moment(lower, upper, rule="median"):
    return Moment("X", "", "", 1.0, lower, upper, "", "V", "", None, rule)


@pytest.mark.parametrize(
    ("band", "interval", "said"),
    [
        ((0.8, 1.2), (0.5, 1.0, 1.5), "inside"),
        ((0.8, 1.2), (1.1, 1.3, 1.5), "borderline"),
        ((0.8, 1.2), (1.3, 1.4, 1.5), "outside"),
        ((None, 1.2), (0.1, 0.2, 9.0), "inside"),
        ((None, 0.0, "sign"), (-2.0, -1.0, 0.1), "borderline"),
        ((None, 0.0, "sign"), (-2.0, -1.0, -0.1), "inside"),
        ((0.0, None, "sign"), (-2.0, -1.0, -0.1), "outside"),
        ((None, None, "covers"), (-1.0, 0.5, 2.0), "inside"),
        ((None, None, "covers"), (0.1, 0.5, 2.0), "outside"),
    ],
)
def test_a_verdict_says_where_the_interval_lies(band, interval, said):
    assert verdict(moment(*band), *interval) == said


def test_members_that_tell_nothing_are_left_out():
    assert result(moment(0.8, 1.2), np.array([np.nan, 1.0, 1.0])).median == 1.0
    assert result(moment(0.8, 1.2), np.array([np.nan])).verdict == "missing"


def test_every_moment_of_the_evidence_is_there():
    numbers = [int(re.match(r"M(\d+)", x.key)[1]) for x in MOMENTS]
    assert numbers == sorted(numbers) and set(numbers) == set(range(1, 12))
    assert len({x.key for x in MOMENTS}) == len(MOMENTS)
    for x in MOMENTS:
        assert x.rule != "median" or (x.lower is not None or x.upper is not None)
        assert x.zh and x.en and x.rows


def test_m12_is_the_ratio_of_errors_to_the_autoregression():
    row = {"region": "a", "series": "s", "origin": "2018", "horizon": 1, "coverage90": True, "observed": 100.0}
    rows = [row | {"target_period": f"{2019 + i}", "model": m, "q50": 100.0 * np.exp(d)}
            for i, (us, them) in enumerate([(0.1, 0.2), (-0.1, 0.2)]) for m, d in (("peiyu", us), ("arima", them))]  # fmt: skip
    whole, at_one, coverage = rolling(pd.DataFrame(rows))
    assert whole.median == at_one.median == pytest.approx(0.5) and whole.verdict == "inside"
    assert at_one.moment.key == "M12a-h1" and coverage.median == 1.0 and coverage.verdict == "outside"


@pytest.mark.parametrize("pairs", [None, pd.DataFrame({"model": ["peiyu"]})])
def test_m12_is_missing_without_a_backtest_and_never_made_up(pairs):
    assert [r.verdict for r in rolling(pairs)] == ["missing", "missing"]


def test_members_are_the_same_whoever_does_the_work(city, scenario):
    p = Parameters(opening_pool=1500.0)
    draws = np.array([[getattr(p, name) for name in Parameters.__dataclass_fields__]] * 2)
    fit = Fit(draws, Provenance(city.name, "2024Q4", 1, 2, 3, 4.0, "d", "c", "x", []))
    trial = Trial(city, scenario("history"), scenario("no_policy"), AS_OF)
    one, two = (check(trial, fit, 2, 1, workers=Workers(n), progress=lambda _a, _b: None) for n in (1, 2))
    assert repr(one) == repr(two)
