"""A command that is stopped, killed, or loses a worker: one line, an exit code, nobody left, what is done kept and the same."""

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from others import children, runs, shared_memory, waited_until

from peiyu.__main__ import run

ROOT = Path(__file__).parents[1]
FORECAST = ("forecast", "--as-of", "2024Q4", "--workers", "2", "--lang", "en")
ARMED = 1 << (signal.SIGTERM - 1)


@pytest.fixture(autouse=True)
def heard():
    """Hear Ctrl-C and the end of a terminal: what a shell or `nohup` started ignores them, and so would all that it starts."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def started(*words, **more):
    """Start the program as the leader of a group, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "-m", "peiyu", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | more,
    )  # fmt: skip


def members(out):
    """How many members the store has."""
    try:
        with sqlite3.connect(f"file:{out}/peiyu.db?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM members").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def at_work(command, out, fewest=1):
    """Wait until some members are stored, and return the workers."""
    assert waited_until(lambda: members(out) >= fewest or command.poll() is not None, 120)
    assert command.poll() is None, command.stderr.read()
    return children(command.pid)


def lines(said):
    """What was said, but for progress, which is told where it takes long."""
    return [line for line in said.splitlines() if not line.endswith(" s left")]


def send(command, number, to):
    os.killpg(command.pid, number) if to == "group" else command.send_signal(number)


def nobody_left(workers):
    return waited_until(lambda: not any(map(runs, workers)), seconds=3)


