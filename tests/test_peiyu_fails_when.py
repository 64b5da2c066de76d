"""`peiyu fails-when`: what it finds in members whose outcome is known, what it says, keeps, draws and refuses."""

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import shown

from agents.parameters import NAMES
from peiyu.__main__ import run
from peiyu.fails_when import analysis as fails_when
from peiyu.fails_when import cases as fails_when_cases
from peiyu.fails_when import discovery
from peiyu.fails_when.analysis import How, analyse, answerable
from peiyu.fails_when.cases import Cases
from peiyu.fails_when.figure import draw_boxes
from peiyu.fails_when.terminal import frame
from peiyu.forecasts import pipeline
from peiyu.words.loader import words
from peiyu.words.parameters import parameter_label, parameter_value, rests_on
from sim.city.readings import every_reading
from sim.ensemble.forecast import path
from sim.inputs.errors import InputError
from sim.store.store import open_store
from sim.workers import Workers

DRAWN = 3
"""Members that are really run."""


@pytest.fixture(scope="module")
def asked(city):
    """The usual question, small: a row for forty enterprises."""
    q = pipeline.ask("hangzhou", ["plan_as_written"], precision=pipeline.Precision(DRAWN, 1e-9, 1, Workers()))
    return replace(q, weight=40.0)


@pytest.fixture
def small(monkeypatch):
    real = pipeline.ask
    monkeypatch.setattr(pipeline, "ask", lambda *a, **k: replace(real(*a, **k), weight=40.0))
    monkeypatch.setattr(fails_when, "FEWEST_OF_EACH", 1)
    monkeypatch.setattr(discovery, "RESAMPLES", 4)


@pytest.fixture(scope="module")
def made(asked):
    """Cases whose first reading is missed where `hnte_apply` is low and the vouchers are small, and nowhere else."""
    n, levers = 300, ("compute_voucher", "fund_seedling")
    x = np.random.default_rng(3).random((n, len(NAMES) + 2))
    missed = (x[:, NAMES.index("hnte_apply")] < 0.5) & (x[:, len(NAMES)] < 0.6)
    pairs = every_reading(asked.city)
    counts = np.column_stack([np.where(missed, r.value - 1, r.value) for _, r in pairs])
    counts[:, [i for i, (g, _) in enumerate(pairs) if g.key != "hnte"]] = 1e9  # the others are always reached
    return Cases(x, np.arange(n), levers, counts)


@pytest.fixture(scope="module")
def result(asked, made):
    kept, discovery.RESAMPLES = discovery.RESAMPLES, 4
    try:
        return analyse(asked, made, None, How(levers=300))
    finally:
        discovery.RESAMPLES = kept


def test_the_box_is_the_one_that_was_made(result, made, asked):
    document = result.document()
    (box,) = document.boxes
    goal = next(g for g in asked.city.goals if g.key == "hnte")
    assert (box.goal, box.reading) == ("hnte", next(r.key for r in goal.readings if r.primary))
    limits = {x.input: x for x in box.limits}
    assert set(limits) == {"hnte_apply", "compute_voucher"}
    assert limits["hnte_apply"].kind == "parameter" and limits["hnte_apply"].low is None
    assert limits["hnte_apply"].high == pytest.approx(0.5, abs=0.03)
    assert limits["compute_voucher"].kind == "lever" and limits["compute_voucher"].rests_on == "choice"
    informed = "hnte_apply" in asked.fit.provenance.informed
    assert limits["hnte_apply"].rests_on == ("data" if informed else "assumption")
    assert limits["compute_voucher"].high == pytest.approx(0.6, abs=0.03)
    assert box.density > 0.95 and box.coverage > 0.95 and box.density_left_out > 0.85
    assert box.base_rate == pytest.approx(0.3, abs=0.08) and box.mass == pytest.approx(box.base_rate, abs=0.02)
    assert json.loads(json.dumps(document.plain(), allow_nan=False)) == document.plain()


def test_every_reading_has_a_sentence_in_both_languages(result, asked):
    document = result.document()
    rows = [*document.boxes, *document.without_box]
    assert {r.goal for r in rows} == {g.key for g in asked.city.goals}
    (box,) = document.boxes
    assert "高企申报率低于" in box.sentence_zh and "算力券(compute_voucher)的规模小于情景的 0." in box.sentence_zh
    assert "with rate of applying for High-Tech recognition below " in box.sentence_en
    assert "compute voucher smaller than 0." in box.sentence_en and "left out" in box.sentence_en
    for row in document.without_box:
        assert row.reason == "rare" and row.share == 0
        assert "故不寻找区域" in row.sentence_zh and "too few" in row.sentence_en


