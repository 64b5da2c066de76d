"""The verdict on a city before any forecast: what is refused, warned of and told, and the words of the door."""

import pytest

from calibration.data.opening import opening_labels, refuse_short_opening
from peiyu.city_check.verdict import told, verdict_of
from sim.city.city import load_city
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
