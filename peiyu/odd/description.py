"""The model description in the seven elements of ODD (2020), for a city and a language: prose and tables.

Prose is written by hand; every name, number, table and formula comes from the code, the city's files and the fit.
Only `make docs` writes it, since the tables are read from the source. Grimm et al. (2020), JASSS 23(2) 7.
"""

from __future__ import annotations

from types import ModuleType

import agents
from agents.enterprises import Enterprises
from agents.terms import Terms
from calibration.data import derived, observations, summaries, target
from calibration.fit.fit import Fit
from peiyu.document.prose import paragraph
from peiyu.document.tree import Block, Document, Table
from peiyu.odd import city as odd_city
from peiyu.odd import source as odd_source
from peiyu.odd import streams as odd_streams
from peiyu.odd import tables as odd_tables
from peiyu.odd.prose import facts, outline, shipped_fit
from peiyu.odd.words import OddWords
from sim import levers as lever_package
from sim import quarter
from sim.city.city import City
from sim.ensemble import effects, forecast, ladder, pool, recorded, track_record
from sim.model import business, drive, founding, institutions, mobility, model
from sim.model import recognition as rounds
from sim.state import state

SUMS = {
    "growth": (business, ("supported_growth", "grow", "_grow_staff", "take_off")),
    "survival": (mobility, ("_hazard",)),
}
"""Processes whose sums belong to a module of rules; docstrings of rules do not hold them."""
PROCESSES = [founding, business, mobility, rounds, drive, institutions]
BEHAVIOUR = ("founding", "innovation", "growth", "finance", "recognition", "survival", "drive", "institutions")
"""Modules of `agents` that hold rules, in the order of a quarter; each is a section."""
FORECAST = [track_record, ladder, recorded, pool, forecast]
"""From the record of settled goals and the model to a statement, in this order."""
OBSERVATION_MODEL = [observations, derived, target, summaries]


def description(city: City, lang: str) -> Document:
    """Return the seven elements, in "en" or "zh"."""
    fit = shipped_fit(city)
    w = OddWords(lang, facts(city, fit, lang))
    return _document(w, city, fit)


def asked(city: City) -> OddWords:
    """Return the Chinese words after the description was written with them: they know which texts the code says."""
    fit = shipped_fit(city)
    w = OddWords("zh", facts(city, fit, "zh"))
    _document(w, city, fit)
    return w


def counts() -> dict[str, int]:
    """Count in the source of the model what the prose names of it."""
    return {"lines": len(odd_source.schedule()), "decisions": len({d.name for d in odd_streams.decisions()})}


def _document(w: OddWords, city: City, fit: Fit | None) -> Document:
    blocks: list[Block] = [paragraph(text) for text in w.prose("lead")]
    tables = _overall(w, city, fit) | _inputs(w, city) | _submodels(w, city, fit)
    for key, heading, paragraphs in outline(w, fit):
        blocks += (heading, *paragraphs, *(t for t in tables.get(key, ()) if t.rows))
    return Document(w.lang, w.head("page"), tuple(blocks))


def _overall(w: OddWords, city: City, fit: Fit | None) -> dict[str, tuple[Table, ...]]:
    """Return the tables of the first four elements by section."""
    as_of = quarter.parse(fit.provenance.as_of) if fit else None
    offer, totals = odd_tables.terms_of_city(w)
    return {
        "goals": odd_city.goals(w, city),
        "patterns": (odd_city.observations(w, summaries.observed(city, as_of)),) if as_of else (),
        "enterprises": (odd_tables.columns(w, Enterprises, "enterprises"), odd_tables.codes(w)),
        "few": (odd_tables.few(w), totals),
        "policy": (odd_tables.columns(w, Terms, "enterprise_terms"), offer),
        "scales": (odd_city.tracks(w, city), odd_city.districts(w, city)),
        "overview": (odd_tables.schedule(w), odd_tables.processes(w, PROCESSES)),
        "stochasticity": (odd_tables.random_streams(w),),
        "observing": (odd_tables.indicators(w),),
    }


def _inputs(w: OddWords, city: City) -> dict[str, tuple[Table, ...]]:
    """Return the tables of initialization and input."""
    return {
        "initialization": (
            odd_city.sourced(w, city.opening, "opening"),
            odd_city.sourced(w, city.leader, "leader"),
        ),
        "history": odd_city.inputs(w, city, (*city.series.indicators, *city.series.shares)),
        "recognitions": odd_city.recognitions(w, city),
        "scenarios": (odd_city.scenarios(w, city),),
    }


def _submodels(w: OddWords, city: City, fit: Fit | None) -> dict[str, tuple[Table, ...]]:
    observed = (
        odd_city.what_speaks_of_what(w, city.series.indicators),
        odd_city.observation_fields(w),
        odd_city.constants_of(w, city, OBSERVATION_MODEL),
        *(odd_tables.rules(w, module) for module in OBSERVATION_MODEL if odd_source.rules(module)),
    )
    behaviour = {key: _behaviour(w, module) for key, module in behaviour_modules().items()}
    return behaviour | {
        "drive": (*behaviour["drive"], odd_tables.rules(w, drive)),
        "levers": odd_tables.levers(w),
        "parameters": odd_tables.parameters(w, fit),
        "fixed": (odd_tables.fixed(w, _modules_with_numbers()),),
        "observation_model": observed,
        "forecast": tuple(odd_tables.rules(w, module) for module in (*FORECAST, effects)),
    }


def behaviour_modules() -> dict[str, ModuleType]:
    """Return the modules of `agents` that hold rules, by name, in the order of a quarter."""
    found = {m.__name__.rsplit(".", 1)[-1]: m for m in odd_source.modules(agents)}
    return {name: found[name] for name in BEHAVIOUR}


def _behaviour(w: OddWords, module: ModuleType) -> tuple[Table, ...]:
    """Return the rules of a module of behaviour, and sums that only its process has."""
    name = module.__name__.rsplit(".", 1)[-1]
    process, sums = SUMS.get(name, (business, ()))
    return (odd_tables.rules(w, module), *odd_tables.as_coded(w, process, sums))


def _modules_with_numbers() -> list[ModuleType]:
    levers = odd_source.modules(lever_package)
    return [*odd_source.modules(agents), state, model, *PROCESSES, *FORECAST, *levers]