def test_what_comes_after_the_deadline_is_no_reason(asked, made, monkeypatch):
    """All plans of the city end in 2026: a step of the year after may go along with the outcome, and cannot have brought it."""
    monkeypatch.setattr(discovery, "RESAMPLES", 4)
    swapped = made.x.copy()
    a, b = NAMES.index("hnte_apply"), NAMES.index("drive_hnte_2027")
    swapped[:, [a, b]] = swapped[:, [b, a]]
    document = analyse(asked, replace(made, x=swapped), None, How(levers=300)).document()
    named = {limit.input for box in document.boxes for limit in box.limits}
    assert "drive_hnte_2027" not in named and "compute_voucher" in named
    swapped[:, [b, NAMES.index("drive_hnte_2026")]] = swapped[:, [NAMES.index("drive_hnte_2026"), b]]
    document = analyse(asked, replace(made, x=swapped), None, How(levers=300)).document()
    assert {limit.input for box in document.boxes for limit in box.limits} == {"drive_hnte_2026", "compute_voucher"}


def test_reached_is_the_other_side(asked, made, monkeypatch):
    monkeypatch.setattr(discovery, "RESAMPLES", 4)
    other = analyse(asked, made, None, How(reaches=True, boxes=1)).document()
    assert other.outcome == "reached"
    (box,) = other.boxes
    assert box.limits[0].low is not None and box.density > 0.95
    assert box.base_rate == pytest.approx(1 - made_share(made), abs=1e-9)
    assert any("almost everywhere" in row.sentence_en for row in other.without_box)


def made_share(made):
    return float(((made.x[:, NAMES.index("hnte_apply")] < 0.5) & (made.x[:, len(NAMES)] < 0.6)).mean())


def test_what_does_not_hold_is_said_and_not_reported(asked, made, monkeypatch):
    monkeypatch.setattr(discovery, "RESAMPLES", 2)
    monkeypatch.setattr(discovery, "HOLDS", 0.0)
    document = analyse(asked, made, None, How()).document()
    assert not document.boxes
    row = next(r for r in document.without_box if r.goal == "hnte")
    assert row.reason == "does_not_hold" and "no region holds" in row.sentence_en
    assert "没有找到站得住的区域" in row.sentence_zh


def test_table_and_figure(result):
    table = frame(result.document())
    assert sorted(table.input) == ["compute_voucher", "hnte_apply"] and table.density.nunique() == 1
    figure = draw_boxes(result, "en")
    left, _right = figure.axes
    points = sum(len(c.get_offsets()) for c in left.collections)
    assert points == len(result.cases.x)
    plt.close(figure)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("高新技术企业 · 两年新认定数 ≥", "高企申报率，1/年", "算力券(compute_voucher)的规模", "占不达标情形", "未参与寻找的成员")),
        ("en", ("Newly recognised 2025-26 ≥", "recognition, 1/year", "size of compute voucher", "Share of those missed", "left out")),
    ],
)  # fmt: skip
def test_the_figure_speaks_both_languages(result, lang, said):
    words = shown(lambda x: draw_boxes(result, x), lang)
    assert all(x in words for x in said)


def test_too_few_of_a_kind_are_not_asked():
    assert not answerable(np.arange(400) < 19) and answerable(np.arange(400) < 20)
    assert not answerable(np.arange(1000) < 40)  # twenty and more, but under one in twenty
    assert not answerable(np.arange(30) < 15)


def test_every_parameter_has_a_name_and_a_way_to_be_written():
    assert set(words("parameters", "en")) == set(NAMES)
    for name in NAMES:
        assert parameter_label(name, "zh") and parameter_value(name, 0.1, "zh") and parameter_value(name, 0.1, "en")
    assert rests_on("entry_rate", ()) == "literature" and rests_on("entry_rate", ["entry_rate"]) == "data"
    assert rests_on("opening_pool", ()) == "assumption"
    assert parameter_value("entry_rate", 0.031, "zh") == "3.1 %/年"
    assert parameter_value("venture_share", 0.031, "en") == "3.1 %"
    assert parameter_value("future_apply", np.log(1.5), "en") == "+50 %"
    assert parameter_value("future_apply", np.log(3.8), "zh") == "3.8 倍"
    assert parameter_value("consortia_rate", 5.25, "en") == "5.25 a year"
    assert parameter_value("result_rate", 0.05, "en") == "0.05 1/year per 100m CNY"
    assert parameter_value("project_cost", 1234.0, "zh") == "1,234 万元"


