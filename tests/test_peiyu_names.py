"""What things are called, and how the values of parameters and the conditions of levers are written, in both languages."""

import re
from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
import pytest

from agents.enterprises import Recognition
from agents.parameters import NAMES, PRIORS, Parameters
from peiyu.appendix.page import NONE, Page, number_of, of
from peiyu.document.tree import Code, Number, Paragraph, plain
from peiyu.words.indicators import counted_label, indicator_label, measure_word
from peiyu.words.levers import eligibility, eligible_words, lever_term, setting, setting_value
from peiyu.words.loader import LANGUAGES, MissingWordsError, Words, words
from peiyu.words.names import label, reading_label
from peiyu.words.parameters import (
    CHANGES,
    is_assumption,
    parameter_label,
    parameter_value,
    rests_on,
    unit_label,
    unit_of,
)
from sim.city.city import load_city
from sim.city.readings import every_reading
from sim.levers import LEVERS
from sim.levers.base import Allocation, Eligible
from sim.levers.funding import Tier
from sim.levers.zones import Level
from sim.state.indicators import NAMES as INDICATORS

HAN = re.compile("[\u4e00-\u9fff]")


def of_unit(unit):
    """Return some parameter held in a unit."""
    return next(n for n in NAMES if unit_of(n) == unit and not n.startswith("drive_2"))


# parameters


