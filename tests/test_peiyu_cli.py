"""The command line as a user meets it: JSON contract, exit codes, one message, nothing half-written."""

import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.fit.fit import load_fit
from peiyu.__main__ import run
from sim.city.city import load_city
from sim.inputs.errors import InputError

ROOT = Path(__file__).parents[1]
KEYS = [
    "goal",
    "reading",
    "operator",
    "value",
    "deadline",
    "q05",
    "median",
    "q95",
    "probability",
    "mc_error",
    "evidence",
    "basis",
    "likelihood",
    "model_probability",
    "model_weight",
    "record_rate",
    "record_n",
    "record_own",
    "base_rate",
    "hangs_low",
    "hangs_high",
]
EFFECT = [
    "scenario",
    "goal",
    "reading",
    "gross",
    "additional",
    "net",
    "delta_probability",
    "ci90",
    "cost_wan",
    "cost_per_net_unit",
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("out")


def peiyu(*words, **more):
    return subprocess.run(
        [sys.executable, "-m", "peiyu", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **more,
    )


@pytest.fixture(scope="module")
def compared(out):
    done = peiyu("compare", "baseline", "plan_as_written", "--members", 3, "--workers", 2, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_forecast_json_is_the_contract(out, compared, city):
    done = peiyu("forecast", "--members", 3, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    d = json.loads(done.stdout)
    assert list(d) == ["run_id", "city", "scenario", "as_of", "members", "seed", "goals", "joint", "outcomes", "outside_evidence", "levers_outside_evidence"]
    assert (d["city"], d["scenario"], d["as_of"], d["members"], d["seed"]) == (
        "hangzhou",
        "plan_as_written",
        "2026Q1",
        3,
        1,
    )
    assert all(list(g) == KEYS for g in d["goals"])
    assert [(g["goal"], g["reading"]) for g in d["goals"]] == [(g.key, r.key) for g in city.goals for r in g.readings]
    for g in d["goals"]:
        assert g["q05"] <= g["median"] <= g["q95"]
        assert 0 <= g["probability"] <= 1 and g["mc_error"] >= 0
    assert list(d["joint"]) == ["all", "at_least"]
    assert list(d["joint"]["at_least"]) == [str(k) for k in range(1, len(city.goals) + 1)]
    assert json.loads((out / "forecast.json").read_text("utf8")) == d
    assert {"goals.csv", "paths.csv", "ledger.csv", "peiyu.db"} <= {p.name for p in out.iterdir()}


def test_compare_json_is_the_contract(compared, city):
    assert list(compared["effects"][0])[: len(EFFECT)] == EFFECT
    assert len(compared["effects"]) == sum(len(g.readings) for g in city.goals)
    for e in compared["effects"]:
        assert e["ci90"][0] <= e["delta_probability"] <= e["ci90"][1]
        assert e["additional"] <= e["gross"] or e["gross"] == e["net"]
        assert e["cost_wan"] > 0


@pytest.mark.parametrize(("lang", "word"), [("zh", "达成概率"), ("en", "P(reached)")])
def test_the_table_speaks_both_languages(out, compared, lang, word):
    done = peiyu("forecast", "--members", 3, "--out", out, "--lang", lang)
    assert done.returncode == 0 and word in done.stdout


def test_the_language_follows_the_locale(out, compared):
    done = peiyu("forecast", "--members", 3, "--out", out, env=os.environ | {"LC_ALL": "en_GB.UTF-8"})
    assert "P(reached)" in done.stdout


def test_show_lists_runs_and_shows_one(out, compared):
    listed = json.loads(peiyu("show", "--out", out, "--json").stdout)
    mine = next(r for r in listed if r["scenario"] == "plan_as_written")
    shown = json.loads(peiyu("show", mine["run_id"], "--out", out, "--json").stdout)
    assert {g["goal"] for g in shown} == {g["goal"] for g in compared["goals"]}
    assert peiyu("show", mine["run_id"], "--out", out).returncode == 0


WRONG = {
    ("forecast", "--members", "0"): "write a number from 1 to 100,000",
    ("forecast", "--workers", "0"): "write a number from 1 to 256",
    ("forecast", "--mc-error", "2"): "between 0 and 1",
    ("forecast", "--members", "many"): "valid integer",
    ("forecast", "--as-of", "2009Q1"): "the data of hangzhou begin in 2012Q4",
    ("forecast", "--as-of", "2024-12"): "2026Q3",
    ("forecast", "--as-of", "2022Q4"): "peiyu calibrate",
    ("forecast", "--city", "hangzou"): "hangzhou",
    ("forecast", "--scenario", "plan"): "plan_as_written",
    ("forecast", "--scenario", "no_such.toml"): "no such scenario file",
    ("forecast", "--db", "/"): "is a folder",
    ("forecast", "--lang", "fr"): "fr",
    ("forecst",): "forecast",
    ("forecast", "--memers", "3"): "--members",
    ("compare", "baseline"): "two scenarios or more",
    ("compare", "baseline", "baseline"): "named once",
    ("show", "nothing", "--db", "/nowhere/at/all.db"): "no such store",
    ("calibrate", "--particles", "3"): "write a number from 50 to 2,000",
    ("calibrate", "--as-of", "2013Q1"): "2012Q4",
    ("calibrate", "--as-of", "2031Q1"): "the data of hangzhou end in",
    ("calibrate", "--workers", "0"): "write a number from 1 to 256",
    ("calibrate", "--cluster", "nonsense"): "--cluster",
    ("forecast", "--as-of", "2031Q1"): "the data of hangzhou end in",
    ("forecast", "--cluster", "nonsense"): "--cluster",
    ("change", "a", "b"): "no such store",
    ("new-city", "no good"): "no good",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_input_gets_one_message_and_exit_2(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(list(words)) == 2
    said = capsys.readouterr()
    assert WRONG[words] in said.err and "Traceback" not in said.err
    assert said.err.count("\n") == 1 and said.out == ""
    assert not list(tmp_path.iterdir())  # nothing half-written


def test_a_read_only_folder_is_one_message(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sim.files.writable", lambda _: False)  # the tests may run as root
    assert run(["forecast", "--out", str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from(
            ["forecast", "compare", "show", "--members", "-1", "--as-of", "2024Q5", "--json", "x", "--city", ""]
        ),
        max_size=5,
    )
)
def test_no_words_get_a_traceback(words):
    if words[:1] in (["show"], ["compare"], ["forecast"]) and not {"-1", "2024Q5", "x", ""} & set(words):
        return  # valid words run for minutes
    assert run(words) in (0, 2)


def test_help_says_what_every_command_does():
    assert peiyu("--help").returncode == 0
    for command in ("forecast", "compare", "show", "calibrate", "new-city"):
        assert peiyu(command, "--help").stdout.count("\n") > 5


def test_a_new_city_is_written_once_and_is_whole(tmp_path):
    assert peiyu("new-city", "mycity", "--parent", tmp_path).returncode == 0
    again = peiyu("new-city", "mycity", "--parent", tmp_path)
    assert again.returncode == 2 and "Traceback" not in again.stderr
    assert load_city(tmp_path / "mycity").name == "mycity"


@pytest.mark.parametrize("parent", [".", "our cities", "{there}"])
def test_the_commands_that_a_new_city_prints_are_about_it_and_never_about_a_shipped_one(tmp_path, monkeypatch, capsys, parent):
    """Else `peiyu calibrate --city hangzhou` would overwrite the posterior that is shipped."""
    monkeypatch.chdir(tmp_path)
    parent = parent.format(there=tmp_path / "there")
    Path(parent).mkdir(exist_ok=True)
    assert run(["new-city", "hangzhou", "--parent", parent]) == 0
    made, *commands = capsys.readouterr().out.splitlines()
    assert len(commands) == 2
    for command in commands:
        words = shlex.split(command)
        assert load_city(words[words.index("--city") + 1]).folder == Path(made).resolve() == tmp_path / parent / "hangzhou"
    with pytest.raises(InputError) as refused:
        load_fit(load_city(Path(made).resolve()))
    words = shlex.split(str(refused.value).partition("run: ")[2])
    assert load_city(words[words.index("--city") + 1]).folder == Path(made).resolve()


def test_a_shipped_city_is_called_by_its_name():
    assert load_city("hangzhou").on_command_line == "hangzhou"


@pytest.mark.slow
def test_a_new_city_can_be_fitted_and_forecast(tmp_path):
    assert peiyu("new-city", "mycity", "--parent", tmp_path).returncode == 0
    folder = tmp_path / "mycity"
    fitted = peiyu("calibrate", "--city", folder, "--particles", 100)  # with 50 it hangs on luck whether enough agree
    assert fitted.returncode == 0, fitted.stderr
    done = peiyu(
        "forecast", "--city", folder, "--scenario", "no_policy", "--members", 3, "--out", tmp_path / "o", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["city"] == "mycity"


def test_a_stopped_command_says_how_to_go_on(monkeypatch, capsys):
    def stopped(*_words, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("peiyu.forecasts.pipeline.ask", stopped)
    assert run(["forecast", "--lang", "en"]) == 130
    assert "run the same command again to go on: peiyu forecast --lang en\n" in capsys.readouterr().err


def test_the_version_is_one_line(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"{version('peiyu')}\n"
