"""What is known when: nothing published later is used, rows of one date are reconciled, and files that mislead are refused."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.backtest import goals, settled
from calibration.panel import data
from calibration.panel.data import CERTIFIED, FLOW, STOCK, Course, Point, Row
from sim.inputs.errors import InputError
from sim.streams import Streams

COLUMNS = (
    "series", "region", "period", "value", "unit", "kind", "source_title", "publisher", "url", "quote", "grade", "note",
    "observation", "dated", "as_of",
)  # fmt: skip
PRINTED = {
    "series": STOCK, "region": "x", "period": "2020", "value": "1234", "unit": "firms", "kind": "stock", "source_title": "t",
    "publisher": "p", "url": "u", "quote": "q", "grade": "B", "note": "", "observation": "exact", "dated": "stated", "as_of": "2021-03",
}  # fmt: skip


def row(value, year, month=12, series=STOCK, region="x", **other):
    kind = "flow" if series in (FLOW, CERTIFIED) else "stock"
    usual = {"bound": "none", "error": 0.01, "grade": "B", "known": 12 * year + month + 2}
    return Row(series, region, kind, year, month, value, **(usual | other))


def written(tmp_path, *rows, columns=COLUMNS):
    path = tmp_path / "history.csv"
    with path.open("w", newline="", encoding="utf8") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(PRINTED | r for r in rows)
    return path


# --- dates


@pytest.mark.parametrize(
    ("period", "ends"),
    [
        ("2024", (2024, 12)), ("2024-06", (2024, 6)), ("2024-11-30", (2024, 11)), ("2024Q4", (2024, 12)), ("2024Q1", (2024, 3)),
        ("2024-Q3", (2024, 9)), ("2024-H1", (2024, 6)), ("2024-H2", (2024, 12)), ("2021-2026", None),
    ],
)  # fmt: skip
def test_a_period_ends_in_its_last_month(period, ends):
    assert data.year_month(period) == ends


def test_time_is_whole_at_the_end_of_a_year():
    assert row(1.0, 2020).time == 2020.0 and row(1.0, 2020, 6).time == 2019.5
    assert data.months_of("2021-01") - data.months_of("2020-12-31") == 1


@pytest.mark.parametrize(
    ("period", "url", "title", "known"),
    [
        ("2020", "https://a.b/art/2021/2/3/x", "t", "2021-03"),  # one digit is no month of an address
        ("2020", "https://a.b/202102/t20210215_1.html", "t", "2021-02"),
        ("2020", "https://a.b/2019-05/x", "t", "2021-03"),  # older than what it tells of
        ("2020", "https://a.b/2019-05/2021-04/x", "t", "2021-04"),
        ("2020", "u", "Report of 2021-01-20", "2021-01"),
        ("2020", "u", "t", "2021-03"),
        ("2020-06", "u", "t", "2020-07"),
        ("2020-12", "u", "t", "2021-03"),
        ("2021-2026", "u", "t", "2022-03"),
    ],
)
def test_without_a_date_the_address_or_the_usual_month_tells(period, url, title, known):
    assert data.assumed_as_of({"period": period, "url": url, "source_title": title}) == known


# --- nothing from the future

ROWS = st.builds(
    row,
    st.integers(1, 9999).map(float),
    st.integers(2015, 2022),
    st.sampled_from([6, 12]),
    st.sampled_from([STOCK, FLOW, "other"]),
    st.sampled_from(["x", "y"]),
    bound=st.sampled_from(["none", "lower", "upper"]),
    grade=st.sampled_from("ABC"),
    known=st.integers(12 * 2015, 12 * 2024),
)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=12), ROWS, st.integers(2015, 2022))
def test_a_number_published_later_or_of_a_later_date_is_never_used(rows, late, origin):
    june = 12 * (origin + 1) + 5
    before = data.at_origin(rows, origin)
    assert data.at_origin([*rows, replace(late, known=max(late.known, june + 1))], origin) == before
    assert data.at_origin([*rows, replace(late, year=origin + 1, known=12 * 2010)], origin) == before
    assert data.courses(before) == data.courses(data.known_points([r for r in rows if r.known <= june], 10**9, float(origin)))
    # and what was published in time is: the last month counts
    assert data.at_origin([replace(late, year=origin, month=12, known=june)], origin) != []


@settings(max_examples=40)
@given(st.lists(ROWS, min_size=1, max_size=10))
def test_every_date_becomes_one_point_between_what_its_rows_say(rows):
    points = data.known_points(rows, 10**9)
    dates = {(r.series, r.region, r.year, r.month) for r in rows}
    assert len(points) == len(dates)
    for p in points:
        mine = [r for r in rows if (r.series, r.region, r.year, r.month) == (p.series, p.region, p.year, p.month)]
        logs = [np.log(r.value) for r in mine]
        assert min(logs) - 1e-9 <= p.log <= max(logs) + 1e-9 and p.error >= 0.01 - 1e-12
        assert (p.bound == "none") == any(r.bound == "none" for r in mine)


def test_rows_of_one_date_are_reconciled_by_hand():
    """Grades A and B differ by a factor of e^0.2: A counts, half the gap widens its error."""
    a, b = row(1000.0, 2020, grade="A"), row(1000.0 * np.exp(0.2), 2020, grade="B", error=0.02)
    (p,) = data.known_points([b, a], 10**9)
    assert p.log == pytest.approx(np.log(1000.0)) and p.error == pytest.approx(np.sqrt(0.01**2 + 0.1**2))
    low = [row(v, 2020, bound="lower", grade=g) for v, g in ((900.0, "A"), (1200.0, "C"))]
    (p,) = data.known_points(low, 10**9)
    assert np.exp(p.log) == pytest.approx(1200.0) and p.bound == "lower" and p.error == 0.01
    (p,) = data.known_points([*low, a], 10**9)
    assert np.exp(p.log) == pytest.approx(1000.0) and p.bound == "none" and p.error == pytest.approx(0.01)


def test_targets_are_numbers_and_never_bounds():
    rows = [row(100.0, 2020), row(90.0, 2021, bound="lower"), row(120.0, 2022, known=10**8)]
    assert [p.year for p in data.targets(rows)] == [2020, 2022]
    assert data.latest_year(rows) == 2022


def test_pairs_need_two_levels_of_a_stock_and_three_years_of_a_flow():
    stocks = [row(100.0 + i, y) for i, y in enumerate([2017, 2018, 2021])]
    flows = [row(50.0 + i, y, series=FLOW) for i, y in enumerate([2017, 2018, 2019, 2020])]
    asked = {(origin, p.series, p.year) for origin, p in data.pairs([*stocks, *flows])}
    assert asked == {(2018, STOCK, 2021), (2019, STOCK, 2021), (2020, STOCK, 2021), (2019, FLOW, 2020)}
    assert {o for o, _ in data.pairs([*stocks, *flows], [2019])} == {2019}
    unknown = [replace(r, known=10**8) if r.year == 2018 and r.kind == "stock" else r for r in [*stocks, *flows]]
    assert not any(p.kind == "stock" for _, p in data.pairs(unknown))  # only one level was out by then


def test_a_course_takes_numbers_and_bounds_that_exceed_them():
    rows = [row(100.0, 2018), row(90.0, 2019, bound="lower"), row(150.0, 2020, bound="lower"), row(999.0, 2021, bound="upper"), row(140.0, 2022)]
    course = data.courses(data.known_points(rows, 10**9))[STOCK]["x"]
    assert course == Course((2018.0, 2020.0, 2022.0), (np.log(100.0), np.log(150.0), np.log(140.0)))


# --- the door


def test_a_file_is_read_as_what_may_be_forecast(tmp_path):
    path = written(
        tmp_path, {}, {"series": FLOW, "kind": "flow", "value": "321", "as_of": "2021-02"},
        {"series": FLOW, "kind": "flow", "period": "2020-06"},  # a part of a year
        {"series": "hte_new", "kind": "flow"},  # a flow that is not scored
        {"series": "hte_stock_target"}, {"period": "2021-2026", "as_of": "2026-01"}, {"value": "0", "period": "2019"},
        {"period": "2021-06", "value": "2000", "observation": "lower_bound", "as_of": "2021-07"},
    )  # fmt: skip
    rows = data.read_rows(data.PanelFiles((path,)))
    assert [(r.series, r.kind, r.year, r.month, r.value, r.bound) for r in rows] == [
        (STOCK, "stock", 2020, 12, 1234.0, "none"), (FLOW, "flow", 2020, 12, 321.0, "none"), (STOCK, "stock", 2021, 6, 2000.0, "lower"),
    ]  # fmt: skip
    assert [r.known for r in rows] == [12 * 2021 + 2, 12 * 2021 + 1, 12 * 2021 + 6]


@pytest.mark.parametrize(
    ("printed", "error"),
    [
        ({}, 0.015), ({"grade": "A"}, 0.01), ({"grade": "C"}, 0.03),
        ({"dated": "inferred"}, np.hypot(0.015, 0.08)),
        ({"value": "16000", "observation": "rounded"}, np.hypot(0.015, 1000 / np.sqrt(12) / 16000)),
        ({"value": "1620", "observation": "rounded"}, np.hypot(0.015, 10 / np.sqrt(12) / 1620)),
        ({"series": FLOW, "kind": "flow", "grade": "C"}, 0.005),
    ],
    ids=["usual", "A", "C", "inferred", "thousands", "tens", "list"],
)  # fmt: skip
def test_a_row_is_as_sure_as_its_source_its_rounding_and_its_date(tmp_path, printed, error):
    (read,) = data.read_rows(data.PanelFiles((written(tmp_path, printed),)))
    assert read.error == pytest.approx(error)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ({"value": "-5"}, r"row 3: value of hte_stock of x in 2020 is -5; a count is 0 or more"),
        ({"as_of": "2019-12"}, "row 3: as_of of hte_stock of x in 2020 is 2019-12, before the period began"),
        ({"series": "hte_stok"}, 'row 3: unknown series "hte_stok". Did you mean "hte_stock"'),
        ({"series": "hte_proposed_flw", "kind": "flow"}, 'Did you mean "hte_proposed_flow"'),
        ({"observation": "guess"}, "row 3: observation"),
        ({"period": "lately"}, "row 3: period"),
        ({"value": "much"}, "row 3: value"),
        ({"period": "2021"}, "row 4: repeats an earlier row"),
    ],
)
def test_a_file_that_misleads_is_refused_with_its_row(tmp_path, printed, said):
    with pytest.raises(InputError, match=said) as caught:
        data.read_rows(data.PanelFiles((written(tmp_path, {"period": "2018"}, printed, {"period": "2021"}),)))
    assert "history.csv: " in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_of_nothing_to_forecast_says_what_is_needed(tmp_path):
    with pytest.raises(InputError, match=r"holds no row that can be forecast\. Needed: a yearly flow"):
        data.read_rows(data.PanelFiles((written(tmp_path, {"kind": "share", "value": "0.2"}),)))


def test_a_net_change_may_be_negative_and_a_name_of_ones_own_is_kept(tmp_path):
    rows = data.read_rows(data.PanelFiles((written(tmp_path, {"series": "hte_net_increase", "kind": "flow", "value": "-5"}, {"series": "our_own_label"}),)))
    assert [r.series for r in rows] == ["our_own_label"]


def test_without_dates_of_publication_they_are_assumed(tmp_path):
    path = written(tmp_path, {"as_of": ""}, {"period": "2021-06"}, columns=COLUMNS[:-1])
    assert [r.known for r in data.read_rows(data.PanelFiles((path,)))] == [12 * 2021 + 2, 12 * 2021 + 6]


# --- settled goals

MARCH_2019 = 12 * 2019 + 2


def goal(target=1500.0, series=STOCK, **other):
    usual = {"set_by": MARCH_2019, "deadline": 2021, "base": None, "ratio": 1.0, "bound": False, "hit": True, "settled": 12 * 2022 + 2}
    return settled.SettledGoal("x", series, settled.DEPARTMENT, settled.LABEL, target, **(usual | other))


def settle(tmp_path, *numbers, **promised):
    path = written(tmp_path, {"series": "hte_stock_target", "period": "2021", "value": "1500", "as_of": "2019-03"} | promised, *numbers)
    return settled.goals_in(data.PanelFiles((path,)), data.read_rows(data.PanelFiles((path,))))


def test_a_goal_is_reached_by_a_number_or_a_lower_bound_in_time(tmp_path):
    late = {"period": "2021", "value": "1600", "as_of": "2022-05"}
    (one,) = settle(tmp_path, late)
    assert one.hit and one.ratio == pytest.approx(1600 / 1500) and one.settled == 12 * 2022 + 4 and one.origin == "2019-03"
    early = {"period": "2020", "value": "1500", "observation": "lower_bound", "as_of": "2021-02"}
    (one,) = settle(tmp_path, late, early)
    assert one.hit and one.settled == 12 * 2021 + 1  # known with the first number that reaches it


def test_a_goal_is_missed_only_when_its_deadline_is_counted(tmp_path):
    before = {"period": "2018", "value": "1550", "as_of": "2019-02"}
    (one,) = settle(tmp_path, before, {"period": "2021", "value": "1400", "as_of": "2022-05"})
    assert not one.hit and one.ratio == pytest.approx(1400 / 1500)  # what was there when it was set does not reach it
    assert settle(tmp_path, before, {"period": "2020", "value": "1400", "as_of": "2021-05"}) == []
    assert settle(tmp_path, before, {"period": "2021", "value": "1600", "observation": "upper_bound", "as_of": "2022-05"}) == []
    assert settle(tmp_path, {"period": "2022", "value": "1600", "as_of": "2023-05"}) == []  # after the deadline


def test_a_shipped_goal_goes_before_the_files_own(tmp_path):
    path = written(tmp_path, {"region": "dongguan", "series": "hte_stock_target", "period": "2019", "value": "9000", "as_of": "2019-03"},
                   {"region": "dongguan", "period": "2019", "value": "9500", "as_of": "2020-03"})  # fmt: skip
    rows = data.read_rows(data.PanelFiles((path,)))
    assert settled.goals_in(data.PanelFiles((path,)), rows)[0].hit
    mine = settled.all_goals(data.PanelFiles((path,)), rows, shipped=False)
    assert {g.region for g in mine} == {"dongguan"}
    assert [g.target for g in mine if g.deadline == 2019 and g.series == STOCK] == [6500.0]


def test_a_goals_own_base_is_known_once_and_not_before_its_time():
    rows = [row(900.0, 2018, known=MARCH_2019), row(1000.0, 2019, known=MARCH_2019 + 12), row(70.0, 2018, series=FLOW, known=MARCH_2019),
            row(5.0, 2018, series="other", known=MARCH_2019)]  # fmt: skip
    def known(base, series=STOCK):
        return sorted((p.series, p.year, p.month, round(float(np.exp(p.log)))) for p in goals.known_for(goal(series=series, base=base), rows))

    alone = [(FLOW, 2018, 12, 70), (STOCK, 2018, 12, 900)]
    assert known(None) == alone and known((2018, 12, 950.0)) == alone  # printed already
    assert known((2019, 4, 950.0)) == sorted([*alone, (STOCK, 2019, 4, 950)])
    assert known((2019, 5, 950.0)) == alone  # later than it was set
    assert known(None, "hte_new") == alone and known(None, "other") == [("other", 2018, 12, 5)]


class Fitted:
    """Stands in for a panel: draws that are said, by year."""

    def __init__(self, counts, first=()):
        self.counts, self.first = counts, np.array(first)

    def draws(self, _series, _region, year, _month=12):
        return np.log(np.array(self.counts[year], float))

    def first_timers(self, _region, _year):
        return self.first


@pytest.mark.parametrize(
    ("asked", "probability"),
    [
        (goal(1000.0), 0.75),  # three of four draws have a year-end at or above 1,000; the second falls back before the deadline
        (goal(1000.0, set_by=12 * 2020 + 2), 0.75),
        (goal(1000.0, set_by=12 * 2021 + 2), 0.5),  # the peak of 2020 was before it was set
        (goal(100.0, goals.NET), 0.5),
        (goal(60.0, goals.NEW), 0.25),
    ],
    ids=["peak", "set later", "set last", "net increase", "first timers"],
)
def test_a_probability_is_the_share_of_draws_that_reach_the_goal(monkeypatch, asked, probability):
    counts = {2019: [800, 900, 700, 600], 2020: [900, 1000, 800, 700], 2021: [1000, 950, 950, 1050]}
    fitted = Fitted(counts, [50.0, 55.0, 59.9, 60.0])
    monkeypatch.setattr(goals.panel, "fit", lambda *_: fitted)
    points = [Point(STOCK, "x", "stock", 2018, 12, np.log(800.0), 0.01, "none")]
    assert (goals.model_outcomes(asked, points, Streams(1)) >= asked.target).mean() == probability


def test_a_label_that_is_not_counted_in_the_region_has_no_model():
    elsewhere = [Point(STOCK, "y", "stock", 2018, 12, 6.0, 0.01, "none"), Point(STOCK, "x", "stock", 2018, 12, 6.0, 0.01, "lower")]
    assert goals.model_outcomes(goal(), elsewhere, Streams(1)) is None


def test_goals_that_are_judged_in_hindsight_have_brier_scores_by_hand():
    said = [(0.8, 1, "model", 0.9), (0.5, 0, "base rate", None), (1.0, 1, "base rate", None)]
    made = [goals.GoalScore(f"g{i}", "2019-03", p, o, 0.0, "k", "x", STOCK, 1.0, 2021, "market", basis, alone, 0.5, 0.7, 1.0, 0.0, 0.6)
            for i, (p, o, basis, alone) in enumerate(said)]  # fmt: skip
    every = goals.goals_summary(made)
    assert every["all"]["goals"] == 3 and every["all"]["reached"] == 2 and every["with_model"]["goals"] == 1
    assert every["all"]["brier_peiyu"] == pytest.approx((0.04 + 0.25 + 0.0) / 3, abs=1e-4)
    assert every["all"]["brier_model_alone"] == pytest.approx((0.01 + 0.25 + 0.0) / 3, abs=1e-4)
    assert every["all"]["brier_base_rate"] == pytest.approx(0.25) and every["all"]["brier_required_growth"] == pytest.approx(1 / 3, abs=1e-4)
    assert every["all"]["brier_hindsight_base_rate"] == pytest.approx(2 / 9, abs=1e-4)
    assert every["with_model"]["brier_model_alone"] == pytest.approx(0.01)
    assert goals.goals_summary([]) == {}


@pytest.mark.parametrize(
    ("series", "target", "reached"),
    [(STOCK, 1440.0, 1.0), (STOCK, 1441.0, 0.0), (goals.NET, 200.0, 1.0), (goals.NEW, 201.0, 0.0)],
)
def test_growth_so_far_goes_on(series, target, reached):
    """800 to 1,000 in a year and a tenth: a fifth a year goes on to 1,440 in two years, and adds 200 in one."""
    points = [Point(STOCK, "x", "stock", y, 12, np.log(v), 0.01, "none") for y, v in ((2017, 1000 / 1.44), (2019, 1000.0))]
    assert goals.required_growth(goal(target - 1e-6, series), points, 0.3) == reached
    lone = [Point(STOCK, "z", "stock", p.year, 12, p.log, 0.01, "none") for p in points] + points[1:]
    assert goals.required_growth(goal(target - 1e-6, series), lone, 0.3) == reached  # as the others grew
