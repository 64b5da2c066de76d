"""The pages on the fit, the check and the backtest: known numbers come out as the sentences and rows that state them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from agents.parameters import NAMES, PRIORS
from calibration.data.summaries import observed
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from calibration.moments.moments import Moment, MomentResult
from calibration.proof import reduced
from calibration.proof.identify import contraction
from calibration.proof.sbc import Ranks
from peiyu.backtest import page as backtest_page
from peiyu.backtest.study import origins_of
from peiyu.document.kept import DATA
from peiyu.document.markdown import fragment
from peiyu.document.tree import Heading, Table, plain
from peiyu.fit import check, check_page, pages, proof
from peiyu.fit.evidence import coverage_words, exactness, predictive_table, toy, year_end
from peiyu.fit.gather import SMALL, Evidence
from peiyu.fit.neural import Neural
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES as INDICATORS

NAN = float("nan")


def frame(columns, *rows):
    return pd.DataFrame(list(rows), columns=columns.split())


def spread_ranks(shift=0):
    """Ranks of 200 truths among 99 draws, spread evenly, for every parameter of the reduced model; `shift` bends the first."""
    even = np.tile(np.arange(200) % 100, (len(reduced.NAMES), 1)).T
    even[:, 0] = np.clip(even[:, 0] + shift, 0, 99)
    return Ranks(even, 99, reduced.NAMES)


def known_fit():
    """Draws that repeat every prior but two: one is half as wide around its median, one moved up by a deviation."""
    z = ndtri((np.arange(400) + 0.5) / 400)
    scores = {"entry_growth": 0.5 * z, "hnte_apply": 0.2 * z + 1.0}
    draws = rounded(np.column_stack([PRIORS[name].value(ndtr(scores.get(name, z))) for name in NAMES]))
    made = Provenance("known", "2024Q4", 1, 400, 7, 3.0, "d", draws_sha(draws), [])
    return Fit(draws, replace(made, informed=list(scores)))


@pytest.fixture(scope="module")
def evidence(city):
    """What a report states, every number of it said here but for the fit's own."""
    fit = known_fit()
    seen = observed(city, quarter.parse(fit.provenance.as_of))
    exact = frame("name exact_mean found_mean exact_sd found_sd", ("z1", 0.5, 0.51, 0.5, 0.51), ("z2", -1.0, -1.0, 0.2, 0.19))
    wide = frame("name exact_mean found_mean exact_sd found_sd", ("z1", 0.0, 0.07, 0.5, 0.6), ("z2", 1.0, 1.0, 0.5, 0.4))
    cross = frame("name truth our_mean our_sd pyabc_mean pyabc_sd", ("renewal", 0.1, 0.3, 0.55, 0.2, 0.5), ("drift", 0.0, 0.0, 0.4, 0.1, 0.5))
    found = frame(
        "city name truth q05 q50 q95 inside closer",
        (0, "drift", 1.0, 0.0, 0.8, 1.5, True, True), (0, "renewal", -2.0, -1.0, 0.0, 1.0, False, False),
        (1, "drift", 1.0, 0.0, 0.6, 1.5, True, True),
    )  # fmt: skip
    bias = frame("name shift error observation_error", ("a@2020Q4", 0.01, 0.02, 0.1), ("b@2020Q4", -0.08, 0.02, 0.16))
    runs = frame(
        "name kind observed low high q05 q50 q95 in_runs inside apart",
        ("x@2020Q4", "exact", 100.0, 90.0, 110.0, 50.0, 60.0, 70.0, False, False, 2.341),
        ("y@2020Q4", "bound", 50.0, 40.0, 60.0, 61.0, 62.0, 63.0, False, True, -1.2),
        ("z@2020Q4", "moment", 0.1, 0.08, 0.12, 0.05, 0.1, 0.2, True, True, -0.001),
    )  # fmt: skip
    none = Ensemble("s", 0, np.zeros((1, 1, len(INDICATORS))))
    return Evidence(city, fit, SMALL, seen, none, runs, exact, wide, cross, Neural.kept(), spread_ranks(), found, bias, contraction(fit))


def said(blocks):
    return fragment(blocks)


def rows(blocks, start):
    """The rows of the table whose caption begins so, as text."""
    made = next(b for b in blocks if isinstance(b, Table) and b.caption.startswith(start))
    return [["".join(map(plain, cell)) for cell in row] for row in made.rows]


# the calibration report


def test_the_toy_is_said_to_be_off_by_what_it_is_off(evidence):
    text = said(proof.proof(evidence))
    assert "finds its means within 0.01 prior standard deviations and its standard deviations within 5 %." in text
    assert "the worst mean is 0.14 posterior standard deviations off, and standard deviations are 0.80 to 1.20 of" in text
    assert "with 4,000 particles" in text


