"""Kill commands with signal 9 at random points, again and again, and look what is left.

    python -m tests.under_fire                        # 200 kills over every command that keeps what it has done
    python -m tests.under_fire --kills 20 --only forecast --only compare --seed 2

A command is run once to its end, then in another folder and killed after a random part of that time, workers and all, until
it has ended there too. After every kill the store opens, its pages and references are whole, and each member that is there
is there with all its numbers. At the end, what the command prints, writes and stores is what the undisturbed one did, to the
byte, but for the moment at which a run was made; then it begins anew in an empty folder until all kills are done.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.same_outputs import difference, normaliser, parts, tables

ROOT = Path(__file__).parents[1]
WHERE = ["--out", "out", "--workers", "2", "--lang", "en"]
COMMANDS = {
    "forecast": ["forecast", "--as-of", "2024Q4", "--members", "24", "--json", *WHERE],
    "compare": ["compare", "baseline", "plan_as_written", "--as-of", "2024Q4", "--members", "8", "--json", *WHERE],
    "search": ["search", "--goal", "hnte", "--candidates", "12", "--screen", "2", "--members", "4", "--json", *WHERE],
    "sensitivity": ["sensitivity", "--effort", "small", "--goal", "hnte", "--json", *WHERE],
    "fails-when": ["fails-when", "--levers", "60", "--goal", "hnte", "--json", *WHERE],
    "calibrate": ["calibrate", "--city", "new/newtown", "--particles", "50", "--out", "out", "--workers", "2"],
}
"""Small budgets: what is killed here is what a large one does more often."""
PART_MEMBERS = """
SELECT run_id, member FROM members m WHERE NOT EXISTS (SELECT 1 FROM series s WHERE (s.run_id, s.member) = (m.run_id, m.member))
"""
ODD_MEMBERS = """
SELECT run_id, count(DISTINCT n) FROM (SELECT run_id, member, count(*) AS n FROM series GROUP BY run_id, member)
GROUP BY run_id HAVING count(DISTINCT n) > 1
"""


def whole(db):
    """Return what is wrong with a store: nothing, where each member that is there is there with all of its numbers."""
    if not db.exists():
        return []
    try:
        with closing(sqlite3.connect(db)) as store:
            (said,) = store.execute("PRAGMA integrity_check").fetchone()
            checks = ("PRAGMA foreign_key_check", PART_MEMBERS, ODD_MEMBERS)
            has_tables = store.execute("PRAGMA user_version").fetchone()[0] > 0
            found = [row for sql in checks if has_tables for row in store.execute(sql)]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return ([] if said == "ok" else [said]) + found


@dataclass
class Fire:
    """A command and how long it takes when nobody disturbs it; what was seen when somebody did."""

    words: list[str]
    folder: Path
    kills: int = 0
    ended: int = 0
    wrong: list[str] = field(default_factory=list)

    def place(self, name):
        """Return an empty folder to work in."""
        at = self.folder / name
        shutil.rmtree(at, ignore_errors=True)
        at.mkdir(parents=True)
        if "new/newtown" in self.words:
            (at / "new").mkdir()
            new = [sys.executable, "-m", "peiyu", "new-city", "newtown", "--parent", "new"]
            subprocess.run(new, cwd=at, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
        return at

    def start(self, at):
        env = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "120", "TZ": "UTC"}
        # to a file: a pipe that nobody reads would hold the command up
        with (at / "stdout").open("wb") as out, (at / "stderr").open("wb") as err:
            return subprocess.Popen([sys.executable, "-m", "peiyu", *self.words], cwd=at, env=env, stdout=out, stderr=err,
                                    start_new_session=True)  # fmt: skip

    def undisturbed(self):
        """Run it once; keep the seconds it took and what it left."""
        at, began = self.place("whole"), time.monotonic()
        if self.start(at).wait():
            raise SystemExit((at / "stderr").read_text("utf8"))
        self.seconds, self.left = time.monotonic() - began, left(at)

    def attack(self, kills, chosen):
        """Kill it so often; where it has ended before, compare and begin anew. The last one is left to its end."""
        at = self.place("fire")
        while self.kills < kills:
            command = self.start(at)
            with suppress(subprocess.TimeoutExpired):
                command.wait(chosen.uniform(0.0, self.seconds))
            if command.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(command.pid, signal.SIGKILL)
                command.wait()
                self.kills += 1
                self.wrong += [f"after kill {self.kills}: {x}" for x in whole(at / "out" / "peiyu.db")]
            else:
                self.end(at, command.returncode)
                at = self.place("fire")
        self.end(at, self.start(at).wait())

    def end(self, at, code):
        """Compare what a command that was killed on the way has left with what the undisturbed one has."""
        self.ended += 1
        now = left(at)
        if code:
            self.wrong.append(f"exit code {code}: {(at / 'stderr').read_text('utf8')[-300:]}")
        for name in sorted(self.left.keys() | now.keys()):
            if told := difference(self.left.get(name), now.get(name)):
                self.wrong.append(f"end {self.ended}, {name}: {told}")


KEPT_FOR_ITSELF = re.compile(r"peiyu\.db|stderr|(^|/)\.|generations|\.lock$")
"""Not what was asked for: the store, compared table by table, what is said on the way, what only makes a rerun faster."""


def left(at):
    """Return all that a command has printed, written and stored, by name."""
    normal = normaliser(at)
    files = [p for p in sorted(at.rglob("*")) if p.is_file() and not KEPT_FOR_ITSELF.search(str(p.relative_to(at)))]
    found = {n: x for p in files for n, x in parts(str(p.relative_to(at)), p.read_bytes())}
    db = at / "out" / "peiyu.db"
    found |= {f"store!{name}": text for name, text in tables(db)} if db.exists() else {}
    return {name: normal(x.replace(str(at), "<here>")) if isinstance(x, str) else x for name, x in found.items()}


def main(argv=None):
    """Attack each command; print a line for each and return how much was wrong."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--only", action="append", choices=COMMANDS)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args(argv)
    names, chosen, wrong, kills = told.only or list(COMMANDS), random.Random(told.seed), 0, 0
    for i, name in enumerate(names):
        with tempfile.TemporaryDirectory() as folder:
            fire = Fire(COMMANDS[name], Path(folder))
            fire.undisturbed()
            fire.attack((told.kills + len(names) - 1 - i) // len(names), chosen)
        kills, wrong = kills + fire.kills, wrong + len(fire.wrong)
        print(f"{name:12} {fire.seconds:6.1f} s alone, {fire.kills:4} kills, {fire.ended:3} ends, {len(fire.wrong)} wrong", flush=True)
        for line in fire.wrong[:5]:
            print(f"    {line}")
    print(f"{kills} kills, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main()))
