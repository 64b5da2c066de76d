"""A fit: posterior draws with where they come from; saved beside the city, read back and checked."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

import agents
import sim
from agents.parameters import NAMES, Parameters
from agents.table import Floats
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Member
from sim.inputs.errors import InputError

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
    code: str  # hash of the model's source
    draws_sha: str
    observations: list[str]
    informed: list[str] = field(default_factory=list)  # parameters of which the data say something
    steps: list[dict[str, float]] = field(default_factory=list)  # how each generation went, see calibration.fit.smc


@dataclass(frozen=True, slots=True)
class Fit:
    """Posterior draws, (draws, parameters) in the order of `agents.parameters.NAMES`."""

    draws: Floats
    provenance: Provenance

    def parameters(self, i: int) -> Parameters:
        """Return draw `i`, counted round."""
        row = self.draws[i % len(self.draws)]
        return Parameters(**{name: float(x) for name, x in zip(NAMES, row, strict=True)})

    def member(self, i: int, seed: int) -> Member:
        """Return member `i` of an experiment: draw `i` and its own seed, the same for every scenario."""
        return Member(i, self.parameters(i), seed * 1_000_000 + i)

    def written(self) -> tuple[str, str]:
        """Return the draws and what made them as text, which `read` turns back."""
        return _csv(self.draws), json.dumps(asdict(self.provenance), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, draws: str, made: str) -> Self:
        """Turn the texts that `written` returns back into the fit."""
        return cls(pd.read_csv(io.StringIO(draws)).to_numpy(float), Provenance(**json.loads(made)))

    def save(self, folder: Path) -> None:
        """Write fitted.csv and fitted.json into a city folder, whole or not at all."""
        for name, text in zip(("fitted.csv", "fitted.json"), self.written(), strict=True):
            part = folder / f".{name}.part"
            part.write_text(text, "utf8")
            part.replace(folder / name)


@cache
def code_version() -> str:
    """Return a hash of the code that decides a run's numbers, comments, docstrings and blank lines apart."""
    digest = hashlib.blake2b(digest_size=8)
    paths = [p for package in (agents, sim) for p in Path(package.__path__[0]).rglob("*.py")]
    for path in sorted(paths):
        digest.update(essence(path.read_text("utf8")).encode())
    return digest.hexdigest()


def essence(source: str) -> str:
    """Return Python source without docstrings, comments, blank lines and trailing spaces."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def rounded(draws: Floats) -> Floats:
    """Return draws as they read back from a file."""
    return pd.read_csv(io.StringIO(_csv(draws))).to_numpy(float)


def draws_sha(draws: Floats) -> str:
    """Return a hash of the draws as saved."""
    return hashlib.blake2b(_csv(draws).encode(), digest_size=8).hexdigest()


def load_fit(city: City, as_of: int | None = None) -> Fit:
    """Read the fit of a city and check that it is whole and not later than the quarter asked for.

    Raises `InputError` when there is none, when it was changed by hand, or when it knows later data.
    """
    table, about = city.folder / "fitted.csv", city.folder / "fitted.json"
    if not table.is_file() or not about.is_file():
        raise InputError(f"{city.folder}: no fit yet; run: peiyu calibrate --city {city.name}")
    try:
        made = Provenance(**json.loads(about.read_text("utf8")))
        frame = pd.read_csv(table)
    except (ValueError, TypeError) as error:
        raise InputError(f"{about}: not a fit this version can read ({error}); run peiyu calibrate again.") from None
    if list(frame.columns) != list(NAMES):
        odd = sorted(set(frame.columns) ^ set(NAMES))
        raise InputError(f"{table}: made for other parameters ({', '.join(odd[:5])}); run peiyu calibrate again.")
    draws = frame.to_numpy(float)
    if not np.isfinite(draws).all() or draws_sha(draws) != made.draws_sha:
        raise InputError(f"{table}: was changed after the fit; run peiyu calibrate again.")
    if made.code != code_version():
        raise InputError(
            f"{about}: fitted with other code ({made.code}; this is {code_version()}): its draws mean something else;"
            f" run: peiyu calibrate --city {city.name} --as-of {made.as_of}"
        )
    if as_of is not None and as_of < quarter.parse(made.as_of):
        raise InputError(
            f"--as-of {quarter.label(as_of)}: the fit of {city.name} is as of {made.as_of}, and a fit never sees"
            f" later data; run: peiyu calibrate --city {city.name} --as-of {quarter.label(as_of)}"
        )
    return Fit(draws, made)


def _csv(draws: Floats) -> str:
    """Write draws with a fixed number of digits; reading and writing again gives the same text."""
    lines = [",".join(NAMES)]
    lines += [",".join(f"{x:.{DIGITS}g}" for x in row) for row in draws]
    return "\n".join(lines) + "\n"
