"""The model description in the seven elements of ODD (2020), for a city and a language.

Prose is written by hand, in `odd_en` and `odd_zh`; every name, number, table and formula comes from the code,
the city's files and the fit. Grimm et al. (2020), JASSS 23(2) 7.
"""

from __future__ import annotations

from types import ModuleType

import agents
from agents.enterprises import Enterprises
from agents.parameters import NAMES, Parameters
from agents.table import Floats
from agents.terms import Terms
from calibration.data import derived, observations, summaries, target
from calibration.fit.fit import Fit, load_fit
from peiyu.document.sections import Section, code
from peiyu.odd import city as odd_city
from peiyu.odd import source as odd_source
from peiyu.odd import streams as odd_streams
from peiyu.odd import tables as odd_tables
from peiyu.odd.words import Words
from sim import levers as lever_package
from sim import quarter
from sim.city.city import City
from sim.ensemble import effects, forecast
from sim.inputs.errors import InputError
from sim.levers import LEVERS
from sim.model import business, drive, founding, institutions, mobility, model
from sim.model import recognition as rounds
from sim.state import state
from sim.state.indicators import INDICATORS

CONCEPTS = (
    "principles", "emergence", "adaptation", "objectives", "learning", "prediction", "sensing", "interaction",
    "stochasticity", "collectives", "observing",
)  # fmt: skip
"""The eleven design concepts, in the order of the protocol."""
SUMS = {
    "growth": (business, ("supported_growth", "grow", "_grow_staff", "take_off")),
    "survival": (mobility, ("_hazard",)),
}
"""Processes whose sums belong to a module of rules; docstrings of rules do not hold them."""
PROCESSES = [founding, business, mobility, rounds, drive, institutions]
ORDER = ("founding", "innovation", "places", "growth", "finance", "recognition", "survival")
"""Order of the behaviour modules in a quarter; a module that is not named comes after them."""
UNMOVED = 0.9
"""A parameter whose posterior keeps more than this of the prior's spread counts as not identified."""
OBSERVATION_MODEL = [observations, derived, target, summaries]


def odd(city: City, lang: str) -> list[Section]:
    """Return the seven elements, in "en" or "zh", as sections with paragraphs, tables and parts."""
    fit = _fit(city)
    return _elements(Words(lang, _facts(city, fit)), city, fit)


def lead(city: City, lang: str) -> tuple[str, tuple[str, ...]]:
    """Return the title of the page and the paragraphs before its first section."""
    w = Words(lang, _facts(city, _fit(city)))
    return w.head("page"), w.prose("lead")


def catalogue_gaps(city: City) -> tuple[list[str], list[str]]:
    """Return the texts of the code that have no Chinese, and those with a Chinese that the code no longer says."""
    fit = _fit(city)
    w = Words("zh", _facts(city, fit))
    _elements(w, city, fit)
    return w.untranslated(), w.outdated()


def _elements(w: Words, city: City, fit: Fit | None) -> list[Section]:
    return [
        _purpose(w, city, fit),
        _entities(w, city),
        _overview(w),
        _concepts(w),
        _initialization(w, city),
        _input(w, city),
        _submodels(w, city, fit),
    ]


def _fit(city: City) -> Fit | None:
    """Return the fit shipped with the city, if there is one that this code can read."""
    try:
        return load_fit(city)
    except InputError:
        return None


def _facts(city: City, fit: Fit | None) -> dict[str, str]:
    """Return the numbers that the prose names."""
    assumed = [f for f in Parameters.__dataclass_fields__.values() if odd_tables.is_assumption(f.metadata["source"])]
    unmoved = [n for n in NAMES if fit and odd_tables.spread_left(n, fit.draws) > UNMOVED]
    as_of = fit.provenance.as_of if fit else ""
    counts = {
        "tracks": len(city.tracks),
        "future": sum(t.future for t in city.tracks),
        "districts": len(city.districts),
        "entrants": city.opening.potential_entrants,
        "columns": len(Enterprises.describe()),
        "terms": len(Terms.describe()),
        "lines": len(odd_source.schedule()),
        "parameters": len(NAMES),
        "assumed": len(assumed),
        "unmoved": len(unmoved),
        "draws": len(fit.draws) if fit else 0,
        "levers": len(LEVERS),
        "scenarios": len(odd_city.for_city(city)),
        "indicators": len(INDICATORS),
        "goals": len(city.goals),
        "readings": sum(len(g.readings) for g in city.goals),
        "decisions": len({d.name for d in odd_streams.decisions()}),
        "published": int((city.history.region == city.name).sum()),
        "history": len(city.history),
        "settled": len(city.base_rates),
    }
    names = {"en": city.title["en"], "zh": city.title["zh"], "start": quarter.label(city.start), "as_of": as_of}
    return names | {key: f"{n:,}" for key, n in counts.items()}


