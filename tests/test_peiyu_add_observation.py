"""A planner enters a number or an event: what is written, what is refused, and what it is said to move."""

import shutil
import stat
from datetime import date

import pytest

from calibration.data.coverage import coverage_end
from calibration.sensitivity.runs import candidates
from peiyu.__main__ import run
from peiyu.observations import draft, write
from peiyu.observations.moves import SPEAKS_OF, moved, next_command
from sim import files, quarter
from sim.city.city import load_city
from sim.city.events import KINDS, read_by
from sim.city.files import CITIES, TEMPLATE
from sim.state.indicators import NAMES

TODAY = date(2026, 11, 28)
KNOWN = frozenset(NAMES)
SOURCE = ["--source", "市科技局, 第 3 期", "--url", "https://example.org/a,b"]
NUMBER = ["--series", "hte_new", "--period", "2025", "--value", "9300"]


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou")
    return tmp_path / "hangzhou"


@pytest.fixture
def enter(folder, capsys):
    """Run the command on a copy of the city; returns the exit code and what was said."""

    def entered(*words, lang="en"):
        code = run(["add-observation", "--city", str(folder), "--lang", lang, *words])
        out = capsys.readouterr()
        return code, out.out + out.err

    return entered


def test_a_number_is_the_last_row_and_no_other_byte_changes(enter, folder):
    before = (folder / "history.csv").read_bytes()
    code, said = enter(*NUMBER, *SOURCE, "--published", "2026-03", "--grade", "A")
    after = (folder / "history.csv").read_bytes()
    assert code == 0 and after.startswith(before) and after.count(b"\n") == before.count(b"\n") + 1
    row = load_city(folder, KNOWN).history.iloc[-1]
    assert (row.series, row.region, row.period, row.value) == ("hte_new", "hangzhou", "2025", 9300.0)
    assert (row.unit, row.kind, row.grade, row.observation, row.as_of) == ("firms", "flow", "A", "exact", "2026-03")
    assert (row.source_title, row.url) == ("市科技局, 第 3 期", "https://example.org/a,b")
    assert "hnte/newly_recognised" in said and "consortium" not in said
    assert f"peiyu forecast --city {folder} --as-of 2026Q1" in said


def test_events_enter_with_the_quarter_up_to_which_they_are_known(enter, folder):
    words = ["--event", "consortium_formed", "--quarter", "2026Q1", "--count", "2", *SOURCE]
    text = (folder / "series.toml").read_text("utf8")
    code, said = enter(*words)
    assert code == 2 and "known up to 2025Q4 only" in said and "--covered-to 2026Q1" in said
    assert (folder / "series.toml").read_text("utf8") == text
    code, said = enter(*words, "--covered-to", "2026Q2")
    assert code == 0 and "consortium/formed" in said
    changed = [(a, b) for a, b in zip(text.splitlines(), (folder / "series.toml").read_text("utf8").splitlines(), strict=True) if a != b]
    assert changed == [('to = "2025Q4"', 'to = "2026Q2"')]
    city = load_city(folder, KNOWN)
    assert city.events["count"].tolist()[-1] == 2 and coverage_end(city) == quarter.parse("2026Q2")


def test_a_kind_nobody_looked_for_gets_its_date(enter, folder):
    code, _ = enter("--event", "sample_made", "--quarter", "2026Q3", "--count", "4", *SOURCE, "--covered-to", "2026Q3")
    assert code == 0
    (entry,) = (x for x in load_city(folder, KNOWN).series.covered if x.event == "sample_made")
    assert (entry.since, entry.to) == (quarter.parse("2025Q1"), quarter.parse("2026Q3"))


def test_a_kind_the_city_does_not_count_yet_is_added(folder):
    city = load_city(folder, KNOWN)
    text = (folder / "series.toml").read_text("utf8")
    cut = text[: text.index('[[covered]]\nevent = "sample_made"')] + text[text.index('[[covered]]\nevent = "platform_built"') :]
    event = draft.NewEvent(kind="sample_made", quarter="2026Q1", count=1, covered_to="2026Q2")
    (folder / "series.toml").write_text(write.with_coverage(cut, city, event), "utf8")
    (entry,) = (x for x in load_city(folder, KNOWN).series.covered if x.event == "sample_made")
    assert (entry.since, entry.to) == (quarter.parse("2026Q1"), quarter.parse("2026Q2"))


