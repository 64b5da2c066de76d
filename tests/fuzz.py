"""Give every loader a million spoilt inputs: each is read, or refused in one short line that names the place.

    python -m tests.fuzz                               # a million executions, guided by coverage where atheris is installed
    python -m tests.fuzz --runs 20000 --door scenario --door mix --seed 2
    python -m tests.fuzz --door mix --repeat out/fuzz/mix-3f2a90c1.bin

Anything else than that is a failure: another exception, more than 2 s of computing, more than 1 GB of memory, a refusal of
several lines or more than 600 letters, or one that does not say where. A failing input is cut down and kept in a file, one for
each kind and place, and how to repeat it is printed.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS, MEGABYTES = 2.0, 1_000
RUNS = 1_000_000
OURS = ("agents", "sim", "calibration", "peiyu")
WATCHED = (
    "sim.inputs", "sim.city", "sim.scenario", "sim.quarter", "sim.store", "calibration.fit", "calibration.panel", "peiyu.backtest.study",
    "peiyu.document.docx_template", "peiyu.document.docx_styles", "peiyu.fit", "peiyu.new_city", "peiyu.observations", "peiyu.page.choice",
    "peiyu.page.rules", "peiyu.page.web.forms", "peiyu.runs",
)  # fmt: skip
"""Where loaders are: what else an input reaches tells nothing about it."""
COMPILED = ("fit",)
"""Doors that run the model: Numba cannot compile what is watched."""
MOST_KEPT = 400
"""Inputs that found something new and are spoilt further, without coverage."""


class TooSlow(BaseException):
    """An input took more than its time; no loader catches this."""


@dataclass(frozen=True)
class Outcome:
    """What became of an input: read, refused or a failure, and what was said; of a failure also its kind and place."""

    kind: str
    said: str = ""
    trace: str = ""


@dataclass
class Tally:
    """What became of all inputs of a door."""

    door: str
    guided: bool = False
    runs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    megabytes: float = 0.0
    read: int = 0
    refused: int = 0
    messages: Counter = field(default_factory=Counter)  # by their words without what they quote
    failures: dict = field(default_factory=dict)  # by kind and place: the file that holds the smallest input


def place_of(error: BaseException) -> str:
    """Return the innermost line of our own code that an error passed, else where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if any(f"{ROOT}/{top}/" in f.filename for top in OURS)]
    last = (own or frames)[-1]
    return f"{last.filename.removeprefix(f'{ROOT}/')}:{last.lineno} {last.name}"


def faults(message: str, names: str) -> str:
    """Say what is wrong with a refusal, or nothing."""
    if len(message) > 600 or len(message.splitlines()) > 1:
        return "is longer than one line of 600 letters"
    try:
        message.encode("utf8")
    except UnicodeEncodeError:
        return "cannot be printed"
    return "" if not names or re.search(names, message) else "does not say where"


def shape(message: str) -> str:
    """Return a message without what it quotes of the input."""
    said = re.sub(r"^--(\S+) .*?: |fuzz-\w+|/dev/shm|/tmp", r"\1", message)
    return re.sub(r"\d+", "0", re.sub(r"\"[^\"]*\"|'[^']*'|\([^()]*\)", '""', said))[:120]


class Watch:
    """Looks what a door does with an input."""

    def __init__(self, door) -> None:
        from peiyu.words.loader import words
        from sim.inputs.errors import InputError

        self.door, self.refusal, self.chinese = door, InputError, words("errors", "zh").texts
        door.read(door.seeds[0])  # what is loaded and compiled at first counts for no input
        self.slowest = 0.0
        self.most = MEGABYTES

    def look(self, raw: bytes) -> Outcome:
        """Give an input to the door, within its time, and return what became of it."""
        began = time.process_time()
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, SECONDS + 0.5)
        try:
            outcome = self._given(raw)
        except TooSlow as slow:
            outcome = Outcome("failed", f"TooSlow {place_of(slow)}", traceback.format_exc())
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
        took = time.process_time() - began
        self.slowest = max(self.slowest, took)
        if outcome.kind != "failed" and took > SECONDS:
            return Outcome("failed", "TooSlow at its end")
        if outcome.kind != "failed" and megabytes() > self.most:
            self.most = megabytes() + 200  # the peak never falls again
            return Outcome("failed", f"memory above {MEGABYTES} MB")
        return outcome

    def _given(self, raw: bytes) -> Outcome:
        try:
            self.door.read(raw)
        except self.refusal as error:
            for message in (str(error), error.told(self.chinese)):
                if wrong := faults(message, self.door.names):
                    return Outcome("failed", f"a refusal {wrong}: {shape(message)}", message)
            return Outcome("refused", str(error))
        except TooSlow:
            raise
        except BaseException as error:
            return Outcome("failed", f"{type(error).__name__} {place_of(error)}", traceback.format_exc())
        return Outcome("read")


