"""The two pages that come first, the body behind them, and which run is meant: short, plain, and never twice the same."""

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from calibration.moments.check import fitted_past
from calibration.moments.life_courses import Watched
from peiyu.__main__ import run
from peiyu.appendix import build as appendix
from peiyu.appendix import figures
from peiyu.appendix.page import Page
from peiyu.comparison.compare_document import CompareDocument
from peiyu.document.paper import pdf
from peiyu.document.paper.layout import SHEETS, fit, groups
from peiyu.document.tree import Code, Figure, Heading, Number, Paragraph, Quote, Span, Table, plain
from peiyu.forecasts.fans import Dot
from peiyu.runs import complete
from peiyu.runs.published import last_published, next_publication
from peiyu.runs.stored import read_run
from peiyu.runs.verdicts import verdict
from peiyu.words.loader import words
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import path
from sim.state.indicators import INDICATORS

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


def filled(file):
    """Return which part of each page's height is used, by what is dark above the page's number."""
    made = subprocess.run(["pdftoppm", "-r", "20", "-gray", str(file)], check=True, capture_output=True).stdout
    at, out = 0, []
    while at < len(made):
        head = made[at:].split(b"\n", 3)
        width, height = map(int, head[1].split())
        at += sum(len(x) + 1 for x in head[:3])
        page = np.frombuffer(made[at : at + width * height], np.uint8).reshape(height, width)
        at += width * height
        top, bottom = int(0.1 * height), int(0.86 * height)
        dark = np.flatnonzero((page[:bottom] < 200).any(axis=1))
        out.append((max(dark, default=0) - top) / (bottom - top))
    return out


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not there")
@pytest.mark.parametrize("lang", LANGS)
def test_no_page_of_the_body_is_half_empty(documents, lang, tmp_path):
    """But the last of the summary and the last of all, which a new part follows."""
    whole = documents[lang]
    file = tmp_path / "body.pdf"
    file.write_bytes(pdf.written(replace(whole, blocks=body(whole))))
    used = filled(file)
    assert len(used) > 6 and not [i for i, x in enumerate(used[:-1], 1) if x < 0.5 and i != 2]


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
    plan = {x for g in stored.city.goals for x in (g.quote, g.source)}
    published = (*stored.city.history.source_title.unique(), *stored.city.history.period.astype(str).unique())
    assert plan <= quoted and all(x.startswith(published) for x in quoted - plan)
    assert not [p for p in pieces if isinstance(p, str) and re.search(r"[a-z]_[a-z]", p)]


def cells_of(block):
    """Give the pieces of a sentence, or of all cells of a table."""
    if isinstance(block, Paragraph):
        yield from block.parts
    elif isinstance(block, Table):
        yield from (p for row in block.rows for cell in row for p in cell)


FORBIDDEN = {
    "a decimal that says nothing": r"\d\.0\u2013|\u2013\d[\d,]*\.0(?!\d)",
    "less than none": r"[\u2212±-]0(\.0+)?(?![\d.,])",
    "an interval of one number": r"(?<![\d.,\u2212-])(\d[\d.,]*)(\u2013|至| to )\1(?![\d.,])",
    "a multiple nobody can read": r"×\s?\d{1,3},\d{3}",
    "a second style of percent": r"\d[ \u00a0]%",
    "a certain chance": r"(?<![\d.,])(0%以下|100%以上)",
}
"""Forms that a document never shows, each with why."""


@pytest.mark.parametrize("lang", LANGS)
def test_no_number_of_the_whole_document_has_a_forbidden_form(documents, lang):
    pieces = [plain(p) for p in documents[lang].inlines() if not isinstance(p, Code | Quote)]
    assert len(pieces) > 1000
    found = {(why, x) for x in pieces for why, form in FORBIDDEN.items() if re.search(form, x)}
    assert found == set()


