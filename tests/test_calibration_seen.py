"""What a fit sees, how it weighs it and what it makes of it: observations, covariances, weights and moments by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from registers import END, watched
from scipy.special import ndtr

from agents.enterprises import Recognition, Stage
from agents.parameters import NAMES, PRIORS
from calibration.data.derived import from_shares, merged
from calibration.data.observations import Observation, counts_of, known_by, refuse_future, target, usual_origin
from calibration.data.summaries import moments, summaries
from calibration.data.target import Target
from calibration.fit.basis import Basis
from calibration.fit.fit import Fit, Provenance
from calibration.moments import growth, measures, replays
from calibration.proof import reduced
from calibration.proof.identify import contraction
from calibration.sampler import smc
from calibration.sampler.refine import Best, OwnSlopes
from calibration.sampler.slopes import slopes
from sim import quarter
from sim.city import history as shared_history
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES as INDICATORS
from sim.streams import Streams

AS_OF = quarter.parse("2024Q4")
PRINTED = {
    "series": "hte_stock", "region": "hangzhou", "period": "2020", "value": 1000.0, "kind": "stock", "url": "u", "grade": "A",
    "observation": "exact", "dated": "stated", "as_of": "2021-03",
}  # fmt: skip


def history(city, *rows):
    return replace(city, history=pd.DataFrame([PRINTED | r for r in rows]))


def observation(name="hnte_stock@2020Q4", value=1000.0, **other):
    usual = {"indicator": name.split("@")[0], "quarter": quarter.parse("2020Q4"), "error": 0.1, "source": "s"}
    return Observation(name, value=value, **(usual | other))


# --- observations


def test_a_count_is_known_within_the_lag_of_its_publication(city):
    """A number of 2020 that is printed in 2021Q4 may be used as of 2020Q4; one of 2022Q1 may not."""
    as_of = quarter.parse("2020Q4")
    rows = [{"as_of": "2021-12"}, {"as_of": "2022-01"}, {"as_of": "2020-11-30"}]
    assert list(known_by(city, history(city, *rows).history, as_of).as_of) == ["2021-12", "2020-11-30"]
    late = history(city, {}, {"period": "2021", "value": 2000.0, "as_of": "2021-06"})
    assert [o.name for o in counts_of(late, as_of)] == ["hnte_stock@2020Q4"]  # its period is not over


def test_the_best_grade_counts_and_the_others_widen_its_error(city):
    (o,) = counts_of(history(city, {"grade": "B", "value": 1000.0 * np.exp(0.2), "url": "b"}, {}), AS_OF)
    assert o.value == pytest.approx(1000.0) and o.source == "u"
    roll_out = city.series.roll_out_errors.get("hnte_stock", 0.0)
    assert o.error == pytest.approx(np.sqrt(0.02**2 + 0.1**2 + roll_out**2))  # grade A, half of the gap in logs
    (o,) = counts_of(history(city, {"dated": "inferred"}), AS_OF)
    assert o.error == pytest.approx(np.sqrt(0.02**2 + 0.08**2 + roll_out**2))


@pytest.mark.parametrize(
    ("rows", "value", "bound", "half_unit"),
    [
        ([{"observation": "rounded", "value": 16000.0}], 16000.0, "none", 500 / 16000),
        ([{"observation": "rounded", "value": 1620.0}], 1620.0, "none", 5 / 1620),
        ([{"observation": "lower_bound", "value": 900.0}, {}], 1000.0, "none", 0.0),
        ([{"value": 0.0}], 0.5, "none", 0.0),  # none at all has no log
    ],
)
def test_a_number_is_treated_as_what_it_is(city, rows, value, bound, half_unit):
    (o,) = counts_of(history(city, *rows), AS_OF)
    assert o.value == pytest.approx(value) and o.bound == bound and o.half_unit == pytest.approx(half_unit)


def test_a_part_of_a_year_is_no_flow_and_another_region_no_count(city):
    flow = {"series": "hte_new", "kind": "flow"}
    rows = [{}, flow | {"period": "2020-06"}, {"region": "ningbo"}, {"series": "hte_stock_target"}, {"period": "2019-2021"}]
    assert [o.name for o in counts_of(history(city, *rows), AS_OF)] == ["hnte_stock@2020Q4"]


def test_a_share_of_a_region_gives_the_count_that_others_imply(city, monkeypatch):
    """One has 10 % and 1,000, another 20 % and 2,400: the whole is 10,000 or 12,000, and 5 % of it 500 or 600."""
    monkeypatch.setattr(shared_history, "_panel", lambda: city.history.iloc[:1].assign(series="none"))
    series, (count, indicator) = next(iter(city.series.shares.items()))
    share = {"series": series, "kind": "share"}
    rows = [share | {"value": 5.0}, share | {"region": "b", "value": 10.0}, share | {"region": "c", "value": 20.0},
            {"series": count, "region": "b", "value": 1000.0}, {"series": count, "region": "c", "value": 2400.0}]  # fmt: skip
    (o,) = from_shares(history(city, *rows), AS_OF)
    assert o.indicator == indicator and o.value == pytest.approx(np.sqrt(500.0 * 600.0))
    assert o.error == pytest.approx(np.sqrt(0.06**2 + (np.log(1.2) / 2) ** 2))
    late = [r | {"as_of": "2026-06"} if r.get("region") == "c" else r for r in rows]
    (o,) = from_shares(history(city, *late), quarter.parse("2024Q4"))
    assert o.value == pytest.approx(500.0)
    assert from_shares(history(city, rows[0], rows[3]), AS_OF) == []


def test_a_printed_count_goes_before_a_derived_one():
    own, derived = [observation(value=1.0)], [observation(value=2.0), observation("hnte_stock@2021Q4", 3.0)]
    assert [o.value for o in merged(own, derived)] == [1.0, 3.0]


def test_moments_are_of_the_date_of_the_fit():
    made = moments(AS_OF)
    assert [o.name for o in made] == ["M2_exit_rate", "M4_high_growth_share", "M5_gazelle_rate"]
    assert all(o.share and o.quarter == AS_OF and o.offset == 0.0 and o.bound == "none" for o in made)


def test_a_forecast_starts_before_its_goals_begin_to_count(city):
    assert usual_origin(city) == AS_OF


def test_a_city_whose_goals_count_from_no_date_is_fitted_to_where_its_data_end_and_never_to_the_future(city):
    last = replace(city.goals[0], readings=tuple(replace(r, count="last") for r in city.goals[0].readings))
    late = replace(last, deadline=quarter.parse("2030Q4"))
    assert usual_origin(replace(city, goals=(late,))) == quarter.parse("2026Q1")
    assert usual_origin(replace(city, goals=(last,))) == quarter.parse("2026Q1")
    early = replace(last, deadline=quarter.parse("2025Q4"))
    assert usual_origin(replace(city, goals=(early,))) == quarter.parse("2025Q3")


def test_an_origin_a_year_past_the_data_is_refused(city):
    place = history(city, {"as_of": "2021-03"})
    refuse_future(place, quarter.parse("2022Q1"))
    with pytest.raises(InputError, match=r"--as-of 2022Q2: the data of \w+ end in 2021Q1; write 2022Q1 or earlier"):
        refuse_future(place, quarter.parse("2022Q2"))


# --- what a run shows


def test_summaries_are_read_off_a_run_by_hand():
    """Indicators are 1, 2, 3, … in the quarters of three years: the last four are 9 to 12, the last eight 5 to 12."""
    start = quarter.parse("2018Q1")
    series = np.tile(np.arange(1.0, 13.0)[:, None], (1, len(INDICATORS)))
    series[:, INDICATORS.index("exits")] = 0.5
    at = quarter.parse("2020Q4")
    seen = [observation("hnte_stock@2020Q4"), observation("hnte_certified@2020Q4"), observation("hnte_stock@2019Q4", quarter=at - 4),
            *(replace(m, quarter=at) for m in moments(at))]  # fmt: skip
    assert summaries(seen, series, start) == pytest.approx([np.log1p(12.0), np.log1p(42.0), np.log1p(8.0), 2.0 / 10.5, 8.5, 8.5])


def test_numbers_of_one_list_share_its_offset_and_others_do_not():
    seen = [observation(error=0.1, offset=0.3), observation("hnte_stock@2021Q4", error=0.2, offset=0.3, half_unit=0.06),
            observation("unicorns@2021Q4", 7.0, error=0.4, offset=0.5, bound="lower"), observation("M4", 0.1, share=True, error=0.01)]  # fmt: skip
    made = target(seen)
    expected = np.diag([0.01 + 0.09, 0.04 + 0.0012 + 0.09, 0.16 + 0.25, 0.0001])
    expected[0, 1] = expected[1, 0] = 0.09
    assert made.covariance() == pytest.approx(expected)
    assert made.value == pytest.approx([np.log1p(1000.0), np.log1p(1000.0), np.log(8.0), 0.1])
    assert made.lower.tolist() == [False, False, True, False] and not made.upper.any()
    noise = made.noise(Streams(3), 1, 40_000)
    assert np.cov(noise.T) == pytest.approx(expected, abs=0.01)
    assert made.noise(Streams(3), 1, 10) == pytest.approx(noise[:10]) and (made.noise(Streams(3), 2, 10) != noise[:10]).all()


# --- weights and moves


def test_what_the_data_speak_of_is_told_by_a_regression():
    """A weak parameter is seen beside a strong one: what is left over of the strong one is only noise."""
    z = smc.prior_scores(Streams(2), 0, 400, 5)
    noise = 0.05 * smc.prior_scores(Streams(8), 0, 400, 2)
    s = np.column_stack((z[:, 0] + 0.05 * z[:, 3], z[:, 0] - z[:, 1])) + noise
    found = slopes(z, s, np.ones(400), np.zeros((5, 2)))
    assert found == pytest.approx(np.array([[1, 1], [0, -1], [0, 0], [0.05, 0], [0, 0]]), abs=0.02)
    assert (found[[2, 4]] == 0.0).all()
    other = slopes(z, smc.prior_scores(Streams(9), 1, 400, 2), np.ones(400), np.zeros((5, 2)))  # of something else
    assert (other == 0.0).all()


def test_slopes_stay_where_the_population_has_no_spread_left():
    z = smc.prior_scores(Streams(2), 0, 400, 2) * np.array([1e-4, 1.0])
    before = np.array([[3.0], [0.0]])
    found = slopes(z, z[:, 1:] * 2.0, np.ones(400), before)
    assert found[:, 0] == pytest.approx([3.0, 2.0], rel=0.02)


def test_a_particle_learns_its_own_slopes_along_its_moves_and_only_there():
    own = OwnSlopes.of(np.array([[1.0], [1.0], [0.0]]), 2)
    own.learn(np.array([[0.5, 0.0, 9.0], [0.0, 0.0, 0.0]]), np.array([[1.5], [0.7]]))
    assert own.slopes[0, :, 0] == pytest.approx([3.0, 1.0]) and own.told.tolist() == [True, True, False]
    assert own.ahead(np.zeros((2, 3)), np.zeros((2, 1)), np.ones((2, 3)))[0, 0] == pytest.approx(4.0)


def test_a_worse_trial_is_not_followed_and_shortens_the_next_step():
    best = Best.of(np.zeros((2, 1)), np.zeros((2, 1)), np.array([5.0, 5.0]))
    best.judge(np.ones((2, 1)), np.ones((2, 1)), np.array([4.0, 6.0]))
    assert best.z.ravel().tolist() == [1.0, 0.0] and best.objective.tolist() == [4.0, 5.0]
    assert best.length[0] == 1.0 and best.length[1] < 0.5


def test_a_target_without_information_leaves_the_prior():
    start = smc.prior_scores(Streams(5), 0, 400, 2)
    vague = Target.plain(np.zeros(2), np.full(2, 1e4))
    found = smc.posterior(lambda z, _g: z[:, :2] + 0.0, vague, smc.Start.prior(2, 400, 5))
    assert found.z == pytest.approx(start[found.home], abs=0.01) and found.generations[-1].done == pytest.approx(1.0)


# --- what a fit is known by


def basis(**other):
    usual = {"priors": {"a": {"q05": 1.0}}, "observations": {"o": {"value": 2.0}}, "city": {"profile.toml": "x"}, "sampler": {"version": 1}}
    return Basis(**(usual | other))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"priors": {"a": {"q05": 1.5}}}, "the priors changed (a: q05 1 → 1.5)"),
        ({"priors": {"a": {"q05": 1.0}, "b": {"q05": 1.0}}}, "the priors changed (b is new)"),
        ({"observations": {}}, "the observations changed (o is gone)"),
        ({"observations": {"o": {"value": 3.0}, "p": {}}}, "the observations changed (o: value 2 → 3 and 1 more)"),
        ({"city": {"profile.toml": "x", "events.csv": "y"}}, "the city's rules changed (events.csv)"),
        ({"sampler": {"version": 2}}, "the sampler's settings changed (version 1 → 2)"),
        ({"sampler": {"version": 2}, "priors": {}}, "the priors changed (a is gone)"),  # the first kind that differs
        ({"observations": {"o": {"value": 2.0 * (1.0 + 1e-12)}}}, ""),  # rounding of another processor
    ],
)
def test_what_changed_since_a_fit_is_named(now, said):
    assert str(basis().change_to(basis(**now)) or "") == said


def test_contraction_is_the_part_of_the_priors_variance_that_is_gone():
    """Draws at half of the prior's normal scores keep a quarter of its variance; what is not informed keeps all."""
    n = 4001
    z = np.tile(smc.ndtri((np.arange(n) + 0.5) / n)[:, None], (1, len(NAMES)))
    z[:, 0], z[:, 1] = 0.5 * z[:, 0] + 1.0, 0.1 * z[:, 1]
    draws = np.column_stack([PRIORS[name].value(ndtr(z[:, j])) for j, name in enumerate(NAMES)])
    fit = Fit(draws, Provenance("x", "2024Q4", 1, n, 5, 3.0, "d", "s", [], [NAMES[0]]))
    table = contraction(fit).set_index("name")
    assert table.contraction[NAMES[0]] == pytest.approx(0.75, abs=0.01) and table["shift"][NAMES[0]] == pytest.approx(1.0, abs=0.01)
    assert table.contraction[NAMES[1]] == 0.0 and not table.informed[NAMES[1]] and table.index[0] == NAMES[0]