def test_even_ranks_are_uniform_and_bent_ones_are_named(evidence):
    text = said(proof.proof(evidence))
    assert f"0 of {10 * len(reduced.NAMES)} bins do not" in text and "No parameter has p < 0.01." in text
    assert all(row[1:] == ["1", "50%", "90%", "0.50", "20 – 20"] for row in rows(proof.proof(evidence), "Uniformity"))
    bent = proof.proof(replace(evidence, ranks=spread_ranks(30)))
    assert f"Not uniform at p < 0.01: `{reduced.NAMES[0]}`." in said(bent)
    (first, *rest) = rows(bent, "Uniformity")
    assert first[-1] == "0 – 80" and float(first[1]) < 1e-6 and all(row[1] == "1" for row in rest)


def test_recovery_counts_what_it_found_by_parameter(evidence):
    blocks = proof.proof(evidence)
    text = said(blocks)
    assert "Of 3 informed parameters, 67% of truths lie inside the 90 % interval and 67% of medians are nearer" in text
    # misses of 0.2, 2 and 0.4; truths of 1, 2 and 1
    assert "square miss is 1.18 prior standard deviations; the prior's median misses by 1.41." in text
    assert "By city 50% to 100% lie inside." in text
    # two truths of 1 where the posterior's sd is 0.456, one of -2 where it is 0.608
    assert "would be held in 84% (" in text
    assert rows(blocks, "By parameter") == [
        ["drift", "2", "1", "0.9", "1", "0.3", "1"],
        ["renewal", "1", "0", "0.705", "0", "2", "2"],
    ]


def test_two_samplers_differ_by_the_largest_of_their_gaps(evidence):
    text = said(proof.proof(evidence))
    assert "Means differ by at most 0.20 standard deviations; ours are 0.80 to 1.10 as wide." in text


def test_the_weight_of_a_row_is_judged_by_its_worst_shift(evidence):
    text = said(proof.proof(evidence))
    assert "at most 0.50 of the number's own error (`b@2020Q4`); 1 of 2 shifts exceed three standard errors." in text
    assert [row[0] for row in rows(proof.proof(evidence), "Log scale")] == ["b@2020Q4", "a@2020Q4"]


def test_observations_are_inside_with_their_error_or_outside(evidence):
    blocks = pages.result(evidence)
    assert "2 of 3 inside with their error, 1 inside the runs alone. Outside even with their own error: `x@2020Q4`." in said(blocks)
    table = rows(blocks, "Posterior predictive")
    assert [row[6] for row in table] == ["outside", "inside with its error", "inside"]
    assert [row[7] for row in table] == ["+2.34", "-1.20", "+0.00"]
    assert [row[2] for row in table] == ["100", "50", "0.1"]


def test_generations_are_told_as_the_fit_kept_them(evidence):
    steps = [
        {"number": 0, "done": 0.0, "tolerance": 101.4, "acceptance": 0.0, "effective": 32.94},
        {"number": 1, "done": 0.716, "tolerance": 3.512, "acceptance": 0.07, "effective": 600.0}, {"number": 2},
    ]  # fmt: skip
    made = replace(evidence.fit, provenance=replace(evidence.fit.provenance, steps=steps))
    blocks = pages.result(replace(evidence, fit=made))
    assert rows(blocks, "Generations") == [["0", "0", "101", "0 %", "32.9"], ["1", "0.716", "3.51", "7 %", "600"]]
    bare = pages.result(replace(evidence, fit=replace(made, provenance=replace(made.provenance, steps=[]))))
    assert pages.EMPTY.split(";")[0] in said(bare) and "Generations" not in said(bare)


def test_what_the_data_identify_is_counted_from_the_fit(evidence):
    told = evidence.told
    text = said(pages.identified(evidence))
    informed = len(evidence.fit.provenance.informed)
    assert f"Of {len(told)} parameters, {informed} are informed by the data and {len(told) - informed} only repeat" in text
    assert "more than half of the variance of 2." in text
    found = {row[0]: row[-2:] for row in rows(pages.identified(evidence), "Informed")}
    assert found == {"entry_growth": ["+0.00", "0.75"], "hnte_apply": ["+1.00", "0.96"]}
    assert pages.EMPTY.split(";")[0] in said(pages.identified(replace(evidence, told=told.assign(informed=False))))


