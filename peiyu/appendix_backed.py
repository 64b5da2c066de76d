"""The later sections of the appendix: assumptions with sources, data with hashes, the model, limits, reproduction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from agents.parameters import NAMES, Parameters
from calibration.observations import SERIES, known_by
from peiyu.appendix_page import NONE, Page
from peiyu.appendix_run import provenance
from peiyu.appendix_tree import Block, Cell, Code, Column, Heading, Inline, Number, Paragraph, Quote, Span, Table
from peiyu.document import Section
from peiyu.document import number as three_digits
from peiyu.odd_source import summary
from peiyu.odd_tables import is_assumption
from sim import quarter
from sim.indicators import INDICATORS
from sim.levers import LEVERS, Lever

ENDS = (0.05, 0.95)
COMMON = ("name", "start", "end", "budget", "source", "evidence", "eligible")
"""Fields of a lever that have a column of their own, or none."""
MARKUP = re.compile(r"`([^`]+)`|\[([^\]]+)\]\([^)]+\)")


def assumptions(page: Page) -> list[Block]:
    """Return every lever and every parameter with value, source and grade."""
    return [Heading(1, page.say("assumptions")), *_levers(page), *_priors(page)]


def _levers(page: Page) -> list[Block]:
    head: list[Block] = [Heading(2, page.say("levers"))]
    s, w = page.stored.scenario, page.say
    if s is None:
        return [*head, page.text(w("levers_gone", scenario=page.stored.run["scenario"]))]
    kinds = {cls: kind for kind, cls in LEVERS.items()}
    columns = (
        Column(w("lever"), 2.5), Column(w("kind"), 1.6), Column(w("term"), 1.5),
        Column(w("budget"), 1.4, w("wan_year"), right=True), Column(w("settings"), 3.2), Column(w("grade"), 0.9),
        Column(w("source"), 4.4),
    )  # fmt: skip
    rows = tuple(_lever(page, x, kinds[type(x)]) for x in s.levers)
    intro = w("levers_intro", scenario=s.title[page.lang], n=len(rows))
    return [*head, page.text(intro), Table("levers", w("t_levers"), columns, rows)]


def _lever(page: Page, x: Lever, kind: str) -> tuple[Cell, ...]:
    term = summary(type(x)).partition(": ")[0]
    path = f"run/{page.stored.id}/lever/{x.name}/budget"
    others = [f for f in fields(x) if f.name not in COMMON and getattr(x, f.name) != f.default]
    settings = "; ".join(f"{f.name} = {_setting(getattr(x, f.name))}" for f in others)
    return (
        (Code(x.name),),
        (term if page.lang == "zh" else kind.replace("_", " "),),
        (Code(f"{quarter.label(x.start)}–{quarter.label(x.end)}"),),
        (Number(path, float(x.budget)),),
        (Code(settings),) if settings else NONE,
        (x.evidence,),
        (Quote(x.source),),
    )


def _setting(value: object) -> str:
    if isinstance(value, float):
        return three_digits(value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _priors(page: Page) -> list[Block]:
    w, fit = page.say, page.stored.fit
    about = Parameters.__dataclass_fields__
    assumed = sum(is_assumption(about[n].metadata["source"]) for n in NAMES)
    intro = w("priors_intro", n=len(NAMES), assumed=assumed)
    columns = (
        Column(w("parameter"), 3.0), Column(w("unit"), 1.5), Column(w("prior_span"), 2.2, right=True),
        Column(w("posterior"), 1.4, right=True), Column(w("posterior_span"), 2.2, right=True),
        Column(w("assumption"), 0.9), Column(w("source"), 4.6),
    )  # fmt: skip
    rows = tuple(_prior(page, name, i) for i, name in enumerate(NAMES))
    table = Table("priors", w("t_priors"), columns, rows)
    gone = [] if fit else [page.text(w("priors_gone"))]
    return [Heading(2, w("priors")), page.text(intro), *gone, table]


def _prior(page: Page, name: str, i: int) -> tuple[Cell, ...]:
    about = Parameters.__dataclass_fields__[name].metadata
    low, high = (float(x) for x in about["prior"].value(np.array(ENDS)))
    fit, run = page.stored.fit, page.stored.id
    posterior: tuple[Cell, Cell] = (NONE, NONE)
    if fit is not None:
        q = [float(x) for x in np.quantile(fit.draws[:, i], (0.05, 0.5, 0.95))]
        marks = ("q05", "median", "q95")
        five, middle, most = (
            Number(f"run/{run}/posterior/{name}/{k}", x, "", "digits") for k, x in zip(marks, q, strict=True)
        )
        posterior = ((middle,), (Span(five, most),))
    ends = (Number(f"prior/{name}/{k}", x, "", "digits") for k, x in (("q05", low), ("q95", high)))
    named: Cell = (str(about["zh"]),) if page.lang == "zh" else (Code(name),)
    mark: Cell = (page.say("assumption_mark"),) if is_assumption(about["source"]) else NONE
    return (named, (Code(about["unit"]),), (Span(*ends),), *posterior, mark, (Quote(about["source"]),))


def data(page: Page) -> list[Block]:
    """Return where the data come from, with dates and hashes."""
    w, city = page.say, page.city
    own = city.history[city.history.region == city.name]
    facts = {
        "n": f"{len(city.history):,}", "own": f"{len(own):,}", "sources": city.history.source_title.nunique(),
        "events": len(city.events), "settled": len(city.base_rates),
    }  # fmt: skip
    intro = page.text(w("data_intro", city=city.title[page.lang], **facts))
    used = own[own.series.isin(list(SERIES))]
    rows = []
    for name, held in used.groupby("series"):
        label = INDICATORS[SERIES[str(name)]].label if page.lang == "zh" else SERIES[str(name)]
        count = Number(f"city/{city.name}/history/{name}/rows", float(len(held)))
        grades: Cell = (" ".join(sorted(set(held.grade))),)
        span: tuple[Cell, Cell] = ((Code(str(held.period.min())),), (Code(str(held.period.max())),))
        rows.append(((Code(str(name)),), (label if page.lang == "zh" else Code(label),), (count,), *span, grades))
    columns = (
        Column(w("series"), 2.6), Column(w("indicator"), 2.4), Column(w("rows"), 0.8, right=True),
        Column(w("first"), 1.0, right=True), Column(w("last"), 1.0, right=True), Column(w("best"), 1.0),
    )  # fmt: skip
    series = Table("series", w("t_series"), columns, tuple(rows))
    return [Heading(1, w("data")), intro, series, _sources(page), _hashes(page)]


def _sources(page: Page) -> Table:
    """Return the sources of the city's own numbers that were known at the origin and that the fit may use."""
    w, city = page.say, page.city
    own = city.history[(city.history.region == city.name) & city.history.series.isin(list(SERIES))]
    own = known_by(own, page.stored.as_of)
    by_source = own.groupby(["source_title", "publisher"])
    groups = by_source.agg(grade=("grade", "min"), known=("as_of", "min"), n=("value", "size"))
    rows = tuple(
        ((Quote(str(title)),), (Quote(str(who)),), (str(grade),), (Code(str(known)),), (str(n),))
        for (title, who), grade, known, n in zip(groups.index, groups.grade, groups.known, groups.n, strict=True)
    )
    columns = (
        Column(w("source_title"), 4.4), Column(w("publisher"), 3.0), Column(w("grade"), 0.9), Column(w("known"), 1.3),
        Column(w("rows"), 0.7, right=True),
    )  # fmt: skip
    return Table("sources", w("t_sources"), columns, rows, (w("sources_note"),))