def test_the_reduced_model_is_a_yearly_recursion_with_the_noise_of_counts():
    """At the middle of every prior, against the recursion without noise."""
    z = np.zeros((4000, len(reduced.NAMES)))
    made = np.exp(reduced.simulate(z, 1, 0))
    p = {name: float(PRIORS[name].value(np.array(0.5))) for name in reduced.NAMES}
    flow, drive = dict.fromkeys((2010, 2011, 2012), 510.0), {2012: 0.0}
    for year in range(2013, 2025):
        drive[year] = drive[year - 1] + p[f"drive_hnte_{year}"]
        eligible = 0.45 * p["opening_pool"] * np.exp(p["entry_growth"] * (year - 2012))
        free = max(eligible - sum(flow[year - k] for k in (1, 2, 3)), 1.0)
        chance = 1.0 - np.exp(-p["hnte_apply"] * np.exp(drive[year]))
        flow[year] = free * chance + p["renewal"] * flow[year - 3]
    expected = [sum(flow[y - k] for k in range(3)) for y in reduced.STOCKS] + [flow[y] for y in reduced.FLOWS]
    assert made.mean(axis=0) == pytest.approx(expected, rel=0.01)
    scatter = made[:, 5:].std(axis=0) / np.sqrt(expected[5:])
    assert ((scatter > 0.8) & (scatter < 2.0)).all(), scatter


