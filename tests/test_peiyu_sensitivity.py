"""`peiyu sensitivity` from end to end: a stand-in for the model whose answer is known, and the model in a few runs."""

import json

import numpy as np
import pytest
from helpers import shown

from agents.parameters import NAMES, Parameters
from calibration.fit.fit import load_fit
from calibration.sensitivity import design as sensitivity_design
from calibration.sensitivity import indices as calibration_sensitivity
from calibration.sensitivity import information
from calibration.sensitivity import runs as sensitivity_runs
from calibration.sensitivity.design import SensitivityBudget
from calibration.sensitivity.factors import Space
from calibration.sensitivity.runs import Bench, Laboratory, Run, candidates, perform, tasks_of
from peiyu.__main__ import run
from peiyu.sensitivity import analysis as sensitivity
from peiyu.sensitivity import information as sensitivity_information
from peiyu.sensitivity import question as sensitivity_question
from peiyu.sensitivity.document import ReadingRow, SensitivityDocument
from peiyu.sensitivity.figure import draw_sensitivity
from sim.city.readings import every_reading
from sim.ensemble.ensemble import Experiment, Member, run_member
from sim.ensemble.forecast import path
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario
from sim.store.store import open_store
from sim.workers import Workers

AS_OF, END = 8099, 8107
FEW = SensitivityBudget("few", 300, 40, 64, 3, 30, 60.0, 60.0)
TOLD = "future_hnte_new"
SAID = {
    "en": ("High and New-Technology Enterprises · Valid stock at the end", "Source of variance", "size of levers: funding",
           "first High-Tech recognitions in future tracks 20"),
    "zh": ("高新技术企业 · 期末有效存量", "方差来源", "政策规模: 资金", "未来产业首次认定高企数 20"),
}  # fmt: skip
"""Words that the figure has in each language."""


def silent(_done, _total):
    """Say nothing."""


@pytest.fixture
def stand_in(monkeypatch, city):
    """Replace the model: every count is 500 + 50 * (rank of `hnte_apply`) + 100 * log2 of the first lever's size."""
    draws = load_fit(city).draws
    column = NAMES.index("hnte_apply")
    spread = draws[:, column].std()
    middle = draws[:, column].mean()
    calls = []

    def answer(bench, task):
        calls.append(task)
        made = []
        for sizes in task.sizes:
            size = dict(sizes).get("award_hnte", 1.0)
            count = 500 + 50 * (task.parameters[column] - middle) / spread + 100 * np.log2(size)
            data = [count if d.indicator == TOLD else float(hash_of(task.seed, i)) for i, d in enumerate(bench.data)]
            made.append([count] * len(every_reading(bench.city)) + data + [0.0] * len(bench.past))
        return made

    monkeypatch.setattr(sensitivity_runs, "perform", answer)
    monkeypatch.setitem(sensitivity_design.EFFORTS, "small", FEW)
    monkeypatch.setattr(sensitivity_information, "RESAMPLES", 8)
    monkeypatch.setattr(calibration_sensitivity, "RESAMPLES", 8)
    monkeypatch.setattr(information, "OUTCOME_PERMUTATIONS", 8)
    monkeypatch.setattr(sensitivity, "KEEP", 3)
    monkeypatch.setattr(sensitivity_information, "KEEP", 3)
    return calls


def hash_of(seed, i):
    """Return a number that has nothing to do with anything, the same each time."""
    return (seed * 2654435761 + i * 40503) % 977


def ask(tmp_path, *words):
    return run(["sensitivity", *words, "--effort", "small", "--workers", "1", "--out", str(tmp_path)])


def test_the_document_says_what_the_stand_in_does(stand_in, tmp_path, capsys):
    assert ask(tmp_path, "--goal", "hnte", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "sensitivity.json").read_text("utf8")) == printed
    (row,) = printed["readings"]
    assert (row["goal"], row["primary"]) == ("hnte", True)
    budget = {s["part"]: s["share"] for s in row["budget"]["count"]}
    assert budget["calibrated"] == pytest.approx(1, abs=1e-6)
    assert all(abs(x) < 1e-6 for part, x in budget.items() if part != "calibrated")
    sobol = {x["factor"]: x for x in row["sobol"]["count"]}  # sizes vary by 100^2 / 3, the parameter by 50^2
    assert sobol["levers:funding"]["total"] == pytest.approx(10000 / 3 / (10000 / 3 + 2500), abs=0.15)
    assert sobol["parameters:calibrated"]["total"] == pytest.approx(2500 / (10000 / 3 + 2500), abs=0.15)
    assert sobol["chance"]["total"] == 0
    assert [m["factor"] for m in row["morris"]["count"] if m["size"] > 0] == [
        "lever award_hnte"
    ]  # calibrated ones stay
    assert row["morris"]["count"][0]["change"] == pytest.approx(200)
    assert row["parameters"]["count"][0]["factor"] == "hnte_apply"
    assert row["information"]["soon"][0]["indicator"] == TOLD
    assert row["information"]["soon"][0]["variance_cut"] > 0.5


def test_a_stopped_one_goes_on_where_it_was(stand_in, bench, city, tmp_path):
    """Pieces that were finished are read; the numbers are those of a run that was never stopped."""
    rows = load_fit(city).draws
    runs = [Run(tuple(rows[i % len(rows)].tolist()), i) for i in range(100)]

    def stop(done, _total):
        if done == 60:
            raise KeyboardInterrupt

    store = open_store(tmp_path / "stopped.db")
    with pytest.raises(KeyboardInterrupt):
        Laboratory(store, "key", Workers(1), stop, 100).run("x", bench, runs, 0)
    made = Laboratory(store, "key", Workers(1), silent, 100).run("x", bench, runs, 0)
    kept = 60 // sensitivity_runs.PIECE * sensitivity_runs.PIECE
    assert len(stand_in) == 60 + 100 - kept
    whole = Laboratory(open_store(tmp_path / "whole.db"), "key", Workers(1), silent, 100).run("x", bench, runs, 0)
    assert np.array_equal(made, whole)