@pytest.mark.parametrize("shift", [0, 30])
def test_limits_name_what_lies_outside_and_the_least_uniform(evidence, shift):
    text = said(pages.limits(replace(evidence, ranks=spread_ranks(shift))))
    assert ("about as wide as they should be" in text) == (shift == 0)
    assert "Outside the runs' own 90 % interval: `x@2020Q4`, `y@2020Q4`." in text
    assert f"The least uniform ranks are those of `{reduced.NAMES[0]}`" in text
    fine = replace(evidence, predictive=evidence.predictive.assign(in_runs=True))
    assert "No observation is outside the runs." in said(pages.limits(fine))


def test_ranks_that_crowd_at_the_ends_make_narrow_posteriors(evidence):
    """Truths that lie outside the draws half of the time: intervals are too narrow, and the page says so."""
    crowded = evidence.ranks.ranks.copy()
    crowded[::2] = np.where(np.arange(100)[:, None] % 2, 99, 0)
    text = said(pages.limits(replace(evidence, ranks=Ranks(crowded, 99, reduced.NAMES))))
    assert "Posteriors are slightly narrow." in text and "the mean coverage of 90 % intervals is 45%" in text


def test_every_observation_and_its_error_are_in_the_table(evidence):
    blocks = pages.observing(evidence)
    table = {row[0]: row for row in rows(blocks, "Every observation")}
    assert set(table) == {o.name for o in evidence.seen}
    for o in evidence.seen:
        own = table[o.name][3]
        if o.share:
            assert float(own) == pytest.approx(o.error, rel=5e-3)
        elif o.error:
            assert own.endswith(" %") and float(own[:-2]) / 100.0 == pytest.approx(o.error, rel=5e-3)


def test_the_sampler_reaches_the_exact_posterior_of_a_small_toy():
    made = toy(2, 3, 0.3)
    table = exactness(made, particles=1500, others=1)
    assert list(table.name) == ["z1", "z2"]
    assert ((table.found_mean - table.exact_mean).abs() < 0.15).all()
    assert ((table.found_sd / table.exact_sd - 1.0).abs() < 0.15).all()


def test_a_toy_without_information_keeps_its_prior():
    """Its exact answer, by hand: with no slope the posterior is N(0, I)."""
    exact = toy(2, 3, 0.3)
    sharp, vague = toy(1, 1, 0.01), toy(1, 1, 100.0)
    assert np.linalg.eigvalsh(exact.covariance).max() < 1.0
    assert vague.covariance[0, 0] == pytest.approx(1.0, abs=1e-3) and vague.mean[0] == pytest.approx(0.0, abs=0.2)
    slope, error = sharp.slope[0, 0], 0.15
    assert sharp.covariance[0, 0] == pytest.approx(1.0 / (1.0 + slope**2 / (error**2 + 0.01**2)))


def test_a_year_ends_with_its_fourth_quarter():
    assert [year_end(quarter.parse(x)) for x in ("2024Q4", "2025Q1", "2025Q4")] == [2025.0, 2025.25, 2026.0]


def test_the_runs_of_an_observation_are_judged_on_both_sides(evidence):
    """Ten runs from 91 to 100: 95 is inside, 200 is not even with its error, and inside is said before outside."""
    (o,) = [o for o in evidence.seen if o.name == "hnte_stock@2015Q4"]
    values = np.zeros((10, 1, len(INDICATORS)))
    values[:, 0, INDICATORS.index("hnte_stock")] = np.arange(91.0, 101.0)
    runs = Ensemble("s", o.quarter, values)
    table = predictive_table(runs, [replace(o, value=95.0), replace(o, value=200.0)])
    assert list(table.observed) == [200.0, 95.0] and list(table.in_runs) == [False, True] and list(table.inside) == [False, True]
    assert 91.0 <= table.q05.iloc[0] < table.q50.iloc[0] < table.q95.iloc[0] <= 100.0 and table.apart.iloc[0] > 0.0
    assert coverage_words(table) == "1 of 2 inside with their error, 1 inside the runs alone"


# the check


def moment(key="M1", lower=1.0, upper=2.0, rule="median", use="C"):
    return Moment(key, "矩", "moment", 1.5, lower, upper, "share", use, "A01", None, rule)


@pytest.mark.parametrize(
    ("lower", "upper", "rule", "text"),
    [(0.07, 0.1, "median", "0.07 – 0.1"), (0.07, None, "median", "≥ 0.07"), (None, -4.61, "median", "≤ -4.61"), (0.0, 0.0, "covers", "covers 0")],
)
def test_a_tolerance_may_be_open(lower, upper, rule, text):
    assert check.tolerance(moment(lower=lower, upper=upper, rule=rule), "en") == text


