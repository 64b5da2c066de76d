"""Every command at its door: help that names each option, wrong words answered in one sentence, nothing begun."""

import errno
import re
import sqlite3

import pytest
import typer
from rich.console import Console

from peiyu.__main__ import run
from peiyu.cli.app import Language, default_language
from peiyu.commands import app
from peiyu.forecasts import pipeline
from peiyu.screen import console, progress
from sim.store.database import connect

PROGRAM = typer.main.get_command(app)
COMMANDS = PROGRAM.commands
NEEDS = {"compare": ["baseline", "no_policy"], "change": ["a", "b"], "reproduce": ["run/a/joint/1"], "new-city": ["mycity"],
         "add-observation": ["--source", "a report"], "city-check": ["mycity"]}  # fmt: skip
"""Words that a command cannot do without."""


def options(command):
    return {p.opts[0] for p in COMMANDS[command].params if p.opts[0].startswith("--")}


def cases(*wanted):
    """Return every command that has one of these options, with the option."""
    return [(command, option) for command in COMMANDS for option in wanted if option in options(command)]


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch, tmp_path):
    """Stand in an empty folder, and fail at once where a command begins to work."""
    monkeypatch.chdir(tmp_path)

    def begun(*_words, **_named):
        raise AssertionError("it began to work")

    for place in (
        "peiyu.forecasts.pipeline.answer", "peiyu.forecasts.pipeline.up_to_date", "calibration.fit.calibrate.calibrate",
        "calibration.moments.check.check", "calibration.backtest.backtest.run", "peiyu.runs.change.explain",
    ):  # fmt: skip
        monkeypatch.setattr(place, begun)


def refused(capsys, command, *words, needs=True):
    """Return the one sentence with which a command refuses."""
    given = [command, *(NEEDS.get(command, []) if needs else []), *words]
    assert run(given) == 2, given
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("peiyu: ") and said.err.count("\n") == 1, said
    return said.err


# ---- help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option_and_what_it_means_in_both_languages(command, capsys):
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    for p in COMMANDS[command].params:
        assert re.search(rf"^ +{{?{re.escape(p.opts[0])}[}}. ]", shown, re.MULTILINE), p.opts
        assert re.search(r"[a-z]", p.help) and re.search(r"[\u4e00-\u9fff]", p.help), p.opts
    about = COMMANDS[command].help
    assert re.search(r"[A-Z]", about) and re.search(r"[\u4e00-\u9fff]", about)


def test_the_program_lists_every_command_in_the_order_of_the_work(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z]+(?:-[a-z]+)*)  ", shown, re.MULTILINE)
    assert listed[:3] == ["forecast", "page", "compare"] and sorted(listed) == sorted(COMMANDS)
    assert listed.index("new-city") < listed.index("city-check") < listed.index("calibrate")


def test_one_name_means_one_thing_in_every_command():
    """An option that several commands have is explained in the same words, but for what a command narrows."""
    told = {}
    for command in COMMANDS:
        for p in COMMANDS[command].params:
            told.setdefault(p.opts[0], set()).add(p.help)
    # the template of an appendix is Word's, that of a new city a workbook
    own = {"--goal", "--members", "--city", "--scenario", "--template", "run"}
    assert {name for name, helps in told.items() if len(helps) > 1} <= own


# ---- words that no command takes


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_named(command, capsys):
    assert "No such option: --nothing" in refused(capsys, command, "--nothing")


@pytest.mark.parametrize(("command", "option"), cases("--workers", "--city"))
def test_a_misspelt_option_is_answered_with_the_right_one(command, option, capsys):
    assert option in refused(capsys, command, option[:-1] + "zz" + option[-1], "3")


@pytest.mark.parametrize(
    ("command", "missing"),
    [*((c, "Missing argument") for c in ("change", "reproduce", "city-check")), ("new-city", "name the city's folder")],
)
def test_what_a_command_cannot_do_without_is_named(command, missing, capsys):
    assert missing in refused(capsys, command, needs=False)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"compare", "cities", "review"}))  # these take as many as one names
def test_a_word_too_many_is_named(command, capsys):
    assert re.search(r"unexpected extra argument.*three", refused(capsys, command, "one", "two", "three", needs=command == "add-observation"))