def _stop(*_):
    raise TooSlow


def megabytes() -> float:
    """Return the most memory that this process has taken."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def smaller(watch: Watch, raw: bytes, said: str, tries: int = 400) -> bytes:
    """Cut out of a failing input whatever it fails without, in the same way."""
    size = max(len(raw) // 2, 1)
    while size and tries > 0:
        for at in range(0, len(raw), size):
            tries -= 1
            less = raw[:at] + raw[at + size :]
            if tries > 0 and watch.look(less).said == said:
                raw = less
                break
        else:
            size //= 2
    return raw


class Fuzz:
    """One door under fire: its tally, and where failing inputs go."""

    def __init__(self, door, out: Path, seed: int) -> None:
        self.door, self.out, self.chance, self.tally = door, out, random.Random(seed), Tally(door.name)
        self.watch = Watch(door)
        self.traces: dict[str, str] = {}

    def take(self, raw: bytes) -> bool:
        """Give one input to the door; tell whether it was answered as none before."""
        outcome, t = self.watch.look(raw), self.tally
        t.runs += 1
        if outcome.kind == "failed":
            return self._fail(raw, outcome)
        if outcome.kind == "read":
            t.read += 1
            return t.read == 1
        t.refused += 1
        words = shape(outcome.said)
        t.messages[words] += 1
        return t.messages[words] == 1

    def _fail(self, raw: bytes, outcome: Outcome) -> bool:
        if outcome.said in self.tally.failures:
            return False
        slow = "TooSlow" in outcome.said or "memory" in outcome.said
        least = raw if slow else smaller(self.watch, raw, outcome.said)
        path = self.out / f"{self.door.name}-{hashlib.blake2b(outcome.said.encode(), digest_size=4).hexdigest()}.bin"
        self.out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(least)
        self.tally.failures[outcome.said] = str(path)
        self.traces[outcome.said] = outcome.trace
        print(f"{self.door.name}: {outcome.said}\n  python -m tests.fuzz --door {self.door.name} --repeat {path}", flush=True)
        return True

    def spoilt(self, raw: bytes) -> bytes:
        """Return an input spoilt once more."""
        return self.door.mutate(raw, self.chance)[: self.door.most]

    def plain(self, runs: int, until: float) -> Tally:
        """Spoil the seeds, and what was answered as nothing before, at random."""
        kept = list(self.door.seeds)
        began = time.monotonic()
        for raw in self.door.seeds:
            self.take(raw)
        while self.tally.runs < runs and time.monotonic() < until:
            raw = self.spoilt(self.chance.choice(kept if self.chance.random() < 0.6 else self.door.seeds))
            if self.take(raw) and len(kept) < MOST_KEPT:
                kept.append(raw)
        return self.ended(began)

    def guided(self, runs: int, until: float, folder: Path, seed: int) -> None:
        """Spoil what reaches new code, with atheris, and end this process with a tally on its last line."""
        import atheris

        began = time.monotonic()
        corpus = folder / "corpus"
        corpus.mkdir()
        for i, raw in enumerate(self.door.seeds):
            (corpus / f"seed{i}").write_bytes(raw)

        def one(raw: bytes) -> None:
            self.take(raw)
            if self.tally.runs >= runs or time.monotonic() > until:
                self.tally.guided = True
                print(json.dumps(vars(self.ended(began))), flush=True)
                os._exit(0)  # atheris never returns

        def mutate(raw: bytes, most: int, _seed: int) -> bytes:
            return self.spoilt(raw)[:most] if self.chance.random() < 0.8 else atheris.Mutate(raw, most)

        options = [f"-max_len={self.door.most}", "-len_control=0", "-mutate_depth=2", f"-seed={seed + 1}", "-rss_limit_mb=0", "-verbosity=0", "-handle_segv=0", "-handle_alrm=0"]
        signal.signal(signal.SIGALRM, signal.SIG_IGN)  # the time of an input is ours to keep; atheris's alarm ends the process
        atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=mutate)
        atheris.Fuzz()

    def ended(self, began: float) -> Tally:
        """Return the tally with how long it took."""
        t = self.tally
        t.seconds, t.slowest, t.megabytes = time.monotonic() - began, self.watch.slowest, megabytes()
        return t


@contextlib.contextmanager
def memory_folder():
    """Give a folder, in memory where there is one."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