# --- moments on hand-made tables


def test_a_list_of_the_fastest_is_made_again_every_year(monkeypatch):
    """A list of two: the first and second stay once, then the third takes the second's place."""
    monkeypatch.setattr(growth, "LIST_NAMES", 2)
    g = np.array([[0.5] * 6, [0.4, 0.4, 0.4, 0.4, 0.4, 0.0], [0.1, 0.1, 0.1, 0.1, 0.3, 1.2], [0.0] * 6])
    staff = 20.0 * np.exp(np.cumsum(g, axis=1))
    assert growth.list_stay(watched(growth=g, staff=staff)) == pytest.approx(3 / 4)


def test_years_of_growth_are_of_those_large_enough_when_they_began():
    g = np.array([[np.nan, 0.1, 0.2, np.nan, 0.0, 0.3], [0.5] * 6])
    staff = np.array([[np.nan, 22.0, 30.0, np.nan, 19.0, 40.0], [2.0] * 6])
    before, rates = growth.years_of_growth(watched(2, growth=g, staff=staff), 20.0)
    assert rates.tolist() == [0.2, 0.3] and before == pytest.approx([30.0 / np.exp(0.2), 40.0 / np.exp(0.3)])


def test_labels_are_counted_among_those_in_high_growth():
    w = watched()
    until = np.full((4, len(Recognition)), END)
    until[[0, 3], Recognition.HNTE] = END + 1
    w.final = {"stage": np.array([Stage.HIGH_GROWTH, Stage.HIGH_GROWTH, Stage.HIGH_GROWTH, Stage.STARTUP]), "until": until}
    assert growth.labelled_gazelles(w) == pytest.approx(1 / 3)
    w.final["stage"][:] = Stage.STARTUP
    assert np.isnan(growth.labelled_gazelles(w))