@pytest.mark.parametrize(
    ("command", "option"),
    cases("--members", "--seed", "--workers", "--particles", "--boxes", "--levers", "--candidates", "--screen", "--at-least"),
)
def test_what_is_no_whole_number_is_refused_by_the_option_s_name(command, option, capsys):
    assert f"'{option}'" in refused(capsys, command, option, "1.5")


@pytest.mark.parametrize(("command", "option"), cases("--mc-error", "--probability", "--budget", "--budget-year"))
def test_what_is_no_number_is_refused_by_the_option_s_name(command, option, capsys):
    assert f"'{option}'" in refused(capsys, command, option, "10 亿元")


@pytest.mark.parametrize(("command", "option"), cases("--lang"))
def test_there_are_two_languages(command, option, capsys):
    assert "'zh', 'en'" in refused(capsys, command, option, "fr")


@pytest.mark.parametrize(
    ("command", "option"),
    cases(
        "--seed", "--members", "--workers", "--particles", "--boxes", "--candidates", "--screen", "--mc-error", "--probability",
        "--budget", "--budget-year",
    ),
)
@pytest.mark.parametrize("number", ["-1", "10000000000000"])
def test_a_number_no_run_can_have_is_refused_with_its_range(command, option, number, capsys):
    said = refused(capsys, command, option, number)
    assert re.search(rf"{option} (-1|1e\+13|10000000000000): write a number (from|between) [\d,.]+ (to|and) [\d,]+[ .;]", said)


# ---- places


@pytest.mark.parametrize("command", ["show", "appendix", "reproduce", "change"])
@pytest.mark.parametrize("words", [[], ["--db", "no/such.db"], ["--out", "elsewhere"]])
def test_who_only_reads_a_store_says_where_none_is_and_makes_none(command, words, capsys, tmp_path):
    said = refused(capsys, command, *words)
    place = {"--db": "no/such.db", "--out": "elsewhere/peiyu.db"}.get(words[0] if words else "", "out/peiyu.db")
    assert f"{place}: no such store; run peiyu forecast first" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["show", "appendix", "reproduce", "change"])
def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(command, capsys, tmp_path):
    mine = tmp_path / "notes.md"
    mine.write_text("my notes, long enough to be looked at as if they were pages of a database", "utf8")
    assert "notes.md: cannot be used as a store" in refused(capsys, command, "--db", "notes.md")
    assert mine.read_text("utf8").startswith("my notes")


@pytest.mark.parametrize(("command", "word"), [("show", "nothing"), ("appendix", "nothing"), ("reproduce", "nothing")])
def test_a_run_that_is_not_in_the_store_is_refused(command, word, capsys, tmp_path):
    connect(tmp_path / "a.db").close()
    assert 'no run "nothing"' in refused(capsys, command, word, "--db", "a.db", needs=False)


@pytest.mark.parametrize("command", ["forecast", "compare", "search", "sensitivity", "calibrate", "check", "backtest", "fails-when"])
def test_an_out_that_is_a_file_is_refused_before_anything_runs(command, capsys, tmp_path):
    (tmp_path / "mine").write_text("x", "utf8")
    said = refused(capsys, command, "--out", "mine")
    assert "mine" in said and ("is a file" in said or "Not a directory" in said or "File exists" in said)
    assert (tmp_path / "mine").read_text("utf8") == "x"


READS_A_STORE = ("appendix", "change", "reproduce")


