"""Every shipped city is whole, sourced, and speaks of no other."""

import re
from itertools import combinations

import pandas as pd
import pytest

from calibration.data.observations import counts_of
from calibration.fit.expected import points_elsewhere, sha_elsewhere
from calibration.panel import data as panel_data
from calibration.panel.assumptions import assumptions
from calibration.panel.data import PanelFiles, read_rows
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES, shipped_cities
from sim.city.history import PANEL
from sim.levers import LEVERS
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

KNOWN = frozenset(NAMES)
SHIPPED = shipped_cities()
FIRST = "hangzhou"
"""The city whose history file carried those of other regions, and whose rules quote another city's portal."""
NEW = [name for name in SHIPPED if name != FIRST]
DIGITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
MONEY_IN_WAN = 10_000


@pytest.fixture(scope="module")
def cities():
    return {name: load_city(name, KNOWN) for name in SHIPPED}


def own_files(name):
    return [p for p in sorted((CITIES / name).rglob("*")) if p.suffix in (".toml", ".md")]


def names_of_others(cities, name):
    """Names of other cities as sources write them; a city's own plan and places are told by them."""
    others = [city for key, city in cities.items() if key != name]
    words = {city.title["zh"].removesuffix("市") for city in others} | {city.title["en"] for city in others}
    return words | {d.zh for city in others for d in city.districts}


def without_own(city, text):
    """Take the city's own places out of a text: Dongxihu (东西湖区) holds the name of another city's district."""
    for place in [city.title["zh"].removesuffix("市"), *(d.zh for d in city.districts)]:
        text = text.replace(place, "")
    return text


def numbers_in(words):
    """Read the numbers of a goal's words: 2.5万, 1000亿, 百家, 万家."""
    found = set()
    for number, unit in re.findall(r"(\d+(?:\.\d+)?)\s*([万亿])?", words):
        found.add(float(number) * DIGITS.get(unit, 1))
    found |= {float(DIGITS[word]) for word in re.findall(r"(?<![\d十百千万亿])([百千万])(?=[家个])", words)}
    return found


