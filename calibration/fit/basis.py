"""What a fit rests on besides the model's behaviour: observations, priors, the city's rules and the sampler.

Values rather than hashes are kept where a reader wants to know what changed. Names of classes and of fields are
left out, so that renaming them keeps a fit.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass, fields, is_dataclass

import numpy as np

from agents.parameters import PRIORS
from calibration.data.observations import Observation
from calibration.fit import smc
from calibration.fit.history import History
from sim.city.facts import facts_by_quarter

TOLERANCE = 1e-9
"""Relative difference up to which two numbers are the same; other processors round the last digits differently."""
LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
"""Quantiles by which a prior is known: three tell apart any two priors of two numbers and a cut."""
PROSE = frozenset({"zh", "en", "title", "question", "source", "sources", "fields"})
"""Fields for readers, which no run reads."""

Value = float | str
Entry = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a fit was made from, by kind and name."""

    priors: dict[str, Entry]
    observations: dict[str, Entry]
    city: dict[str, Entry]
    sampler: dict[str, Entry]

    def change_to(self, now: Basis) -> str:
        """Say what is different now, the first kind that is, or nothing."""
        for kind, words in KINDS.items():
            found = _changes(getattr(self, kind), getattr(now, kind))
            if found:
                more = f" and {len(found) - 1} more" if len(found) > 1 else ""
                return f"{words} changed ({found[0]}{more})"
        return ""


KINDS = {
    "priors": "the priors",
    "observations": "the observations",
    "city": "the city's rules",
    "sampler": "the sampler's settings",
}


def basis_of(history: History, seen: list[Observation]) -> Basis:
    """Return what a fit of this history to these observations is made from."""
    return Basis(
        {name: {k: float(prior.value(np.array(u))) for k, u in LEVELS.items()} for name, prior in PRIORS.items()},
        {o.name: _of_observation(o) for o in seen},
        _of_city(history),
        {"sampler": {"version": smc.SAMPLER_VERSION, **smc.settings()}},
    )


def same(a: object, b: object) -> bool:
    """Tell whether two values are the same but for rounding; no number is the same as no number."""
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))
    return a == b


def _of_observation(o: Observation) -> Entry:
    """Return what of an observation a fit reads: not its name, which it goes by, and not its source."""
    return {k: x for k, x in asdict(o).items() if k not in ("name", "source")}


def _of_city(history: History) -> dict[str, Entry]:
    """Return hashes of what a run of the history reads of the city, by file."""
    city, policy = history.city, history.scenario
    parts: dict[str, object] = {
        "profile.toml": (city.start, city.tracks, city.districts, city.opening, city.leader),
        "recognitions.toml": city.rules,
        "events.csv": facts_by_quarter(city, history.as_of),
        "the policy in force": (policy.levers, policy.before, policy.rules),
    }
    return {name: {"sha": _sha(x)} for name, x in parts.items()}


def _sha(x: object) -> str:
    return hashlib.blake2b(repr(_plain(x)).encode(), digest_size=8).hexdigest()


def _plain(x: object) -> object:
    """Return values without the names of classes and fields, and without prose."""
    if is_dataclass(x):
        return [_plain(getattr(x, f.name)) for f in fields(x) if f.name not in PROSE]
    if isinstance(x, dict):
        return [[_plain(k), _plain(v)] for k, v in x.items()]
    if isinstance(x, tuple | list):
        return [_plain(v) for v in x]
    return x


def _changes(before: dict[str, Entry], now: dict[str, Entry]) -> list[str]:
    """Say of every entry what is different now: its first value that is."""
    out = []
    for name in [*before, *(n for n in now if n not in before)]:
        if name not in now:
            out.append(f"{name} is gone")
        elif name not in before:
            out.append(f"{name} is new")
        else:
            was, is_ = before[name], now[name]
            keys = [k for k in {**was, **is_} if not same(was.get(k), is_.get(k))]
            out += [f"{name}{_told(k, was.get(k), is_.get(k))}" for k in keys[:1]]
    return out


def _told(key: str, was: Value | None, is_: Value | None) -> str:
    return "" if key == "sha" else f": {key} {_written(was)} → {_written(is_)}"


def _written(x: Value | None) -> str:
    return f"{x:.6g}" if isinstance(x, float) else str(x)
