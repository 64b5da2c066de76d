"""A city's files, field by field: what each may hold, and that a refusal names the file, the line and what was meant."""

import re
import shutil

import pytest

from sim import quarter
from sim.city.city import load_city
from sim.city.facts import facts_by_quarter
from sim.city.files import CITIES, FILES, find_folder, fingerprint, read_folder, shipped_cities
from sim.city.readings import every_reading, main_reading, main_readings, readings_named
from sim.inputs.errors import InputError


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou")
    return tmp_path / "hangzhou"


def refusal(folder, file, old, new):
    """Change a file in one place; returns the one sentence that refuses it and the number of the changed line."""
    path = folder / file
    text = path.read_text("utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf8")
    with pytest.raises(InputError) as caught:
        load_city(folder)
    message = str(caught.value)
    assert "\n" not in message and message.startswith(f"hangzhou/{file}: ")
    return message, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("profile.toml", "hnte = 1526", "hnte = 1526.5", "valid integer"),
        ("profile.toml", "hnte = 1526", "hnte = 99_999_999", "less than or equal to 10000000"),
        ("profile.toml", "hnte = 1526", "hnte = true", "valid integer"),
        ("profile.toml", "future = true", 'future = "yes"', "valid boolean"),
        ("profile.toml", "compute_heavy =", "compute_hevy =", 'Did you mean "compute_heavy"'),
        ("profile.toml", "rd_multiplier = 2.0", "rd_multiplier = 0", "greater than 0"),
        ("profile.toml", "rd_multiplier = 2.0", "rd_multiplier = inf", "finite"),
        ("profile.toml", 'key = "xihu"', 'key = "Xihu"', "pattern"),
        ("profile.toml", 'key = "xihu"', 'key = ""', "pattern"),
        ("goals.toml", 'operator = ">="', 'operator = "=>"', "Allowed: >=, >, <=, <"),
        ("goals.toml", 'operator = ">="', 'operator = "=="', "Allowed: >=, >, <=, <"),
        ("goals.toml", 'deadline = "2026Q4"', "deadline = 2026", "is not a quarter"),
        ("goals.toml", 'deadline = "2026Q4"', 'deadline = "2026Q5"', "is not a quarter"),
        ("goals.toml", "value = 500", 'value = "500家"', "valid number"),
        ("goals.toml", "value = 500", "value = nan", "finite"),
        ("goals.toml", 'kind = "department_count"', 'kind = "departement_count"', 'Did you mean "department_count"'),
        ("goals.toml", 'evidence = "B"', 'evidence = "D"', "Allowed: A, B, C"),
        ("goals.toml", "primary = true", "primary = 1", "valid boolean"),
        ("recognitions.toml", "round_quarter = 4", "round_quarter = 5", "less than or equal to 4"),
        ("recognitions.toml", "validity_quarters = 12", "validity_quarters = -1", "greater than or equal to 0"),
        ("recognitions.toml", "min_age_quarters = 4", 'min_age_quarters = "a year"', "valid integer"),
    ],
)
def test_a_wrong_value_is_refused_at_its_line(folder, file, old, new, said):
    message, line = refusal(folder, file, old, new)
    assert said in message and f"line {line}: " in message, message


def test_an_unknown_key_explains_the_missing_one_and_lists_what_there_is(folder):
    message, line = refusal(folder, "profile.toml", "potential_entrants = ", "potential_entrant = ")
    assert f"line {line}: opening > potential_entrant: unknown key" in message
    assert 'Did you mean "potential_entrants"? Known: hnte, tech_sme, enterprises, potential_entrants' in message


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("profile.toml", 'hnte = "valid', '# hnte = "valid', "hnte has no source"),
        ("goals.toml", 'key = "ecosystem_leader"', 'key = "hnte"', 'goal "hnte" is there twice'),
        ("goals.toml", 'key = "valid_stock"', 'key = "newly_recognised"', 'reading "newly_recognised" is there twice'),
        ("recognitions.toml", 'key = "srdi"', 'key = "tech_centre"', 'recognition "tech_centre" is there twice'),
        ("recognitions.toml", "max_revenue = 40000", "max_revenue = 1", "is not below max_revenue 1.0"),
    ],
)
def test_what_contradicts_something_else_in_the_file_is_refused(folder, file, old, new, said):
    message, _ = refusal(folder, file, old, new)
    assert said in message


