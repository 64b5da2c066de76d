"""An invented city in another province: no lever, source, word, district or number of a shipped city stands in what is said of it."""

import re
from shutil import which

import pytest
from foreign import SCREENS, make_foreign

from agents.parameters import NAMES as PARAMETERS
from agents.parameters import Parameters
from sim.city.city import load_city
from sim.city.files import shipped_cities
from sim.levers import LEVERS
from sim.scenario.scenario import scenarios_of
from sim.state.indicators import NAMES as INDICATORS

pytestmark = pytest.mark.slow  # every command and every screen of the page is asked
SHIPPED = shipped_cities()
TELLING = 10_000
"""Published numbers from here on that are not round are hardly met by chance."""
ROUND = 1_000


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    return make_foreign(tmp_path_factory.mktemp("foreign"))


def names(city):
    """Return what a city, its places and its tracks are called."""
    tracks = {name for t in city.tracks for name in (t.zh, t.en, *(n for f in t.fields for n in f.values()))}
    places = {name for d in city.districts for name in (d.zh, d.en, d.key)}
    return {city.name, city.title["en"], city.title["zh"].removesuffix("市")} | places | tracks


def plan_words(city):
    """Return what a plan is called, what its goals say, and how they are read."""
    goals = {text for g in city.goals for text in (g.quote, g.source, *(r.why for r in g.readings))}
    titles = {title for s in scenarios_of(city) for title in s.title.values()}
    return goals | titles | {*city.document.title.values(), city.document.subject["zh"], city.document.number}


def levers(city):
    """Return the names of the levers of its scenarios that are no word of the model's own."""
    return {x.name for s in scenarios_of(city) for x in s.levers} - {*LEVERS, *PARAMETERS, *INDICATORS}


def sources(city):
    """Return where its numbers come from."""
    told = {x.source for s in scenarios_of(city) for x in s.levers} | {t.source for t in city.tracks}
    rows = city.history[city.history.region == city.region]
    return told | {d.source for d in city.districts} | {*city.opening.sources.values(), *rows.source_title}


def numbers(city):
    """Return its published counts that say which city it is."""
    rows = city.history[city.history.region == city.region]
    telling = {int(x) for x in rows.value if x >= TELLING and x % ROUND}
    return {text for x in telling for text in (f"{x:,}", str(x))}


KINDS = (names, plan_words, levers, sources, numbers)


def pattern(word):
    """Return what finds a word that stands for itself: no part of a longer one, no digits of a longer number."""
    return re.compile(rf"(?<![A-Za-z0-9_.,]){re.escape(word)}(?![A-Za-z0-9_]|[.,]\d)" if word.isascii() else re.escape(word))


@pytest.fixture(scope="module")
def texts(foreign):
    """What is said of the city but where priors come from: they are of all cities, and name where a thing was seen."""
    priors = {Parameters.__dataclass_fields__[name].metadata["source"] for name in PARAMETERS}
    long_first = sorted((x for x in priors if len(x) > len("assumption: ")), key=len, reverse=True)
    return {place: without(text, long_first) for place, text in foreign.texts.items()}


def without(text, words):
    for word in words:
        text = text.replace(word, "")
    return text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_of_a_shipped_city_stands_in_what_is_said_of_another(foreign, texts, name, kind):
    own = {word for kind in KINDS for word in kind(foreign.city)} | {""}
    found = {}
    for word in sorted(kind(load_city(name)) - own):
        if places := [place for place, text in texts.items() if word in text and pattern(word).search(text)]:
            found[word] = places
    assert found == {}


def test_what_is_said_of_the_city_is_its_own(foreign):
    """The search above would find nothing in files that say nothing."""
    whole = "".join(foreign.texts.values())
    for word in ("澄江(虚构)", "Chengjiang (invented)", "澄江新兴产业发展规划", "synthetic: the fund of the invented city"):
        assert word in whole, word
    assert {"goals.csv", "effects.svg", "appendix_zh.html", "appendix_en.xlsx", "review_zh.md", "search.json"} <= set(foreign.texts)
    for lang, title in (("zh", "澄江(虚构)"), ("en", "Chengjiang (invented)")):
        for command in ("cities", "search", "sensitivity", "fails-when", "check", "review"):
            assert title in foreign.texts[f"{command} {lang}"], (command, lang)
        assert title in foreign.texts[f"appendix_{lang}.docx"]


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext is missing: no PDF can be read")
def test_the_printed_appendix_is_searched_too(foreign):
    assert "澄江" in foreign.texts["appendix_zh.pdf"] and "Chengjiang" in foreign.texts["appendix_en.pdf"]


def test_the_page_is_searched_too(foreign):
    pytest.importorskip("starlette", reason="the page extra is not installed")
    for path in SCREENS:
        assert foreign.texts[f"page {path} zh"] and foreign.texts[f"page {path} en"]
    assert "澄江(虚构)" in foreign.texts["page / zh"] and "Chengjiang (invented)" in foreign.texts["page /evidence en"]