def doors_of(folder: Path, *, guided: bool = False):
    """Return every door; `guided` watches which code each input reaches, which has to be said before it is loaded."""
    watched = contextlib.nullcontext()
    if guided:
        import atheris

        watched = atheris.instrument_imports(include=list(WATCHED), enable_loader_override=False)
    with watched:
        from tests.fuzz_doors import Doors
    return Doors(folder)


def here(name: str, args: argparse.Namespace) -> None:
    """Put one door under fire in this process, or repeat one input."""
    guided = args.guided and not args.repeat and name not in COMPILED
    with memory_folder() as folder:
        fuzz = Fuzz(doors_of(folder, guided=guided).door(name), args.out, args.seed)
        if args.repeat:
            outcome = fuzz.watch.look(args.repeat.read_bytes())
            print(outcome.kind, outcome.said, outcome.trace, f"{fuzz.watch.slowest:.2f} s", sep="\n")
            sys.exit(outcome.kind == "failed")
        until = time.monotonic() + args.seconds
        if guided:
            fuzz.guided(args.runs, until, folder, args.seed)
        print(json.dumps(vars(fuzz.plain(args.runs, until))), flush=True)


def alone(name: str, runs: int, args: argparse.Namespace) -> dict | None:
    """Put one door under fire in a process of its own, whose memory is its own; return its tally."""
    words = ["--here", "--door", name, "--runs", str(runs), "--seconds", str(args.seconds), "--seed", str(args.seed), "--out", str(args.out)]
    words += [] if args.guided else ["--plain"]
    ask = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL if args.guided else None, "text": True, "cwd": ROOT}
    with subprocess.Popen([sys.executable, "-m", "tests.fuzz", *words], **ask) as process:
        last = ""
        for line in process.stdout:
            if last and not last.startswith("{"):
                print("  " + last, flush=True)
            last = line.rstrip("\n")
    if last.startswith("{"):
        return json.loads(last)
    print(f"{name}: the process ended with {process.returncode}. {last}", flush=True)
    return None


def shares(doors, names: list[str], runs: int) -> dict[str, int]:
    """Return how many executions each door takes of so many in all."""
    parts = {name: doors.door(name).share for name in names}
    return {name: -(-runs * part // sum(parts.values())) for name, part in parts.items()}


HEAD = ("door", "executions", "a second", "read", "refused", "messages", "slowest", "MB", "failures")


def row(t: dict) -> tuple[str, ...]:
    """Return what became of a door's inputs as a row of a table."""
    speed = t["runs"] / max(t["seconds"], 1e-9)
    numbers = (f"{t['runs']:,}", f"{speed:,.0f}", f"{t['read']:,}", f"{t['refused']:,}", f"{len(t['messages']):,}")
    return (t["door"], *numbers, f"{t['slowest']:.2f} s", f"{t['megabytes']:.0f}", str(len(t["failures"])))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    ask.add_argument("--runs", type=int, default=RUNS)
    ask.add_argument("--seconds", type=float, default=1e9, help="most for a door")
    ask.add_argument("--door", action="append")
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--out", type=Path, default=Path("out/fuzz"))
    ask.add_argument("--repeat", type=Path)
    ask.add_argument("--plain", dest="guided", action="store_false", help="at random, without coverage")
    ask.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = ask.parse_args()
    args.guided = args.guided and find_spec("atheris") is not None
    if args.here or args.repeat:
        here(args.door[0], args)
        return
    with memory_folder() as folder:
        doors = doors_of(folder)
        asked = shares(doors, args.door or list(doors.known), args.runs)
    found = []
    for cells in (HEAD, ("---",) * len(HEAD)):
        print(f"| {' | '.join(cells)} |", flush=True)
    for name, runs in asked.items():
        if t := alone(name, runs, args):
            found.append(t)
            print(f"| {' | '.join(row(t))} |", flush=True)
    print(f"{sum(t['runs'] for t in found):,} executions, {sum(len(t['failures']) for t in found)} failures")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "tally.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf8")
    sys.exit(len(found) < len(asked) or any(t["failures"] for t in found))


if __name__ == "__main__":
    main()
