"""What a fit rests on besides the model's behaviour: observations, priors, the city's rules and the sampler.

Values rather than hashes are kept where a reader wants to know what changed. Names of classes and of fields are
left out, so that renaming them keeps a fit.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass

import numpy as np

from agents.parameters import PRIORS
from agents.table import Floats
from calibration.data.observations import Observation
from calibration.data.summaries import summary
from calibration.fit.expected import sha_elsewhere
from calibration.fit.history import History
from calibration.sampler import smc
from sim.city.facts import public_record, published
from sim.inputs.said import Said
from sim.state.indicators import NAMES as INDICATOR_NAMES

TOLERANCE = 1e-9
"""Relative difference up to which two numbers are the same; other processors round the last digits differently."""
LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
"""Quantiles by which a prior is known: three tell apart any two priors of two numbers and a cut."""
PROSE = frozenset({"zh", "en", "title", "question", "source", "sources", "fields"})
"""Fields for readers, which no run reads."""

_RULES = {
    "history.csv of other regions": Said("history.csv of other regions"),
    "the policy in force": Said("the policy in force"),
}
"""How a reader is told of those of the city's rules that no single file has."""

Value = float | str
Entry = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a fit was made from, by kind and name."""

    priors: dict[str, Entry]
    observations: dict[str, Entry]
    city: dict[str, str]  # hashes, by file
    sampler: Entry

    def change_to(self, now: Basis) -> Said | None:
        """Say what is different now, the first kind that is, or nothing."""
        rules = [_RULES.get(k, k) for k in {**self.city, **now.city} if self.city.get(k) != now.city.get(k)]
        kinds: list[tuple[Said, Sequence[Said | str]]] = [
            (Said("the priors"), _changes(self.priors, now.priors)),
            (Said("the observations"), _changes(self.observations, now.observations)),
            (Said("the city's rules"), rules),
            (Said("the sampler's settings"), _changed_values(self.sampler, now.sampler)),
        ]
        kind, changes = next((x for x in kinds if x[1]), (None, ()))
        if kind is None:
            return None
        if len(changes) == 1:
            return Said("{kind} changed ({first})", kind=kind, first=changes[0])
        return Said("{kind} changed ({first} and {more} more)", kind=kind, first=changes[0], more=len(changes) - 1)


def basis_of(history: History, seen: list[Observation]) -> Basis:
    """Return what a fit of this history to these observations is made from."""
    return Basis(
        {name: {k: float(prior.value(np.array(u))) for k, u in LEVELS.items()} for name, prior in PRIORS.items()},
        {o.name: _of_observation(o, history.city.start + 1) for o in seen},
        _of_city(history),
        {"version": smc.SAMPLER_VERSION, **smc.settings()},
    )


def same(a: object, b: object) -> bool:
    """Tell whether two values are the same but for rounding; no number is the same as no number."""
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))
    return a == b


def _of_observation(o: Observation, start: int) -> Entry:
    """Return what of an observation a fit reads, and how it is read off a run: what a made-up one gives.

    Its name, which it goes by, and its source are left out.
    """
    told = {k: x for k, x in asdict(o).items() if k not in ("name", "source")}
    return told | {"read_as": summary(o, _synthetic_run(o.quarter + 1 - start), start)}


def _synthetic_run(quarters: int) -> Floats:
    """Return a run in which no two quarters and hardly two indicators give the same number, (quarters, indicators)."""
    # by a hash of the name: the same level in every process, wherever an indicator stands in the list
    levels = [1.0 + zlib.crc32(name.encode()) % 997 for name in INDICATOR_NAMES]
    return np.outer(1.0 + np.arange(quarters), levels)


def _of_city(history: History) -> dict[str, str]:
    """Return hashes of what a run of the history reads of the city, by file."""
    city, policy = history.city, history.scenario
    parts: dict[str, object] = {
        "profile.toml": (city.start, city.tracks, city.districts, city.opening, city.leader),
        "recognitions.toml": city.rules,
        "events.csv": public_record(city, history.as_of),
        "history.csv of other regions": sha_elsewhere(city, history.as_of),
        "the policy in force": (policy.levers, policy.before, policy.rules),
    }
    if city.known:
        parts["known.csv"] = published(city, history.as_of)
    texts = {name: json.dumps(_plain(x)) for name, x in parts.items()}
    return {name: hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for name, text in texts.items()}


def _plain(x: object) -> object:
    """Return values without the names of classes and fields, and without prose."""
    if is_dataclass(x):
        return [_plain(getattr(x, f.name)) for f in fields(x) if f.name not in PROSE]
    if isinstance(x, dict):
        return [[_plain(k), _plain(v)] for k, v in x.items()]
    if isinstance(x, tuple | list):
        return [_plain(v) for v in x]
    return x


def _changes(before: dict[str, Entry], now: dict[str, Entry]) -> list[Said]:
    """Say of every entry what is different now: its first value that is."""
    out = []
    for name in [*before, *(n for n in now if n not in before)]:
        if name not in now:
            out.append(Said("{name} is gone", name=name))
        elif name not in before:
            out.append(Said("{name} is new", name=name))
        else:
            changed = _changed_values(before[name], now[name])[:1]
            out += [Said("{name}: {change}", name=name, change=told) for told in changed]
    return out


def _changed_values(before: Entry, now: Entry) -> list[str]:
    keys = [k for k in {**before, **now} if not same(before.get(k), now.get(k))]
    return [f"{k} {_written(before.get(k))} → {_written(now.get(k))}" for k in keys]


def _written(x: Value | None) -> str:
    return f"{x:.6g}" if isinstance(x, float) else str(x)