def test_four_cities_are_shipped():
    assert {"hangzhou", "wuhan", "guangzhou", "shanghai"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_plan_adds_to_what_stood_before_it_and_is_in_force(cities, name):
    city = cities[name]
    plan, baseline, in_force = (
        {x.name for x in load_scenario(key, city).levers} for key in (city.plan, city.baseline, city.in_force)
    )
    assert baseline and baseline < plan and in_force == plan
    assert all(x.start > city.start - 1 for x in load_scenario(city.plan, city).levers)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_stood_when_the_plan_came_is_carried_on_without_it(cities, name):
    city = cities[name]
    past, last = load_scenario("history", city).levers, max(g.deadline for g in city.goals)
    standing = {x.name for x in past if x.end == max(x.end for x in past)}
    assert standing and {x.name for x in load_scenario(city.baseline, city).levers if x.end >= last} == standing


@pytest.mark.parametrize("name", NEW)
def test_what_a_lever_costs_is_published_or_called_an_assumption(cities, name):
    for x in load_scenario(cities[name].plan, cities[name]).levers:
        weak = x.evidence in ("C", "D")
        assert not weak or "assumption" in x.source, x.name
        assert x.evidence == "D" or re.search(r"\d", x.source), x.name


@pytest.mark.parametrize("name", NEW)
def test_a_city_names_no_other_in_its_files(cities, name):
    others = names_of_others(cities, name)
    said = {p.name: p.read_text("utf8") for p in own_files(name)}
    history = pd.read_csv(CITIES / name / "history.csv", dtype=str, keep_default_na=False)
    events = pd.read_csv(CITIES / name / "events.csv", dtype=str, keep_default_na=False)
    said |= {"history.csv": "\n".join([*history.quote, *history.note]), "events.csv": "\n".join(events.quote)}
    texts = {file: without_own(cities[name], text) for file, text in said.items()}
    assert {file: word for file, text in texts.items() for word in others if word in text} == {}


def test_no_words_of_a_source_stand_in_two_cities(cities):
    """Words that quote a plan or name a measure are one city's; assumptions alone may be the same."""
    told = {}
    for name, city in cities.items():
        texts = [x.source for x in load_scenario(city.plan, city).levers]
        texts += [d.source for d in city.districts] + [t.source for t in city.tracks if t.future]
        texts += [g.quote for g in city.goals] + [g.source for g in city.goals]
        told[name] = {text for text in texts if not text.startswith("assumption")}
    for a, b in combinations(told.values(), 2):
        assert a & b == set()


@pytest.mark.parametrize("name", NEW)
def test_a_history_holds_the_city_alone_and_every_row_can_be_checked(cities, name):
    rows = cities[name].history
    assert set(rows.region.str.partition("/")[0]) == {name}
    assert ((rows.url != "") | (rows.source_title != "")).all() and (rows.quote != "").all()
    assert (rows.grade[rows.note.str.contains("Junk-host")] == "C").all()


@pytest.mark.parametrize("name", NEW)
def test_a_fit_has_counts_of_the_label_of_both_ends_and_no_count_twice(cities, name):
    city = cities[name]
    seen = [o.name for o in counts_of(city, quarter.parse("2025Q4"))]
    assert len(seen) == len(set(seen)) and sum(x.startswith("hnte_stock@") for x in seen) >= 7
    opening = city.history[(city.history.series == "hte_stock") & (city.history.region == name)]
    at_start = opening[opening.period == str(city.start // 4)]
    assert at_start.value.tolist() == [city.opening.hnte]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_goal_asks_for_a_number_of_its_own_words(cities, name):
    for goal in cities[name].goals:
        said = numbers_in(goal.quote)
        if "若干" in goal.quote or "一批" in goal.quote or not said:
            continue
        for reading in goal.readings:
            scale = MONEY_IN_WAN if reading.indicator == "future_revenue" else 1
            years = range(1, 6) if "每年" in goal.quote else (1,)
            assert reading.value * scale in {n * k for n in said for k in years}, (goal.key, reading.key)


@pytest.mark.parametrize("name", NEW)
def test_a_reading_called_calibrated_rests_on_the_citys_own_counts(cities, name):
    city = cities[name]
    rows = city.history[city.history.region == name]
    for reading in (r for g in city.goals for r in g.readings if r.evidence == "A"):
        series = [s for s, indicator in city.series.indicators.items() if indicator == reading.indicator]
        assert rows.series.isin(series).sum() >= 2, reading.key


def test_of_every_city_one_place_alone_speaks_in_the_panel(cities):
    """A shipped city's own file or the common one: no number twice, and a city that is added makes no fit an old one."""
    common = {region.partition("/")[0] for region in pd.read_csv(PANEL).region}
    apart = set(assumptions().own_files)
    assert not apart & common and set(SHIPPED) == apart
    for city in cities.values():
        elsewhere = {p.region.partition("/")[0] for p in points_elsewhere(city, quarter.parse("2024Q4"))}
        assert apart - {city.region} < elsewhere <= common | apart - {city.region}


def test_a_plan_goes_by_its_own_name_and_articles(cities):
    """Article numbers on the page are the city's; those of Hangzhou's plan are the ones that its levers carry out."""
    assert cities[FIRST].document.articles == {name: cls.plan_action for name, cls in LEVERS.items()}
    assert all(not cities[name].document.articles for name in NEW)
    for city in cities.values():
        said = city.document
        assert said.title["zh"].startswith(city.title["zh"]) and said.title["en"].startswith(city.title["en"])
        assert any(said.title["zh"] in g.source and said.number in g.source for g in city.goals)
    assert len({c.document.title["en"] for c in cities.values()}) == len(cities)


def test_of_its_own_region_a_city_alone_speaks(cities, tmp_path):
    city = cities["wuhan"]
    rows = read_rows(PanelFiles.of_city(city.folder, "wuhan"))
    own = read_rows(PanelFiles((city.folder / "history.csv",)))
    assert [r for r in rows if r.region.partition("/")[0] == "wuhan"] == own
    assert {"china", "hangzhou", "guangzhou"} <= {r.region for r in rows}


def test_what_was_fitted_is_known_by_its_numbers_not_by_its_words(cities, tmp_path, monkeypatch):
    city, origin = cities["wuhan"], quarter.parse("2024Q4")
    table = pd.read_csv(PANEL, dtype=str, keep_default_na=False)
    known = (table.series == "hte_stock") & (table.region == "nanjing") & (table.as_of < "2022")
    shas = [sha_elsewhere(city, origin)]
    for column, text in (("quote", "said otherwise"), ("as_of", "2029-01"), ("value", "7")):
        changed = table.copy()
        changed.loc[known, column] = text
        changed.iloc[::-1].to_csv(tmp_path / f"{column}.csv", index=False)
        monkeypatch.setattr(panel_data, "PANEL", tmp_path / f"{column}.csv")
        shas.append(sha_elsewhere(city, origin))
    assert known.any() and shas[0] == shas[1] and len(set(shas)) == 3
