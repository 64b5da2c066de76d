"""What the appendix says: every number is in the store, no section is empty, each language is one language."""

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from review import MEMBERS, light

from agents.drive import WALKS
from agents.parameters import NAMES, Parameters
from peiyu.__main__ import run
from peiyu.appendix import build as appendix
from peiyu.appendix.typeset import full_width
from peiyu.comparison.compare_document import CompareDocument
from peiyu.docs import FOLDER as DOCS
from peiyu.document.paper import docx_styles as styles
from peiyu.document.paper.cells import HEAD, head_lines
from peiyu.document.paper.layout import SHEETS, fit
from peiyu.document.tree import Code, Figure, Heading, Number, Paragraph, Quote, Span, Table, plain
from peiyu.figures import fonts
from peiyu.runs.stored import read_run
from peiyu.words.history import place
from peiyu.words.levers import lever_name
from peiyu.words.loader import words as told_by
from peiyu.words.numbers import count, digits
from sim.city.history import PANEL
from sim.city.settled import COMMON
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import path
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario
from sim.state.indicators import INDICATORS

LANGS = ("zh", "en")
HAN = re.compile("[\u3400-\u9fff]")
SECTIONS = ("brief", "plan", "goals", "joint", "change", "paths", "compare", "alters", "limits", "effects", "outcomes",
            "observed", "backtest", "looked_back", "check", "assumptions", "data", "model", "reproduce")  # fmt: skip
"""The summary, the body, and the annexes that a reviewer checks."""
TERMS = {"assumption", "GDP", "ODD", "ARIMA", "Gompertz", "Brier", "Mesa", "AR", "RMSE", "Subbotin", "ln"}
"""Words that Chinese papers write in Latin letters: people, methods, a protocol; and the mark that scenario files use."""


@pytest.fixture(scope="module")
def stored(review):
    return read_run(review.store(), review.plan, str(review.city))


@pytest.fixture(scope="module")
def documents(stored):
    return {lang: appendix.build(stored, lang) for lang in LANGS}


@pytest.fixture
def bald(monkeypatch):
    """Leave the figures out, which take most of the time."""
    monkeypatch.setattr(appendix, "_paths", lambda page: [Heading(1, page.say("paths")), page.told("paths_intro")])


def bare(text):
    return re.sub(r"^([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|附录\d+　|Annex [A-Z]\. |[\d.]+ ?)", "", text).strip()


