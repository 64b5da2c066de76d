import shutil

import numpy as np
import pytest
from helpers import AS_OF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.data.observations import counts_of
from calibration.fit.fit import load_fit
from sim import quarter
from sim.city import settled
from sim.city.city import load_city
from sim.city.files import CITIES, FILES, RULES, TEMPLATE
from sim.city.history import published
from sim.city.schema import PROGRAMMES
from sim.city.template import write_city
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES

TOMLS = ("profile.toml", "goals.toml", "recognitions.toml", "series.toml")
HYPOTHESIS = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FUTURE = ("general_ai", "low_altitude", "humanoid_robots", "brain_inspired", "synthetic_biology", "frontier")


@pytest.fixture(scope="module")
def hangzhou():
    return load_city("hangzhou")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou")
    return tmp_path / "hangzhou"


def edit(folder, file, old, new, count=1):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def append(folder, file, line):
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def complaint(folder, known=None):
    with pytest.raises(InputError) as caught:
        load_city(folder, known)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def one_line_or_nothing(call, *arguments):
    try:
        call(*arguments)
    except InputError as error:
        if "\n" in str(error):
            pytest.fail("a complaint of several lines")


def history_row(**changes):
    row = {
        "series": "hte_stock", "region": "hangzhou", "period": "2022", "value": "12000", "unit": "firms",
        "kind": "stock", "source_title": "t", "publisher": "p", "url": "u", "quote": "q", "grade": "C",
        "note": "", "observation": "exact", "dated": "stated", "as_of": "2023-03",
    }
    return ",".join((row | changes).values())


# ---- the shipped city


def test_hangzhou_has_its_districts_tracks_and_goals(hangzhou):
    assert len(hangzhou.districts) == 13
    assert tuple(track.key for track in hangzhou.tracks) == (*FUTURE, "other")
    assert [track.future for track in hangzhou.tracks] == [True] * 6 + [False]
    assert len(hangzhou.tracks[5].fields) == 7
    assert quarter.label(hangzhou.start) == "2012Q4"
    assert len(hangzhou.goals) == 11
    assert hangzhou.opening.hnte == 1526


def test_shares_sum_to_one(hangzhou):
    for shares in ([d.share for d in hangzhou.districts], [t.share for t in hangzhou.tracks],
                   [t.entry_share for t in hangzhou.tracks]):
        assert sum(shares) == pytest.approx(1.0)
        assert min(shares) > 0


def test_every_goal_has_one_primary_reading_and_the_same_deadline(hangzhou):
    for goal in hangzhou.goals:
        assert sum(reading.primary for reading in goal.readings) == 1
        assert quarter.label(goal.deadline) == "2026Q4"


def test_the_primary_reading_of_zones_is_built(hangzhou):
    (zones,) = [goal for goal in hangzhou.goals if goal.key == "municipal_zone"]
    assert [reading.key for reading in zones.readings if reading.primary] == ["built"]


def test_the_2016_revision_is_visible(hangzhou):
    hnte = hangzhou.rules[1]
    before, after = hnte.in_force(quarter.parse("2015Q4")), hnte.in_force(quarter.parse("2016Q4"))
    assert [band.at_least for band in before.rd_bands] == [0.06, 0.04, 0.03]
    assert [band.at_least for band in after.rd_bands] == [0.05, 0.04, 0.03]
    assert hnte.in_force(quarter.parse("2007Q4")) is None


def test_recognitions_stand_in_the_model_order(hangzhou):
    assert tuple(rule.key for rule in hangzhou.rules) == PROGRAMMES


def test_the_record_is_that_of_all_cities(hangzhou):
    """Counted by hand in the file: goals, and goals met, by who decides."""
    found = hangzhou.settled.groupby("decided_by").hit.agg(["size", "sum"])
    assert {k: tuple(row) for k, row in found.iterrows()} == {
        "higher_authority": (7, 1), "own_list": (8, 8), "enterprise_label": (35, 29), "market": (25, 13),
    }  # fmt: skip


def test_a_city_adds_its_own_settled_goals_and_corrects_those_of_the_record(folder):
    header = ",".join(settled.SETTLED.columns)
    row = "dongguan,hte_stock,department_count,enterprise_label,6500,2019-03,2019,,,6700,2019,exact,level,1,A,here,,"
    new = "mycity,hte_stock,department_count,own_list,100,2024,2025,,,80,2025,exact,level,0,A,here,,"
    (folder / settled.OWN).write_text(f"{header}\n{row}\n{new}\n", "utf8")
    before, after = load_city("hangzhou"), load_city(folder)
    assert len(after.settled) == len(before.settled) + 1 and after.settled.hit.sum() == before.settled.hit.sum() + 1
    assert after.sha != before.sha
    (folder / settled.OWN).write_text(f"{header}\n{new.replace(',0,A', ',1,A')}\n", "utf8")
    assert "row 2: hit is 1, but the outcome is 0.80 of the target" in complaint(folder)
    (folder / settled.OWN).write_text(f"{header}\n{new.replace('own_list', 'own_lists')}\n", "utf8")
    assert 'Did you mean "own_list"' in complaint(folder)


