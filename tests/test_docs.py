"""The generated pages are those that the code writes now, in both languages, and every link leads somewhere."""

import json
import re
import shutil
from pathlib import Path

import pytest

import agents
from agents.enterprises import Enterprises
from agents.parameters import NAMES as PARAMETERS
from agents.terms import Terms
from peiyu import docs
from peiyu.backtest import page as backtest_page
from peiyu.document import kept
from peiyu.document.markdown import anchor, fragment, page
from peiyu.document.prose import pieces
from peiyu.document.tree import Document, Heading, Paragraph, Table, plain
from peiyu.odd import description as odd
from peiyu.odd import prose as odd_prose
from peiyu.odd import source as odd_source
from peiyu.odd import streams as odd_streams
from peiyu.odd import translations
from peiyu.odd.words import OddWords
from peiyu.words.loader import LANGUAGES, words
from peiyu.words.numbers import digits
from sim.city.city import load_city
from sim.inputs.errors import InputError
from sim.levers import LEVERS
from sim.state.indicators import INDICATORS

ROOT = Path(__file__).parents[1]
CJK = "[\u4e00-\u9fff]"


@pytest.fixture(scope="module")
def pages():
    return docs.pages()


@pytest.fixture(scope="module")
def described(city):
    return {lang: odd.description(city, lang).blocks for lang in LANGUAGES}


@pytest.mark.parametrize("name", [*docs.ODD_PAGES, *docs.LEVER_PAGES, "check.md", "backtest.md", "cli.md"])
def test_the_committed_page_is_what_the_code_writes(pages, name):
    written = (docs.FOLDER / name).read_text("utf8")
    changed = [line for line in pages[name].splitlines() if line not in set(written.splitlines())]
    assert written == pages[name], f"docs/{name} is behind the code; run: make docs. First new line: {changed[:1]}"


@pytest.mark.parametrize("name", docs.ODD_PAGES)
def test_everything_the_model_has_is_described(pages, name):
    columns = [c for table in (Enterprises, Terms) for c, _, _ in table.describe()]
    lines = [line.call for line in odd_source.schedule()]
    draws = [d.name for d in odd_streams.decisions()]
    for word in (*PARAMETERS, *columns, *LEVERS, *INDICATORS, *lines, *draws):
        assert f"`{word}`" in pages[name], word


def test_every_line_of_the_schedule_says_what_it_does():
    for line in odd_source.schedule():
        assert line.does, line.call


def test_what_the_prose_says_of_the_source_was_counted_in_it():
    assert odd_prose.COUNTED.read_text("utf8") == docs.counted(), "peiyu/odd/counted.json is behind; run: make docs"
    assert set(odd_prose.facts(load_city("hangzhou"), None, "en")) >= {"lines", "decisions"}


def test_every_module_of_behaviour_has_its_section():
    bare = {"agents.compiled", "agents.parameters", "agents.priors", "agents.table"}
    held = {m.__name__ for m in odd_source.modules(agents) if odd_source.rules(m)} - bare
    assert {m.__name__ for m in odd.behaviour_modules().values()} == held


def test_both_languages_describe_the_same(described):
    shapes = {
        lang: [(type(b), (len(b.columns), len(b.rows)) if isinstance(b, Table) else 0) for b in blocks]
        for lang, blocks in described.items()
    }
    assert shapes["en"] == shapes["zh"]
    elements = [b.text[:2] for b in described["en"] if isinstance(b, Heading) and b.level == 1]
    assert elements == [f"{i}." for i in range(1, 8)]
    concepts = [key for level, key in odd_prose.OUTLINE if level == 2]
    assert concepts.index("observing") - concepts.index("principles") == 10


def test_prose_and_markdown_are_each_others_inverse():
    for text in ("plain", "a `code` and **strong words**, [a page](x.md#y).", "`a` `b`", "x[0] ** 2"):
        assert fragment([Paragraph(pieces(text))]) == text
    assert [plain(p) for p in pieces("see [the page](x.md)")] == ["see ", "the page"]
    assert page(Document("en", "T", (Paragraph(("lead",)), Heading(1, "A b")))) == "# T\n\nlead\n\n- [A b](#a-b)\n\n## A b\n"


def test_results_are_kept_without_what_no_page_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "DATA", tmp_path / "data")
    with pytest.raises(InputError, match="run: peiyu backtest"):
        kept.keep("backtest", tmp_path / "none.json", "run: peiyu backtest")
    (tmp_path / "found.json").write_text('{"pairs": [1], "goals": [2]}', "utf8")
    kept.keep("backtest", tmp_path / "found.json", "", ("pairs",))
    assert (tmp_path / "data" / "backtest.json").read_text("utf8") == '{\n "goals": [\n  2\n ]\n}\n'


def test_every_sentence_of_the_chinese_prose_is_chinese():
    for key, text in words("odd", "zh").items():
        for sentence in re.split("[。;]", text):
            assert not sentence.strip() or re.search(CJK, sentence), (key, sentence)
        assert not re.search(r"[。,;:]\*\*", text), f"{key}: bold does not end after 。"


