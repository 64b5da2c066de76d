"""Commands on a real Dask scheduler with two workers: the same bytes as here, and one sentence when they are gone."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_peiyu_signals import at_work, lines, members, started
from test_sim_workers import waited_until

from peiyu.runs.ids import leaves
from sim.store.store import open_store

ROOT = Path(__file__).parents[1]
COMMANDS = sorted((ROOT / "peiyu" / "cli").rglob("*.py"))
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "error"}


class Dask:
    """A scheduler and its workers on loopback, each a process of its own."""

    def __init__(self, folder):
        self.file, self.workers = folder / "scheduler.json", []
        self.scheduler = self._start("scheduler", "--port", "0")
        assert waited_until(lambda: self.file.exists() and self.file.read_text(), 30)
        self.address = json.loads(self.file.read_text())["address"]

    def _start(self, *words, **more):
        command = [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--scheduler-file", self.file, "--no-dashboard"]
        # in a folder of its own: Python looks for modules where it is started, before all else
        return subprocess.Popen(
            command, env=ENVIRONMENT | more, cwd=self.file.parent, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def worker(self, **more):
        """Start a worker without a nanny, that would start it again."""
        self.workers.append(self._start("worker", "--nthreads", "1", "--no-nanny", **more))

    def end(self):
        for process in [*self.workers, self.scheduler]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def dask(tmp_path):
    pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    made = Dask(tmp_path)
    yield made
    made.end()


def done(*words, code=0):
    command = started(*words)
    printed, said = command.communicate(timeout=600)
    assert command.returncode == code and "Traceback" not in said, said
    return printed, said


def files(out):
    """What a command wrote, but for the store and what names the folder or the time."""
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.suffix in (".csv", ".json")}


# fails-when and sensitivity run what these run, for ten minutes
EVERY = [
    ("forecast", "--as-of", "2024Q4", "--members", "4", "--end", "2030Q4"),
    ("compare", "baseline", "plan_as_written", "--members", "2"),
    ("search", "--budget", "100000", "--candidates", "8", "--screen", "2", "--members", "2", "--goal", "hnte"),
    ("check", "--members", "2"),
    ("backtest", "--origins", "2022"),
]


@pytest.mark.slow
@pytest.mark.longest
@pytest.mark.parametrize("words", EVERY, ids=lambda words: words[0])
def test_a_command_on_a_cluster_writes_the_same_bytes(words, dask, tmp_path):
    for _ in range(2):
        dask.worker()
    here, there = tmp_path / "here", tmp_path / "there"
    alone = done(*words, "--json", "--out", here, "--workers", "2")[0]
    assert done(*words, "--json", "--out", there, "--cluster", dask.address)[0].replace("/there", "/here") == alone
    assert files(there) == files(here) and files(here)


@pytest.mark.slow
@pytest.mark.longest
def test_a_fit_and_a_number_made_again_on_a_cluster_are_the_same(dask, tmp_path):
    for _ in range(2):
        dask.worker()
    fits = []
    for where in (("--workers", "2"), ("--cluster", dask.address)):
        folder = tmp_path / where[0].strip("-") / "mycity"
        folder.parent.mkdir()
        done("new-city", "mycity", "--parent", folder.parent)
        done("calibrate", "--city", folder, "--particles", "50", "--out", tmp_path, *where)
        fits.append({p.name: p.read_bytes() for p in folder.glob("fitted*")})
    assert fits[0] == fits[1] and fits[0]
    made = done("forecast", "--as-of", "2024Q4", "--members", "3", "--json", "--out", tmp_path)[0]
    again = done("reproduce", json.loads(made)["run_id"], "--json", "--out", tmp_path, "--cluster", dask.address)[0]
    assert json.loads(again) and all(x["same"] and not x["differs"] for x in json.loads(again))
    done("backtest", "--origins", "2022", "--out", tmp_path)
    (analysis,) = open_store(tmp_path / "peiyu.db").analyses("backtest")
    number = f"analysis/backtest/{analysis.key}/{min(leaves(analysis.document))}"
    again = done("reproduce", number, "--json", "--out", tmp_path, "--cluster", dask.address)[0]
    assert json.loads(again)["same"]


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["scheduler", "last worker"])
def test_a_cluster_that_is_gone_is_one_sentence_and_what_is_done_is_kept(gone, dask, tmp_path):
    dask.worker()
    words = ("forecast", "--as-of", "2024Q4", "--lang", "en", "--members", "200", "--out", tmp_path, "--cluster", dask.address)
    command = started(*words)
    assert not at_work(command, tmp_path)  # nobody works here
    (dask.scheduler if gone == "scheduler" else dask.workers[0]).kill()
    printed, said = command.communicate(timeout=30)
    assert command.returncode == 1 and printed == "" and len(lines(said)) == 1
    assert f"the Dask cluster at {dask.address} has lost its scheduler or its last worker; what was finished is kept" in said
    assert members(tmp_path) >= 1
    _, said = done(*words, code=2)
    assert len(lines(said)) == 1 and ("no Dask scheduler answers" if gone == "scheduler" else "start some with: dask worker") in said


@pytest.mark.slow
def test_a_lost_worker_of_a_cluster_changes_no_byte(dask, tmp_path):
    for _ in range(2):
        dask.worker()
    words = ("forecast", "--as-of", "2024Q4", "--members", "12", "--json")
    there = started(*words, "--out", tmp_path / "there", "--cluster", dask.address)
    at_work(there, tmp_path / "there")
    dask.workers[0].kill()
    printed, said = there.communicate(timeout=120)
    assert there.returncode == 0, said
    assert printed == done(*words, "--out", tmp_path / "here")[0]


@pytest.mark.slow
def test_a_worker_of_other_code_is_refused_with_both_named(dask, tmp_path):
    for package in ("agents", "sim", "calibration", "peiyu", "scenarios"):
        shutil.copytree(ROOT / package, tmp_path / "other" / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "sim" / "quarter.py").open("a", encoding="utf8") as file:
        file.write("# another day\n")
    dask.worker(PYTHONPATH=str(tmp_path / "other"))
    _, said = done("forecast", "--members", "2", "--out", tmp_path / "out", "--cluster", dask.address, code=2)
    assert re.search(r"worker tcp://127\.0\.0\.1:\d+ has code [0-9a-f]{16}, here it is [0-9a-f]{16}; ", said)
    assert len(lines(said)) == 1 and not (tmp_path / "out").exists()


# One way to work -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_command_that_has_processes_has_a_cluster_and_uses_both(path):
    """Whoever takes --workers makes `Workers` of it and --cluster, once."""
    tree = ast.parse(path.read_text("utf8"))
    for command in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        options = {ast.unparse(x.annotation) for x in command.args.args if x.annotation}
        made = [ast.unparse(x) for x in ast.walk(command) if isinstance(x, ast.Call) and ast.unparse(x.func) == "Workers"]
        assert ("Processes" in options) == ("Cluster" in options)
        assert made == (["Workers(workers, cluster)"] if "Processes" in options else [])


SPREADING = r"^\s*(?:import|from) (multiprocessing|subprocess|joblib|loky|dask|distributed|concurrent|threading)\b"


def test_nothing_else_starts_processes_or_threads():
    """But the page, whose processes keep states of their members, and what runs commands of ours within a time limit."""
    found = {
        str(path.relative_to(ROOT))
        for top in ("agents", "sim", "calibration", "peiyu")
        for path in (ROOT / top).rglob("*.py")
        if "page" not in path.parts and re.search(SPREADING, path.read_text("utf8"), re.MULTILINE)
    }
    assert found == {"sim/cluster.py", "sim/processes.py", "sim/worker_process.py", "peiyu/stopping.py", "peiyu/runs/complete.py"}