@pytest.mark.parametrize(("why", "text"), [
    ("a decimal that says nothing", "5.0\u201336"), ("less than none", "\u22120.0"), ("less than none", "±0.0"),
    ("an interval of one number", "4\u20134"), ("a multiple nobody can read", "×1,592,579"),
    ("a second style of percent", "90 %")])  # fmt: skip
def test_a_forbidden_form_would_be_found(why, text):
    assert re.search(FORBIDDEN[why], text)


@pytest.mark.parametrize("lang", LANGS)
def test_things_are_whole_and_nothing_has_a_price_whose_effect_may_be_none(stored, documents, lang):
    kinds = {(g.key, r.key): INDICATORS[r.indicator] for g in stored.city.goals for r in g.readings}
    whole = [n for n in documents[lang].numbers() if re.search(r"/forecast/.*/(q05|median|q95|value)$", n.id)]
    assert len(whole) > 50 and {x.unit for x in kinds.values()} <= {"家", "个", "项"}
    assert not [n.text for n in whole if "." in n.text]
    (compared,) = stored.store.kept(CompareDocument, stored.id)
    dear = {int(n.id.split("/")[4]) for n in documents[lang].numbers() if n.id.endswith("cost_per_net_unit") and "/compare/" in n.id}
    assert all(min(abs(x) for x in compared.document.effects[i].net_ci90) > 0.0 for i in dear)


@pytest.mark.parametrize(("lang", "money"), [("zh", "元"), ("en", "CNY ")])
def test_money_of_an_outcome_says_its_unit(documents, lang, money):
    numbers = [n for n in documents[lang].numbers() if "/outcome/" in n.id]
    (rows,) = (t.rows for t in documents[lang].tables() if t.key == "outcomes")
    assert not any("10k" in text(r[0]) or "万元" in text(r[0]) for r in rows)
    # an interval says its unit once: before its low end in English, behind its high end in Chinese
    alone = [n.text for n in numbers if re.search("/(future_)?revenue/", n.id) and not n.end]
    assert alone and all(money in x for x in alone) and not any(money in n.text for n in numbers if "hnte" in n.id)


@pytest.mark.parametrize("lang", LANGS)
def test_no_interval_has_two_ends_that_read_the_same(documents, lang):
    spans = [p for p in documents[lang].inlines() if isinstance(p, Span)]
    assert len(spans) > 50 and not [s.text for s in spans if s.low.text == s.high.text]


def test_the_plans_words_stand_beside_what_is_counted(stored, documents):
    rows = next(b for b in documents["zh"].tables() if b.key == "plan").rows
    assert [text(r[1]) for r in rows] == [g.quote for g in stored.city.goals]
    hnte = rows[0]
    assert "不计重新认定" in text(hnte[2]) and text(hnte[3]) == "≥ 500"
    elapsed = {text(r[6]).split(" / ")[1] for r in rows}
    assert elapsed == {"0%"}  # the origin is the end of 2024, and the plan is of the two years after it


def test_published_numbers_stand_apart_from_the_models_with_their_source(stored, documents):
    """179 new centres of the whole city are no count of the tracks: the cell says so, and where the number is from."""
    document = documents["zh"]
    rows = {text(r[0]): r for r in next(b for b in document.tables() if b.key == "plan").rows}
    assert text(rows["企业技术中心"][4]) == "179家（全市、2024）" and text(rows["创新联合体"][4]) == "未公布"
    assert text(rows["企业技术中心"][5]) != text(rows["企业技术中心"][4])
    history = stored.city.history
    (title,) = history[(history.series == "ent_tech_center_municipal_new") & (history.period == "2024")].source_title.unique()
    assert any(isinstance(p, Quote) and p.text.startswith(title) for b in body(document) for p in cells_of(b))


@pytest.mark.parametrize(("indicator", "as_of", "value", "scope"), [
    ("future_tech_centres_new", "2024Q4", 179.0, "city"), ("hnte_first", "2020Q4", 1075.0, "city"),
    ("future_hnte_new", "2016Q4", 189.0, "city"), ("consortia", "2024Q4", None, None)])  # fmt: skip
