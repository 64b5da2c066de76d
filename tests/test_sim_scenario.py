"""Scenarios: the shipped ones load, extend each other, and wrong ones get one clear answer."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import quarter
from sim.city.files import CITIES
from sim.city.shelf import scenario_names
from sim.inputs.errors import InputError
from sim.levers import LEVERS
from sim.scenario.scenario import load_scenario

WANTED = {
    "history",
    "baseline",
    "plan_as_written",
    "no_policy",
    "fund_heavy",
    "voucher_heavy",
    "zones_heavy",
    "zones_late",
    "wait_until_2025q4",
    "fund_if_behind",
}
GOOD = """
title = "试"
[[lever]]
type = "growth_coaching"
start = "2025Q1"
end = "2026Q4"
budget = 100
cost = 25
source = "assumption: test"
"""


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf8")
    return path


def test_the_shipped_scenarios_load_and_say_who_says_so(city):
    assert set(scenario_names(city.folder)) >= WANTED
    for name in scenario_names(city.folder):
        s = load_scenario(name, city)
        assert s.title["zh"] and s.title["en"]
        for lever in s.levers:
            assert len(lever.source) > 10, (name, lever.name)


def test_the_plan_covers_all_fourteen_actions(city):
    text = (CITIES / "hangzhou" / "scenarios" / "plan_as_written.toml").read_text("utf8")
    for action in range(1, 15):
        assert f"行动计划第{action}条" in text, action
    tiers = {x.tier for x in load_scenario("plan_as_written", city).levers if hasattr(x, "tier")}
    assert tiers == {"seed", "angel", "venture", "merger"}
    levels = {x.level for x in load_scenario("plan_as_written", city).levers if hasattr(x, "level")}
    assert levels == {"municipal", "provincial", "national"}


def test_extends_changes_and_drops(city, tmp_path):
    path = write(
        tmp_path,
        'title = "x"\nextends = "plan_as_written"\ndrop = ["talent_programme"]\n[change]\nzones_municipal = { start = "2026Q1" }\n',
    )
    base, mine = load_scenario("plan_as_written", city), load_scenario(path, city)
    names = [x.name for x in mine.levers]
    assert "talent_programme" not in names and len(names) == len(base.levers) - 1
    assert next(x for x in mine.levers if x.name == "zones_municipal").start == quarter.parse("2026Q1")
    assert base.sha != mine.sha


WRONG = {
    "an unknown lever": (GOOD.replace("growth_coaching", "growth_coching"), 'Did you mean "growth_coaching"'),
    "an unknown key": (GOOD.replace("cost", "csot"), 'Did you mean "cost"'),
    "a missing key": (GOOD.replace("cost = 25\n", ""), '"cost" is missing'),
    "a wrong type": (GOOD.replace("cost = 25", 'cost = "much"'), "cost"),
    "a negative budget": (GOOD.replace("100", "-100"), "budget = -100: write a number from 0 to 100,000,000 万元 a year"),
    "not a number": (GOOD.replace("100", "nan"), "budget"),
    "an end before the start": (GOOD.replace("2026Q4", "2024Q4"), "before it starts"),
    "a date that is none": (GOOD.replace("2026Q4", "2026-12"), 'like "2026Q3"'),
    "an unknown district": (GOOD + 'eligible = { districts = ["yuhan"] }\n', 'Did you mean "yuhang"'),
    "an unknown track": (GOOD + 'eligible = { tracks = ["general_a"] }\n', 'Did you mean "general_ai"'),
    "an unknown recognition": (GOOD + 'eligible = { recognised = "hnt" }\n', 'Did you mean "hnte"'),
    "an unknown top key": ("titel = 1\n" + GOOD, 'Did you mean "title"'),
    "no title": (GOOD.replace("title", "#"), '"title" is missing'),
    "no source": (GOOD.replace("assumption: test", " "), '"source" is empty'),
    "the same name twice": (GOOD + GOOD.split('"试"')[1], "is there already"),
    "itself, and no scenario of the city has its name": (GOOD.replace("title", 'extends = "mine"\ntitle'), 'has no scenario "mine"'),
    "an unknown parent": (GOOD.replace("title", 'extends = "basline"\ntitle'), 'Did you mean "baseline"'),
    "a change of nothing": (GOOD + "[change]\nzones = { }\n", "no such lever"),
    "not TOML": ("title = \n", "mine.toml"),
    "an old name and the new one": (GOOD + "push = 2\nsize = 2\n", '"push" and "size" both mean size'),
    "two old names": (GOOD + "push = 2\nrelease = 2\n", '"push" and "release" both mean size'),
    "no table of the eligible": (GOOD + "eligible = 3\n", "eligible is a table"),
    "a district instead of a list": (GOOD + 'eligible = { districts = "yuhang" }\n', "eligible is a table"),
    "a list as type": (GOOD.replace('"growth_coaching"', "[]"), "unknown lever"),
    "a list dropped": ('drop = [["x"]]\n' + GOOD, "no such lever"),
    "a number as question": ("question = 5\n" + GOOD, '"question" is not a text'),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_gets_one_answer(city, tmp_path, case):
    text, answer = WRONG[case]
    with pytest.raises(InputError) as error:
        load_scenario(write(tmp_path, text), city)
    message = str(error.value)
    assert answer in message and "mine.toml" in message
    assert "\n" not in message.strip() and "Traceback" not in message


@pytest.mark.parametrize(
    ("lever", "old"),
    [
        ("demonstrations", "push"),
        ("application_scenes", "release"),
        ("open_challenge", "projects"),
        ("zones_municipal", "batch_size"),
    ],
)
def test_old_names_are_still_read(city, tmp_path, lever, old):
    text = f'title = "x"\nextends = "plan_as_written"\n[change]\n{lever} = {{ {old} = 2.5 }}\n'
    made = load_scenario(write(tmp_path, text), city)
    assert next(x for x in made.levers if x.name == lever).size == 2.5
    text = f'title = "x"\nextends = "mine"\n[change]\n{lever} = {{ size = 3.5 }}\n'
    again = load_scenario(write(tmp_path, text, "again"), city)
    assert next(x for x in again.levers if x.name == lever).size == 3.5


def test_an_unknown_scenario_is_answered_with_the_nearest(city):
    with pytest.raises(InputError, match='Did you mean "zones_late"'):
        load_scenario("zone_late", city)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_mutation_of_a_file_gets_anything_but_an_answer(city, tmp_path, data):
    text = GOOD
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[at + cut :]
    try:
        load_scenario(write(tmp_path, text), city)
    except InputError as error:
        answer = str(error)
    else:
        answer = "loaded"
    assert answer


def test_every_lever_says_its_chinese_name_and_can_be_built_from_its_fields():
    for name, kind in LEVERS.items():
        assert any("\u4e00" <= c <= "\u9fff" for c in kind.__doc__), name
        assert {"name", "start", "end", "budget", "source"} <= {f.name for f in fields(kind)}
