"""Tables of the model description about the model itself: columns, institutions, schedule, rules, parameters."""

from __future__ import annotations

from dataclasses import fields
from enum import IntEnum
from types import ModuleType
from typing import Any

import numpy as np

from agents import enterprises, institutions
from agents.drive import DriveSteps
from agents.enterprises import Enterprises
from agents.institutions import Counts
from agents.parameters import NAMES, PRIORS, Parameters
from agents.priors import Prior
from agents.terms import Terms
from calibration.fit.fit import Fit
from peiyu.document.prose import code, table
from peiyu.document.tree import Table
from peiyu.odd import source as odd_source
from peiyu.odd import streams as odd_streams
from peiyu.odd.words import OddWords
from peiyu.words.numbers import digits, percent
from peiyu.words.parameters import is_assumption
from sim.levers import LEVERS, CityTerms, Lever
from sim.levers.base import Eligible
from sim.state.indicators import INDICATORS

LEVELS = np.array([0.05, 0.5, 0.95])
ENDS = np.array([0.05, 0.95])


def _summary(w: OddWords, thing: Any) -> str:
    return w.say(odd_source.name_of(thing), odd_source.summary(thing))


def comment_of(w: OddWords, cls: type, f: odd_source.Field) -> str:
    """Return the comment behind a field."""
    return w.say(f"{odd_source.name_of(cls)}.{f.name}", f.comment)


def said_of(w: OddWords, cls: type[Lever]) -> list[str]:
    """Return what a lever does, without its Chinese term, and what its docstring says further."""
    name = odd_source.name_of(cls)
    does, more = odd_source.summary(cls).partition(": ")[2], odd_source.detail(cls)
    return [said for said in (w.say(name, does), w.say(f"{name}, further", more)) if said]


def columns(w: OddWords, kind: type[Enterprises | Terms], caption: str) -> Table:
    """Return the columns of a table of agents."""
    where = odd_source.name_of(kind)
    rows = tuple((code(name), w.word(unit), w.say(f"{where}.{name}", doc)) for name, unit, doc in kind.describe())
    return table(w.head(caption), w.heads("column", "unit", "meaning"), rows)


def codes(w: OddWords) -> Table:
    """Return the enumerations: what a stage, an origin, a recognition or a status can be."""
    kinds = [c for module in (enterprises, institutions) for c in vars(module).values() if _is_enumeration(c, module)]
    rows = tuple(
        (
            code(kind.__name__),
            _summary(w, kind),
            "; ".join(_value(w, kind, f) for f in odd_source.declared(kind)),
        )
        for kind in kinds
    )
    return table(w.head("codes"), w.heads("kind", "meaning", "values"), rows)


def _is_enumeration(thing: object, module: ModuleType) -> bool:
    return isinstance(thing, type) and issubclass(thing, IntEnum) and thing.__module__ == module.__name__


def _value(w: OddWords, kind: type, f: odd_source.Field) -> str:
    return f"{f.default} {code(f.name)}" + (f" ({comment_of(w, kind, f)})" if f.comment else "")


def few(w: OddWords) -> Table:
    """Return the institutions with their attributes and what can happen to them."""
    rows = []
    base = institutions.Institution
    for cls in vars(institutions).values():
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base:
            acts = [getattr(cls, name) for name in vars(cls) if not name.startswith("_")]
            does = " ".join(f"{code(act.__name__)}: {_summary(w, act)}" for act in acts if callable(act))
            own = ", ".join(code(name) for name in odd_source.attributes(cls))
            rows.append((code(cls.__name__), _summary(w, cls), own, does))
    return table(w.head("few"), w.heads("entity", "meaning", "attributes", "acts"), tuple(rows))


def commented(w: OddWords, cls: type, caption: str) -> Table:
    """Return the fields of a class with the comments behind them."""
    rows = tuple((code(f.name), code(default_of(f)), comment_of(w, cls, f)) for f in odd_source.declared(cls))
    return table(w.head(caption), w.heads("field", "blank", "meaning"), rows)


def default_of(f: odd_source.Field) -> str:
    """Return the default of a field as written; one that is made anew for every object is left out."""
    return "" if "default_factory" in f.default else f.default


def terms_of_city(w: OddWords) -> tuple[Table, Table]:
    """Return what policy offers the city, and the running totals."""
    return commented(w, CityTerms, "city_terms"), commented(w, Counts, "counts")


def schedule(w: OddWords) -> Table:
    """Return the lines of a quarter."""
    rows = tuple(
        (str(i), code(line.call), w.say(line.called, line.does) + _beside(w, line))
        for i, line in enumerate(odd_source.schedule(), 1)
    )
    return table(w.head("schedule"), w.heads("place", "line", "does"), rows)


def _beside(w: OddWords, line: odd_source.StepLine) -> str:
    return f" ({w.say(f'{line.called}, beside', line.comment)})" if line.comment else ""


def rules(w: OddWords, module: ModuleType) -> Table:
    """Return the public functions of a module: what each returns, and its formula and sources."""
    rows = tuple(
        (code(rule.__name__), _summary(w, rule), odd_source.detail(rule))
        for rule in odd_source.rules(module)
    )
    return table(w.head("rules").format(module=code(module.__name__)), w.heads("rule", "does", "detail"), rows)