def test_the_citys_own_ages_are_those_of_its_last_five_years():
    """The stock doubles in five years; of four that left, three were five or less; living ones are 2 and 10 years old."""
    w = watched()
    none = np.zeros(60, int)
    w.at_risk = [none + (1 if t < 1 else 2) for t in range(21)]
    gone = none.copy()
    gone[[0, 8, 20, 40]] = 1
    w.exits = [gone, *[none] * 20]
    w.final = {"born": np.array([END - 8, END - 40])}
    assert np.isnan(measures.raw_ages(w)["age_at_exit"])  # the only exits are older than five years
    w.exits = [*[none] * 20, gone]
    raw = measures.raw_ages(w)
    assert raw["stock_growth"] == pytest.approx(np.log(2.0) / 5.0) and raw["young_living"] == 0.5
    assert raw["young_exits"] == 0.75 and raw["age_at_exit"] == pytest.approx((0.5 + 8.5 + 20.5 + 40.5) / 16)


def test_a_replay_compares_those_that_live_in_both_futures():
    def snapshot(slots):
        k = np.array(slots)
        return replays.Snapshot(k, k * 1.0, k * 0.0, k, k, k > 0)

    there, here = replays.paired(snapshot([1, 3, 4, 9]), snapshot([0, 1, 4, 7, 9]))
    assert there.tolist() == [0, 2, 3] and here.tolist() == [1, 2, 4]
    change, treated = np.array([0.3, 0.1, 0.0, 0.2]), np.array([True, True, False, False])
    assert replays.effect(change, treated, ~treated) == pytest.approx(0.1)
    assert np.isnan(replays.effect(change, treated, np.zeros(4, bool)))
