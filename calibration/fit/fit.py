"""A fit: posterior draws with where they come from; saved beside the city, read back and checked."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

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
from sim.inputs.errors import InputError
from sim.inputs.json_text import read_json
from sim.inputs.text import read_text
from sim.scenario.scenario import load_scenario

BASE = "fitted"
"""Name of the files of a city's fit; an update has its quarter behind it, as in fitted-2025Q4.csv."""
DIGITS = 9
"""Significant digits of a saved draw."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a fit."""

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
    steps: list[dict[str, float]] = field(default_factory=list)  # how each generation went, see calibration.fit.smc
    effective: float = 0.0  # draws that agree with what an update has brought; 0 where there was none
    outlook: Outlook | None = None  # what was expected of the drive before the city's own numbers
    basis: Basis | None = None  # what it was fitted to
    probes: list[Probe] = field(default_factory=list)  # what the model did that it was fitted with

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Turn what was kept back; earlier fits have a hash of the source in place of a basis and probes."""
        made = dict(kept)
        made.pop("code", None)
        basis = made.pop("basis", None)
        probes = [Probe(**x) for x in made.pop("probes", [])]
        outlook = made.pop("outlook", None)
        return cls(
            **made,
            outlook=None if outlook is None else Outlook(**outlook),
            basis=None if basis is None else Basis(**basis),
            probes=probes,
        )


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
        return _csv(self.draws), _laid_out(asdict(self.provenance)) + "\n"

    @classmethod
    def read(cls, draws: str, made: str) -> Self:
        """Turn the texts that `written` returns back into the fit."""
        return cls(pd.read_csv(io.StringIO(draws)).to_numpy(float), Provenance.of(json.loads(made)))

    def save(self, folder: Path, stem: str = BASE) -> None:
        """Write fitted.csv and fitted.json, or an update beside them, into a city folder, whole or not at all."""
        for name, text in zip((f"{stem}.csv", f"{stem}.json"), self.written(), strict=True):
            write_whole(folder / name, text)


def rounded(draws: Floats) -> Floats:
    """Return draws as they read back from a file."""
    return pd.read_csv(io.StringIO(_csv(draws))).to_numpy(float)


def draws_sha(draws: Floats) -> str:
    """Return a hash of the draws as saved."""
    return hashlib.blake2b(_csv(draws).encode(), digest_size=8).hexdigest()


def fits_of(city: City) -> dict[int, str]:
    """Return the fits that lie in a city folder: the quarter each is as of, and the name of its files, oldest first.

    Raises `InputError` where one cannot be read.
    """
    found = {}
    for about in sorted(city.folder.glob("fitted*.json")):
        try:
            found[quarter.parse(str(read_json(about)["as_of"]))] = about.stem
        except (ValueError, KeyError) as error:
            raise _unreadable(about, error) from None
    return dict(sorted(found.items()))


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: not a fit this version can read ({error}); run peiyu calibrate again.")


def load_fit(city: City, as_of: int | None = None) -> Fit:
    """Read the newest fit of a city that is not later than the quarter asked for, or its first, and check it.

    Raises `InputError` when there is none, when it was changed by hand, or when all know later data.
    """
    if not (city.folder / "fitted.json").is_file():
        raise InputError(f"{city.folder}: no fit yet; run: peiyu calibrate --city {city.on_command_line}")
    known = fits_of(city)
    usable = [q for q in known if as_of is None or q <= as_of]
    if not usable:
        raise InputError(
            f"--as-of {quarter.label(as_of or 0)}: the fit of {city.name} is as of {quarter.label(min(known))}, and a"
            f" fit never sees later data; run: peiyu calibrate --city {city.on_command_line}"
            f" --as-of {quarter.label(as_of or 0)}"
        )
    stem = known[max(usable)] if as_of is not None else BASE
    about = city.folder / f"{stem}.json"
    fit = _checked(city.folder / f"{stem}.csv", about, city)
    made = fit.provenance
    if changed := _change(city, fit):
        raise InputError(
            f"{about}: {changed}, so its draws mean something else; run: peiyu calibrate --city {city.on_command_line}"
            f" --as-of {made.as_of}"
        )
    return fit


def _checked(table: Path, about: Path, city: City) -> Fit:
    """Read the two files of a fit. Raises `InputError` for what is no fit, or was changed by hand."""
    if not table.is_file():
        raise InputError(f"{table}: is missing; run: peiyu calibrate --city {city.on_command_line}")
    try:
        made = Provenance.of(read_json(about))
        frame = pd.read_csv(io.StringIO(read_text(table)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(about, error) from None
    # before the hash, which would call other parameters a change by hand
    if list(frame.columns) != list(NAMES):
        odd = sorted(set(frame.columns) ^ set(NAMES))
        raise InputError(f"{table}: made for other parameters ({', '.join(odd[:5])}); run peiyu calibrate again.")
    try:
        draws = frame.to_numpy(float)
    except ValueError as error:
        raise _unreadable(table, error) from None
    if not np.isfinite(draws).all() or draws_sha(draws) != made.draws_sha:
        raise InputError(f"{table}: was changed after the fit; run peiyu calibrate again.")
    return Fit(draws, made)


def _change(city: City, fit: Fit) -> str:
    """Say what of a fit no longer holds, or nothing: what it was fitted to, then what the model does."""
    made = fit.provenance
    if made.basis is None or not made.probes:
        return "was saved by an earlier version, which did not keep what the model did"
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