def test_words_files_and_figure(stand_in, city, tmp_path, capsys):
    assert ask(tmp_path, "--lang", "zh", "--goal", "hnte/valid_stock", "--goal", "consortium") == 0
    said = capsys.readouterr().out
    assert "方差来源" in said and "Morris" in said
    done = len(stand_in)
    assert ask(tmp_path, "--lang", "en", "--goal", "hnte/valid_stock") == 0
    assert len(stand_in) == done  # read, not run
    assert "Publish first" in capsys.readouterr().out
    table = (tmp_path / "sensitivity.csv").read_text("utf8").splitlines()
    assert table[0] == "goal,reading,analysis,outcome,name,measure,estimate,low,high"
    assert {line.split(",")[2] for line in table[1:]} == {"budget", "sobol", "morris", "parameters", "information"}
    assert (tmp_path / "sensitivity_hnte_valid_stock.svg").read_text("utf8").startswith("<?xml")
    row = ReadingRow.model_validate(json.loads((tmp_path / "sensitivity.json").read_text("utf8"))["readings"][0])
    for lang, said in SAID.items():
        words = shown(lambda x: draw_sensitivity(row, city, load_scenario("plan_as_written", city), x), lang)
        assert all(x in words for x in said) and "valid_stock" not in words
    store = open_store(tmp_path / "peiyu.db")
    (kept,) = store.kept(SensitivityDocument)
    assert kept.runs == [kept.document.run_id]
    assert store.kept(SensitivityDocument, kept.runs[0]) == [kept]  # as the appendix asks


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--goal", "hnt"), 'Did you mean "hnte"'),
        (("--goal", "hnte/newly_recognized"), 'Did you mean "hnte/newly_recognised"'),
        (("--scenario", "plan_as_writen"), 'Did you mean "plan_as_written"'),
        (("--city", "hangzou"), "hangzhou"),
    ],
)
def test_wrong_words_are_refused_before_anything_runs(stand_in, tmp_path, capsys, words, said):
    assert ask(tmp_path / "new", *words) == 2
    assert said in capsys.readouterr().err
    assert not stand_in and not (tmp_path / "new").exists()


def test_an_unknown_effort_is_refused():
    with pytest.raises(InputError, match='Did you mean "usual"'):
        sensitivity_question.effort_named("usul")


@pytest.fixture
def bench(city, scenario):
    data = candidates(city, AS_OF)[:3]
    return Bench(city, scenario(city.in_force), scenario("plan_as_written"), AS_OF, END, 80.0, data)


def test_workers_and_forks_do_not_change_a_number(bench, city, tmp_path):
    """Runs that share a history give what they give alone, whoever does them."""
    draw = load_fit(city).parameters(0)
    values = tuple(getattr(draw, name) for name in NAMES)
    runs = [Run(values, 5), Run(values, 5, (("fund_seedling", 2.0),)), Run(values, 6)]
    made = [
        Laboratory(open_store(tmp_path / f"{n}.db"), "key", Workers(n), silent, 2).run("x", bench, runs, 0)
        for n in (1, 2)
    ]
    assert np.array_equal(*made)
    alone = [perform(bench, task)[0] for r in runs for task in tasks_of([r])]
    assert np.array_equal(made[0], np.array(alone))


def test_outcomes_are_what_a_forecast_counts(bench, city):
    """The count of a reading is the one `sim.ensemble.forecast` has, and a flow's datum adds up from the origin."""
    series = np.arange(56 * len(sensitivity_runs.INDICATOR_NAMES), dtype=float).reshape(56, -1)
    got = bench.outcomes(series)
    one = sensitivity_runs.Ensemble("x", city.start + 1, series[None])
    for value, (goal, reading) in zip(got, every_reading(city), strict=False):
        assert value == path(reading, one)[0, goal.deadline - city.start - 1]
    d = next(d for d in candidates(city, AS_OF) if d.indicator == TOLD and d.quarter == AS_OF + 2)
    column = sensitivity_runs.INDICATOR_NAMES.index(TOLD)
    first = AS_OF - city.start
    assert bench._datum(d, series) == series[first, column] + series[first + 1, column]


def test_effects_of_levers_do_nothing_without_levers(city, scenario):
    """Parameters counted as lever effects leave enterprises alone to the bit where no lever has ever acted."""
    space = Space.of(load_fit(city), scenario("plan_as_written"), AS_OF)
    names = [
        n for n in sensitivity.parts(space)["lever_effects"] if not n.startswith(("zone", "provincial", "national"))
    ]
    nothing = scenario("no_policy")
    a, b = (dict(zip(NAMES, row, strict=True)) for row in space.draws[:2])
    moved = a | {n: b[n] for n in names}  # zones on record stay
    assert any(a[n] != moved[n] for n in names)
    alone = Experiment(city, nothing, (nothing,), AS_OF, END, 80.0)
    one, two = (run_member(alone, Member(0, Parameters(**values), 3))[0].series for values in (a, moved))
    firms = [
        sensitivity_runs.INDICATOR_NAMES.index(n) for n in ("enterprises", "hnte_stock", "future_hnte_new", "exits")
    ]
    assert np.array_equal(one[:, firms], two[:, firms])