STOPS = [
    pytest.param(signal.SIGTERM, "one", 143),
    pytest.param(signal.SIGINT, "group", 130, marks=pytest.mark.slow),
    pytest.param(signal.SIGINT, "one", 130, marks=pytest.mark.slow),
    pytest.param(signal.SIGHUP, "group", 129, marks=pytest.mark.slow),
    pytest.param(signal.SIGTERM, "group", 143, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("number", "to", "code"), STOPS)
def test_a_command_that_is_stopped_says_so_and_leaves_nobody(tmp_path, number, to, code):
    before = shared_memory()
    words = (*FORECAST, "--members", 200, "--out", tmp_path)
    command = started(*words)
    workers = at_work(command, tmp_path)
    send(command, number, to)
    _, said = command.communicate(timeout=15)
    assert command.returncode == code
    resume = shlex.join(["peiyu", *map(str, words)])
    assert lines(said) == [f"peiyu: stopped; what was finished is kept, run the same command again to go on: {resume}"]
    assert len(workers) == 2 and nobody_left(workers)
    assert not [name for name in shared_memory() - before if str(command.pid) in name]
    assert members(tmp_path) >= 1


@pytest.mark.slow
def test_a_program_that_is_killed_leaves_nobody_and_what_it_has_done(tmp_path):
    command = started(*FORECAST, "--members", 200, "--out", tmp_path)
    workers = at_work(command, tmp_path)
    command.kill()
    assert command.wait(15) == -signal.SIGKILL
    assert len(workers) == 2 and nobody_left(workers) and members(tmp_path) >= 1


def written(out):
    """Return what a forecast wrote, but for the store."""
    return {p.name: p.read_bytes() for p in out.iterdir() if p.suffix in (".csv", ".json")}


def forecast_in(out, disturb=lambda *_: None):
    """Forecast with eight members; return what is printed and written."""
    command = started(*FORECAST, "--members", 8, "--json", "--out", out)
    disturb(command, out)
    printed, said = command.communicate(timeout=120)
    assert command.returncode == 0 and "Traceback" not in said, said
    return printed, written(out)


def kill_a_worker(command, out):
    os.kill(at_work(command, out)[0], signal.SIGKILL)


@pytest.mark.slow
def test_a_lost_worker_and_a_stop_change_no_byte(tmp_path, capsys):
    for name in ("alone", "lost", "stopped"):
        (tmp_path / name).mkdir()
    words = [*FORECAST, "--workers", "1", "--members", "8", "--json", "--out", str(tmp_path / "alone")]
    assert run(words) == 0  # in this process: nothing can be lost
    alone = capsys.readouterr().out, written(tmp_path / "alone")
    assert alone[1] and forecast_in(tmp_path / "lost", kill_a_worker) == alone
    first = started(*FORECAST, "--members", 8, "--json", "--out", tmp_path / "stopped")
    at_work(first, tmp_path / "stopped")
    first.terminate()
    assert first.wait(10) == 143 and members(tmp_path / "stopped") < 8
    assert forecast_in(tmp_path / "stopped") == alone


@pytest.mark.slow
def test_workers_that_are_killed_again_and_again_are_one_sentence(tmp_path):
    command = started(*FORECAST, "--members", 200, "--out", tmp_path)
    at_work(command, tmp_path)

    def all_killed():
        for pid in children(command.pid) if command.poll() is None else []:
            os.kill(pid, signal.SIGKILL)
        return command.poll() is not None

    assert waited_until(all_killed, 30)
    _, said = command.communicate()
    assert command.returncode == 1 and len(lines(said)) == 1 and "with fewer --workers: peiyu forecast" in said
    assert "(the last ended with -9;" in said and members(tmp_path) >= 1


def armed(pid):
    """Whether a process answers to signals itself by now."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return int(caught.split()[1], 16) & ARMED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("wait", [0.0, 0.3])
def test_a_command_that_is_stopped_while_it_loads_is_one_line(number, wait, tmp_path):
    command = started(*FORECAST, "--out", tmp_path)
    assert waited_until(lambda: armed(command.pid))
    waited_until(lambda: False, wait)
    send(command, number, "group")
    printed, said = command.communicate(timeout=15)
    assert command.returncode == 128 + number and printed == ""
    assert len(lines(said)) == 1 and "stopped" in said and "Traceback" not in said


def test_who_is_to_be_spared_a_closed_terminal_is(tmp_path):
    """As under nohup: what is ignored at the start stays so."""
    code = "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv({0!r}, [{0!r}, '-m', 'peiyu', 'show', '--out', {1!r}])"
    command = subprocess.Popen(
        [sys.executable, "-c", code.format(sys.executable, str(tmp_path))], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert waited_until(lambda: armed(command.pid))
    command.send_signal(signal.SIGHUP)
    assert command.wait(20) != 129


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_line_is_in_the_language_of_the_command(lang, tmp_path):
    command = started("forecast", "--as-of", "2024Q4", f"--lang={lang}", "--out", tmp_path, LANG="de_DE.UTF-8")
    assert waited_until((tmp_path / "peiyu.db").exists, 120)
    command.terminate()
    _, said = command.communicate(timeout=15)
    assert command.returncode == 143
    assert {"zh": "已停止", "en": "stopped; what was finished"}[lang] in said and len(lines(said)) == 1


SWALLOWS = """
import time
from peiyu import stopping
stopping.GRACE_SECONDS = 0.5
stopping.raise_when_stopped()
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(60)  # as if nothing had come: what a library may do in a callback
"""


def stopped(program, number):
    """Stop a program once it says that it is ready; return its exit code and what it says."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_that_a_library_swallows_is_heeded_in_the_end_with_one_line(number):
    code, said = stopped(SWALLOWS, number)
    assert code == 128 + number
    assert len(lines(said)) == 1 and "stopped" in said


LOSES = """
import time, weakref
from peiyu import stopping
stopping.raise_when_stopped()
class Thing: pass
def callback(_):
    print("ready", flush=True)
    time.sleep(60)
thing = Thing()
kept = weakref.ref(thing, callback)
try:
    del thing
    time.sleep(60)
except KeyboardInterrupt as stopped:
    raise SystemExit(stopped.code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_that_comes_where_nothing_can_be_raised_is_said_again(number):
    code, said = stopped(LOSES, number)
    assert code == 128 + number and said == ""


BROKEN = """
from peiyu import stopping
stopping.raise_when_stopped()
class Thing:
    def __del__(self):
        raise ValueError("broken finalizer")
thing = Thing()
del thing
"""


def test_what_else_cannot_be_raised_is_printed_as_before():
    done = subprocess.run([sys.executable, "-c", BROKEN], check=False, capture_output=True, text=True)
    assert done.returncode == 0 and "broken finalizer" in done.stderr
