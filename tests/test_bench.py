"""The benchmarks' own arithmetic, why a rival is left out, and the page of their tables; no time is asserted."""

import json
import subprocess
import sys

import pytest

from sim.quarter import parse
from tests.bench import kept, law, one_loop, rivals, run, scale_page


def rows(history, ahead, mib, sizes=(10_000, 100_000, 1_000_000)):
    return [{"enterprises": n, "quarters": 8, "history": history(n), "ahead": ahead(n), "mib": mib(n)} for n in sizes]


def program(tmp_path, text):
    """Return a program that stands for an interpreter."""
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


# The law --------------------------------------------------------------------------------------------------------------


def test_the_law_finds_the_lines_that_were_put_in():
    made = rows(lambda n: 0.05 + 3e-6 * n, lambda n: 0.08 + 8e-6 * n, lambda n: 280.0 + 0.0004 * n)
    found = law.fitted(made)
    assert (found.history.base, found.history.each) == pytest.approx((0.05, 3e-6))
    assert (found.ahead.base, found.ahead.each) == pytest.approx((0.01, 1e-6))  # a quarter ahead, not all eight
    assert (found.mib.base, found.mib.each) == pytest.approx((280.0, 0.0004))
    assert law.core_seconds(found, 500_000, 10, 4) == pytest.approx(10 * (1.55 + 4 * 0.51))
    assert all(scale_page.missed(found, r) < 1e-9 for r in made)
    assert scale_page.missed(found, made[0] | {"history": made[0]["history"] / 2}) == pytest.approx(1.0)


def test_the_exponent_is_that_of_the_measurements():
    assert law.exponent(rows(lambda n: 3e-6 * n**1.1, abs, abs), "history") == pytest.approx(1.1)


def test_minutes_are_of_whole_rounds_and_of_one_writer():
    found = law.fitted(rows(lambda n: 1e-5 * n, lambda n: 8e-5 * n, lambda n: 300.0))
    of = (1_000_000, 33, 5)  # 60 s a member where two workers are twice as fast as one
    alike = {"speedup": 2.0, "write_seconds": 0.0}
    member = law.core_seconds(found, 1_000_000, 1, 5)
    assert law.minutes(found, of, 16, **alike) == pytest.approx(3 * member / 60.0)  # 16, 16 and 1
    assert law.minutes(found, of, 33, **alike) == law.minutes(found, of, 128, **alike) == pytest.approx(member / 60.0)
    assert law.minutes(found, of, 16, speedup=1.6, write_seconds=0.0) == pytest.approx(1.25 * 3 * member / 60.0)
    assert law.minutes(found, of, 128, speedup=2.0, write_seconds=20.0) == pytest.approx(33 * 20.0 / 60.0)


# The rivals -----------------------------------------------------------------------------------------------------------


def test_a_rival_that_cannot_be_imported_is_left_out_with_the_reason(tmp_path):
    bare = program(tmp_path, f'exec "{sys.executable}" -I -S "$@"')  # has the standard library only
    for name, package in (("covasim", "covasim"), ("starsim_sis", "starsim"), ("mesa", "mesa")):
        x = rivals.measure(name, bare, 100, 3, 1)
        assert set(x) == {"skipped"} and f"{package} cannot be imported" in x["skipped"]
        assert ".[bench]" in x["skipped"] and "--rivals-python" in x["skipped"]
        assert rivals.line("Covasim", x) == ("Covasim", f"skipped: {x['skipped']}")


def test_a_rival_that_fails_or_an_interpreter_that_is_not_there_is_left_out_too(tmp_path):
    broken = program(tmp_path, "echo 'loading' >&2; echo 'ValueError: no' >&2; exit 3")
    assert rivals.measure("covasim", broken, 100, 3, 1) == {"skipped": "it ended with 3: ValueError: no"}
    assert "nowhere" in rivals.measure("covasim", str(tmp_path / "nowhere"), 100, 3, 1)["skipped"]


def test_which_interpreter_runs_a_rival(monkeypatch):
    monkeypatch.setenv(rivals.VARIABLE, "/theirs")
    assert rivals.interpreter("mesa", "/given") == sys.executable
    assert rivals.interpreter("covasim", "/given") == "/given"
    assert rivals.interpreter("covasim") == "/theirs"
    monkeypatch.delenv(rivals.VARIABLE)
    assert rivals.interpreter("covasim") == sys.executable


def test_mesa_is_measured_as_agents_times_steps_a_second():
    x = rivals.measure("mesa", sys.executable, 200, 4, 3)
    assert (x["agents"], x["steps"], x["runs"]) == (200, 4, 3) and x["version"]
    assert 0 < x["min"] <= x["median"] <= x["max"]


def test_what_is_said_before_the_numbers_is_not_read(tmp_path):
    told = json.dumps({"version": "9", "agents": 100, "steps": 4, "seconds": [2.0, 1.0, 4.0]})
    x = rivals.measure("covasim", program(tmp_path, f"echo 'Covasim 9, with a licence'; echo '{told}'"), 100, 4, 3)
    assert x == {"version": "9", "agents": 100, "steps": 4, "median": 200.0, "min": 100.0, "max": 400.0, "runs": 3}


# Table and JSON -------------------------------------------------------------------------------------------------------