def _hashes(page: Page) -> Table:
    """Return the hashes of everything that decides the numbers of the run, and of the city's files as they are."""
    w, run = page.say, page.stored.run
    kept = {"h_city": "data_sha", "h_scenario": "scenario_sha", "h_fit": "fit_sha", "h_code": "code"}
    rows: list[tuple[Cell, ...]] = [((w(k),), (Code(str(run[column])),)) for k, column in kept.items()]
    for path in sorted(p for p in page.city.folder.iterdir() if p.suffix in (".csv", ".toml", ".json")):
        digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        rows.append(((w("h_file") + page.space(), Code(path.name)), (Code(digest),)))
    return Table("hashes", w("t_hashes"), (Column(w("what"), 2.0), Column(w("hash"), 3.0)), tuple(rows))


def model(page: Page) -> list[Block]:
    """Return the description of the model: the prose of the seven elements."""
    out: list[Block] = [Heading(1, page.say("model")), page.text(page.say("model_intro"))]
    for section in page.description:
        out += _prose(section, 2)
    return out


def _prose(section: Section, level: int) -> Iterator[Block]:
    """Give a section's prose under its heading; one with tables only is left to the page it stands on."""
    if section.paragraphs or section.parts:
        yield Heading(level, re.sub(r"^\d+\. ", "", section.title))
    for paragraph in section.paragraphs:
        yield Paragraph(tuple(marked(paragraph)))
    for part in section.parts:
        yield from _prose(part, level + 1)


