"""A fit: posterior draws with where they come from; saved beside the city, read back and checked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import TypeAdapter, ValidationError

from agents.parameters import NAMES, Parameters
from agents.table import Floats
from calibration.data.observations import Observation
from calibration.data.summaries import observed
from calibration.fit.basis import Basis, basis_of
from calibration.fit.history import History
from calibration.fit.outlook import Outlook, parameters_of
from calibration.fit.probes import Probe, behaviour_change, probe
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Member
from sim.files import write_whole
from sim.inputs.csv import read_numbers
from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.json_text import MAX_JSON, read_json
from sim.inputs.numbers import SEED, Limits
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import TextFile, is_file, opened, place
from sim.scenario.scenario import load_scenario

BASE = "fitted"
"""Name of the files of a city's fit; an update has its quarter behind it, as in fitted-2025Q4.csv."""
MOST_FITS = 200
"""Most fits of a city that are looked through."""
WEIGHTS = Limits(1.0, 1e5)
"""Enterprises that a row of a run may stand for: below one there would be more rows than enterprises."""
DIGITS = 9
"""Significant digits of a saved draw."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a fit."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    city: str
    as_of: str
    seed: int
    particles: int
    generations: int
    weight: float  # enterprises a row stood for while fitting
    data: str  # hash of the city folder
    draws_sha: str
    observations: list[str]
    informed: list[str] = field(default_factory=list)  # parameters of which the data say something
    steps: list[dict[str, float]] = field(default_factory=list)  # how each generation went, see calibration.sampler.smc
    effective: float = 0.0  # draws that agree with what an update has brought; 0 where there was none
    outlook: Outlook | None = None  # what was expected of the drive before the city's own numbers
    basis: Basis | None = None  # what it was fitted to
    probes: list[Probe] = field(default_factory=list)  # what the model did that it was fitted with

    @classmethod
    def read(cls, file: TextFile) -> Self:
        """Turn JSON back; fits of earlier versions have a hash of the source in place of a basis and probes.

        Raises `InputError` for what is no fit.
        """
        made = read_json(file)
        made.pop("code", None)
        try:
            _contract().validate_python(made)
            if odd := next((x for x in map(_odd, made.get("probes", [])) if x is not None), None):
                raise InputError(
                    Said("{file}: probes: {odd}; run peiyu calibrate again.", file=place(file), odd=odd)
                )
            return cls._built(made)
        except (ValidationError, TypeError) as error:
            raise InputError(
                Said(
                    "{file}: not a fit this version can read ({why}); run peiyu calibrate again.",
                    file=place(file),
                    why=_unreadable(error),
                )
            ) from None

    @classmethod
    def _built(cls, made: dict[str, Any]) -> Self:
        """Build it of what is checked; numbers stay as they are written, so that the text comes out again."""
        basis, outlook, probes = made.pop("basis", None), made.pop("outlook", None), made.pop("probes", [])
        return cls(
            **made,
            outlook=None if outlook is None else Outlook(**outlook),
            basis=None if basis is None else Basis(**basis),
            probes=[Probe(**x) for x in probes],
        )


def _unreadable(error: ValidationError | TypeError) -> Said:
    """Say which key of a fit is not as it should be."""
    if isinstance(error, TypeError):
        return Said("a key: {reason}", reason=quoted(error, 200))
    found = error.errors()[0]
    key = quoted(".".join(str(x) for x in found["loc"]))
    return Said("{key}: {reason}", key=key, reason=foreign(quoted(found["msg"], 200)))


def _odd(run: dict[str, Any]) -> Said | None:
    """Say what of a probe no calibration writes, or nothing: what cannot be run, or compared number by number."""
    if not all(len(values) == len(run["ends"]) for values in run["numbers"].values()):
        return Said("numbers of another length than ends")
    for name, most in (("weight", WEIGHTS), ("seed", SEED), ("draw", SEED)):
        if not most.low <= run[name] <= most.high:
            return Said("{name} is {value}", name=name, value=quoted(run[name]))
    return None


@cache
def _contract() -> TypeAdapter[Provenance]:
    """Return what checks a provenance that is read."""
    return TypeAdapter(Provenance)


@dataclass(frozen=True, slots=True)
class Fit:
    """Posterior draws, (draws, parameters) in the order of `agents.parameters.NAMES`."""

    draws: Floats
    provenance: Provenance

    @property
    def outlook(self) -> Outlook:
        """Return the priors that it began with; where none was kept they are those of any city."""
        return self.provenance.outlook or Outlook.of({})

    def parameters(self, i: int) -> Parameters:
        """Return draw `i`, counted round."""
        # more members than draws begin again with the first draw, each with a seed of its own
        return parameters_of(self.draws[i % len(self.draws)])

    def member(self, i: int, seed: int) -> Member:
        """Return member `i` of an experiment: draw `i` and its own seed, the same for every scenario."""
        return Member(i, self.parameters(i), seed * 1_000_000 + i)

    def stamped(self, history: History, seen: list[Observation]) -> Self:
        """Return the fit with what it is known by: what it was fitted to, and what the model does with it."""
        probes = probe(history, self.parameters, len(self.draws))
        basis = basis_of(history, seen)
        return replace(self, provenance=replace(self.provenance, data=history.city.sha, basis=basis, probes=probes))

    def written(self) -> tuple[str, str]:
        """Return the draws and what made them as text, which `read` turns back."""
        about = asdict(self.provenance)
        if self.provenance.outlook is not None:
            about["outlook"] = self.provenance.outlook.as_kept()
        return _csv(self.draws), _laid_out(about) + "\n"

    @classmethod
    def read(cls, draws: str, made: str) -> Self:
        """Turn the texts that `written` returns back into the fit."""
        draws_file, about = (
            TextFile(Path(name), text) for name, text in ((f"{BASE}.csv", draws), (f"{BASE}.json", made))
        )
        return cls(read_numbers(draws_file, NAMES), Provenance.read(about))

    def save(self, folder: Path, stem: str = BASE) -> None:
        """Write fitted.csv and fitted.json, or an update beside them, into a city folder, whole or not at all."""
        for name, text in zip((f"{stem}.csv", f"{stem}.json"), self.written(), strict=True):
            write_whole(folder / name, text)


def rounded(draws: Floats) -> Floats:
    """Return draws as they read back from a file."""
    return read_numbers(TextFile(Path(f"{BASE}.csv"), _csv(draws)), NAMES)


def draws_sha(draws: Floats) -> str:
    """Return a hash of the draws as saved."""
    return hashlib.blake2b(_csv(draws).encode(), digest_size=8).hexdigest()


def fits_of(city: City) -> dict[int, str]:
    """Return the fits that lie in a city folder: the quarter each is as of, and the name of its files, oldest first.

    Raises `InputError` where one cannot be read.
    """
    found = {}
    for path in sorted(city.folder.glob(f"{BASE}*.json"))[:MOST_FITS]:
        about = Provenance.read(opened(path, MAX_JSON))
        try:
            found[quarter.parse(about.as_of)] = path.stem
        except InputError as error:
            raise InputError(Said("{file}: as_of: {reason}", file=place(path), reason=error.said)) from None
    return dict(sorted(found.items()))


def load_fit(city: City, as_of: int | None = None) -> Fit:
    """Read the newest fit of a city that is not later than the quarter asked for, or its first, and check it.

    Raises `InputError` when there is none, when it was changed by hand, or when all know later data.
    """
    if not is_file(city.folder / f"{BASE}.json"):
        raise InputError(
            Said(
                "{folder}: no fit yet; run: peiyu calibrate --city {city} --quick",
                folder=city.folder,
                city=city.on_command_line,
            )
        )
    known = fits_of(city)
    usable = [q for q in known if as_of is None or q <= as_of]
    if not usable:
        raise InputError(
            Said(
                "--as-of {asked}: the fit of {name} is as of {first}, and a fit never sees later data; run: peiyu"
                " calibrate --city {city} --as-of {asked}",
                asked=quarter.label(as_of or 0),
                name=city.name,
                first=quarter.label(min(known)),
                city=city.on_command_line,
            )
        )
    name = known[max(usable)] if as_of is not None else BASE
    table, about = city.folder / f"{name}.csv", city.folder / f"{name}.json"
    if not is_file(table):
        raise InputError(
            Said("{file}: is missing; run: peiyu calibrate --city {city}", file=table, city=city.on_command_line)
        )
    made = Provenance.read(opened(about, MAX_JSON))
    draws = read_numbers(table, NAMES)
    if draws_sha(draws) != made.draws_sha:
        raise InputError(Said("{file}: was changed after the fit; run peiyu calibrate again.", file=table))
    fit = Fit(draws, made)
    if changed := _change(city, fit):
        raise InputError(
            Said(
                "{file}: {changed}, so its draws mean something else; run: peiyu calibrate --city {city} --as-of"
                " {as_of}",
                file=about,
                changed=changed,
                city=city.on_command_line,
                as_of=made.as_of,
            )
        )
    return fit


def _change(city: City, fit: Fit) -> Said | None:
    """Say what of a fit no longer holds, or nothing: what it was fitted to, then what the model does."""
    made = fit.provenance
    if made.basis is None or not made.probes:
        return Said("was saved by an earlier version, which did not keep what the model did")
    as_of = quarter.parse(made.as_of)
    history = History(city, load_scenario(city.in_force, city), as_of, made.weight)
    changed = made.basis.change_to(basis_of(history, observed(city, as_of)))
    return changed or behaviour_change(history, fit.parameters, made.probes)


def _laid_out(x: object, inside: int = 0) -> str:
    """Write JSON with one line for what holds no table or list of its own."""
    items = list(x.values()) if isinstance(x, dict) else x if isinstance(x, list) else []
    if not any(isinstance(v, dict | list) and v for v in items):
        return json.dumps(x, ensure_ascii=False)
    names = [f"{json.dumps(k, ensure_ascii=False)}: " for k in x] if isinstance(x, dict) else [""] * len(items)
    indent = " " * (inside + 1)
    lines = [f"{indent}{name}{_laid_out(v, inside + 1)}" for name, v in zip(names, items, strict=True)]
    opens, closes = "{}" if isinstance(x, dict) else "[]"
    return f"{opens}\n" + ",\n".join(lines) + f"\n{' ' * inside}{closes}"


def _csv(draws: Floats) -> str:
    """Write draws with a fixed number of digits; reading and writing again gives the same text."""
    lines = [",".join(NAMES)]
    lines += [",".join(f"{x:.{DIGITS}g}" for x in row) for row in draws]
    return "\n".join(lines) + "\n"
