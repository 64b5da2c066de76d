"""Tables of the model description about one city: places, opening, rules, goals, scenarios, what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from types import ModuleType
from typing import Any

from agents.recognition import RecognitionRule, RuleVersion
from calibration.data.observations import Observation
from peiyu.document.prose import code, table
from peiyu.document.tree import Table
from peiyu.odd import source as odd_source
from peiyu.odd.tables import commented, plain
from peiyu.odd.words import OddWords
from peiyu.words.numbers import digits, sign
from peiyu.words.parameters import is_assumption
from sim import quarter
from sim.city.city import City, Goal, LeaderThresholds, Opening, Reading
from sim.city.series import PublishedSeries
from sim.model import institutions
from sim.scenario.scenario import scenarios_of


def tracks(w: OddWords, city: City) -> Table:
    """Return the tracks of the city with their shares."""
    rows = tuple(
        (
            w.either(t.en, t.zh) + _inside(w, t.fields),
            digits(t.share),
            digits(t.entry_share),
            w.yes(t.future),
            w.yes(t.compute_heavy),
            digits(t.rd_multiplier),
            w.yes(is_assumption(t.source)),
            t.source,
        )
        for t in city.tracks
    )
    keys = ("track", "share", "entry_share", "future", "compute_heavy", "rd_multiplier", "assumed", "source")
    return table(w.head("tracks"), w.heads(*keys), rows)


def _inside(w: OddWords, named: tuple[dict[str, str], ...]) -> str:
    return " (" + ", ".join(field[w.lang] for field in named) + ")" if named else ""


def districts(w: OddWords, city: City) -> Table:
    """Return the districts with their shares of enterprises."""
    rows = tuple(
        (w.either(d.en, d.zh), digits(d.share), w.yes(is_assumption(d.source)), d.source) for d in city.districts
    )
    return table(w.head("districts"), w.heads("district", "share", "assumed", "source"), rows)


def sourced(w: OddWords, thing: Opening | LeaderThresholds, caption: str) -> Table:
    """Return the numbers of a part of the profile, each with its source."""
    names = [f.name for f in fields(thing) if f.name != "sources"]
    rows = tuple(
        (code(name), plain(getattr(thing, name)), w.yes(is_assumption(thing.sources[name])), thing.sources[name])
        for name in names
    )
    return table(w.head(caption), w.heads("quantity", "value", "assumed", "source"), rows)


def recognitions(w: OddWords, city: City) -> tuple[Table, Table]:
    """Return the recognition rules of the city, and every dated version of their thresholds."""
    heads = w.heads("recognition", "key", "since", "round", "validity", "requires")
    programmes = table(w.head("recognitions"), heads, tuple(_programme(w, rule) for rule in city.rules))
    keys = ("from", "min_age", "rd_bands", "revenue", "max_staff", "rd_floor", "assumed", "source")
    versions = tuple(_version(w, rule, version) for rule in city.rules for version in rule.versions)
    return programmes, table(w.head("versions"), w.heads("recognition", *keys), versions)


def _programme(w: OddWords, rule: RecognitionRule) -> tuple[str, ...]:
    lasts = str(rule.validity_quarters) if rule.validity_quarters else w.head("until_withdrawn")
    since = quarter.label(rule.since)
    return w.either(rule.en, rule.zh), code(rule.key), since, f"Q{rule.round_quarter}", lasts, code(rule.requires or "")


def _version(w: OddWords, rule: RecognitionRule, version: RuleVersion) -> tuple[str, ...]:
    """Write one version; what a rule does not ask for is left blank."""
    bands = "; ".join(
        f"≥ {digits(x.at_least)}" + (f" (≤ {digits(x.revenue_up_to)})" if x.revenue_up_to < float("inf") else "")
        for x in version.rd_bands
    )
    return (
        w.either(rule.en, rule.zh),
        quarter.label(version.start),
        str(version.min_age_quarters),
        bands,
        f"{digits(version.min_revenue)} – {digits(version.max_revenue)}",
        digits(version.max_employees) if version.max_employees < float("inf") else "",
        digits(version.min_rd_spend) if version.min_rd_spend else "",
        w.yes(is_assumption(version.source)),
        version.source,
    )


def goals(w: OddWords, city: City) -> tuple[Table, Table]:
    """Return the goals with the plan's words, and every reading of them."""
    promised = tuple(
        (w.either(g.en, g.zh), f"“{g.quote}”", g.article, quarter.label(g.deadline), code(g.kind)) for g in city.goals
    )
    read = tuple(_reading(w, g, r) for g in city.goals for r in g.readings)
    keys = ("goal", "reading", "primary", "indicator", "count", "asked", "evidence", "why")
    heads = w.heads("goal", "quote", "article", "deadline", "base_rate")
    return table(w.head("goals"), heads, promised), table(w.head("readings"), w.heads(*keys), read)