def test_misses_come_first_and_keep_their_order():
    verdicts = ["inside", "outside", "missing", "borderline", "outside", "inside"]
    results = [MomentResult(moment(f"M{i}"), 1.0, 1.5, 2.0, v) for i, v in enumerate(verdicts)]
    assert [r.moment.key for r in check.sorted_results(results)] == ["M1", "M4", "M3", "M2", "M0", "M5"]


@pytest.mark.parametrize(("ends", "text"), [((1.25, 1.75), "1.25 – 1.75"), ((1.5, 1.5), "–"), ((NAN, NAN), "–")])
def test_an_interval_without_width_is_not_shown_in_the_terminal_nor_on_the_page(ends, text):
    result = MomentResult(moment(), ends[0], 1.5, ends[1], "inside")
    assert check.cells(result, "en")[5] == text
    ((row,), *_) = [check_page.moments([check.record(result).plain()]).rows]
    assert "".join(map(plain, row[4])) == text


def test_what_was_not_measured_is_null_in_the_file_and_a_dash_for_a_reader():
    row = check.record(MomentResult(moment("M12a"), NAN, NAN, NAN, "missing"))
    assert (row.median, row.q05, row.q95, row.made_by) == (None, None, None, "peiyu backtest")
    assert "| M12a | moment | 1.5 | – | – | not measured | calibrated on |" in fragment([check_page.moments([row.plain()])])


# the backtest


@pytest.fixture(scope="module")
def kept_backtest():
    return json.loads((DATA / "backtest.json").read_text("utf8"))


def test_every_table_of_the_backtest_says_its_numbers_as_the_terminal_does(kept_backtest):
    text = fragment(backtest_page.results(kept_backtest))
    ours = next(r for r in kept_backtest["summary"] if r["model"] == "peiyu")
    assert f"| this model | 1.000 | {ours['pairs']} | {ours['crps_mean']:.3f} |" in text
    assert f"| {100 * ours['coverage90']:.0f}% |" in text
    won, pairs = (sum(r[k] for r in kept_backtest["regions"]) for k in ("won", "pairs"))
    assert f"It won {won} of {pairs} pairs against the best comparator." in text
    assert [b.text for b in backtest_page.results(kept_backtest) if isinstance(b, Heading)][-1] == "Goals"


def test_only_lost_regions_are_named(kept_backtest):
    regions = [{"region": r, "pairs": 3, "won": 1, "crps": 0.1, "crps_best": 0.1 / x, "relative": x} for r, x in (("a", 1.25), ("b", 1.0), ("c", 0.8))]
    text = fragment(backtest_page.results(kept_backtest | {"regions": regions}))
    assert "| a | 3 | 1 | 0.100 | 0.080 | 1.250 |" in text and "It won 3 of 9 pairs" in text
    assert "| b |" not in text and "| c |" not in text


def test_certain_probabilities_and_full_coverage_are_not_said_to_be_certain(kept_backtest):
    goal = kept_backtest["goals"][0] | {"probability": 1.0, "base_rate": 0.0, "required_growth": 0.5, "outcome": 1}
    band = {"from": 0.8, "to": 1.0, "goals": 2.0, "probability": 0.995, "reached": 1.0}
    summed = {k: v | {"reliability": [band]} for k, v in kept_backtest["goals_summary"].items()}
    text = fragment(backtest_page.results(kept_backtest | {"goals": [goal], "goals_summary": summed}))
    assert "| >99% | <1% | 50% | 1 |" in text and "| 80% | 100% | 2 | >99% | 100% |" in text



@pytest.mark.parametrize(
    ("text", "years"), [("2020", [2020]), ("2022,2020", [2020, 2022]), ("2019-2021", [2019, 2020, 2021]), ("2019-2020, 2020", [2019, 2020])]
)
def test_origins_are_years_spans_or_both(text, years, tmp_path, monkeypatch):
    monkeypatch.setattr("peiyu.backtest.study.latest_year", lambda rows: 2024)
    assert origins_of(text, [Known(2017)], tmp_path / "h.csv") == years
    assert origins_of(None, [Known(2017)], tmp_path / "h.csv") is None


class Known:
    """A row of which only the year matters."""

    def __init__(self, year):
        self.year = year


@pytest.mark.parametrize(("text", "message"), [("2017", "write 2018 to 2023"), ("2024", "write 2018 to 2023"), ("202", "is no year"), ("2021-2019", "is no year"), ("", "is no year")])
def test_an_origin_needs_data_before_and_after_it(text, message, tmp_path, monkeypatch):
    monkeypatch.setattr("peiyu.backtest.study.latest_year", lambda rows: 2024)
    with pytest.raises(InputError, match=message):
        origins_of(text, [Known(2017)], tmp_path / "h.csv")
