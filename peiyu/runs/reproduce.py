"""Compute a published number again, from scratch or from the stored series, and say what differs if it does."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from calibration.fit.fit import load_fit
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Progress, Question, silent
from peiyu.runs import ids as appendix_ids
from peiyu.runs.ids import FORECAST, JOINT, Id
from peiyu.runs.stored import StoredRun
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import forecast_goals, joint
from sim.ensemble.stated import GoalForecast, Joint
from sim.files import writable
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import load_scenario
from sim.store.made import MADE_PIECE
from sim.store.results import StoredResults
from sim.store.store import Store, copied, open_store
from sim.versions import source_version, versions
from sim.workers import Workers

CLOSE = 1e-9
"""Relative difference up to which two numbers are the same: one processor adds in another order than the next."""
MAKERS = {
    "backtest": "backtest", "change": "change", "check": "check", "compare": "compare", "fails_when": "fails-when",
    "review": "review", "search": "search", "sensitivity": "sensitivity", "split": "compare",
}  # fmt: skip
"""The command that makes an analysis of a kind; a store from elsewhere can ask for no other, which might write."""
ONLY_READS = ("review",)
"""Commands that run nothing, and have no workers."""
WHERE = ("--db", "--out", "--lang", "--workers", "--cluster")
"""Options of a command that do not decide its numbers; each has a value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that decides numbers and is not what it was: what, then, now."""

    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A number as printed and as computed again, and what has changed in between."""

    id: str
    printed: float
    again: float | None
    how: str
    differs: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Tell whether it is the same number."""
        return self.again is not None and math.isclose(self.printed, self.again, rel_tol=CLOSE, abs_tol=1e-12)

    def document(self) -> dict[str, Any]:
        """Return the JSON document of `peiyu reproduce --json`."""
        return asdict(self) | {"same": self.same}


@dataclass(frozen=True)
class Remaking:
    """Where numbers are computed again: a folder for a store of its own, processes, and who is told."""

    folder: Path
    from_store: bool = False
    workers: Workers = Workers()
    progress: Progress = silent


@dataclass(frozen=True)
class AgainRun:
    """A stored run, and the same run once more."""

    stored: StoredRun
    bench: Remaking
    scenario: str  # name or file

    @cached_property
    def published(self) -> Mapping[str, float]:
        """Every number of the run as the store has it, by path."""
        return appendix_ids.of_run(self.stored)

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """Every number of the run computed again, by path."""
        goals, every = self._from_store() if self.bench.from_store else self._from_scratch()
        table = {
            f"{FORECAST}/{g.goal}/{g.reading}/{column}": float(x)
            for g in goals
            for column, x in asdict(g).items()
            if isinstance(x, int | float)
        }
        return table | {f"{JOINT}/{k}": p for k, p in every.at_least.items()}

    @property
    def place(self) -> Path:
        """The folder of the run's second life; what is finished there is not run a third time."""
        return self.bench.folder / f"reproduce_{self.stored.id}"

    def _from_store(self) -> tuple[list[GoalForecast], Joint]:
        s = self.stored
        ensemble = Ensemble(s.run["scenario"], s.first, s.values)
        return forecast_goals(s.city, ensemble, s.as_of), joint(s.city, ensemble, s.as_of)

    def _from_scratch(self) -> tuple[list[GoalForecast], Joint]:
        with open_store(self.place / "again.db") as store:
            (made,) = pipeline.answer(self._question(), store, self.bench.progress)
        return made.goals, made.joint

    def _question(self) -> Question:
        s, run = self.stored, self.stored.run
        fit = s.fit or load_fit(s.city)
        plan = load_scenario(self.scenario, s.city)
        end, seed = quarter.parse(run["horizon"]), int(run["seed"])
        asked = Question(s.city, (plan,), fit, s.as_of, end, seed, s.members, 1e-9, self.bench.workers)
        return replace(asked, weight=float(run["weight"]))

    def statements(self) -> list[Id]:
        """Return the ids of every statement of the run about its goals."""
        found = [path for path in self.published if path.split("/")[0] in (FORECAST, JOINT)]
        return [appendix_ids.parse(f"run/{self.stored.id}/{path}") for path in found]

    @cached_property
    def differs(self) -> tuple[Difference, ...]:
        """Return what decides the run's numbers and has changed since."""
        s, run = self.stored, self.stored.run
        made = s.store.pieces(f"run/{s.id}").get(MADE_PIECE, {}).get("versions", {})
        then = {k: str(run[v]) for k, v in ORIGINS.items()} | made | {"peiyu": str(run["version"])}
        now = {"data": s.city.sha, "code": source_version(), "posterior": self._posterior()}
        return compared(then, now | {"scenario": self._scenario()} | versions())

    def _posterior(self) -> str:
        if self.stored.fit is not None:
            return self.stored.fit.provenance.draws_sha
        try:
            return load_fit(self.stored.city).provenance.draws_sha
        except InputError:
            return "none that this code can read"

    def _scenario(self) -> str:
        try:
            return load_scenario(self.scenario, self.stored.city).sha
        except InputError:
            return "no such file"

    def verdict(self, asked: Id) -> Verdict:
        """Return the verdict on one number."""
        before = appendix_ids.in_run(self.published, asked)
        if asked.path.split("/")[0] in (FORECAST, JOINT):
            how = "from the stored series" if self.bench.from_store else "all members run again"
            return Verdict(asked.text, before, self.numbers.get(asked.path), how, self.differs)
        differs = self.differs
        decides = INPUTS.get(asked.path.split("/")[0], "")
        if any(d.what == decides for d in differs):
            raise InputError(
                Said(
                    "{id}: the {what} changed after the run, so this number cannot be looked up.",
                    id=asked.text,
                    what=CHANGED[decides],
                )
            )
        return Verdict(asked.text, before, before, "read again from the files and the store", differs)


