"""A page on every lever: what it does, to whom, by how much, says who; all of it read from code and scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from agents.parameters import NAMES, PRIORS, Parameters
from agents.table import Floats
from calibration.fit.fit import load_fit
from peiyu.document.prose import code, paragraph, table
from peiyu.document.tree import Block, Document, Heading, Table
from peiyu.odd import source as odd_source
from peiyu.odd.tables import ENDS, LEVELS, comment_of, default_of, prior_text, said_of
from peiyu.odd.words import OddWords
from peiyu.words.levers import eligibility, lever_term
from peiyu.words.loader import Words, words
from peiyu.words.numbers import digits
from peiyu.words.parameters import is_assumption
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.levers import LEVERS, Lever
from sim.scenario.scenario import scenarios_of


def lever_page(city: City, lang: str) -> Document:
    """Return one section a lever, in the order of the plan's articles."""
    w, own = OddWords(lang, {}), words("levers", lang)
    draws, found = _draws(city), _uses(city, own)
    blocks: list[Block] = [paragraph(own["lead"]), paragraph(own["pays"])]
    for kind, cls in sorted(LEVERS.items(), key=lambda item: item[1].plan_action):
        blocks += _section(w, own, kind, cls, (draws, found.get(kind, ())))
    return Document(lang, own["title"], tuple(blocks))


def _draws(city: City) -> Floats | None:
    try:
        return load_fit(city).draws
    except InputError:
        return None


def _section(
    w: OddWords, own: Words, kind: str, cls: type[Lever], known: tuple[Floats | None, tuple[tuple[str, ...], ...]]
) -> list[Block]:
    draws, used = known
    said = " ".join(map(_sentence, said_of(w, cls)))
    common = {f.name for f in odd_source.declared(Lever)}
    extra = tuple(
        (code(f.name), code(default_of(f)), comment_of(w, cls, f))
        for f in odd_source.declared(cls)
        if f.name not in common
    )
    heads = ("scenario", "ledger", "dates", "budget", "size", "eligible", "order", "grade", "source")
    tables = (
        _effects(w, own, cls, draws),
        table(own["own"], tuple(own[k] for k in ("field", "blank", "meaning")), extra),
        table(own["used"], tuple(own[k] for k in heads), used),
    )
    about = paragraph(f"{own['action'].format(article=cls.plan_action)} {said}")
    return [Heading(1, f"{lever_term(cls)} {code(kind)}"), about, *(t for t in tables if t.rows)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _effects(w: OddWords, own: Words, cls: type[Lever], draws: Floats | None) -> Table:
    """Return the parameters that say how strongly a lever works."""
    meta, rows = {f.name: f.metadata for f in fields(Parameters)}, []
    for name in cls.effects:
        prior = PRIORS[name]
        low, high = (digits(float(x)) for x in np.asarray(prior.value(ENDS)))
        points = (
            ("–",) if draws is None else (digits(float(x)) for x in np.quantile(draws[:, NAMES.index(name)], LEVELS))
        )
        assumed = own["yes"] if is_assumption(meta[name]["source"]) else ""
        about = (code(name), meta[name]["zh"], w.word(meta[name]["unit"]), prior_text(w, prior), f"{low} – {high}")
        rows.append((*about, " / ".join(points), assumed, w.source(name)))
    heads = ("parameter", "zh_name", "unit", "prior", "ends", "posterior", "assumed", "source")
    return table(own["effects"], tuple(own[k] for k in heads), tuple(rows))


def _uses(city: City, own: Words) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return where the city's scenarios use each lever, by its type; a lever that is the same in two is named once."""
    first = city.baseline, city.plan  # the others extend them: what they hold is named under them
    types = {cls: kind for kind, cls in LEVERS.items()}
    found: dict[str, dict[Lever, tuple[str, ...]]] = {}
    for scenario in sorted(scenarios_of(city), key=lambda s: (s.name not in first, s.name)):
        for lever in scenario.levers:
            kept = found.setdefault(types[type(lever)], {})
            if lever not in kept:
                kept[lever] = (code(scenario.name), *_use(city, own, lever))
    return {kind: tuple(rows.values()) for kind, rows in found.items()}


def _use(city: City, own: Words, lever: Lever) -> Iterator[str]:
    yield code(lever.name)
    ramp = own["ramp"].format(quarters=lever.ramp_quarters)
    yield f"{quarter.label(lever.start)} – {quarter.label(lever.end)}, {ramp}"
    yield digits(lever.budget)
    yield digits(lever.size)
    yield eligibility(city, lever.eligible) or own["everyone"]
    yield own[lever.allocation]
    yield lever.evidence
    yield lever.source
