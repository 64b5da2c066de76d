"""Which published series speak of what, and how far they are off, is data of the city; no code knows a city."""

import re
import shutil
from pathlib import Path

import pytest

import scenarios
from calibration.data.summaries import observed
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES
from sim.city.regions import provinces
from sim.city.series import COMMON, ErrorScales, error_scales
from sim.city.template import write_city
from sim.inputs.errors import InputError
from sim.inputs.toml import read_model
from sim.state.indicators import NAMES

ROOT = Path(__file__).parents[1]
KNOWN = frozenset(NAMES)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou")
    return tmp_path / "hangzhou"


def edit(folder, old, new):
    path = folder / "series.toml"
    text = path.read_text("utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf8")


def complaint(folder):
    with pytest.raises(InputError) as caught:
        load_city(folder, KNOWN)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_changed_offset_moves_the_error_of_its_list_and_of_no_other(folder):
    as_of = quarter.parse("2024Q4")
    before = {o.name: o for o in observed(load_city(folder, KNOWN), as_of)}
    edit(folder, "offset = 0.05", "offset = 0.15")
    after = {o.name: o for o in observed(load_city(folder, KNOWN), as_of)}
    moved = {name for name in before if before[name] != after[name]}
    assert moved and {name.split("@")[0] for name in moved} == {"hnte_certified"}


def test_a_series_that_is_not_named_is_not_fitted(folder):
    edit(folder, '[[series]]\nname = "srdi_prov_stock"\nindicator = "srdi_stock"\n', "")
    names = [o.name for o in observed(load_city(folder, KNOWN), quarter.parse("2024Q4"))]
    assert names and not any(name.startswith("srdi_stock") for name in names)


def test_a_city_without_shares_derives_nothing(folder):
    text = (folder / "series.toml").read_text("utf8")
    without = text[: text.index("[[share]]")] + text[text.index("[[covered]]") :]
    (folder / "series.toml").write_text(without, "utf8")
    city = load_city(folder, KNOWN)
    assert not city.series.shares
    made = ("derived from shares",)
    sources = [o.source for o in observed(load_city("hangzhou", KNOWN), quarter.parse("2024Q4"))]
    assert all(any(x in source for source in sources) for x in made)
    left = [o.source for o in observed(city, quarter.parse("2024Q4"))]
    assert left and not any(x in source for source in left for x in made)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('indicator = "hnte_first"', 'indicator = "hnte_frist"', 'Did you mean "hnte_first"?'),
        ("offset = 0.15", "offset = -0.15", "0"),
        ("offset = 0.15", 'offset = "much"', "series.toml"),
        ("offset = 0.15", "ofset = 0.15", 'unknown key "ofset"'),
        ('name = "hte_new"', 'name = "hte_stock"', 'series "hte_stock" is there twice'),
        ('name = "hte_stock_share_yrd"', 'name = "hte_stock"', 'series "hte_stock" is there twice'),
        ('[[list_error]]\nindicator = "hnte_first"', '[[list_error]]\nindicator = "srdi_stock"', 'list_error "srdi_stock" is there twice'),
        ('why = "known enterprises of overlapping lists"', "", "why"),
        ("[[series]]", "[[serie]]", 'Did you mean "series"?'),
        ('event = "zone_designated"', 'event = "zone_desginated"', 'Did you mean "zone_designated"?'),
        ('event = "zone_built"', 'event = "fund_started"', "covered: unknown event"),
        ('since = "2022Q1"\nto = "2022Q4"', 'since = "2022Q1"\nto = "2021Q4"', "to = 2021Q4 is before since = 2022Q1"),
        ('since = "2022Q1"\nto = "2022Q4"', 'since = "2022Q1"\nto = "2025Q1"', "since = 2025Q1 is inside an earlier entry"),
        ("batch = 10", "batch = 0.5", "batch"),
    ],
)
def test_what_is_wrong_in_series_toml_is_said_in_one_sentence(folder, old, new, said):
    edit(folder, old, new)
    message = complaint(folder)
    assert "series.toml" in message and said in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # the date that is missing, and what to write
        ('event = "consortium_formed"\nsince = "2025Q1"\nto = "2025Q4"', 'event = "consortium_formed"\nsince = "2025Q1"\nto = "2025Q3"',
         'row 14: consortium_formed of 2025Q4 has no coverage in series.toml: it is known up to 2025Q3 only; write to = "2025Q4"'),
        ('event = "consortium_formed"', 'event = "sample_made"',
         'add to it [[covered]] event = "consortium_formed", since = "2025Q4", to = "2025Q4", why = "..."'),
    ],
)  # fmt: skip
def test_an_event_without_coverage_is_refused_with_the_line_to_add(folder, old, new, said):
    if "sample_made" in new:
        edit(folder, 'event = "sample_made"\nsince = "2025Q1"', 'event = "platform_built"\nsince = "2024Q1"\nto = "2024Q4"')
    edit(folder, old, new)
    assert said in complaint(folder)


def test_an_unknown_kind_of_event_is_refused_with_the_name_that_was_meant(folder):
    path = folder / "events.csv"
    path.write_text(path.read_text("utf8").replace("consortium_formed", "consortium_fromed"), "utf8")
    assert 'unknown kind "consortium_fromed". Did you mean "consortium_formed"?' in complaint(folder)


def test_a_city_without_the_file_is_told_which_files_a_city_needs(folder):
    (folder / "series.toml").unlink()
    assert "series.toml: is missing" in complaint(folder)


def test_error_scales_of_all_cities_are_bounded(tmp_path):
    text = COMMON.read_text("utf8")
    (tmp_path / "observations.toml").write_text(text.replace("C = 0.06", "C = 0", 1), "utf8")
    with pytest.raises(InputError, match=r"observations\.toml: line \d+"):
        read_model(tmp_path / "observations.toml", ErrorScales)
    grades = error_scales().grade_error
    assert grades["A"] < grades["B"] < grades["C"]


def test_a_new_city_has_series_of_its_own_to_edit(tmp_path):
    city = load_city(write_city("mycity", tmp_path), KNOWN)
    assert "hte_stock" in city.series.indicators and set(city.series.indicators.values()) <= KNOWN


def test_no_code_below_the_face_knows_a_city_a_province_or_a_list_of_theirs():
    cities = [p.name for p in CITIES.iterdir() if not p.name.startswith("_")]
    districts = {d.key for c in cities for d in load_city(c, KNOWN).districts}
    places = {*cities, *districts, *provinces(), "杭州", "浙江"}
    lists = {name for c in cities for name in load_city(c, KNOWN).series.shares} | {"unicorn_welian", "welian", "yrd"}
    word = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(places | lists))})(?![a-z])|https?://", re.IGNORECASE)
    files = [p for top in ("agents", "sim", "calibration") for p in sorted((ROOT / top).rglob("*.py"))]
    files = [p for p in files if p != ROOT / "agents" / "parameters.py"]  # priors say what they rest on
    assert len(files) > 70
    found = [f"{p.relative_to(ROOT)}: {m[0]}" for p in files for m in [word.search(p.read_text("utf8"))] if m]
    assert found == []
    assert scenarios.FOLDER in COMMON.parents
