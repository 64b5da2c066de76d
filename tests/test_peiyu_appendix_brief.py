"""The two pages that come first, the body behind them, and which run is meant: short, plain, and never twice the same."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from peiyu.__main__ import run
from peiyu.appendix import build as appendix
from peiyu.document import pdf
from peiyu.document.layout import SHEETS, fit, groups
from peiyu.document.tree import Code, Figure, Heading, Number, Paragraph, Quote, Span, Table, plain
from peiyu.runs import complete
from peiyu.runs.stored import read_run
from peiyu.runs.verdicts import verdict
from peiyu.words.loader import words

LANGS = ("zh", "en")


@pytest.fixture(scope="module")
def stored(review):
    return read_run(review.store(), review.plan, str(review.city))


@pytest.fixture(scope="module")
def documents(stored):
    return {lang: appendix.build(stored, lang) for lang in LANGS}


def body(document):
    """Return the blocks before the first annex."""
    first = next(i for i, b in enumerate(document.blocks) if isinstance(b, Heading) and b.annex)
    return document.blocks[:first]


def brief(document):
    """Return the blocks before the first heading that has a number."""
    first = next(i for i, b in enumerate(document.blocks) if isinstance(b, Heading) and b.counted)
    return document.blocks[:first]


def text(parts):
    return "".join(map(plain, parts))


def pages(document):
    """Count the pages of a PDF by the objects that are pages."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf.written(document)))


@pytest.mark.parametrize("lang", LANGS)
def test_the_summary_has_two_pages_and_the_body_at_most_twelve(stored, documents, lang):
    assert pages(appendix.build(stored, lang, brief=True)) == 2
    whole = documents[lang]
    assert 2 < pages(replace(whole, blocks=body(whole))) <= 12


def test_the_summary_alone_is_the_beginning_of_the_whole(stored, documents):
    assert appendix.build(stored, "zh", brief=True).blocks == brief(documents["zh"])


def test_every_goal_is_counted_once_in_the_sentence_that_answers(stored, documents):
    words_of_goals = [row["likelihood"] for row in stored.forecasts if row["primary"]]
    expected = Counter(map(verdict, words_of_goals))
    (sentence,) = (b for b in brief(documents["zh"]) if isinstance(b, Paragraph) and "计划的" in text(b.parts))
    found = {p.id.rsplit("/", 1)[1]: p.value for p in sentence.parts if isinstance(p, Number) and "/verdict/" in p.id}
    assert found == {k: expected[k] for k in ("reached", "open", "missed")} and sum(found.values()) == len(stored.city.goals)
    assert re.search(r"11项目标中预计可达成\d+项、存在不确定性\d+项、难以达成\d+项", text(sentence.parts))


@pytest.mark.parametrize(("word", "said"), [("almost_certain", "reached"), ("very_likely", "reached"), ("likely", "open"),
                                            ("even", "open"), ("unlikely", "open"), ("very_unlikely", "missed")])  # fmt: skip
def test_the_verdict_of_a_word(word, said):
    assert verdict(word) == said