CHANGED = {
    "scenario": Said("scenario"), "code": Said("code"), "posterior": Said("posterior"), "data": Said("data"),
}  # fmt: skip
INPUTS = {
    "lever": "scenario", "levers": "scenario", "prior": "code", "priors": "code", "posterior": "posterior",
    "data": "data",
}  # fmt: skip
"""What decides a number that went into a run, by how its path begins."""
ORIGINS = {"data": "data_sha", "scenario": "scenario_sha", "posterior": "fit_sha", "code": "code"}
"""What decides a run, and the column of the table of runs that has its hash."""


def compared(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what is not the same any more; what was not written down then is left out."""
    return tuple(Difference(k, x, now[k]) for k, x in then.items() if k in now and x != now[k])


def again_analysis(store: StoredResults, asked: Id, bench: Remaking, call: Callable[[list[str]], object]) -> Verdict:
    """Return the verdict on a number of an analysis: its command is run again and the documents are compared.

    Raises `InputError` for an analysis that does not know its command.
    """
    old = appendix_ids.analysis(store, asked)
    before = appendix_ids.in_document(old.document, asked)
    made = store.pieces(f"{old.kind}/{old.key}").get(MADE_PIECE) or {}
    words = _words(made)
    if words[:1] != [MAKERS.get(old.kind)]:
        raise InputError(
            Said(
                "analysis {kind}/{key} was not made by a command, so it cannot be made again.",
                kind=old.kind,
                key=old.key,
            )
        )
    runs = set(store.run_ids())
    copy = bench.from_store or bool(runs & set(words))
    with TemporaryDirectory(dir=bench.folder if writable(bench.folder) else None) as folder:
        place = Path(folder) / "again.db"
        fresh = _copied(store, place, (old.kind, old.key)) if copy else open_store(place)
        options = ["--db", str(place), "--out", folder, "--lang", "en"]
        options += [] if words[0] in ONLY_READS else bench.workers.words()
        _furnish(store, old.kind, Path(folder))
        with contextlib.redirect_stdout(io.StringIO()):
            call([*words, *options])
        new = [a for a in fresh.analyses(old.kind) if a.key == old.key] or fresh.analyses(old.kind)
        again = appendix_ids.leaves(new[0].document).get(asked.path) if new else None
        fresh.close()
    how = f"peiyu {' '.join(words)}, " + ("over the stored members" if copy else "in an empty store")
    return Verdict(asked.text, before, again, how, compared(made.get("versions", {}), versions()))


def _words(made: dict[str, Any]) -> list[str]:
    """Return the words by which an analysis was made, without those that only say where; none if they are no words."""
    words = made.get("words")
    return plain(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else []


def _furnish(store: StoredResults, kind: str, folder: Path) -> None:
    """Lay out the file that a check reads beside it: the backtest that was made in the same folder."""
    kept = store.analyses("backtest") if kind == "check" else []
    if kept:
        (folder / "backtest.json").write_text(json.dumps(kept[0].document), "utf8")


def plain(words: list[str]) -> list[str]:
    """Return a command without the options that only say where and how to work."""
    out, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in WHERE:
            skip = True
        elif word != "--json" and not word.startswith(tuple(f"{x}=" for x in WHERE)):
            out.append(word)
    return out


def _copied(store: StoredResults, place: Path, old: tuple[str, str]) -> Store:
    """Copy a store without one analysis, so that it is made again over the same members."""
    fresh = copied(store, place)
    fresh.drop_analysis(*old)
    return fresh