@pytest.mark.parametrize("lang", LANGS)
def test_sections_stand_in_the_order_of_the_issue_and_none_is_empty(documents, lang):
    blocks = documents[lang].blocks
    heads = [bare(b.text) for b in blocks if isinstance(b, Heading) and b.level == 1]
    own = dict(told_by("appendix", lang)) | {"looked_back": told_by("review", lang)["title"]}
    assert heads == [bare(own[key]) for key in SECTIONS]
    for before, after in zip(blocks, [*blocks[1:], Heading(1, "")], strict=True):
        if isinstance(before, Heading):
            assert not isinstance(after, Heading) or after.level > before.level, f"{before.text} is empty"
    for b in blocks:
        if isinstance(b, Paragraph):
            assert "".join(map(plain, b.parts)).strip()
        elif isinstance(b, Table):
            assert b.rows and b.caption and all(len(row) == len(b.columns) for row in b.rows), b.key
        elif isinstance(b, Figure):
            assert b.alt and b.caption and b.svg.startswith(b"<?xml") and b.png.startswith(b"\x89PNG")
    keys = [b.key for b in blocks if isinstance(b, Table | Figure)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_stands_upright_and_no_letter_of_a_heading_stands_alone(documents, lang):
    word = styles.sheet(styles.opened(None, lang), lang, styles.OWN_SLACK)
    for sheet in (SHEETS[lang], word):
        for table in documents[lang].tables():
            found = fit(table, sheet)
            assert not found.turned and found.size >= 7.0, table.caption
            for column, room in zip(table.columns, found.rooms, strict=True):
                said = head_lines(column, room, found.narrow).split("\n")
                assert all(len(line) > 1 or line in column.head.split() for line in said), said
                assert len(said) <= HEAD + bool(column.unit), said


@pytest.fixture(scope="module")
def inputs(review, stored):
    """Read what went in and what came out, without the program's own resolver."""
    db = sqlite3.connect(review.db)
    files = {"history": [review.city / "history.csv", PANEL], "fitted": [review.city / "fitted.csv"]}
    history, posterior = (pd.concat(map(pd.read_csv, paths)) for paths in files.values())
    return {
        "db": db, "history": history, "scenario": load_scenario("plan_as_written", stored.city), "city": review.city,
        "posterior": posterior.quantile([0.05, 0.5, 0.95]), "run": review.plan,
        "documents": {(k, key): json.loads(x) for k, key, x in db.execute("SELECT kind, key, document FROM analyses")},
    }  # fmt: skip


def in_the_store(inputs, stored, ident):
    """Find a number by its id."""
    if " - " in ident:
        a, b = ident.split(" - ")
        return in_the_store(inputs, stored, a) - in_the_store(inputs, stored, b)
    db = inputs["db"]
    what, first, *path = ident.split("/")
    if what == "analysis":
        x = inputs["documents"][first, path[0]]
        for step in path[1:]:
            x = x[int(step)] if isinstance(x, list) else x[step]
        return x
    assert what == "run"
    if path[0] == "forecast":
        sql = f'SELECT "{path[3]}" FROM forecasts WHERE run_id = ? AND goal = ? AND reading = ? ORDER BY members DESC'
        return db.execute(sql, (first, *path[1:3])).fetchone()[0]
    if path[0] == "joint":
        return db.execute("SELECT probability FROM joints WHERE run_id = ? AND at_least = ?", (first, path[1])).fetchone()[0]
    if path[0] == "outcome":
        sql = "SELECT value FROM series WHERE run_id = ? AND indicator = ? AND quarter = ?"
        values = [x for (x,) in db.execute(sql, (first, path[1], f"{path[2]}Q4"))]
        return np.quantile(values, {"q05": 0.05, "median": 0.5, "q95": 0.95}[path[3]])
    assert first == inputs["run"]
    return of_inputs(inputs, stored.city, path)


def of_inputs(inputs, city, path):
    levels = {"q05": 0.05, "median": 0.5, "q95": 0.95}
    scenario, history = inputs["scenario"], inputs["history"]
    own = history[history.region == "hangzhou"]
    if path[0] in ("verdict", "present", "done", "elapsed", "published"):
        return None  # of their own tests
    if path == ["readings", "no_data"]:
        return inputs["db"].execute("SELECT count(*) FROM forecasts WHERE run_id = ? AND basis IN ('record', 'assumption')",
                                    (inputs["run"],)).fetchone()[0]  # fmt: skip
    if path[0] == "lever":
        return getattr(next(x for x in scenario.levers if x.name == path[1]), path[2])
    if path[0] == "posterior":
        return inputs["posterior"].loc[levels[path[2]], path[1]]
    if path[0] == "prior":
        return Parameters.__dataclass_fields__[path[1]].metadata["prior"].value(np.array([levels[path[2]]]))[0]
    if path[:2] == ["data", "series"]:
        return int((own.series == path[2]).sum())
    if path[:2] == ["data", "source"]:
        return None  # by title in the test of sources
    counts = {
        "members": MEMBERS, "seed": 1, "goals": len(city.goals), "readings": sum(len(g.readings) for g in city.goals),
        "readings/C": sum(r.evidence == "C" for g in city.goals for r in g.readings), "levers": len(scenario.levers),
        "priors": len(Parameters.__dataclass_fields__), "data/rows": len(history), "data/own": len(own),
        "data/sources": history.source_title.nunique(), "data/events": len(pd.read_csv(inputs["city"] / "events.csv")),
        "data/settled": len(pd.read_csv(COMMON)),
        "priors/assumed": sum("assumption" in f.metadata["source"] for f in Parameters.__dataclass_fields__.values()),
    }  # fmt: skip
    return counts["/".join(path)]


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_the_document_is_in_the_store_or_the_inputs(inputs, stored, documents, lang):
    numbers = list(documents[lang].numbers())
    assert len(numbers) > 1000
    kinds = {n.id.split("/")[0] + "/" + n.id.split("/")[1] for n in numbers if n.id.startswith("analysis")}
    assert kinds == {f"analysis/{k}" for k in ("compare", "split", "change", "fails_when", "search", "sensitivity", "backtest", "check", "review")}
    for n in numbers:
        there = in_the_store(inputs, stored, n.id)
        assert there is None or n.value == pytest.approx(there, rel=1e-9, abs=1e-12), n.id


@pytest.mark.parametrize("lang", LANGS)
def test_no_number_is_written_without_an_id(stored, documents, lang):
    """Digits outside numbers, codes and quotes stand in fixed words and names only, up to the description of the model."""
    city = stored.city
    named = [*city.goals, *(r for g in city.goals for r in g.readings), *city.districts, *city.tracks]
    words = [*told_by("appendix", lang).values(), *(x.zh + x.en for x in named), *(str(g) for g in range(1, len(city.goals) + 1))]
    words += [load_scenario(s, city).title[lang] for s in ("baseline", "plan_as_written")]
    allowed = set(re.findall(r"[\d,.]*\d", " ".join(words))) | {"2026", "2024"}  # dates of the run
    words += [x for g in city.goals for r in g.readings for x in r.scope.values()]
    allowed |= set(re.findall(r"[\d,.]*\d", " ".join(words)))
    skipped = {bare(told_by("appendix", lang)[k]) for k in ("limits", "assumptions", "data", "model", "reproduce")}
    here = ""
    for block in documents[lang].blocks:
        if isinstance(block, Heading) and block.level == 1:
            here = bare(block.text)
        if here in skipped:
            continue
        cells = [block.parts] if isinstance(block, Paragraph) else []
        if isinstance(block, Table):
            cells = [c for row in block.rows for k, c in enumerate(row) if not (block.key == "fails_when" and k == 1)]
        for piece in (p for c in cells for p in c if isinstance(p, str)):
            assert set(re.findall(r"[\d,.]*\d", piece)) <= allowed, piece


def test_both_languages_print_the_same_numbers(documents):
    zh, en = (sorted((n.id, n.value, n.kind) for n in documents[lang].numbers()) for lang in LANGS)
    assert zh == en


def words_of(document):
    """Give text that is the document's own: no numbers, commands, hashes, titles of sources."""
    words = [p for p in document.inlines() if isinstance(p, str)]
    assert len(words) > 100, "nothing to read"
    return words


def test_the_chinese_document_has_no_english_left(documents):
    for text in words_of(documents["zh"]):
        left = set(re.findall(r"[A-Za-z]{2,}", text)) - TERMS
        assert not left, text
        assert not re.search("[\u4e00-\u9fff][,;:]", text), f"half-width mark: {text}"


def test_the_english_document_has_no_chinese_left(documents):
    for text in words_of(documents["en"]):
        assert not HAN.search(text), text


def test_commands_in_the_text_exist(documents):
    from peiyu.commands import app

    known = {c.name or c.callback.__name__ for c in app.registered_commands}
    codes = [p.text for d in documents.values() for p in d.inlines() if isinstance(p, Code) and p.text.startswith("peiyu ")]
    assert codes and {c.split()[1] for c in codes} <= known


def test_the_same_run_gives_the_same_document(stored, documents):
    assert appendix.build(stored, "zh") == documents["zh"]


def table(document, key):
    return next(t for t in document.tables() if t.key == key)


def text(cell):
    return "".join(map(plain, cell))


def test_known_rows(documents):
    en = documents["en"]
    (row,) = table(en, "change").rows
    assert [text(c) for c in row[1:]] == ["25%", "0.0", "+12.5", "\u22126.2", "+1.0", "32%"]
    assert [text(r[1]) for r in table(en, "split").rows] == ["zones and parks", "Whole"]
    assert [text(r[1]) for r in table(en, "split_cost").rows] == ["CNY 43 million", "CNY 0.21 million", "CNY 43 million"]
    (row,) = table(en, "fails_when").rows
    assert [text(c) for c in row[2:]] == ["83%", "31%", "21%", "52%", "77%"]
    (row,) = table(en, "search").rows
    assert text(row[1]) == "seed fund × 1.5; without HNTE recognition award"
    assert [text(c) for c in row[2:]] == ["71%", "6.25", "CNY 988 million", "yes"]
    (row,) = table(en, "budget").rows
    assert [text(c) for c in row[1:]] == ["41%", "22%", "6%", "27%", "4%", "11%"]
    assert [text(r[1]) for r in table(en, "moves").rows][1] == "size of seed fund"
    assert [text(c) for c in table(en, "singles").rows[0][2:]] == ["36%", "412", "689"]
    assert [text(r[-1]) for r in table(en, "differences").rows] == ["win", "undecided"]
    assert [text(r[0]) for r in table(en, "backtest_losses").rows] == [place("anhui", "en")]
    assert [text(r[4]) for r in table(en, "check").rows] == ["0.07–0.1", "≥ 0.07", "interval holds 0"]


def test_every_lever_and_parameter_is_in_the_log_with_its_source(documents, stored):
    levers, priors = table(documents["zh"], "levers"), table(documents["en"], "priors")
    assert [text(r[0]) for r in levers.rows] == [lever_name(x.name, stored.scenario, "zh") for x in stored.scenario.levers]
    assert not any(re.search("[a-z]", text(r[i])) for r in levers.rows for i in (0, 1, 4, 5))
    assert [text(r[-1]) for r in levers.rows] == [x.source for x in stored.scenario.levers]
    fields = [f for f in Parameters.__dataclass_fields__.values() if not re.match(r"drive_\w+_\d{4}", f.name)]
    assert [text(r[-1]) for r in priors.rows] == [f.metadata["source"] for f in fields]
    assumed = {r[-1][0].text for r in priors.rows if text(r[5]) == "assumption"}
    assert assumed == {f.metadata["source"] for f in fields if "assumption" in f.metadata["source"]}
    in_zh = [text(r[-1]) for r in table(documents["zh"], "priors").rows]
    assert len(in_zh) == len(fields) and not any(re.search(r"assumption|[a-z]{4} [a-z]", said) for said in in_zh)


def test_every_year_of_the_drive_has_its_row(documents, stored):
    drives = table(documents["zh"], "drives")
    assert [text(r[0]) for r in drives.rows] == [str(year) for year in range(2013, 2031)]
    told = {(text(r[0]), i) for r in drives.rows for i, cell in enumerate(r[1:]) if text(cell) != "–"}
    assert len(told) == sum(len(walk.years()) for walk in WALKS.values())
    points = np.quantile(stored.fit.draws[:, NAMES.index("drive_hnte_2020")], (0.05, 0.5, 0.95))
    q05, median, q95 = (digits(float(x)).replace("-", "−") for x in points)
    assert text(drives.rows[7][1]) == f"{median}（{q05}至{q95}）"


def test_sources_carry_dates_and_files_hashes(documents, stored):
    sources, hashes = table(documents["en"], "sources"), table(documents["en"], "hashes")
    assert all(isinstance(r[0][0], Quote) and re.match(r"20\d\d", text(r[3])) and text(r[3]) < "2025-10" for r in sources.rows)
    history = hashlib.blake2b((stored.city.folder / "history.csv").read_bytes(), digest_size=16).hexdigest()
    assert history in [text(r[1]) for r in hashes.rows] and stored.run["fit_sha"] in [text(r[1]) for r in hashes.rows]


def test_figures_say_in_words_what_they_show(documents, stored):
    alts = " ".join(b.alt for b in documents["en"].blocks if isinstance(b, Figure))
    for goal in stored.city.goals:
        r = next(r for r in goal.readings if r.primary)
        # the paths are the model's, without the record that the table pools them with
        end = np.median(path(r, Ensemble("", stored.first, stored.values))[:, goal.deadline - stored.first])
        assert f"{goal.en}: {r.en}" in alts and f"{count(end)} at the deadline" in alts


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_never_run_is_left_out_and_listed_once_with_one_command(review, bald, tmp_path, lang):
    store = review.copy(tmp_path / "few.db")
    store.db.execute("DELETE FROM analyses")
    store.db.execute("DELETE FROM forecasts WHERE run_id = ?", (review.old,))
    document = appendix.build(read_run(store, review.plan, str(review.city)), lang)
    heads = {bare(b.text) for b in document.blocks if isinstance(b, Heading)}
    said = [text(b.parts) for b in document.blocks if isinstance(b, Paragraph)]
    for key in ("compare", "fails_when", "search", "sensitivity", "backtest", "check"):
        name = told_by("appendix", lang)[key]
        assert name not in heads and sum(name in x for x in said) == 1, name
    assert f"peiyu appendix {review.plan} --complete --within 20m" in said
    assert not any(n.id.startswith("analysis") for n in document.numbers())


def test_an_undecomposed_change_is_a_difference_of_stored_numbers(review, bald, tmp_path):
    store = review.copy(tmp_path / "plain.db")
    store.db.execute("DELETE FROM analyses WHERE kind = 'change'")
    stored = read_run(store, review.plan, str(review.city))
    rows = table(appendix.build(stored, "zh"), "change").rows
    assert len(rows) == len(stored.city.goals)
    for row in rows:
        before, now, gap = (c[0] for c in row[1:])
        assert review.old in before.id and gap.id == f"{now.id} - {before.id}" and gap.value == now.value - before.value


def test_a_comparison_over_all_members_comes_before_a_newer_smaller_one(review, bald, tmp_path):
    store = review.copy(tmp_path / "two.db")
    (whole,) = store.kept(CompareDocument)
    store.keep(whole.document.model_copy(update={"members": 2}), "small", "hangzhou", whole.runs)
    document = appendix.build(read_run(store, review.plan, str(review.city)), "en")
    ids = {n.id for n in document.numbers() if n.id.startswith("analysis/compare")}
    assert ids and all(i.startswith(f"analysis/compare/{whole.key}/") for i in ids)


def test_changed_files_are_said_and_nothing_of_today_is_told_as_then(review, bald, tmp_path):
    place = tmp_path / "hangzhou"
    shutil.copytree(review.city, place)
    with (place / "history.csv").open("a", encoding="utf8") as file:
        file.write("\n")
    history = (place / "history.csv").read_text("utf8").replace("\n\n", "\n")
    lines = history.splitlines()
    (place / "history.csv").write_text("\n".join(lines[:-1]) + "\n", "utf8")
    (place / "fitted.csv").unlink()
    document = appendix.build(read_run(review.store(), review.plan, str(place)), "en")
    said = " ".join(text(b.parts) for b in document.blocks if isinstance(b, Paragraph))
    assert "files of the city were changed" in said and told_by("appendix", "en")["priors_gone"] in said
    assert not any("/posterior/" in n.id for n in document.numbers())


def test_without_a_font_or_what_draws_the_document_says_how_to_get_it(stored, monkeypatch):
    from peiyu.appendix import figures as appendix_figures

    def none():
        raise InputError("no font")

    monkeypatch.setattr(appendix_figures, "need_sans", none)
    monkeypatch.setattr(fonts, "need_sans", none)
    document = appendix.build(stored, "zh")
    assert not [b for b in document.blocks if isinstance(b, Figure)]
    assert any("没有开源中文字体" in text(b.parts) for b in document.blocks if isinstance(b, Paragraph))
    monkeypatch.setattr(appendix, "find_spec", lambda name: None)
    codes = [p.text for p in appendix.build(stored, "en").inlines() if isinstance(p, Code)]
    assert "pip install 'peiyu[appendix]'" in codes


def command(review, out, *words):
    return run(["appendix", review.plan, "--city", str(review.city), "--db", str(review.db), "--out", str(out), *words])


def test_the_command_writes_what_is_asked(review, bald, tmp_path, capsys):
    assert command(review, tmp_path, "--lang", "en", "--format", "html,xlsx", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"run_id": review.plan, "lang": "en", "missed": {},
                    "files": [str(tmp_path / f"appendix_en.{x}") for x in ("html", "xlsx")]}  # fmt: skip
    assert sorted(p.name for p in tmp_path.iterdir()) == ["appendix_en.html", "appendix_en.xlsx"]


def test_what_cannot_be_made_is_named_and_the_rest_is_made(review, bald, tmp_path, capsys, monkeypatch):
    real = appendix.find_spec
    monkeypatch.setattr(appendix, "find_spec", lambda name: None if name == "typst" else real(name))
    assert command(review, tmp_path, "--lang", "en", "--format", "pdf,html") == 2
    said = capsys.readouterr()
    assert "pdf was not made: typst is not installed; pip install" in said.err and "html" in said.out
    assert [p.name for p in tmp_path.iterdir()] == ["appendix_en.html"]
    monkeypatch.setattr(appendix, "FORMATS", ("pdf", "html"))
    assert command(review, tmp_path, "--lang", "en") == 0
    assert "pdf was not made" in capsys.readouterr().err


def test_bad_input_is_one_message(review, tmp_path, capsys):
    db = ["--db", str(review.db), "--out", str(tmp_path / "o")]
    wrong = review.plan[:-1] + ("0" if review.plan[-1] != "0" else "1")
    for words, message in (
        (["appendix", wrong, *db], f'Did you mean "{review.plan}"'),
        (["appendix", review.plan, "--format", "pfd", *db], 'unknown format "pfd". Did you mean "pdf"?'),
        (["appendix", review.plan, "--format", ",", *db], "name one or more of"),
        (["appendix", review.plan, "--scenario", "baseline", *db], "is not the scenario of run"),
        (["appendix", "--db", str(tmp_path / "none.db")], "no such store; run peiyu forecast first"),
    ):
        assert run(words) == 2
        said = capsys.readouterr().err
        assert message in said and said.count("\n") == 1, said
    assert not (tmp_path / "o").exists() and not (tmp_path / "none.db").exists()


def test_a_run_that_was_not_finished_and_a_store_of_an_older_schema(review, bald, tmp_path, capsys, monkeypatch):
    db = tmp_path / "old.db"
    review.copy(db).db.close()
    old = sqlite3.connect(db)
    for name in ("analyses", "pieces", "parts", "leaks", "ladder", "rule_acts", "kept_fits", "outcomes"):
        old.execute(f"DROP TABLE {name}")
    for name in ("spillover", "displaced"):
        old.execute(f"ALTER TABLE effects DROP COLUMN {name}")
    pooled = ("basis", "likelihood", "model_weight", "record_n", "record_rate", "record_own", "hangs_low", "hangs_high")
    for name in pooled:
        old.execute(f"ALTER TABLE forecasts DROP COLUMN {name}")
    old.execute("DELETE FROM series WHERE indicator = 'platforms'")  # an older run knows fewer indicators
    old.execute("DELETE FROM forecasts WHERE run_id = ?", (review.base,))
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    words = ["--city", str(review.city), "--db", str(db), "--out", str(tmp_path), "--lang", "en", "--format", "html"]
    assert run(["appendix", review.plan, *words]) == 0
    assert "--complete" in (tmp_path / "appendix_en.html").read_text("utf8")
    capsys.readouterr()
    assert run(["appendix", review.base, *words]) == 2
    assert "was not finished; run the same forecast again" in capsys.readouterr().err
    light(monkeypatch)
    again = ["forecast", "--as-of", "2024Q4", "--scenario", "baseline", "--members", str(MEMBERS), "--mc-error", "1e-9", "--workers", "1"]
    assert run([*again, *words[:6], "--json"]) == 0
    assert run(["appendix", review.base, *words]) == 0


def test_the_archive_makes_the_same_documents_in_an_empty_folder(review, bald, tmp_path, monkeypatch):
    first, second, empty = (tmp_path / x for x in ("first", "second", "empty"))
    for out in (first, second):
        assert command(review, out, "--lang", "zh", "--format", "html,xlsx", "--bundle") == 0
    archive = first / "appendix_zh.zip"
    assert archive.read_bytes() == (second / "appendix_zh.zip").read_bytes()
    empty.mkdir()
    zipfile.ZipFile(archive).extractall(empty)
    for line in (empty / "SHA256SUMS").read_text("utf8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((empty / name).read_bytes()).hexdigest() == digest
    readme = (empty / "README.md").read_text("utf8")
    words = re.search(r"^ *peiyu (appendix .*)$", readme, re.M)[1].split()
    monkeypatch.chdir(empty)
    assert run([*words, "--format", "html,xlsx"]) == 0
    for name in ("appendix_zh.html", "appendix_zh.xlsx"):
        assert (empty / "again" / name).read_bytes() == (empty / "documents" / name).read_bytes()
    about = json.loads((empty / "run.json").read_text("utf8"))
    assert about["hashes"]["posterior"] == review.fit and about["members"] == MEMBERS
    assert any(line.startswith("numpy==") for line in (empty / "versions.txt").read_text("utf8").splitlines())
    extract = sqlite3.connect(empty / "store.db")
    assert {r for (r,) in extract.execute("SELECT run_id FROM runs")} == {review.plan, review.base, review.old}


def test_numbers_and_spans_are_all_that_a_table_prints_as_numbers(documents):
    tables = list(documents["en"].tables())
    assert any(column.right for t in tables for column in t.columns)
    for t in tables:
        for row in t.rows:
            for c, column in zip(row, t.columns, strict=True):
                if column.right and text(c) not in ("–", "not reached", "interval holds 0", "see --split") and t.key != "joint":
                    assert any(isinstance(p, Number | Span | Code) for p in c), (t.key, column.title, text(c))


def test_marks_beside_chinese_are_full_width_and_those_in_numbers_are_not():
    wide = full_width
    assert wide("增长自相关,20人以下 (5:3)") == "增长自相关，20人以下 （5:3）"
    assert (wide("1,200家;其余"), wide("a, b: c"), wide(", ")) == ("1,200家；其余", "a, b: c", "，")


def test_every_indicator_has_a_name_in_english():
    assert set(told_by("indicators", "en")) == set(INDICATORS)


def test_the_docs_folder_has_the_page_that_the_text_names():
    assert (DOCS / "model.md").is_file() and (DOCS / "model.zh.md").is_file()


SOURCELESS = """
import inspect, sys
from pathlib import Path
from peiyu.appendix import build
from peiyu.runs.stored import read_run
from sim.store.store import open_store

def refuse(*_):
    raise OSError("no source")

inspect.getsource = inspect.getsourcelines = refuse
build._paths = lambda page: []
db, run, city = sys.argv[1:]
stored = read_run(open_store(Path(db)), run, city)
for lang in ("zh", "en"):
    assert len(build.build(stored, lang).blocks) > 100
loaded = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "peiyu"}
readers = [n for n, m in loaded.items() if {"ast", "inspect", "tokenize"} & vars(m).keys()]
assert not readers and "peiyu.odd.source" not in loaded, readers
"""


def test_the_appendix_never_reads_the_source(review):
    """In a process of its own: other tests load what writes the docs."""
    command = [sys.executable, "-c", SOURCELESS, review.db, review.plan, review.city]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