def marked(text: str) -> Iterator[Inline]:
    """Give the pieces of a paragraph of Markdown: code, and links as their words."""
    at = 0
    for found in MARKUP.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        yield Code(found[1]) if found[1] else Quote(found[2])
        at = found.end()
    if text[at:]:
        yield text[at:]


def limits(page: Page) -> list[Block]:
    """Return what the run cannot say."""
    w, rows = page.say, page.stored.forecasts
    worst = max(rows, key=lambda f: float(f["mc_error"]))
    names = {(g.key, r.key): page.name(g) + w("sep") + page.name(r) for g, r in page.readings()}
    key = worst["goal"], worst["reading"]
    said = w("limits_run", members=page.stored.members, worst=names[key]) + page.space()
    error = page.stored_number(*key, "mc_error", "error")
    weak = w("limits_c", n=len(rows), c=sum(f["evidence"] == "C" for f in rows))
    known = next(p for s in page.description[:1] for p in s.parts[-1:])
    shared = [Paragraph(tuple(marked(p))) for p in known.paragraphs]
    return [Heading(1, w("limits")), page.text(said, error, w("answer_end")), page.text(weak), *shared]


def reproduce(page: Page) -> list[Block]:
    """Return how to get the same numbers again."""
    w, run = page.say, page.stored.run
    ask = (
        f"peiyu forecast --city {run['city']} --scenario {run['scenario']} --as-of {run['as_of']}"
        f" --members {page.stored.members} --mc-error 1e-9 --seed {run['seed']}"
    )
    again = f"peiyu appendix {run['run_id']} --lang {page.lang}"
    goal, r = page.primaries()[0]
    example = page.stored_number(goal.key, r.key, "probability").id
    ids = page.text(w("repro_ids") + page.space(), Code(example), w("repro_ids_end"))
    return [
        Heading(1, w("reproduce")), page.text(w("repro_intro")), page.text(Code(ask)), page.text(w("repro_again")),
        page.text(Code(again)), ids, _record(page),
    ]  # fmt: skip


def _record(page: Page) -> Table:
    w, run, made = page.say, page.stored.run, provenance(page.stored)
    fit = " · ".join(str(made[k]) for k in ("as_of", "particles", "generations") if k in made)
    said = {
        "f_run": run["run_id"], "f_created": run["created"], "f_version": run["version"], "f_as_of": run["as_of"],
        "f_horizon": run["horizon"], "f_members": page.stored.members, "f_seed": run["seed"],
        "f_weight": f"{run['weight']:g}", "f_fit": fit,
    }  # fmt: skip
    rows = tuple(((w(k),), (Code(str(x)),)) for k, x in said.items())
    return Table("run", w("t_run"), (Column(w("field"), 2.0), Column(w("value"), 3.0)), rows)