def test_events_hold_sixteen_candidates_and_four_provincial_zones(hangzhou):
    counts = hangzhou.events.groupby("kind")["count"].sum()
    assert counts["zone_designated"] == 16
    assert counts["zone_provincial"] == 4
    assert "zone_built" not in counts


def test_history_is_dated_and_finite(hangzhou):
    assert np.isfinite(hangzhou.history["value"]).all()
    everywhere = published(hangzhou.history, hangzhou.region)
    flows = everywhere[everywhere["series"] == "hte_proposed_flow"]
    assert flows["region"].nunique() >= 31
    assert (flows["as_of"].str.slice(0, 4) >= flows["period"].str.slice(0, 4)).all()


def test_indices_and_their_errors(hangzhou):
    assert hangzhou.track_index("other") == 6
    assert hangzhou.district_index("xihu") == 2
    with pytest.raises(InputError, match='Did you mean "xihu"'):
        hangzhou.district_index("xihuu")


def test_the_fingerprint_follows_inputs_but_not_fits(folder):
    sha = load_city(folder).sha
    (folder / "fitted.csv").write_text("x")
    assert load_city(folder).sha == sha
    append(folder, "history.csv", history_row())
    assert load_city(folder).sha != sha


def test_the_project_names_no_private_path():
    for city in ("hangzhou", TEMPLATE):
        for file in (*FILES, "SOURCES.md"):
            assert "/work" not in (CITIES / city / file).read_text(encoding="utf-8")


# ---- bad input, one complaint each


def test_unknown_city_suggests_a_name():
    assert 'Did you mean "hangzhou"' in complaint("hangzou")


@pytest.mark.parametrize("name", ["", "no/such/folder", "a\0b", "x" * 5000])
def test_folders_that_are_none(name):
    with pytest.raises(InputError):
        load_city(name if name else "nowhere")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder, file):
    (folder / file).rename(folder / (file + ".bak"))
    message = complaint(folder)
    assert f"hangzhou/{file}: is missing" in message


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("profile.toml", "rd_multiplier = 2.0", "rd_multiplyer = 2.0", 'Did you mean "rd_multiplier"'),
        ("profile.toml", "share = 0.1098", "share = 10.98", "write 5 % as 0.05"),
        ("profile.toml", "share = 0.1098", "share = 0.0", "greater than 0"),
        ("profile.toml", "share = 0.1098", "share = nan", "finite"),
        ("profile.toml", "share = 0.1098", 'share = "11%"', "valid number"),
        ("profile.toml", "hnte = 1526", "hnte = -1", "greater than or equal to 0"),
        ("profile.toml", "hnte = 1526", "hnte = 20000", "must hold all of hnte"),
        ("profile.toml", 'hnte = "valid', 'hnt = "valid', 'Did you mean "hnte"'),
        ("profile.toml", 'key = "xihu"', 'key = "gongshu"', '"gongshu" is there twice'),
        ("profile.toml", 'start = "2012Q4"', 'start = "2012-Q4"', 'Did you mean "2012Q4"'),
        ("profile.toml", "potential_entrants = 12000\n", "", "potential_entrants: is missing"),
        ("goals.toml", 'count = "sum"', 'count = "summ"', 'Did you mean "sum"? Allowed: last, sum, change'),
        ("goals.toml", "primary = true\n", "", "primary readings: none"),
        ("goals.toml", '"future_hnte_stock"', '"future_hnte_stock"\nprimary = true', "recognised, valid_stock"),
        ("goals.toml", "value = 500", "value = -500", "greater than or equal to 0"),
        ("goals.toml", 'since = "2025Q1"\n', "", "since is missing"),
        ("goals.toml", 'since = "2025Q1"', 'since = "2027Q1"', "after the deadline"),
        ("goals.toml", 'deadline = "2026Q4"', 'deadline = "2011Q4"', "2011Q4"),
        ("goals.toml", 'zh = "两年新认定数"', 'zh = "一二三四五六七八九十一二三四五"', "at most 14"),
        ("recognitions.toml", 'key = "srdi"', 'key = "srdi"\nrequires = "hnt"', 'Did you mean "hnte"'),
        ("recognitions.toml", "max_revenue = 40000", "max_revenue = nan", "greater than 0"),
        ("recognitions.toml", 'key = "srdi"', 'key = "srdy"', 'Did you mean "srdi"'),
        ("recognitions.toml", 'start = "2021Q4"', 'start = "2022Q1"', "they must rise"),
        ("recognitions.toml", "[{ at_least = 0.0 }]", "[{ revenue_up_to = 9, at_least = 0.0 }]", "must rise"),
        ("recognitions.toml", "at_least = 0.03", "at_least = 3", "write 5 % as 0.05"),
        ("events.csv", ",binjiang,", ",binjian,", 'Did you mean "binjiang"'),
        ("events.csv", "2022Q3,", "2022-Q3,", 'row 2: quarter: "2022-Q3" is not a quarter'),
        ("events.csv", "2022-08-25", "2021-08-25", "before 2022Q3 began"),
        ("goals.toml", 'decided_by = "market"', 'decided_by = "markt"', 'Did you mean "market"'),
        ("goals.toml", 'climbs_from = "designated"', 'climbs_from = "built"', "no reading that counts a list"),
        ("goals.toml", 'basis = "proxy"', 'basis = "data"', 'basis = "data" needs evidence = "A"'),
    ],
)
def test_a_bad_value_gets_one_clear_complaint(folder, file, old, new, expected):
    edit(folder, file, old, new)
    message = complaint(folder)
    assert message.startswith(f"hangzhou/{file}: ")
    assert expected in message


