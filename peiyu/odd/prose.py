"""The prose of the model description, in the order of the protocol; the appendix needs nothing else of it.

Nothing here looks into the source of the model: what the prose says of it was counted by `make docs`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from agents.enterprises import Enterprises
from agents.parameters import NAMES, Parameters
from agents.terms import Terms
from calibration.fit.fit import Fit, load_fit
from peiyu.document.prose import paragraph
from peiyu.document.tree import Heading, Paragraph
from peiyu.odd.words import OddWords
from peiyu.words.loader import words
from peiyu.words.numbers import count
from peiyu.words.parameters import is_assumption
from sim import quarter
from sim.city.city import City
from sim.city.history import published
from sim.inputs.errors import InputError
from sim.levers import LEVERS
from sim.scenario.scenario import scenarios_of
from sim.state.indicators import INDICATORS

OUTLINE = (
    (1, "purpose"), (2, "goals"), (2, "patterns"), (2, "limits"),
    (1, "entities"), (2, "enterprises"), (2, "few"), (2, "policy"), (2, "scales"),
    (1, "overview"),
    (1, "concepts"), (2, "principles"), (2, "emergence"), (2, "adaptation"), (2, "objectives"), (2, "learning"),
    (2, "prediction"), (2, "sensing"), (2, "interaction"), (2, "stochasticity"), (2, "collectives"), (2, "observing"),
    (1, "initialization"),
    (1, "input"), (2, "history"), (2, "recognitions"), (2, "scenarios"),
    (1, "submodels"), (2, "founding"), (2, "innovation"), (2, "growth"), (2, "finance"),
    (2, "recognition"), (2, "survival"), (2, "drive"), (2, "institutions"), (2, "levers"), (2, "parameters"),
    (2, "fixed"), (2, "observation_model"), (2, "forecast"),
)  # fmt: skip
"""Level and key of every section; those of level 1 are the seven elements of ODD (2020)."""
COUNTED = Path(__file__).with_name("counted.json")
"""What `make docs` has counted in the source of the model: lines of a quarter, random decisions."""
UNMOVED = 0.9
"""A parameter whose posterior keeps more than this of the prior's spread counts as not identified."""


def outline(w: OddWords, fit: Fit | None) -> Iterator[tuple[str, Heading, list[Paragraph]]]:
    """Give key, heading and paragraphs of every section."""
    for level, key in OUTLINE:
        yield key, Heading(level, w.head(f"title_{key}")), section(w, key, fit)


def section(w: OddWords, key: str, fit: Fit | None) -> list[Paragraph]:
    """Return the paragraphs of one section."""
    more = w.prose("fit" if fit else "no_fit") if key == "parameters" else ()
    return [paragraph(text) for text in (*w.prose(key), *more)]


def shipped_fit(city: City) -> Fit | None:
    """Return the fit shipped with the city, if there is one that this code can read."""
    try:
        return load_fit(city)
    except InputError:
        return None


@cache
def counted() -> dict[str, int]:
    """Return what `make docs` has counted in the source of the model."""
    found: dict[str, int] = json.loads(COUNTED.read_text("utf8"))
    return found


def facts(city: City, fit: Fit | None, lang: str) -> dict[str, str]:
    """Return the numbers and names that the prose fills in."""
    assumed = [f for f in Parameters.__dataclass_fields__.values() if is_assumption(f.metadata["source"])]
    unmoved = [n for n in NAMES if fit and fit.outlook.spread_left(n, fit.draws) > UNMOVED]
    as_of = fit.provenance.as_of if fit else ""
    counts = {
        "tracks": len(city.tracks),
        "future": sum(t.future for t in city.tracks),
        "districts": len(city.districts),
        "entrants": city.opening.potential_entrants,
        "columns": len(Enterprises.describe()),
        "terms": len(Terms.describe()),
        "parameters": len(NAMES),
        "assumed": len(assumed),
        "unmoved": len(unmoved),
        "draws": len(fit.draws) if fit else 0,
        "levers": len(LEVERS),
        "scenarios": len(scenarios_of(city)),
        "indicators": len(INDICATORS),
        "goals": len(city.goals),
        "readings": sum(len(g.readings) for g in city.goals),
        "published": int((city.history.region == city.region).sum()),
        "history": len(published(city.history, city.region)),
        "settled": len(city.settled),
    }
    heads = words("odd_heads", lang)
    known = heads["sep"].join(x.zh if lang == "zh" else x.en for x in city.known) or heads["nobody"]
    names = {"known_enterprises": known, "city": city.title[lang], "start": quarter.label(city.start), "as_of": as_of}
    return names | {key: count(n) for key, n in (counts | counted()).items()}

