"""The README's commands exist, both languages name the same ones, and nothing names a machine."""

import re
import subprocess
from pathlib import Path

from typer.main import get_command

from calibration.fit.fit import load_fit
from peiyu.commands import app
from peiyu.forecasts.pipeline import newest_origin
from peiyu.words.numbers import asked
from sim import quarter

ROOT = Path(__file__).parents[1]
COMMANDS = set(get_command(app).commands)


def commands(name):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text("utf8"), re.S)
    return set(re.findall(r"^peiyu ([\w-]+)", "\n".join(blocks), re.M)) | {"forecast"}


def test_every_command_is_documented_and_every_documented_command_exists():
    assert commands("README.md") == COMMANDS
    assert commands("README.zh.md") == COMMANDS


def test_options_named_in_the_readmes_exist():
    program = get_command(app)
    known = {o for c in (program, *program.commands.values()) for p in c.params for o in p.opts}
    for name in ("README.md", "README.zh.md"):
        used = set(re.findall(r"(--[a-z][\w-]*)", (ROOT / name).read_text("utf8"))) - {"--help", "--no-compile"}  # of pip
        assert used <= known, name


def test_make_targets_named_in_the_readmes_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf8"), re.M))
    for name in ("README.md", "README.zh.md"):
        named = set(re.findall(r"`?make ([a-z]+(?:-[a-z]+)?)", (ROOT / name).read_text("utf8"))) - {"make"}
        assert {"forecast", "test", "test-all"} <= named and named - targets <= {"and"}, name


def shown(name):
    """Return the run that the table in a README is of, and its rows: asked, median, interval, probability."""
    table = (ROOT / name).read_text("utf8").split("<!-- forecast-output -->")[1].split("<!-- /forecast-output -->")[0]
    cells = [[x.strip() for x in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]
    about = re.search(r"(\d{4}Q\d) · (\d+) .* ([0-9a-f]{12})$", table, re.M)
    return about.groups(), [row[2:6] for row in cells if len(row) > 6 and row[2]]


def test_the_shown_output_has_every_reading_of_the_shipped_plan(city):
    (as_of, _, _), rows = shown("README.md")
    assert as_of == newest_origin(city.name) == load_fit(city, quarter.parse(as_of)).provenance.as_of
    assert [row[0] for row in rows] == [asked(r.operator, r.value) for g in city.goals for r in g.readings]
    assert all(x for row in rows for x in row)


def test_both_languages_show_the_same_run():
    assert shown("README.md") == shown("README.zh.md")


def test_the_readme_code_runs(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text("utf8")
    code = re.search(r"```python\n(.*?)```", text, re.S)[1].replace("members=100", "members=2")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    scope = {}
    exec(compile(code, "README.md", "exec"), scope)
    assert len(scope["forecast"].frame()) > 10
    assert scope["model"].datacollector.get_model_vars_dataframe().hnte_stock.iloc[-1] > 0


def test_nothing_names_a_machine_or_a_registry():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    files = [ROOT / f for f in listed if f] or [p for p in ROOT.iterdir() if p.is_file()]
    for path in files:
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yml", ".cfg", ".json"} or path.name in {"Makefile", "run"}:
            text = path.read_text("utf8", errors="ignore")
            assert not re.search(r"(?<![\w.])/(?:work|farm)/|index[-]url", text), path
    assert "://" not in (ROOT / "constraints.txt").read_text("utf8")