def _section(w: Words, key: str, **content: tuple) -> Section:  # type: ignore[type-arg]
    """Make a section whose title and prose stand under one key."""
    return Section(w.head(f"title_{key}"), w.prose(key), **content)


def _purpose(w: Words, city: City, fit: Fit | None) -> Section:
    as_of = quarter.parse(fit.provenance.as_of) if fit else None
    seen = (odd_city.observations(w, summaries.observed(city, as_of)),) if as_of else ()
    parts = (
        _section(w, "goals", tables=odd_city.goals(w, city)),
        _section(w, "patterns", tables=seen),
        _section(w, "limits"),
    )
    return _section(w, "purpose", parts=parts)


def _entities(w: Words, city: City) -> Section:
    offer, counts = odd_tables.terms_of_city(w)
    enterprises = (odd_tables.columns(w, Enterprises, "enterprises"), odd_tables.codes(w))
    parts = (
        _section(w, "enterprises", tables=enterprises),
        _section(w, "few", tables=(odd_tables.few(w), counts)),
        _section(w, "policy", tables=(odd_tables.columns(w, Terms, "enterprise_terms"), offer)),
        _section(w, "scales", tables=(odd_city.tracks(w, city), odd_city.districts(w, city))),
    )
    return _section(w, "entities", parts=parts)


def _overview(w: Words) -> Section:
    return _section(w, "overview", tables=(odd_tables.schedule(w), odd_tables.processes(w, PROCESSES)))


def _concepts(w: Words) -> Section:
    tables = {"stochasticity": (odd_tables.random_streams(w),), "observing": (odd_tables.indicators(w),)}
    parts = tuple(_section(w, key, tables=tables.get(key, ())) for key in CONCEPTS)
    return _section(w, "concepts", parts=parts)


def _initialization(w: Words, city: City) -> Section:
    tables = (
        odd_city.sourced(w, city.opening, "opening"),
        odd_city.sourced(w, city.leader, "leader"),
    )
    return _section(w, "initialization", tables=tables)


def _input(w: Words, city: City) -> Section:
    parts = (
        _section(w, "history", tables=odd_city.inputs(w, city, (*city.series.indicators, *city.series.shares))),
        _section(w, "recognitions", tables=odd_city.recognitions(w, city)),
        _section(w, "scenarios", tables=(odd_city.scenarios(w, city),)),
    )
    return _section(w, "input", parts=parts)


def _submodels(w: Words, city: City, fit: Fit | None) -> Section:
    draws: Floats | None = fit.draws if fit else None
    observed = (
        odd_city.what_speaks_of_what(w, city.series.indicators),
        odd_city.observation_fields(w),
        odd_city.constants_of(w, city, OBSERVATION_MODEL),
        *(odd_tables.rules(w, module) for module in OBSERVATION_MODEL if odd_source.rules(module)),
    )
    parts = (
        *(_behaviour(w, module) for module in _behaviour_modules()),
        _section(w, "drive", tables=(odd_tables.rules(w, drive),)),
        _section(w, "levers", tables=odd_tables.levers(w)),
        Section(w.head("title_parameters"), w.prose("parameters") + w.prose("fit" if fit else "no_fit"),
                odd_tables.parameters(w, draws)),
        _section(w, "fixed", tables=(odd_tables.fixed(w, _modules_with_numbers()),)),
        _section(w, "observation_model", tables=observed),
        _section(w, "forecast", tables=(odd_tables.rules(w, forecast), odd_tables.rules(w, effects))),
    )  # fmt: skip
    return _section(w, "submodels", parts=parts)


def _behaviour_modules() -> list[ModuleType]:
    """Return the modules of `agents` that hold rules, in the order of a quarter."""
    found = {m.__name__.rsplit(".", 1)[-1]: m for m in odd_source.modules(agents)}
    rest = [name for name in found if name not in ORDER and name not in ("table", "compiled", "parameters", "priors")]
    return [found[name] for name in (*ORDER, *rest) if name in found and odd_source.rules(found[name])]


def _behaviour(w: Words, module: ModuleType) -> Section:
    """Describe one module of behaviour: what it is about, its rules, and sums that only its process has."""
    name = module.__name__.rsplit(".", 1)[-1]
    known = w.knows(f"title_{name}")
    title = w.head(f"title_{name}") if known else code(module.__name__)
    process, sums = SUMS.get(name, (business, ()))
    tables = (odd_tables.rules(w, module), *odd_tables.as_coded(w, process, sums))
    return Section(title, w.prose(name) if known else (w.say(odd_source.summary(module)),), tables)


def _modules_with_numbers() -> list[ModuleType]:
    levers = odd_source.modules(lever_package)
    processes = [founding, business, mobility, rounds, drive, institutions]
    return [*odd_source.modules(agents), state, model, *processes, forecast, *levers]