def processes(w: OddWords, modules: list[ModuleType]) -> Table:
    """Return the processes of the model: the rules they apply, the parameters they read, the columns they set."""
    rows = []
    for module in modules:
        for process in odd_source.rules(module):
            used = odd_source.uses(module, process.__name__)
            name = code(f"{module.__name__.rpartition('.')[2]}.{process.__name__}")
            touched = (", ".join(map(code, part)) for part in (used.rules, used.parameters, used.columns))
            rows.append((name, _summary(w, process), odd_source.detail(process), *touched))
    return table(w.head("processes"), w.heads("process", "does", "detail", "applies", "reads", "sets"), tuple(rows))


def as_coded(w: OddWords, module: ModuleType, names: tuple[str, ...]) -> tuple[Table, ...]:
    """Return how the processes of these names put a lift or a rate together, line by line."""
    tables = []
    for name in names:
        lines = odd_source.sums(module, name)
        rows = tuple((str(i), code(line)) for i, line in enumerate(lines, 1))
        caption = w.head("as_coded").format(function=code(f"{module.__name__}.{name}"))
        tables.append(table(caption, w.heads("place", "line"), rows))
    return tuple(tables)


def fixed(w: OddWords, modules: list[ModuleType]) -> Table:
    """Return the numbers that are fixed in code, with what is written beneath them."""
    rows = tuple(
        (code(name), plain(value), w.say(f"{module.__name__}.{name}", doc), code(module.__name__))
        for module in modules
        for name, value, doc in odd_source.constants(module)
    )
    return table(w.head("fixed"), w.heads("constant", "value", "meaning", "where"), rows)


def plain(value: Any) -> str:
    """Write a number, or a tuple or dictionary of numbers; years and other whole numbers stay whole."""
    if isinstance(value, tuple):
        return "(" + ", ".join(plain(x) for x in value) + ")"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(x)}" for key, x in value.items())
    return str(value) if isinstance(value, int) else digits(value)


def prior_text(w: OddWords, prior: Prior) -> str:
    """Write a prior with its numbers named, such as LogNormal(median 0.16, s 0.15)."""
    numbers: Any = prior
    inside = ", ".join(f"{w.word(f.name)} {digits(getattr(prior, f.name))}" for f in fields(numbers))
    return f"{w.word(type(prior).__name__)}({inside})"


def parameters(w: OddWords, fit: Fit | None) -> tuple[Table, ...]:
    """Return the parameter tables, one a group, with what a fit says of them where there is one."""
    heads = w.heads("parameter", "zh_name", "unit", "prior", "ends", "posterior", "left", "assumed", "source")
    meta = {f.name: f.metadata for f in fields(Parameters)}
    tables: list[Table] = []
    for group, names in (*odd_source.groups(Parameters), *odd_source.groups(DriveSteps)):
        rows = []
        for name in names:
            prior = fit.outlook.prior(name) if fit else PRIORS[name]
            low, high = (digits(float(x)) for x in prior.value(ENDS))
            about, assumed = meta[name], is_assumption(meta[name]["source"])
            said = (code(name), about["zh"], w.word(about["unit"]), prior_text(w, prior), f"{low} – {high}")
            rows.append((*said, *_posterior(name, fit), w.yes(assumed), w.source(name)))
        # the yearly steps of the drive are one group, which has no comment above it
        named = w.word(group) if group else w.head("title_drive")
        tables.append(table(w.head("parameters").format(group=named), heads, tuple(rows)))
    return tuple(tables)


def _posterior(name: str, fit: Fit | None) -> tuple[str, str]:
    """Write the 5, 50 and 95 % points of the fit, and the spread it leaves of the prior's."""
    if fit is None:
        return "–", "–"
    points = np.quantile(fit.draws[:, NAMES.index(name)], LEVELS)
    return " / ".join(digits(float(x)) for x in points), percent(fit.outlook.spread_left(name, fit.draws))


def levers(w: OddWords) -> tuple[Table, ...]:
    """Return all levers, the fields every lever has, and who can be made eligible."""
    common = {f.name for f in odd_source.declared(Lever)}
    rows = []
    for kind, cls in LEVERS.items():
        term = odd_source.summary(cls).partition(": ")[0]
        extra = [f for f in odd_source.declared(cls) if f.name not in common]
        reads = ", ".join(map(code, odd_source.parameters_of(cls)))
        does = " ".join(said_of(w, cls))
        rows.append((code(kind), term, does, "; ".join(_extra(w, cls, f) for f in extra), reads))
    heads = w.heads("type", "zh_term", "does", "extra", "reads")
    all_levers = table(w.head("levers"), heads, tuple(rows))
    shared = commented(w, Lever, "every_lever")
    return all_levers, shared, commented(w, Eligible, "eligible")


def _extra(w: OddWords, cls: type, f: odd_source.Field) -> str:
    default = f" = {f.default}" if f.default else ""
    return code(f"{f.name}{default}") + (f" {comment_of(w, cls, f)}" if f.comment else "")


def indicators(w: OddWords) -> Table:
    """Return every number the model reports."""
    rows = tuple(
        (code(i.name), i.label, w.word(i.unit), w.word(i.kind), w.say(f"indicators.{i.name}", definition))
        for i in INDICATORS.values()
        for definition in (" ".join(i.definition.split()),)
    )
    return table(w.head("indicators"), w.heads("indicator", "zh_label", "unit", "kind", "definition"), rows)


def random_streams(w: OddWords) -> Table:
    """Return every random decision with how its draws are addressed."""
    rows = tuple((code(d.name), code(d.where), code(d.quarter), code(d.slots)) for d in odd_streams.decisions())
    return table(w.head("streams"), w.heads("decision", "where", "at_quarter", "slots"), rows)
