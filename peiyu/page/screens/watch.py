"""One run quarter by quarter: who stands on which rung in which track, who rents in a pilot zone, and single lives."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

from agents.enterprises import Stage
from peiyu.page.life import Life, LifePoint, OneRun
from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import count
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.inputs.said import Said

LISTED = 60
"""Enterprises in the list; every one that is followed is a dot."""
COLUMN, DOT, GAP, ACROSS = 132.0, 4.0, 1.6, 12
"""Of the picture: width of a track, radius of a dot, space between two, dots side by side."""
LETTERS = 18
"""Of a track's name on a line; a longer one takes two."""
STEP, LEAST = 2 * DOT + GAP, 3
"""From dot to dot, and the fewest rows of dots that a rung is high."""


def shown(seen: OneRun, city: City, lang: str, when: int | None, slot: int | None) -> dict[str, Any]:
    """Return what the template says of a quarter, the first unless one is named, and of an enterprise."""
    now = seen.first if when is None else when
    if now not in seen.quarters:
        raise InputError(Said("quarter: from {first} to {last}.", first=seen.first, last=seen.quarters[-1]))
    if slot is not None and slot not in seen.lives:
        raise InputError(Said("slot {slot}: this enterprise is not followed in this run.", slot=slot))
    row, w = now - seen.first, words("page", lang)
    tracks = [(i, t) for i, t in enumerate(city.tracks) if t.future]
    here, columns = seen.at(now), [i for i, _ in tracks]
    floors = _floors(here, columns)
    return {
        "quarters": [(q, quarter.label(q)) for q in seen.quarters], "now": now, "label": quarter.label(now),
        "next": min(now + 1, seen.quarters[-1]), "before": max(now - 1, seen.first),
        "tracks": [{"name": label(t, lang), "stages": [count(float(x)) for x in seen.stages[row, i]],
                    "tenants": count(float(seen.tenants[row, i]))} for i, t in tracks],
        "dots": _dots(here, columns, floors, slot), "width": COLUMN * len(tracks), "height": max(floors.values()),
        "rungs": [(w[f"stage_{s.name.lower()}"], floors[s]) for s in reversed(Stage)],
        "columns": [(COLUMN * (k + 0.5), textwrap.wrap(label(t, lang), LETTERS)) for k, (_, t) in enumerate(tracks)],
        "paid": [(lever_name(name, None, lang), count(x)) for name, x in seen.paid[row].items()],
        "list": [_entry(x, p, city, lang) for x, p in here[:LISTED]], "more": max(len(here) - LISTED, 0),
        "life": None if slot is None else _life(seen.lives[slot], city, lang),
    }  # fmt: skip


def _floors(here: list[tuple[Life, LifePoint]], tracks: list[int]) -> dict[Stage, float]:
    """Return how far down each rung's floor lies, the leaders on top; a rung is as high as its fullest track."""
    floors, down = {}, 0.0
    for stage in reversed(Stage):
        most = max([0, *Counter(x.track for x, p in here if p.stage == stage and x.track in tracks).values()])
        down += max(-(-most // ACROSS), LEAST) * STEP + 2 * STEP
        floors[stage] = down
    return floors


def _dots(
    here: list[tuple[Life, LifePoint]], tracks: list[int], floors: dict[Stage, float], slot: int | None
) -> list[dict[str, Any]]:
    """Place followed enterprises: a column a track, a rung a stage."""
    filled: dict[tuple[int, int], int] = {}
    dots = []
    for x, p in here:
        if x.track not in tracks:
            continue
        cell = tracks.index(x.track), p.stage
        n = filled[cell] = filled.get(cell, -1) + 1
        across, up = n % ACROSS, n // ACROSS
        left, bottom = cell[0] * COLUMN + STEP, floors[Stage(p.stage)] - STEP
        dots.append({
            "slot": x.slot, "x": left + across * STEP, "y": bottom - up * STEP, "r": DOT,
            "stage": Stage(p.stage).name.lower(), "zone": p.zone > 0, "chosen": x.slot == slot,
        })  # fmt: skip
    return dots


def _entry(x: Life, p: LifePoint, city: City, lang: str) -> dict[str, Any]:
    w = words("page", lang)
    return {
        "slot": x.slot, "track": label(city.tracks[x.track], lang), "district": label(city.districts[x.district], lang),
        "stage": w[f"stage_{Stage(p.stage).name.lower()}"], "revenue": count(p.revenue),
        "employees": count(p.employees),
    }  # fmt: skip


def _life(x: Life, city: City, lang: str) -> dict[str, Any]:
    """Return a life as a table of quarters, each with what happened in it."""
    w = words("page", lang)
    rows = []
    for i, p in enumerate(x.points):
        before = x.points[i - 1] if i else None
        rows.append({
            "quarter": quarter.label(p.quarter), "stage": w[f"stage_{Stage(p.stage).name.lower()}"],
            "employees": count(p.employees), "revenue": count(p.revenue), "rd": count(p.rd_spend),
            "support": count(p.support - before.support) if before else "", "events": _events(before, p, lang),
        })  # fmt: skip
    return {
        "slot": x.slot, "track": label(city.tracks[x.track], lang), "district": label(city.districts[x.district], lang),
        "born": quarter.label(x.born), "origin": w[f"origin_{x.origin}"], "rows": rows,
    }  # fmt: skip


def _events(before: LifePoint | None, p: LifePoint, lang: str) -> str:
    """Say what reached an enterprise in a quarter and what became of it."""
    w = words("page", lang)
    if before is None:
        return w["held"].format(what=w["comma"].join(w[f"label_{x}"] for x in p.labels)) if p.labels else ""
    said = []
    if p.stage > before.stage:
        said.append(w["rose"].format(stage=w[f"stage_{Stage(p.stage).name.lower()}"]))
    if p.stage < before.stage:
        said.append(w["fell"].format(stage=w[f"stage_{Stage(p.stage).name.lower()}"]))
    said += [w["won"].format(label=w[f"label_{x}"]) for x in p.labels if x not in before.labels]
    said += [w["lost"].format(label=w[f"label_{x}"]) for x in before.labels if x not in p.labels]
    if p.support > before.support:
        said.append(w["supported"].format(n=count(p.support - before.support)))
    if p.equity > before.equity:
        said.append(w["raised"].format(n=count(p.equity - before.equity)))
    if p.zone and not before.zone:
        said.append(w["moved_in"])
    if p.listed and not before.listed:
        said.append(w["was_listed"])
    return w["comma"].join(said)