@pytest.fixture
def found(monkeypatch):
    """What `python -m tests.bench.run` finds, with its measuring replaced by numbers."""
    skipped = {"skipped": "starsim cannot be imported"}
    others = dict.fromkeys(rivals.NAMES, skipped) | {"mesa": {"version": "3", "agents": 9, "steps": 4} | rivals.spread([5.0, 7.0, 9.0])}
    monkeypatch.setattr(rivals, "every", lambda size, python: others)
    monkeypatch.setattr(run, "members", lambda: ([(3.0, 1.0, 250.0, 44_000)] * 6, 12.0))
    monkeypatch.setattr(run, "member", lambda seed: (2.0, 0.5, 260.0, 44_000))
    monkeypatch.setattr(run, "speeds", lambda *_: ([6e6, 5e6, 7e6], [2e4, 3e4, 1e4], (50_000, 2_500)))
    return run.measured_now(None)


def test_json_has_every_step_with_median_least_and_most_or_a_reason(found):
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"conditions", "software", "steps", "members", "load_after", "seconds"}
    assert set(found["conditions"]) == {"machine", "date", "load", "command"}
    assert list(found["steps"]) == list(rivals.TITLES) == list(rivals.NOTES)
    for name, x in found["steps"].items():
        assert x["note"] == rivals.NOTES[name]
        assert "skipped" in x or {"version", "agents", "steps", "median", "min", "max", "runs"} <= set(x)
    columns = found["steps"]["columns"]
    assert (columns["median"], columns["min"], columns["max"], columns["agents"]) == (6e6, 5e6, 7e6, 50_000)
    assert columns["steps"] == parse("2026Q4") - parse("2024Q4")


def test_the_table_has_a_line_for_every_step_and_says_why_one_is_missing(found):
    told = run.table(found)
    lines = dict(told)
    for title in rivals.TITLES.values():
        assert title in lines
    assert lines["Covasim"] == "skipped: starsim cannot be imported"
    assert lines["Mesa, SIS"].split() == ["7", "agent-steps/s", "and", "core", "(5", "to", "9", "in", "3", "runs),", "9", "agents"]
    assert lines["columns / twin"] == "300.0"
    assert lines["implied for 400 members, 2 processes"] == "200 s forecast, 800 s with history"
    notes = [value for name, value in told if "note" in name]
    assert len(notes) == 3 and all("Covasim" not in x for x in notes)  # of what was measured only


# The page -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scale_page.PAGES)
def test_the_tables_of_the_page_follow_from_the_measurements(name):
    text = (scale_page.DOCS / name).read_text("utf8")
    assert text == scale_page.written(text, kept.read(), scale_page.PAGES[name]), f"docs/{name} is behind; run: make docs"


def test_the_table_of_sizes_is_that_of_the_law():
    found = kept.read()
    made = scale_page.sizing(found, scale_page.WORDS["en"]).splitlines()[2:]
    fitted = law.fitted(found["sizes"]["rows"])
    for line, question in zip(made, scale_page.QUESTIONS, strict=False):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:3] == [f"{x:,}" for x in question]
        assert cells[3] == f"{law.core_seconds(fitted, *question):,.0f}"
        how = {"speedup": found["two_workers"]["processor"]["median"], "write_seconds": found["store"]["save_seconds"]}
        minutes = [law.minutes(fitted, question, cores, **how) for cores in scale_page.CORES]
        assert cells[5:] == [scale_page.short(x) for x in minutes]
        # no core is worth more than one, within what two workers were measured to be worth
        assert all(x >= 0.95 * law.core_seconds(fitted, *question) / n / 60 for x, n in zip(minutes, scale_page.CORES, strict=True))


def test_the_law_holds_for_a_size_and_a_length_that_it_was_not_fitted_to():
    """The check was run when the sizes were; of what is kept, the law must say it within a fifth."""
    found = kept.read()["sizes"]
    x, fitted = found["checked"], law.fitted(found["rows"])
    assert x["enterprises"] not in [r["enterprises"] for r in found["rows"]]
    assert x["quarters"] not in [r["quarters"] for r in found["rows"]]
    assert law.core_seconds(fitted, x["enterprises"], 1, x["quarters"]) == pytest.approx(x["history"] + x["ahead"], rel=0.2)
    assert fitted.mib(x["enterprises"]) == pytest.approx(x["mib"], rel=0.2)


def test_both_languages_have_the_same_words():
    en, zh = (scale_page.WORDS[lang] for lang in ("en", "zh"))
    assert en.keys() == zh.keys()
    for key, x in en.items():
        assert not isinstance(x, tuple | dict) or (len(x) == len(zh[key]) and (isinstance(x, tuple) or x.keys() == zh[key].keys()))


def test_the_commands_beside_the_tables_exist():
    for part in kept.read().values():
        module = part["conditions"]["command"].removeprefix("python -m ").split()[0]
        done = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, check=False)
        assert done.returncode == 0, module


@pytest.mark.slow
def test_growth_as_one_loop_comes_to_the_numbers_of_the_line(monkeypatch):
    monkeypatch.setattr(one_loop, "ENTERPRISES", 4_000)
    monkeypatch.setattr(one_loop, "REPEATS", 1)
    found = one_loop.measured()
    assert set(found["apart"]) == set(one_loop.SAME) and max(found["apart"].values()) < 1e-12
    assert found["closing"] > 500 and found["loop"]["median"] > 0.0 < found["line"]["median"]