@pytest.mark.parametrize(
    ("unit", "x", "text"),
    [
        ("share", 0.862, "86.2 %"), ("share", 0.00677, "0.677 %"), ("ln", float(np.log(1.1)), "+10 %"), ("ln", float(np.log(0.95)), "-5.0 %"),
        ("ln", float(np.log(3.0)), "3 times"), ("ln", 0.0, "+0.0 %"), ("ln HR", float(np.log(1.25)), "+25 %"), ("elasticity", 0.31, "0.31"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_its_unit_asks(unit, x, text):
    assert parameter_value(of_unit(unit), x, "en") == text


def test_a_rate_is_percent_a_year_unless_it_is_often_more_than_one():
    yearly = [n for n in NAMES if unit_of(n) == "1/year"]
    rare, often = ([n for n in yearly if (getattr(Parameters(), n) >= 1.0) == many] for many in (False, True))
    assert rare
    for name in rare:
        assert parameter_value(name, 0.0835, "en").startswith("8.35 %") and "year" in parameter_value(name, 0.0835, "en")
    for name in often:
        assert parameter_value(name, 2.5, "en").startswith("2.5") and "%" not in parameter_value(name, 2.5, "en")


def test_a_drive_is_a_change_of_the_odds_it_multiplies():
    assert parameter_value("drive_hnte_2021", float(np.log(1.5)), "en") == "+50 % a year"
    assert parameter_value("drive_hnte_2021", float(np.log(2.0)), "zh").startswith("2")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_parameter_has_a_name_and_a_value_that_a_reader_understands(lang):
    for name in NAMES:
        said = parameter_value(name, float(PRIORS[name].value(np.asarray(0.5))), lang)
        assert re.search(r"\d", said) and "nan" not in said, name
        assert bool(HAN.search(parameter_label(name, lang))) == (lang == "zh"), name
        assert lang == "zh" or not HAN.search(re.sub("[万亿]元", "", said + unit_label(name, lang))), said


def test_names_of_parameters_and_indicators_are_told_apart():
    for lang in LANGUAGES:
        for names in ([parameter_label(n, lang) for n in NAMES], [indicator_label(n, lang) for n in INDICATORS]):
            assert len(set(names)) == len(names), lang


def test_values_on_the_log_scale_are_read_as_what_they_multiply():
    """exp(x) - 1, by hand: ln 2 and beyond are multiples, below are changes."""
    name = of_unit("ln")
    assert unit_of(name) in CHANGES
    assert parameter_value(name, 0.6931, "en") == "+100 %" and parameter_value(name, 0.6932, "en") == "2 times"
    assert parameter_value(name, -0.6931, "en") == "-50 %"


def test_a_value_rests_on_data_before_literature_before_an_assumption():
    sources = {n: str(Parameters.__dataclass_fields__[n].metadata["source"]) for n in NAMES}
    assumed = next(n for n in NAMES if is_assumption(sources[n]))
    known = next(n for n in NAMES if not is_assumption(sources[n]))
    assert rests_on(assumed, ()) == "assumption" and rests_on(known, ()) == "literature"
    assert rests_on(assumed, [assumed]) == rests_on(known, [known]) == "data"


# levers


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ({}, "tracks future"), ({"tracks": "all"}, "tracks all"), ({"max_revenue": 2000.0}, "tracks future; max_revenue 2,000"),
        ({"recognised": "hnte", "in_zone": True}, "tracks future; recognised hnte; in_zone True"),
        ({"min_rd_intensity": 0.03, "max_age_years": 5.0}, "tracks future; max_age_years 5; min_rd_intensity 0.03"),
    ],
)  # fmt: skip
def test_conditions_of_a_lever_are_those_that_are_set(city, who, text):
    assert eligibility(city, Eligible(**who)) == text


def test_districts_and_tracks_of_a_lever_are_named_by_key(city):
    said = eligibility(city, Eligible(districts=(0, 2), tracks=(1,)))
    assert f"districts {city.districts[0].key}, {city.districts[2].key}" in said and f"tracks {city.tracks[1].key}" in said


@pytest.mark.parametrize(
    ("who", "lang", "said"),
    [
        ({}, "zh", ["面向未来产业赛道"]), ({"tracks": "all", "max_revenue": 20000.0}, "zh", ["面向全部赛道", "营业收入不超过2亿元"]),
        ({"recognised": "hnte", "in_zone": True}, "en", ["for the future tracks", "holders of a valid high-tech label", "in a pilot zone"]),
        ({"min_rd_intensity": 0.03, "max_age_years": 5.0}, "zh", ["面向未来产业赛道", "成立不超过5年", "研发强度不低于3%"]),
    ],
)  # fmt: skip
def test_conditions_are_written_as_planners_say_them(city, who, lang, said):
    assert eligible_words(city, Eligible(**who), lang) == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_setting_of_every_lever_has_words(lang):
    common = {"name", "start", "end", "budget", "source", "evidence", "eligible"}
    for cls in LEVERS.values():
        for f in fields(cls):
            if f.name not in common:
                assert "_" not in "".join(setting(f.name, lang))
    for f in fields(Eligible):
        assert any(setting(f.name, lang))
    chosen = [x for kind in (Allocation, Tier, Level) for x in get_args(kind)] + [x.name.lower() for x in Recognition]
    assert all(setting_value(x, lang) for x in chosen) and setting_value((2, 4), "zh") == "2、4"


def test_every_lever_has_a_word_that_planners_use():
    terms = [lever_term(cls) for cls in LEVERS.values()]
    assert all(HAN.search(t) and not re.search("[.:]", t) for t in terms) and len(set(terms)) == len(terms)


# goals, readings, counts


@dataclass(frozen=True)
class Thing:
    zh: str = "物"
    en: str = "thing"


def test_a_thing_has_its_name_in_the_language_asked():
    assert (label(Thing(), "zh"), label(Thing(), "en")) == ("物", "thing")
    assert reading_label(Thing("目标", "goal"), Thing("口径", "reading"), "zh") == "目标 · 口径"


def test_enterprises_are_counted_with_a_word_in_chinese_and_with_none_in_english():
    assert measure_word("hnte_stock", "zh") == "家"
    assert {measure_word(name, "en") for name in INDICATORS} == {""}


def test_words_are_a_mapping_that_names_its_file():
    made = Words("words/en/x.toml", {"a": "A {n}", "b": "B"})
    assert list(made) == ["a", "b"] and len(made) == 2 and made["a"].format(n=1) == "A 1" and dict(made) == {"a": "A {n}", "b": "B"}
    with pytest.raises(KeyError, match=r'words/en/x\.toml has no "c"'):
        made["c"]
    assert str(MissingWordsError("as it is")) == "as it is"  # a plain KeyError would quote it
    assert words("forecast", "zh") is words("forecast", "zh")


# sentences of the appendix


@pytest.fixture
def page(monkeypatch):
    """A page whose words are said here."""
    texts = {"x": "Of {n} runs {command} says {what}.", "bare": "Nothing."}
    made = Page(stored=None, lang="en", inputs={"members": 400.0})
    monkeypatch.setattr(Page, "words", property(lambda self: Words("here", texts)))
    return made


def test_facts_of_a_sentence_stay_what_they_are(page):
    n, command = Number("run/a/b", 1234.0), Code("peiyu forecast")
    told = page.told("x", n=n, command=command, what=("a", Code("b"), "c"))
    assert told == Paragraph(("Of ", n, " runs ", command, " says ", "a", Code("b"), "c", "."))
    assert "".join(map(plain, told.parts)) == "Of 1,234 runs peiyu forecast says abc."
    assert page.told("bare").parts == ("Nothing.",) and page.say("bare") == "Nothing."
    with pytest.raises(KeyError, match="what"):
        page.told("x", n=n, command=command)


@pytest.mark.parametrize(("label", "zh", "en"), [("2026Q4", "2026年底", "the end of 2026"), ("2026Q3", "2026年第三季度", "2026 Q3")])
def test_a_quarter_is_said_as_a_reader_says_it(label, zh, en):
    assert Page(None, "zh").when(label) == zh and Page(None, "en").when(label) == en


class Analysis:
    kind, key = "check", "k1"


@pytest.mark.parametrize(("value", "cell"), [(None, NONE), ("text", NONE), (True, NONE), ([1.0], NONE), (3, 3.0), (0.25, 0.25)])
def test_a_cell_has_a_number_with_its_place_or_nothing(value, cell):
    made = of(Analysis, "moments/0/median", value, "digits")
    if cell is NONE:
        assert made == NONE
    else:
        assert made == (number_of(Analysis, "moments/0/median", cell, "digits"),)
        assert made[0].id == "analysis/check/k1/moments/0/median"


@pytest.mark.parametrize(("lang", "told"), [("zh", "(万元/年)"), ("en", " (10k CNY a year)")])
def test_a_reading_counted_in_money_says_its_unit_and_one_of_things_does_not(lang, told):
    named = {r.indicator: counted_label(r, lang) for _, r in every_reading(load_city("wuhan"))}
    assert named["future_revenue"].endswith(told) and told not in named["unicorns"]
