"""Known enterprises: what their file may say, what they are at the opening, and how long they keep to their record."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from agents.enterprises import Enterprises, Stage
from agents.parameters import Parameters
from calibration.fit.basis import _of_city
from calibration.fit.history import History
from sim import quarter
from sim.city.city import load_city
from sim.city.facts import published
from sim.city.files import CITIES, read_profile
from sim.city.known import KNOWN, KNOWN_COLUMNS, Figures, KnownEnterprise, read_known
from sim.inputs.errors import InputError
from sim.inputs.text import TextFile, opened
from sim.model.model import IndustryModel
from sim.state.indicators import INDICATORS
from sim.state.known import KnownEnterprises, slot_of

COLUMNS = [name for name, _, _ in Enterprises.describe()]
ROW = {
    "key": "video", "zh": "视频", "en": "Video", "district": "binjiang", "track": "general_ai", "founded": "2001",
    "listed": "2010", "year": "2012", "revenue": "72.14", "employees": "", "rd_share": "", "grade": "A",
    "source": "report", "url": "", "note": "",
}  # fmt: skip


def read(*changes):
    """Read a file of one row for each set of changes."""
    lines = [",".join((ROW | c).values()) for c in changes]
    text = "\n".join([",".join(KNOWN_COLUMNS.columns), *lines]) + "\n"
    profile = read_profile(opened(CITIES / "hangzhou" / "profile.toml"))
    return read_known(TextFile(CITIES / "mycity" / KNOWN, text), profile)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"district": "binjang"}], 'known.csv: row 2: unknown district "binjang". Did you mean "binjiang"?'),
        ([{"track": "generalai"}], 'row 2: unknown track "generalai". Did you mean "general_ai"?'),
        ([{}, {"revenue": "70"}], "row 3: repeats an earlier row (video, 2012)"),
        ([{}, {"year": "2013", "en": "Vision"}], "row 3: en of video is Vision, but Video in its first row"),
        ([{}, {"year": "2013", "listed": ""}], "row 3: listed of video is blank, but 2010.0 in its first row"),
        ([{"revenue": "-3"}], "row 2: revenue is \"-3.0\"; allowed: more than 0, in 亿元."),
        ([{"employees": "-3"}], "row 2: employees is \"-3.0\"; allowed: 1 or more, or a blank."),
        ([{"rd_share": "7.62"}], "row 2: rd_share is \"7.62\"; allowed: a share from 0 to 1, or a blank."),
        ([{"year": "1999"}], "row 2: year of video is 1999, before it was founded in 2001."),
        ([{"listed": "1999"}], "row 2: listed of video is 1999, before it was founded in 2001."),
        ([{"year": "2013"}], "row 2: video has no row for 2012 or before; the city opens in 2012Q4"),
        ([{"founded": "2014", "listed": "", "year": "2016"}], "row 2: video was founded in 2014, after the opening 2012Q4; only"),
        ([{"founded": "2001.5"}], "row 2: founded is \"2001.5\"; allowed: a whole number."),
        ([{"listed": "2010.5"}], "row 2: listed is \"2010.5\"; allowed: a whole year, or a blank."),
        ([{"source": ""}], "row 2: source is \"\"; allowed: some text, not a blank."),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_number(rows, told):
    with pytest.raises(InputError) as caught:
        read(*rows)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_rows_become_an_enterprise_in_the_units_of_the_model(city):
    """亿元 of a report are 万元 of the model; blanks of the second row equal blanks of the first."""
    (video,) = read({"year": "2013", "listed": "", "employees": "900"}, {"listed": "", "rd_share": "0.08"})
    assert video.figures == (Figures(2012, 721_400.0, None, 0.08), Figures(2013, 721_400.0, 900.0, None))
    assert (video.district, video.track, video.listed) == (city.district_index("binjiang"), city.track_index("general_ai"), None)


@pytest.mark.parametrize(("as_of", "last"), [("2012Q4", 2012), ("2018Q4", 2017), ("2019Q1", 2017), ("2019Q2", 2018)])
def test_a_year_is_known_from_the_second_quarter_of_the_next(city, as_of, last):
    (hikvision,) = (x for x in published(city, quarter.parse(as_of)) if x.key == "hikvision")
    assert hikvision.figures[-1].year == last


def test_a_listing_to_come_is_not_known(city):
    late = replace(city, known=(replace(city.known[0], listed=2016),))
    assert [published(late, quarter.parse(q))[0].listed for q in ("2016Q3", "2016Q4")] == [None, 2016]


def test_between_two_years_an_enterprise_grows_evenly():
    """By hand: from 100 to 400 in two years by doubling; a head earns 1, then 2, so the root of 2 half-way."""
    x = KnownEnterprise("x", "", "", 0, 0, 2000, None, (Figures(2012, 100.0, 100.0, 0.02), Figures(2014, 400.0, 200.0, 0.04)))
    silent = replace(x, key="y", figures=(Figures(2012, 600.0, None, None),))
    known = KnownEnterprises.of((x, silent), 60.0)
    slots = np.array([slot_of("x"), slot_of("y")])
    staff, revenue, rd_share, _ = known.books(slots, 2013)
    assert revenue == pytest.approx([200.0, 600.0]) and staff == pytest.approx([200.0 / 2**0.5, 10.0])
    assert rd_share[0] == pytest.approx(0.03) and np.isnan(rd_share[1])
    assert known.books(slots, 2020).staff == pytest.approx([200.0, 10.0])


def small(city, known, pool=300):
    """Return a city of few entrants with the given known enterprises, and parameters of a small pool."""
    opening = replace(city.opening, potential_entrants=pool, hnte=40, tech_sme=100)
    return replace(city, opening=opening, known=known), Parameters(opening_pool=float(pool))


def row_of(model, key):
    """Return one known enterprise by column."""
    return model.enterprise(slot_of(key))


def test_a_giant_keeps_to_its_record_and_is_an_enterprise_like_others_after_it(city, scenario):
    """In a city where everybody moves, closes and takes off: not while figures are published."""
    city, parameters = small(city, city.known)
    parameters = replace(parameters, relocation_rate=0.99, hazard_7_up=0.97, exit_size_slope=0.0, take_off_scale=900.0)
    model = IndustryModel(city, scenario("history"), parameters, seed=2, as_of=quarter.parse("2018Q4"))
    while model.quarter < quarter.parse("2017Q4"):
        model.step()
        view = row_of(model, "hikvision")
        assert (view["district"], view["stage"] != "LEADER", view["dormant"]) == (city.district_index("binjiang"), True, False)
    assert view["revenue"] == pytest.approx(4_190_500.0, rel=1e-12) and view["employees"] == pytest.approx(26_330.0, rel=1e-12)
    assert view["rd_spend"] == pytest.approx(0.0762 * 4_190_500.0) and view["listed"] == quarter.parse("2010Q4")
    # from 207.3 to 419.05 in two years by the straight line through 72.14 of 2012 in logs
    assert view["growth"][0] == pytest.approx(np.log(419.05 / 72.14) / 5.0)
    model.run_to(quarter.parse("2021Q4"))
    with pytest.raises(KeyError):
        row_of(model, "hikvision")


def test_what_is_published_later_is_not_in_a_run_from_before(city, scenario):
    city, parameters = small(city, city.known)
    at = {}
    for as_of in ("2018Q4", "2019Q2", "2021Q2"):
        model = IndustryModel(city, scenario("history"), parameters, seed=2, as_of=quarter.parse(as_of))
        at[as_of] = {y: row_of(model.run_to(4 * y + 3), "hikvision")["revenue"] / 1e4 for y in (2017, 2018, 2020)}
    assert {as_of: round(x[2017], 2) for as_of, x in at.items()} == dict.fromkeys(at, 419.05)
    assert round(at["2019Q2"][2018], 2) == 498.37 != round(at["2018Q4"][2018], 2)
    assert round(at["2021Q2"][2020], 2) == 635.03 != round(at["2019Q2"][2020], 2)


def test_a_row_that_stands_for_several_is_there_so_often_that_the_count_holds(city, scenario):
    """Of 600 known enterprises 150 are expected where a row stands for four; four standard deviations are 42."""
    many = tuple(replace(city.known[0], key=f"k{i}") for i in range(600))
    city, parameters = small(city, many)
    counts = [
        (IndustryModel(city, scenario("history"), parameters, seed=5, as_of=city.start, weight=w).state.enterprises.on_record > 0).sum()
        for w in (1.0, 4.0)
    ]
    assert counts[0] == 600 and abs(counts[1] - 150) < 42


@pytest.mark.parametrize("weight", [1.0, 2.0])
def test_nobody_else_opens_or_is_founded_otherwise(city, scenario, weight):
    """All columns of all others at the opening, and of the first who come, to the bit."""
    runs = [
        IndustryModel(replace(city, known=known), scenario("history"), Parameters(), seed=3, as_of=city.start, weight=weight)
        for known in (city.known, ())
    ]
    for step in range(2):
        for model in runs if step else ():
            model.step()
        ours, theirs = (model.state.enterprises for model in runs)
        # in the second quarter rivals share a market with the giants, so only who has just come is compared
        others, theirs_too = ours.on_record == 0, theirs.slot >= 0
        if step:
            others, theirs_too = (e.born == city.start + 1 for e in (ours, theirs))
        mine, his = (np.flatnonzero(mask)[np.argsort(e.slot[mask])] for e, mask in ((ours, others), (theirs, theirs_too)))
        assert len(mine) > 50
        for name in COLUMNS:
            if not step or name in {"slot", "district", "track", "quality", "employees", "origin", "rd_intensity"}:
                np.testing.assert_array_equal(getattr(ours, name)[mine], getattr(theirs, name)[his], err_msg=name)


def test_the_giants_of_the_city_are_counted_by_revenue_and_by_listing(city, scenario):
    """By hand from the file: in 2012 only one had 50亿元, and both video makers were listed; neither is a unicorn."""
    model = IndustryModel(city, scenario("history"), Parameters(), seed=3, as_of=quarter.parse("2025Q2"))
    read_off = {name: INDICATORS[name].measure(model.state) for name in ("future_revenue_leaders", "future_listed_leaders")}
    assert read_off == {"future_revenue_leaders": 1.0, "future_listed_leaders": 2.0}
    for key in ("hikvision", "dahua"):
        assert row_of(model, key)["stage"] != Stage.LEADER.name


def test_a_fit_names_the_known_enterprises_it_read(city, scenario):
    history = History(city, scenario("history"), quarter.parse("2018Q4"), 10.0)
    seen, later = _of_city(history), replace(city, known=())
    assert "known.csv" in seen and "known.csv" not in _of_city(replace(history, city=later))


def test_the_fingerprint_of_a_city_follows_its_known_enterprises(tmp_path):
    folder = shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou", ignore=shutil.ignore_patterns("fitted*"))
    file, shas = folder / KNOWN, [load_city(folder).sha]
    file.write_text(file.read_text("utf8").replace("924.86", "925.86"), "utf8")
    shas.append(load_city(folder).sha)
    file.unlink()
    shas.append(load_city(folder).sha)
    assert len(set(shas)) == 3