def _reading(w: OddWords, goal: Goal, r: Reading) -> tuple[str, ...]:
    counted = w.word(r.count) if r.count == "last" else f"{w.word(r.count)} {quarter.label(r.since)}"
    asked = f"{sign(r.operator)} {digits(r.value)}"
    named = w.either(goal.en, goal.zh), w.either(r.en, r.zh)
    return *named, w.yes(r.primary), code(r.indicator), counted, asked, r.evidence, r.why


def scenarios(w: OddWords, city: City) -> Table:
    """Return the scenarios of the city, and how many levers each has."""
    rows = tuple((code(s.name), s.title[w.lang], s.question[w.lang], str(len(s.levers))) for s in scenarios_of(city))
    return table(w.head("scenarios"), w.heads("scenario", "title", "question", "n_levers"), rows)


def inputs(w: OddWords, city: City, used: Sequence[str]) -> tuple[Table, Table]:
    """Return the city's own published series that a fit uses, and its dated facts with which are repeated."""
    own = city.history[(city.history.region == city.region) & city.history.series.isin(list(used))]
    counts = own.groupby("series").agg(n=("value", "size"), first=("period", "min"), last=("period", "max"))
    published = tuple(
        (code(str(name)), str(n), str(first), str(last)) for name, n, first, last in counts.itertuples(name=None)
    )
    facts = city.events.groupby("kind").agg(rows=("count", "size"), n=("count", "sum"), first=("quarter", "min"))
    known = odd_source.texts(institutions)
    dated = tuple(
        (code(str(kind)), str(rows), str(int(n)), quarter.label(int(first)), w.yes(str(kind) in known))
        for kind, rows, n, first in facts.itertuples(name=None)
    )
    heads = w.heads("series", "rows", "first", "last"), w.heads("fact", "rows", "total", "first", "repeated")
    return table(w.head("history"), heads[0], published), table(w.head("events"), heads[1], dated)


def observations(w: OddWords, observed: list[Observation]) -> Table:
    """Return what a fit compares with, every field that is a number written out."""
    shown = [f for f in odd_source.declared(Observation) if f.name not in ("name", "indicator", "quarter", "source")]
    rows = tuple((code(o.name), *(_cell(w, getattr(o, f.name)) for f in shown)) for o in observed)
    heads = (w.head("observation"), *(code(f.name) for f in shown))
    return table(w.head("observations"), heads, rows)


def observation_fields(w: OddWords) -> Table:
    """Return what each field of an observation means."""
    return commented(w, Observation, "observation_fields")


def _cell(w: OddWords, value: Any) -> str:
    if isinstance(value, bool):
        return w.yes(value)
    return digits(value) if isinstance(value, float) else str(value)


def constants_of(w: OddWords, city: City, modules: list[ModuleType]) -> Table:
    """Return the numbers of the observation model: those of the city's lists, and those in code."""
    in_code = ((f"{m.__name__}.{found[0]}", *found) for m in modules for found in odd_source.constants(m))
    of_lists = ((f"series.{name}", name, value, doc) for name, value, doc in _of_lists(city.series))
    found = (*of_lists, *in_code)
    rows = tuple((code(name), plain(value), w.say(key, doc)) for key, name, value, doc in found)
    return table(w.head("observation_constants"), w.heads("constant", "value", "meaning"), rows)


_LISTS = {
    "grade_error": (
        "Relative error by source grade: rows that state the same count differ by 2-4 % (history.md, conflicts)."
    ),
    "offset": (
        "Offset that all numbers of one list share, sd of the log: its definition is not quite the model's; "
        "assumptions around the conflicts of the history digest."
    ),
    "roll_out_error": (
        "Extra error of each number of a label that grew by national batches, which the yearly round smooths out."
    ),
    "inferred_year_error": (
        "A year that a reader inferred is off by one with probability 0.3 at a growth of 0.15 a year: sqrt(0.3) 0.15."
    ),
    "publication_lag": (
        "Quarters: year-end counts are printed in the year after; a fit as of a quarter may use those, no later ones."
    ),
}
"""What the numbers in `observations.toml` and the city's `series.toml` mean."""


def _of_lists(lists: PublishedSeries) -> list[tuple[str, object, str]]:
    """Return how far published numbers are off: name in the files, value, meaning."""
    errors = lists.errors
    values: dict[str, object] = {
        "grade_error": errors.grade_error,
        "offset": lists.offsets,
        "roll_out_error": lists.roll_out_errors,
        "inferred_year_error": errors.inferred_year_error,
        "publication_lag": errors.publication_lag,
    }
    return [(name, value, _LISTS[name]) for name, value in values.items()]


def what_speaks_of_what(w: OddWords, series: dict[str, str]) -> Table:
    """Return which published series speaks of which indicator."""
    rows = tuple((code(name), code(indicator)) for name, indicator in series.items())
    return table(w.head("series_of"), w.heads("series", "indicator"), rows)