@pytest.fixture(scope="module")
def forecast(asked, tmp_path_factory):
    """Return a store with one small forecast, and the forecast."""
    store = open_store(tmp_path_factory.mktemp("store") / "a.db")
    return store, pipeline.answer(asked, store)[0]


def test_a_stored_run_is_looked_through(forecast, asked, small, tmp_path, capsys):
    store, stated = forecast
    words = ["--out", str(tmp_path), "--workers", "1", "--db", str(store.path)]
    assert run(["fails-when", stated.run_id, "--json", *words]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["run_id"] == stated.run_id and printed["members"] == DRAWN
    said_of = {row["goal"] for row in [*printed["boxes"], *printed["without_box"]]}
    assert said_of == {g.key for g in asked.city.goals}
    assert json.loads((tmp_path / "fails_when.json").read_text("utf8")) == printed
    assert (tmp_path / "fails_when.csv").read_text("utf8").startswith("goal,reading,outcome,box")
    (kept,) = store.analyses("fails_when", stated.run_id)
    assert kept.document == printed
    (tmp_path / "fails_when.svg").write_text("of an earlier question")
    assert run(["fails-when", "--members", str(DRAWN), "--lang", "zh", "--goal", "hnte", *words]) == 0
    said = capsys.readouterr().out
    assert stated.run_id in said and "高新技术企业" in said and "何时不达标" in said
    assert not (tmp_path / "fails_when.svg").exists()


def test_counts_and_parameters_are_those_of_the_members(forecast, asked):
    store, stated = forecast
    cases = fails_when_cases.of_forecast(asked, store, DRAWN)
    for i in range(DRAWN):
        member = asked.fit.member(i, asked.seed)
        assert cases.x[i].tolist() == [getattr(member.parameters, name) for name in NAMES]
    for j, (goal, r) in enumerate(every_reading(asked.city)):
        one = next(g for g in stated.goals if (g.goal, g.reading) == (goal.key, r.key))
        assert fails_when._hit(asked, cases, (goal, r), How(reaches=True)).mean() == one.model_probability
        at = goal.deadline - stated.ensemble.start
        assert np.array_equal(cases.counts[:, j], path(r, stated.ensemble)[:, at])


def test_lever_runs_are_kept_and_do_not_depend_on_workers(forecast, asked, tmp_path):
    store, _ = forecast
    one = fails_when_cases.of_levers(asked, store, DRAWN)
    assert one.x.shape == (DRAWN, len(one.inputs)) and len(one.levers) > 10
    sizes = one.x[:, len(NAMES) :]
    assert np.array_equal(
        np.sort(np.floor(sizes / 2 * DRAWN), axis=0), np.tile(np.arange(DRAWN), (sizes.shape[1], 1)).T
    )
    two = fails_when_cases.of_levers(replace(asked, workers=Workers(2)), open_store(tmp_path / "b.db"), DRAWN)
    assert np.array_equal(one.counts, two.counts) and np.array_equal(one.x, two.x)
    told = []
    again = fails_when_cases.of_levers(asked, store, DRAWN, lambda *x: told.append(x))
    assert not told and np.array_equal(again.counts, one.counts)
    assert not np.array_equal(one.counts, fails_when_cases.of_forecast(asked, store, DRAWN).counts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing", "--db", "peiyu.db"), "no such store"),
        (("--goal", "hnt"), 'Did you mean "hnte"'),
        (("--goal", "hnte/newly_recognized"), 'Did you mean "hnte/newly_recognised"'),
        (("--boxes", "0"), "--boxes 0"),
        (("--levers", "3"), "--levers 3"),
        (("--members", "0"), "--members 0"),
        (("--scenario", "plan_as_writen"), 'Did you mean "plan_as_written"'),
    ],
)
def test_wrong_words_are_refused(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "answer", lambda *a, **k: pytest.fail("something ran"))
    assert run(["fails-when", *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_runs_that_cannot_be_read_are_refused(forecast, small, tmp_path, monkeypatch):
    store, stated = forecast
    made, usual = stated.run_id, ("hangzhou", "plan_as_written")
    q = fails_when_cases.question_of(store, made, *usual)
    assert q.run_id(q.scenarios[0]) == made and q.members == DRAWN
    with pytest.raises(InputError, match="Did you mean"):
        fails_when_cases.question_of(store, made[:-1], *usual)
    store.db.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    copy = open_store(tmp_path / "copy.db")
    copy.db.execute("DELETE FROM forecasts")
    with pytest.raises(InputError, match="was not finished"):
        fails_when_cases.question_of(copy, made, *usual)
    monkeypatch.setattr(pipeline, "source_version", lambda: "another")
    with pytest.raises(InputError, match="no longer known"):
        fails_when_cases.question_of(store, made, *usual)