def test_both_languages_have_as_many_paragraphs_and_none_is_empty():
    zh, en = ({key: [bool(p.strip()) for p in text.split("\n\n")] for key, text in words("odd", x).items()} for x in LANGUAGES)
    assert zh == en and all(all(found) for found in zh.values())


def test_everything_that_code_says_has_its_chinese_and_none_is_outdated(city):
    w = odd.asked(city)
    assert len(w.asked) > 300
    assert not w.missing(), f"no Chinese in peiyu/odd/zh for {w.missing()}"
    assert not w.outdated(), f"the English has changed or is gone; see make docs: {w.outdated()}"


def test_a_text_that_changed_is_english_until_its_chinese_is_brought_up_to_date():
    w = OddWords("zh", {})
    (key, kept), *_ = translations.translations().items()
    assert w.say(key, "Something else.") == "Something else." and w.say("no.such.place", "New.") == "New."
    assert key in w.outdated() and key not in w.missing() and w.missing() == ["no.such.place"]
    assert w.word("share") == "份额" and w.word("unheard of") == "unheard of" and "unheard of" in w.missing()
    assert OddWords("en", {}).say(key, "Something else.") == "Something else." != kept.zh


def test_a_text_keeps_its_chinese_when_it_moves(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    translations.translations.cache_clear()
    translations.write({"a.old": translations.Translation(translations.fingerprint("Say."), "说\"一\"。")})
    assert translations.follow({"b.new": "Say.", "b.other": "Other."}) == {"a.old": "b.new"}
    assert translations.translations()["b.new"].zh == "说\"一\"。" and "a.old" not in translations.translations()
    translations.translations.cache_clear()


def test_every_cell_has_its_column(described):
    for blocks in described.values():
        for table in (b for b in blocks if isinstance(b, Table)):
            assert table.rows, table.caption
            assert all(len(row) == len(table.columns) and row[0] for row in table.rows), table.caption


def test_the_models_of_other_cities_stand_on_the_page_of_the_backtest(tmp_path, monkeypatch):
    for name in ("backtest.md", "data/backtest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(docs.FOLDER / name, tmp_path / name)
    monkeypatch.setattr(kept, "DOCS", tmp_path)
    monkeypatch.setattr(kept, "DATA", tmp_path / "data")
    score = {"pairs": 6, "crps_mean": 0.2, "coverage90": 5 / 6}
    scores = [{"model": "abm", "abm_relative": 1.0}, {"model": "recognition_panel", "abm_relative": 1.25}, {"model": "drift", "abm_relative": 0.5},
              {"model": "arima", "abm_relative": 0.1, "pairs": 2, "crps_mean": 0.01}]  # fmt: skip
    label = {"series": "hte_stock", "pairs": 6, "inside90": 5, "crps": 0.2, "to_panel": None, "to_best": 0.5, "best": "drift"}
    source = tmp_path / "found.json"
    source.write_text(json.dumps({"abm": {"summary": [score | x for x in scores], "labels": [label]}, "pairs": [], "goals": []}))
    backtest_page.main(str(source), "atlantis")
    assert list(json.loads((tmp_path / "data" / "backtest-atlantis.json").read_text())) == ["abm"]
    page = (tmp_path / "backtest.md").read_text("utf8")
    assert "| atlantis | high-tech enterprises | 6 | 5 | 0.200 | – | 0.500 | drift |" in page
    assert "| atlantis | all | 6 | 5 | 0.200 | 1.250 | 0.500 | drift |" in page  # arima forecast two of the six only


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_city_without_a_fit_is_described_too(lang):
    template = load_city("_template")
    text = page(odd.description(template, lang))
    assert template.title[lang] in text and "peiyu calibrate" in text


def test_nothing_of_the_machine_is_in_a_page(pages):
    for text in pages.values():
        assert str(ROOT) not in text and "object at 0x" not in text
    assert "all cores" in pages["cli.md"]
    assert not re.search(r"Usage|Options:|Arguments:|Show this|\[default|\[required", pages["cli.zh.md"])
    assert not re.search(r"用法|选项|参数|默认|必填", pages["cli.md"])
    assert max(len(line) for line in pages["cli.md"].split("```text")[1].splitlines()) <= docs.WIDTH


def test_links_between_the_pages_resolve():
    for file in sorted(docs.FOLDER.glob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text("utf8")):
            if "://" in target:
                continue
            name, _, place = target.partition("#")
            other = file.parent / name if name else file
            assert other.exists(), f"{file.name}: {target}"
            headings = re.findall(r"^#+ (.+)$", other.read_text("utf8"), re.M) if place else []
            assert not place or place in [anchor(heading) for heading in headings], f"{file.name}: {target}"


def test_numbers_are_written_the_same_everywhere():
    shown = [digits(x) for x in (0.0, -0.0, 0.16, 1.0, 999.4, 1000.0, 16000.0, 1e6, float("inf"))]
    assert shown == ["0", "0", "0.16", "1", "999", "1,000", "16,000", "1,000,000", "∞"]