@pytest.mark.parametrize("table", ["goal", "district", "track"])
def test_a_city_has_one_of_each_at_least(folder, table):
    file = "goals.toml" if table == "goal" else "profile.toml"
    text = (folder / file).read_text("utf8")
    cut = re.sub(rf"(?ms)^\[\[{table}(\.\w+)?\]\].*?(?=^\[(?!\[{table})|\Z)", "", text)
    assert f"[[{table}]]" not in cut
    (folder / file).write_text(cut, "utf8")
    with pytest.raises(InputError, match=f"{file}: .*{table}.* is missing"):
        load_city(folder)


def test_a_city_without_future_tracks_has_nothing_to_count(folder):
    path = folder / "profile.toml"
    path.write_text(path.read_text("utf8").replace("future = true", "future = false"), "utf8")
    with pytest.raises(InputError, match="no track has future = true"):
        load_city(folder)


# ---- what a whole folder is


def test_the_fingerprint_is_of_every_input_and_of_nothing_else(folder):
    before = fingerprint(read_folder(folder))
    (folder / "SOURCES.md").write_text("other words", "utf8")
    (folder / "fitted.csv").write_text("x", "utf8")
    assert fingerprint(read_folder(folder)) == before
    seen = {before}
    for name in FILES:
        with (folder / name).open("a", encoding="utf8") as stream:
            stream.write("\n")
        seen.add(fingerprint(read_folder(folder)))
    assert len(seen) == len(FILES) + 1


def test_bytes_moved_from_one_file_to_the_next_are_another_city(folder):
    one = fingerprint(read_folder(folder))
    goals, rules = (folder / "goals.toml").read_bytes(), (folder / "recognitions.toml").read_bytes()
    (folder / "goals.toml").write_bytes(goals + rules[:10])
    (folder / "recognitions.toml").write_bytes(rules[10:])
    assert fingerprint(read_folder(folder)) != one


def test_a_city_is_found_by_name_or_by_path(folder):
    assert find_folder("hangzhou") == CITIES / "hangzhou" and find_folder(folder) == folder.resolve()
    assert "hangzhou" in shipped_cities() and not any(name.startswith("_") for name in shipped_cities())


# ---- facts and readings


def test_facts_are_known_up_to_the_origin_and_none_is_lost(city):
    last = int(city.events["quarter"].max())
    whole = facts_by_quarter(city, last)
    assert sum(f.number for facts in whole.values() for f in facts) == city.events["count"].sum()
    assert sum(map(len, whole.values())) == len(city.events)
    for as_of in (city.start, quarter.parse("2023Q4"), last - 1):
        known = facts_by_quarter(city, as_of)
        assert max(known, default=as_of) <= as_of
        assert known == {q: facts for q, facts in whole.items() if q <= as_of}


def test_the_main_reading_is_the_one_that_says_so_wherever_it_stands(city):
    for goal in city.goals:
        assert main_reading(goal).primary
    assert [r for _, r in main_readings(city)] == [r for _, r in every_reading(city) if r.primary]
    assert len(every_reading(city)) == len({(g.key, r.key) for g, r in every_reading(city)})


def test_every_reading_can_be_named_in_full(city):
    words = [f"{g.key}/{r.key}" for g, r in every_reading(city)]
    assert readings_named(city, words) == every_reading(city)
    assert readings_named(city, [*words[:1], *words[:1]]) == every_reading(city)[:1]