def test_the_newest_number_known_at_the_origin_is_found(stored, indicator, as_of, value, scope):
    found = last_published(stored.city, indicator, quarter.parse(as_of))
    assert (found and found.value, found and found.scope) == (value, scope)


def test_what_comes_out_next_is_named_with_its_usual_month(stored):
    """New centres of 2024 were out in December of that year, so at its end those of 2025 come next."""
    end = quarter.parse("2024Q4")
    assert next_publication(stored.city, "hnte_first", quarter.parse("2021Q4")) == (quarter.parse("2021Q4"), (2022, 3))
    assert next_publication(stored.city, "consortia", end) is None


def test_the_summary_says_by_what_the_forecast_moved(documents):
    (said,) = (text(b.parts) for b in brief(documents["zh"]) if isinstance(b, Paragraph) and "与上次评估相比" in text(b.parts))
    assert "高新技术企业：由25%变为32%，主要来自数据（+12.5个百分点）" in said  # 0, 12.5, -6.2 and 1 points make it


def test_base_and_others_are_drawn_over_the_same_simulations(review, tmp_path):
    """Medians of forty and of sixty simulations differ by their number: lines may differ by policy only."""
    store = review.copy(tmp_path / "few.db")
    store.db.execute("PRAGMA foreign_keys = OFF")
    for name in ("series", "members"):
        store.db.execute(f"DELETE FROM {name} WHERE run_id = ? AND member >= 3", (review.base,))
    page = Page(read_run(store, review.plan, str(review.city)), "en")
    goal = page.city.goals[0]
    fan = figures._goal_fan(page, goal, goal.readings[0])
    ((_, median),) = fan.others
    base = store.series(review.base, 3, page.stored.first, page.stored.first)
    apart = path(goal.readings[0], Ensemble("", page.stored.first, base))
    assert page.stored.members == 6 and fan.values.shape[0] == 3 and np.array_equal(median, np.median(apart, axis=0)[: len(median)])


def test_the_fitted_past_stands_behind_what_was_published(stored):
    page = Page(stored, "en")
    (found,) = (x for name, obs in figures._observations(page).items() if name == "hnte_stock"
                for x in (figures._observed_fan(page, name, obs),))  # fmt: skip
    fan, _ = found
    assert [(p.year, p.low, p.median, p.high) for p in fan.past] == [(2022.0, 9e3, 1e4, 1.1e4), (2023.0, 1.1e4, 1.2e4, 1.3e4)]
    inside = replace(fan, dots=(Dot(2022.0, 9500.0, "exact"), Dot(2023.0, 2.0, "rounded")))
    assert not figures.outside(inside) and figures.outside(replace(inside, dots=(Dot(2023.0, 14000.0, "exact"),)))


def test_a_fitted_flow_is_of_its_year_and_a_stock_of_its_end():
    """Quarters 2021Q3 to 2023Q1, counted 0 to 6: the only whole year with its end is 2022, the end of 2021 stands alone."""
    seen = Watched(quarter.parse("2021Q2"), quarter.parse("2023Q1"), None, series={x: np.arange(7.0) for x in ("hnte_first", "hnte_stock")})
    past = fitted_past(seen, ["hnte_first", "hnte_stock"])
    assert past == {"past/hnte_first/2022": 2.0 + 3.0 + 4.0 + 5.0, "past/hnte_stock/2021": 1.0, "past/hnte_stock/2022": 5.0}


def test_a_tall_table_may_break_and_a_low_one_may_not():
    from peiyu.document.paper.layout import kept_whole
    from peiyu.document.tree import Column

    sheet = SHEETS["zh"]
    low, tall = (Table("t", "T", (Column("a"), Column("b")), ((("x",), ("字" * n,)),) * 6) for n in (5, 400))
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
    assert f"run {review.base}, Policy as it stood at the end of 2024, carried on" in said.err and "summary_en.html" in said.out


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