def test_a_rule_of_the_city_stands_in_place_of_the_national_one(folder, hangzhou):
    """Three of Hangzhou's rules are its own; one more of a key that is common to all cities replaces that one alone."""
    append(folder, "recognitions.toml", "[[recognition]]" + RULES.read_text("utf8").split("[[recognition]]")[-1])
    edit(folder, "recognitions.toml", "min_revenue = 5000", "min_revenue = 7000")
    own, common = load_city(folder).rules, hangzhou.rules
    assert [r.key for r in own] == [r.key for r in common] == list(PROGRAMMES)
    assert [r.key for a, r in zip(own, common, strict=True) if a != r] == ["little_giant"]
    assert next(r for r in own if r.key == "little_giant").versions[0].min_revenue == 7000


def test_a_rule_that_neither_the_city_nor_the_country_has_is_asked_for(folder):
    edit(folder, "recognitions.toml", 'key = "tech_centre"', 'key = "hnte"')
    assert 'recognition "tech_centre" is missing; needed here: srdi, tech_centre' in complaint(folder)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": "-1"}, "a count is 0 or more"),
        ({"value": "nan"}, 'value is "nan"'),
        ({"value": ""}, "value is empty"),
        ({"period": "2022年"}, "period is"),
        ({"period": "2022-13"}, "period is"),
        ({"period": "2026-2021"}, "period is"),
        ({"as_of": "2021-03"}, "before the period began"),
        ({"as_of": "March 2023"}, "as_of is"),
        ({"kind": "stok"}, 'Did you mean "stock"'),
        ({"unit": ""}, "unit is"),
        ({"region": "杭州"}, "region is"),
    ],
)
def test_a_bad_history_row_is_named_by_its_row(folder, changes, expected):
    rows = len(load_city(folder).history)
    append(folder, "history.csv", history_row(**changes))
    message = complaint(folder)
    assert f"row {rows + 2}:" in message
    assert expected in message


def test_a_repeated_row_is_an_error_and_a_conflict_is_not(folder):
    append(folder, "history.csv", history_row())
    append(folder, "history.csv", history_row(value="12500"))
    assert (load_city(folder).history["period"] == "2022").sum() > 2
    append(folder, "history.csv", history_row())
    assert "repeats an earlier row" in complaint(folder)


def test_a_net_change_may_be_negative(folder):
    append(folder, "history.csv", history_row(series="hte_net_increase", value="-5", kind="flow"))
    assert load_city(folder).history["value"].min() == -5


def test_gbk_is_read_as_the_same_history(folder, hangzhou):
    path = folder / "history.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert load_city(folder).history.equals(hangzhou.history)


def test_a_file_larger_than_any_city_needs_is_refused(folder):
    (folder / "goals.toml").write_bytes(b"x" * 200_001)
    assert "is larger than 0.2 MB" in complaint(folder)


def test_a_goal_must_name_a_known_indicator(folder):
    load_city(folder, known := frozenset(NAMES))
    edit(folder, "goals.toml", '"future_hnte_new"', '"future_hnte_knew"')
    load_city(folder)
    assert 'Did you mean "future_hnte_new"' in complaint(folder, known)


# ---- random mutations


