"""The verdict on a city before any forecast: what is refused, warned of and told, and the words of the door."""

import re

import pytest

from calibration.data.observations import counts_of
from calibration.data.opening import opening_labels, refuse_short_opening
from peiyu.city_check.grades import tell_grades
from peiyu.city_check.verdict import told, verdict_of
from sim import quarter
from sim.city.city import load_city
from sim.city.files import shipped_cities
from sim.city.readings import main_readings
from sim.city.template import write_city
from sim.inputs.errors import InputError


@pytest.fixture
def folder(tmp_path):
    return write_city("mycity", tmp_path)


def edited(folder, file, old, new):
    text = (folder / file).read_text("utf8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf8")
    return load_city(folder)


def test_more_labels_than_enterprises_that_qualify_are_refused_with_both_numbers(folder):
    refuse_short_opening(load_city(folder))
    edited(folder, "profile.toml", "enterprises = 3000 ", "enterprises = 10000 ")
    city = edited(folder, "profile.toml", "hnte = 300  ", "hnte = 9900  ")
    (short,) = [x for x in opening_labels(city) if x.short]
    assert short.asked == 9900 > short.held > 0 and short.pool == 10_000
    with pytest.raises(InputError, match=f"hnte is 9,900, but only {short.held:,} of the 10,000"):
        refuse_short_opening(city)
    said = verdict_of(city)
    assert said.verdict == "refused" and said.next == f"peiyu city-check {city.on_command_line}"
    assert any("9,900" in line for line in told(city, said, "zh"))


def test_a_count_that_two_series_state_for_one_year_is_warned_of(folder):
    for series in ("hte_proposed_flow", "hte_certified_flow"):
        with (folder / "history.csv").open("a", encoding="utf8") as file:
            file.write(f"{series},mycity,2023,100,firms,flow,yearbook,,,,B,,exact,stated,2024-03\n")
    found = [f.values for f in verdict_of(load_city(folder)).findings if f.finding == "twice"]
    assert [(v["indicator"], v["period"]) for v in found] == [("hnte_certified", "2023")]


def test_a_template_that_nobody_filled_in_says_so_and_names_the_next_command(folder):
    city = load_city(folder)
    said = verdict_of(city)
    assert {"placeholders", "no_counts", "no_fit"} <= {f.finding for f in said.findings}
    assert said.verdict == "usable_with_warnings" and said.next == f"peiyu calibrate --city {city.on_command_line} --quick"
    levels = [f.level for f in said.findings]
    assert levels == sorted(levels, key=["refused", "warning", "assumed", "known"].index)


def test_a_policy_that_cannot_be_read_is_refused(folder):
    edited(folder, "scenarios/plan.toml", 'extends = "baseline"', 'extends = "gone"')
    said = verdict_of(load_city(folder))
    assert said.verdict == "refused" and "gone" in next(str(f.values) for f in said.findings if f.level == "refused")


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("zh", ["黄埔区(district huangpu):", "未来产业先导区 · ", "(pilot_zone/built):", "年资金合计 66.2亿元。"]),
        ("en", ["Huangpu (district huangpu): ", " (pilot_zone/built): ", "CNY 6,620 million a year in all."]),
    ],
)
def test_a_planner_reads_names_with_the_key_that_the_files_have(lang, written):
    city = load_city("guangzhou")
    text = "\n".join(told(city, verdict_of(city), lang))
    assert all(part in text for part in written), text
    assert "zones_built" not in text and "10,000 CNY" not in text


HELD = "hte_stock,mycity,{year},{n},firms,stock,{title},,{url},,{grade},,exact,stated,2024-03\n"


def with_counts(folder, *rows):
    with (folder / "history.csv").open("a", encoding="utf8") as file:
        file.writelines(HELD.format(year=2017 + i, n=100 + i, title=title, url=url, grade=grade) for i, (title, url, grade) in enumerate(rows))
    return load_city(folder)


def test_a_grade_that_its_row_does_not_support_is_read_as_the_best_that_it_does(folder):
    supported = [("yearbook", "https://example.org/a", "A"), ("某府办发〔2023〕8号", "", "A"), ("yearbook", "", "B"), ("assumption: x", "", "C")]
    city = with_counts(folder, *supported, ("yearbook", "", "A"), ("yearbook", "see the office", "A"), ("assumption: x", "https://example.org/a", "B"))
    assert "".join(city.history.grade) == "AABCBBC"
    said = [(x.file, x.row, x.claimed, x.read) for x in city.overstated]
    assert said == [("history.csv", 6, "A", "B"), ("history.csv", 7, "A", "B"), ("history.csv", 8, "B", "C")]
    least = [load_city(folder).series.errors.grade_error[g] for g in "BC"]
    errors = {o.name: o.error for o in counts_of(city, quarter.parse("2027Q4"))}
    assert [errors["hnte_stock@2021Q4"], errors["hnte_stock@2023Q4"]] == pytest.approx(least)


def test_a_reading_of_grade_a_needs_a_count_of_its_own(folder):
    goals = (folder / "goals.toml").read_text("utf8")
    (folder / "goals.toml").write_text(re.sub('evidence = "[ABC]"', 'evidence = "A"', goals), "utf8")
    city = load_city(folder)
    rests = {(r.evidence, r.basis) for g in city.goals for r in g.readings}
    assert ("C", "record") in rests and {grade for grade, _ in rests} == {"C"} and "data" not in dict(map(reversed, rests))
    (goal, r), *_ = main_readings(city)
    assert ("goals.toml", f"{goal.key}/{r.key}", "A", "C") in city.overstated


def test_an_overstated_row_is_named_as_a_spreadsheet_numbers_it(folder):
    with (folder / "history.csv").open("a", encoding="utf8") as file:
        file.write("\n\n")
    city = with_counts(folder, ("yearbook", "", "A"))
    assert [x.row for x in city.overstated] == [4]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_user_is_told_in_one_line_with_file_and_rows(folder, capsys, lang):
    city = with_counts(folder, *[("yearbook", "", "A")] * 7)
    tell_grades(city, lang)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "history.csv" in said and "2 A → B" in said and "6 A → B" in said and "7 A → B" not in said
    assert any("8" in line and "history.csv" in line for line in told(city, verdict_of(city), lang))


def test_no_shipped_city_claims_more_than_it_shows(capsys):
    for name in shipped_cities():
        assert load_city(name).overstated == ()
        tell_grades(load_city(name), "en")
    assert capsys.readouterr().err == ""