def test_a_dry_run_says_the_same_and_writes_nothing(enter, folder):
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    code, said = enter(*NUMBER, *SOURCE, "--dry-run")
    assert code == 0 and "nothing written" in said and "hte_new,hangzhou,2025,9300.0" in said
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_a_number_that_contradicts_one_on_record_is_kept_beside_it(enter, folder):
    code, said = enter("--series", "hte_stock", "--period", "2024", "--value", "17000", *SOURCE)
    rows = load_city(folder, KNOWN).history.query("series == 'hte_stock' and region == 'hangzhou' and period == '2024'")
    assert code == 0 and {16000.0, 17000.0} <= set(rows["value"])
    assert "says 16,000 of the same period" in said and "both are kept" in said


def test_events_of_the_same_quarter_add_up_and_are_said_to(enter):
    code, said = enter("--event", "zone_designated", "--quarter", "2025Q2", "--count", "3", *SOURCE)
    assert code == 0 and "has 14 of the same quarter" in said and "enter the difference" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--series", "hte_nwe", "--period", "2025", "--value", "1"], 'Did you mean "hte_new"?'),
        (["--event", "consortium_fromed", "--quarter", "2025Q4"], 'Did you mean "consortium_formed"?'),
        ([*NUMBER, "--region", "hangzhu"], 'Did you mean "hangzhou"?'),
        (["--series", "hte_new", "--period", "2199", "--value", "1"], "after today"),
        (["--series", "hte_new", "--period", "this year", "--value", "1"], "allowed: 2024, 2024-11"),
        ([*NUMBER, "--published", "2199-01"], "after today"),
        ([*NUMBER, "--published", "2024-01"], "before the period began"),
        ([*NUMBER, "--published", "soon"], "as 2026-03"),
        ([*NUMBER, "--grade", "D"], "allowed: A, B, C"),
        ([*NUMBER, "--observation", "about"], "allowed: exact, rounded"),
        ([*NUMBER[:-1], "-5"], "a count is 0 or more"),
        ([*NUMBER[:-1], "nan"], "value"),
        (["--event", "consortium_formed", "--quarter", "2059Q1"], "after today"),
        (["--event", "consortium_formed", "--quarter", "2025Q4", "--count", "-1"], "0 or more"),
        (["--event", "consortium_formed", "--quarter", "2025-Q4"], 'Did you mean "2025Q4"?'),
        (["--event", "zone_designated", "--quarter", "2025Q2", "--district", "xihuu"], 'Did you mean "xihu"?'),
        (["--event", "fund_started", "--quarter", "2025Q4", "--covered-to", "2026Q1"], "needs no coverage"),
        (["--event", "sample_made", "--quarter", "2026Q1", "--covered-to", "2025Q4"], "before the event"),
        (["--event", "sample_made", "--quarter", "2026Q1", "--covered-to", "2059Q4"], "after today"),
        ([], "write either --series"),
        ([*NUMBER, "--event", "sample_made"], "write either --series"),
        (["--series", "hte_new", "--period", "2025"], "needs --period and --value"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(enter, folder, words, said):
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    code, told = enter(*words, *SOURCE)
    assert code == 2 and said in told and told.count("\n") == 1, told
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_a_row_entered_twice_is_refused(enter):
    assert enter(*NUMBER, *SOURCE, "--published", "2026-03")[0] == 0
    code, said = enter(*NUMBER, *SOURCE, "--published", "2026-03")
    assert code == 2 and "repeats an earlier row" in said


@pytest.mark.parametrize(("encoding", "end"), [("gb18030", "\r\n"), ("utf-8-sig", "\n"), ("utf-8", "")])
def test_a_file_from_a_spreadsheet_keeps_its_encoding_and_line_ends(enter, folder, encoding, end):
    path = folder / "events.csv"
    raw = path.read_text("utf8").replace("\n", end or "\n").rstrip("\r\n") + end
    path.write_bytes(raw.encode(encoding))
    assert enter("--event", "zone_designated", "--quarter", "2025Q3", *SOURCE, "--district", "xihu")[0] == 0
    after = path.read_bytes()
    assert after.startswith(raw.encode(encoding)) and after.endswith((end or "\n").encode())
    assert load_city(folder, KNOWN).events["source"].tolist()[-1] == "市科技局, 第 3 期"


def test_a_folder_of_others_is_left_alone_and_the_way_to_a_copy_is_said(enter, folder, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.Path, "replace", refused)
    code, said = enter(*NUMBER, *SOURCE)
    assert code == 2 and "peiyu new-city hangzhou --from hangzhou" in said


def test_a_shipped_city_can_be_copied_with_its_fit(tmp_path):
    assert run(["new-city", "hangzhou", "--from", "hangzhou", "--parent", str(tmp_path)]) == 0
    copy = load_city(tmp_path / "hangzhou", KNOWN)
    assert copy.sha == load_city("hangzhou", KNOWN).sha and (copy.folder / "fitted.csv").is_file()
    assert copy.folder.stat().st_mode & stat.S_IWUSR


def test_every_number_that_may_be_asked_for_can_be_entered(folder, tmp_path):
    """Whatever `peiyu sensitivity` may name: a series of history.csv, or a kind of event, of Hangzhou and of a new city."""
    shutil.copytree(CITIES / TEMPLATE, tmp_path / "mycity")
    for place in (folder, tmp_path / "mycity"):
        city = load_city(place, KNOWN)
        said_by = draft.Source(title="test", as_of="2026-11")
        asked = {d.indicator for d in candidates(city, quarter.parse("2025Q3"))}
        series = {indicator: name for name, indicator in city.series.indicators.items()}
        kinds = {name: kind for kind in reversed(KINDS) for name in read_by(kind)}
        assert len(asked) > 9 or place.name == "mycity"
        for indicator in asked:
            if indicator in series:
                number = draft.NewNumber(series=series[indicator], region=city.name, period="2025", value=7.0)
                row, event = draft.number_row(city, number, said_by, TODAY), None
            else:
                event = draft.NewEvent(kind=kinds[indicator], quarter="2026Q3", count=1, covered_to="" if "fund" in indicator else "2026Q3")
                row = draft.event_row(city, event, said_by, TODAY)
            assert indicator in row.indicators
            addition = write.added(city, row, event)
            after = addition.after.history if event is None else addition.after.events
            assert len(after) == len(city.history if event is None else city.events) + 1
        assert asked >= {r.indicator for goal in city.goals for r in goal.readings}


@pytest.mark.parametrize(
    ("series", "goals"),
    [
        ("hte_new", {"hnte"}),
        ("hte_new_future", {"hnte"}),
        ("future_firms_known", {"hnte", "ecosystem_leader", "tech_centre", "key_result"}),
        ("srdi_prov_stock", set()),
    ],
)
def test_the_goals_that_a_number_moves_are_those_that_count_its_label(city, series, goals):
    number = draft.NewNumber(series=series, region="hangzhou", period="2025", value=7.0)
    row = draft.number_row(city, number, draft.Source(title="test"), TODAY)
    assert {goal.key for goal, _ in moved(city, row)} == goals


@pytest.mark.parametrize(("period", "command"), [("2023", "peiyu calibrate --city hangzhou"), ("2025", "peiyu forecast --city hangzhou --as-of ")])
def test_a_number_before_the_fit_asks_for_a_new_one_and_a_later_one_for_an_update(city, period, command):
    number = draft.NewNumber(series="hte_new", region="hangzhou", period=period, value=7.0)
    row = draft.number_row(city, number, draft.Source(title="test"), TODAY)
    assert next_command(city, city, row).startswith(command)


def test_both_languages_say_it(enter):
    _, zh = enter(*NUMBER, *SOURCE, "--dry-run", lang="zh")
    assert "检查通过" in zh and "高新技术企业" in zh and "接下来运行" in zh


def test_what_informs_a_goal_is_a_series_or_an_event_of_the_city(city):
    """A series whose indicator is renamed must not lose its goals unnoticed."""
    entered = {*city.series.indicators.values(), *(name for kind in KINDS for name in read_by(kind))}
    assert set(SPEAKS_OF) <= entered