@HYPOTHESIS
@given(data=st.data(), file=st.sampled_from(FILES))
def test_mutated_files_load_or_are_refused(folder, data, file):
    original = (CITIES / TEMPLATE / file).read_bytes()
    for name in FILES:
        shutil.copyfile(CITIES / TEMPLATE / name, folder / name)
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 40)))
    text = st.text(max_size=8).map(lambda t: t.encode("utf-8", "ignore"))
    patch = data.draw(st.one_of(st.binary(max_size=12), text))
    (folder / file).write_bytes(original[:start] + patch + original[end:])
    one_line_or_nothing(load_city, folder)


VALUES = st.sampled_from(
    ["nan", "inf", "-1", "1e400", '""', "true", "[]", "{}", "2024-01-01", "[[1]]", "9" * 400, '"2026Q4"', "{a=1}"]
)


@HYPOTHESIS
@given(data=st.data(), file=st.sampled_from(TOMLS), value=VALUES)
def test_a_value_of_any_type_loads_or_is_refused(folder, data, file, value):
    for name in FILES:
        shutil.copyfile(CITIES / TEMPLATE / name, folder / name)
    lines = (folder / file).read_text(encoding="utf-8").split("\n")
    at = data.draw(st.sampled_from([i for i, line in enumerate(lines) if "=" in line and line[0] != "#"]))
    lines[at] = lines[at].split("=")[0] + "= " + value
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    one_line_or_nothing(load_city, folder)


# ---- a new city


def test_a_new_city_validates_and_is_named(tmp_path):
    city = load_city(write_city("ningbo", tmp_path))
    assert city.name == "ningbo"
    assert [p.name for p in tmp_path.iterdir()] == ["ningbo"]
    assert (tmp_path / "ningbo" / "SOURCES.md").is_file()


def test_the_folder_of_a_city_may_have_any_name(folder):
    other = folder.rename(folder.with_name("our_city"))
    with pytest.raises(InputError, match='no row is of "our_city"') as refused:
        load_city(other)
    assert 'region = "hangzhou"' in str(refused.value)
    edit(other, "profile.toml", "start =", 'region = "hangzhou"\nstart =')
    city = load_city(other)
    assert (city.name, city.region) == ("our_city", "hangzhou")
    own = counts_of(city, AS_OF)
    assert own and own == counts_of(load_city("hangzhou"), AS_OF)


def test_rows_of_other_cities_alone_are_no_mistake(tmp_path):
    assert load_city(write_city("mycity", tmp_path)).region == "mycity"


def test_a_copy_of_a_city_keeps_its_numbers_and_its_fit(tmp_path):
    copy = load_city(write_city("ours", tmp_path, "hangzhou"))
    assert copy.region == "hangzhou" and len(counts_of(copy, AS_OF)) > 20
    assert load_fit(copy, AS_OF).provenance.draws_sha == load_fit(load_city("hangzhou"), AS_OF).provenance.draws_sha


@pytest.mark.parametrize(
    ("title", "url", "read"),
    [("工作报告", "", "B"), ("沪府办发〔2023〕8号", "", "A"), ("工作报告", "https://www.gov.cn/1", "A"), ("工作报告", "见附件", "B")],
)
def test_the_best_grade_needs_something_to_look_up(tmp_path, title, url, read):
    folder = write_city("mycity", tmp_path)
    with (folder / "history.csv").open("a", encoding="utf-8") as file:
        file.write(f"hte_stock,mycity,2023,900,firms,stock,{title},,{url},,A,,exact,stated,2024-03\n")
    city = load_city(folder)
    (count,) = counts_of(city, AS_OF)
    assert city.history.grade.tolist() == [read] and count.error >= city.series.errors.grade_error[read]


def test_a_city_is_never_overwritten(tmp_path):
    write_city("ningbo", tmp_path)
    (tmp_path / "ningbo" / "goals.toml").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_city("ningbo", tmp_path)
    assert (tmp_path / "ningbo" / "goals.toml").read_text() == "mine"


@pytest.mark.parametrize("name", ["宁波", "", "_x", "1x", "a__b", "../x", "a/b", "a" * 41, "con con", "x\n"])
def test_bad_names_write_nothing(tmp_path, name):
    with pytest.raises(InputError, match="cannot name a city"):
        write_city(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_close_to_good_gets_a_suggestion(tmp_path):
    with pytest.raises(InputError, match='Did you mean "new_york"'):
        write_city("New York", tmp_path)


def test_a_missing_parent_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        write_city("ningbo", tmp_path / "gone")


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sim.city.template.shutil.copyfile", fail)
    with pytest.raises(InputError, match="Permission denied"):
        write_city("ningbo", tmp_path)
    assert list(tmp_path.iterdir()) == []