@pytest.mark.parametrize(("command", "option"), [x for x in cases("--city") if x[0] not in READS_A_STORE])
def test_an_unknown_city_is_answered_with_the_nearest_before_anything_is_written(command, option, capsys, tmp_path):
    assert 'Did you mean "hangzhou"?' in refused(capsys, command, option, "hangzou")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "date", "said"),
    [
        ("forecast", "2024-Q4", 'is not a quarter; write year, Q and 1 to 4 in quotes, like "2026Q3". Did you mean "2024Q4"?'),
        ("compare", "2024", "is not a quarter"),
        ("search", "2031Q1", "the data of hangzhou end in"),
        ("sensitivity", "1999Q4", "the data of hangzhou begin in"),
        ("fails-when", "soon", "is not a quarter"),
        ("calibrate", "2024Q5", "is not a quarter"),
    ],
)
def test_a_date_is_a_quarter_within_the_data(command, date, said, capsys):
    told = refused(capsys, command, "--as-of", date)
    assert said in told and "--as-of" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["appendix", "--format", "docy"], 'unknown format "docy". Did you mean "docx"?'),
        (["appendix", "--format", " , "], "name one or more of docx, pdf, html, xlsx"),
        (["sensitivity", "--effort", "usaul"], 'Did you mean "usual"?'),
        (["compare", "baseline", "no_policy", "--split=kind"], 'Did you mean "kinds"?'),
        (["compare", "baseline", "no_policy", "no_policy"], "each may be named once"),
        (["reproduce", "run/a"], "is not the id of a number"),
        (["search", "--lever", "fund_seed"], "write a range of sizes"),
        (["search", "--at-least", "0"], "write a number from 1 to 11"),
        (["search", "--budget", "-5"], "write a number between 0 and"),
        (["fails-when", "--levers", "39"], "40 or more"),
        (["backtest", "--history", "no.csv", "--lang", "en"], "there is no such file"),
        (["forecast", "--scenario", ""], "has no scenario"),
        (["forecast", "--json=1"], "does not take a value"),
        (["forecast", "--out"], "requires an argument"),
        (["forecst"], "No such command"),
        ([""], "No such command"),
    ],
)
def test_a_wrong_word_is_one_sentence(words, said, capsys):
    assert said in refused(capsys, *words, needs=False)


# ---- what is not the user's fault


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "no room left to write; what was finished is kept"),
        (OSError(errno.EFBIG, "File too large"), 1, "no room left to write"),
        (sqlite3.OperationalError("database or disk is full"), 1, "no room left to write"),
        (PermissionError(errno.EACCES, "Permission denied", "/shut/a.db"), 2, "/shut/a.db: cannot be written; choose"),
        (KeyboardInterrupt(), 130, "run the same command again to go on"),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_what_stops_a_command_is_said_in_one_line(fault, code, said, monkeypatch, capsys):
    def stop(*_words, **_named):
        raise fault

    monkeypatch.setattr(pipeline, "ask", stop)
    assert run(["forecast", "--lang", "en"]) == code
    shown = capsys.readouterr().err
    assert said in shown and "Traceback" not in shown and shown.count("\n") <= 1


@pytest.mark.parametrize("fault", [ZeroDivisionError("ours"), OSError(errno.EIO, "ours"), sqlite3.OperationalError("no such table: ours")])
def test_a_fault_of_ours_keeps_its_traceback(fault, monkeypatch):
    def stop(*_words, **_named):
        raise fault

    monkeypatch.setattr(pipeline, "ask", stop)
    with pytest.raises(type(fault), match="ours"):
        run(["forecast"])


# ---- the screen


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, Language.ZH),
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "en_GB.UTF-8"}, Language.EN),
        ({"LANG": "C.UTF-8"}, Language.ZH),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "EN_us"}, Language.EN),
    ],
)
def test_the_language_is_the_locale_s_chinese_unless_it_is_english(variables, language, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() is language


def test_where_there_is_no_terminal_progress_is_a_line_now_and_then(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    with progress.Bar("work", "en") as bar:
        for seconds, done in ((5, 1), (15, 3), (16, 4), (29, 5), (31, 8)):
            now[0] = 100.0 + seconds
            bar.update(done, 9)
        bar.say("a word")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["work: 3/9, at most 30 s left", "work: 8/9, at most 4 s left", "a word"]


def test_nothing_is_promised_before_anything_is_done(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    with progress.Bar("work", "en") as bar:
        now[0] = 60.0
        bar.update(0, 9)
    assert capsys.readouterr().err == ""


def test_a_table_in_a_file_is_wide_enough_and_has_no_colours(capsys):
    made = console.stdout("en")
    assert isinstance(made, Console) and made.width == console.WIDE
    made.heading("[bold]x[/bold]", " " + "1" * 130)
    assert capsys.readouterr().out == "[bold]x[/bold] " + "1" * 130 + "\n"