@pytest.mark.parametrize("lang", LANGS)
def test_three_reasons_and_three_suggestions(documents, lang):
    said = [text(b.parts) for b in brief(documents[lang]) if isinstance(b, Paragraph) and b.role == "brief"]
    for key in ("brief_reasons", "brief_suggestions"):
        first = next(i for i, x in enumerate(said) if x.startswith(words("appendix", lang)[key]))
        assert [re.search(r"(\d)\. ", x)[1] for x in said[first : first + 3]] == ["1", "2", "3"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_chart_says_what_the_table_prints(stored, documents, lang):
    (chart,) = (b for b in brief(documents[lang]) if isinstance(b, Figure))
    rows = next(b for b in documents[lang].tables() if b.key == "goals").rows
    main = [row for row in rows if text(row[1]).startswith("★")]
    assert len(main) == len(stored.city.goals)
    for goal, row in zip(stored.city.goals, main, strict=True):
        assert f"{goal.zh if lang == 'zh' else goal.en} {text(row[7])} " in chart.alt


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_said_twice(documents, lang):
    said = [text(b.parts) for b in documents[lang].blocks if isinstance(b, Paragraph)]
    mark = "。" if lang == "zh" else ". "
    sentences = Counter(x.strip() for p in said for x in p.split(mark) if len(x.strip()) > 30)
    assert [x for x, n in sentences.items() if n > 1] == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_body_has_no_name_of_the_code_and_quotes_only_the_plan(stored, documents, lang):
    pieces = [p for block in body(documents[lang]) for p in cells_of(block)]
    codes = [p.text for p in pieces if isinstance(p, Code) and not re.fullmatch(r"20\d\dQ[1-4]", p.text)]
    assert codes == []
    quoted = {p.text for p in pieces if isinstance(p, Quote)}
    assert quoted == {x for g in stored.city.goals for x in (g.quote, g.source)}
    assert not [p for p in pieces if isinstance(p, str) and re.search(r"[a-z]_[a-z]", p)]


def cells_of(block):
    """Give the pieces of a sentence, or of all cells of a table."""
    if isinstance(block, Paragraph):
        yield from block.parts
    elif isinstance(block, Table):
        yield from (p for row in block.rows for cell in row for p in cell)


@pytest.mark.parametrize("lang", LANGS)
def test_no_interval_has_two_ends_that_read_the_same(documents, lang):
    spans = [p for p in documents[lang].inlines() if isinstance(p, Span)]
    assert len(spans) > 50 and not [s.text for s in spans if s.low.text == s.high.text]


def test_the_plans_words_stand_beside_what_is_counted(stored, documents):
    rows = next(b for b in documents["zh"].tables() if b.key == "plan").rows
    assert [text(r[1]) for r in rows] == [g.quote for g in stored.city.goals]
    hnte = rows[0]
    assert "不计重新认定" in text(hnte[2]) and text(hnte[3]) == "≥ 500"
    elapsed = {text(r[6]) for r in rows}
    assert elapsed == {"0%"}  # the origin is the end of 2024, and the plan is of the two years after it


def test_a_tall_table_may_break_and_a_low_one_may_not():
    from peiyu.document.layout import kept_whole
    from peiyu.document.tree import Column

    sheet = SHEETS["zh"]
    low, tall = (Table("t", "T", (Column("a"), Column("b")), ((("x",), ("字" * n,)),) * 12) for n in (5, 400))
    assert kept_whole(low, fit(low, sheet), sheet) and not kept_whole(tall, fit(tall, sheet), sheet)
    assert list(groups((low,), sheet))


# which run


def test_without_a_run_the_base_of_the_comparison_is_meant_or_the_choices_are_listed(review, tmp_path, capsys):
    store = review.copy(tmp_path / "a.db")
    asked = ["appendix", "--db", str(tmp_path / "a.db"), "--city", str(review.city), "--out", str(tmp_path), "--summary",
             "--format", "html", "--lang", "en"]  # fmt: skip
    assert run(asked) == 2
    said = capsys.readouterr().err
    assert "which run? Name one: " in said and review.old in said and review.base in said and review.plan not in said
    store.db.execute("DELETE FROM forecasts WHERE run_id = ?", (review.old,))
    store.db.commit()
    assert run(asked) == 0
    said = capsys.readouterr()
    assert f"run {review.base}, baseline" in said.err and "summary_en.html" in said.out


def test_annexes_can_be_files_of_their_own(documents):
    parts = appendix.parts(documents["en"], apart=True, brief=False)
    assert list(parts) == ["appendix", "annex"]
    assert parts["appendix"].blocks + parts["annex"].blocks == documents["en"].blocks
    assert parts["annex"].blocks[0].text.startswith("Annex A. ")


# what is missing


def test_only_what_is_missing_is_run_and_only_while_there_is_time(review, tmp_path, monkeypatch):
    store = review.copy(tmp_path / "b.db")
    store.db.execute("DELETE FROM analyses WHERE kind IN ('compare', 'sensitivity', 'search')")
    left = complete.missing(read_run(store, review.plan, str(review.city)), None)
    assert [x.kind for x in left] == ["compare", "sensitivity", "search"]
    assert left[0].words[:3] == ("compare", "baseline", "plan_as_written") and "--as-of" in left[0].words
    clock = [0.0]
    monkeypatch.setattr(complete.time, "monotonic", lambda: clock[0])
    told = []

    def takes_a_minute(said, most):
        told.append((said[0], said[-4:], most))
        clock[0] += 60.0
        return most > 60.0

    place = complete.where(tmp_path / "b.db", tmp_path)
    assert complete.complete(left, 100.0, place, takes_a_minute) == ["sensitivity", "search"]
    assert [(name, most) for name, _, most in told] == [("compare", 100.0), ("sensitivity", 40.0)]
    assert all(tuple(options) == place for _, options, _ in told)


@pytest.mark.parametrize(("said", "seconds"), [("20m", 1200.0), ("90s", 90.0), ("1h", 3600.0)])
def test_lengths_of_time(said, seconds):
    assert complete.seconds(said) == seconds


def test_a_length_of_time_without_a_unit_is_refused(review, tmp_path, capsys):
    asked = ["appendix", review.plan, "--db", str(review.db), "--out", str(tmp_path / "o"), "--complete", "--within", "20"]
    assert run(asked) == 2
    assert "write a number and s, m or h, such as 20m" in capsys.readouterr().err
