"""The later sections of the appendix: assumptions with sources, data with hashes, the model, limits, reproduction."""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields

from agents.drive import LAST, WALKS, DriveSteps, step_name
from agents.parameters import NAMES, Parameters
from calibration.fit.fit import Fit
from peiyu.appendix.page import Page
from peiyu.backtest.document import BacktestDocument
from peiyu.comparison.compare_document import CompareDocument
from peiyu.document.tree import NONE, Block, Cell, Code, Column, Heading, Kind, Paragraph, Quote, Span, Table, plain
from peiyu.fails_when.document import FailsWhenDocument
from peiyu.fit.check_document import CheckDocument
from peiyu.odd.prose import facts, outline, section, shipped_fit
from peiyu.odd.words import OddWords
from peiyu.runs.inputs import LEVELS, sources, used
from peiyu.search.search_document import SearchDocument
from peiyu.sensitivity.document import SensitivityDocument
from peiyu.words.indicators import label_of_city
from peiyu.words.levers import MONEY, SHARES, eligible_words, lever_name, lever_term, setting, setting_value
from peiyu.words.numbers import digits
from peiyu.words.parameters import is_assumption, parameter_label, unit_label
from sim import quarter
from sim.city.files import RULES
from sim.city.history import PANEL
from sim.city.readings import every_reading, main_readings
from sim.city.settled import COMMON as SETTLED
from sim.inputs.csv import MAX_NUMBERS
from sim.inputs.text import read_bytes
from sim.levers import LEVERS, Lever
from sim.store.document import Document
from sim.versions import source_version

COMMON = ("name", "start", "end", "budget", "source", "evidence", "eligible")
"""Fields of a lever that have a column of their own, or none."""
NO_BREAK = "\u00a0"
"""A space at which no line ends."""
MANUAL = {"zh": "docs/model.zh.md", "en": "docs/model.md"}
"""The page of the model description, with its tables."""


OF_RUN: dict[str, type[Document]] = {
    "compare": CompareDocument, "fails_when": FailsWhenDocument, "search": SearchDocument,
    "sensitivity": SensitivityDocument,
}  # fmt: skip
OF_CITY: dict[str, type[Document]] = {"backtest": BacktestDocument, "check": CheckDocument}
"""Sections that rest on an analysis: of the run, or of the city whatever the run."""


def assumptions(page: Page) -> list[Block]:
    """Return every lever and every parameter with value, source and grade."""
    return [Heading(1, page.say("assumptions"), annex=True), *_levers(page), *_priors(page)]


def _levers(page: Page) -> list[Block]:
    head: list[Block] = [Heading(2, page.say("levers"))]
    s, w = page.stored.scenario, page.say
    if s is None:
        return [*head, page.told("levers_gone", scenario=Code(page.stored.run["scenario"]))]
    kinds = {cls: kind for kind, cls in LEVERS.items()}
    columns = (
        Column(w("lever")), Column(w("kind")), Column(w("term")),
        Column(w("budget"), w("wan_year"), right=True), Column(w("settings")), Column(w("grade")),
        Column(w("source")),
    )  # fmt: skip
    rows = tuple(_lever(page, x, kinds[type(x)]) for x in s.levers)
    intro = page.told("levers_intro", scenario=s.title[page.lang], n=page.input("levers"))
    return [*head, intro, Table("levers", w("t_levers"), columns, rows, (w("size_grades"),))]


def _lever(page: Page, x: Lever, kind: str) -> tuple[Cell, ...]:
    term = lever_term(type(x))
    others = [f.name for f in fields(x) if f.name not in COMMON and getattr(x, f.name) != f.default]
    sentences = [_setting(page, x, name) for name in others]
    sentences += [(said,) for said in eligible_words(page.city, x.eligible, page.lang)]
    settings = [p for i, said in enumerate(sentences) for p in ((page.marks["semicolon"], *said) if i else said)]
    return (
        (lever_name(x.name, page.stored.scenario, page.lang),),
        (term if page.lang == "zh" else kind.replace("_", " "),),
        (Code(f"{quarter.label(x.start)}–{quarter.label(x.end)}"),),
        (page.input(f"lever/{x.name}/budget"),),
        tuple(settings) or NONE,
        (page.say(f"size_grade_{x.evidence}"),),
        (Quote(x.source),),
    )


def _setting(page: Page, x: Lever, name: str) -> Cell:
    """Write a setting of a lever in words, its number with its id."""
    before, after = setting(name, page.lang)
    if f"lever/{x.name}/{name}" in page.inputs:
        kind: Kind = "share" if name in SHARES else "money" if name in MONEY else "digits"
        return (before, page.input(f"lever/{x.name}/{name}", kind), after)
    return (before + setting_value(getattr(x, name), page.lang) + after,)


def _priors(page: Page) -> list[Block]:
    w, fit = page.say, page.stored.fit
    intro = page.told("priors_intro", n=page.input("priors"), assumed=page.input("priors/assumed"))
    columns = (
        Column(w("parameter")), Column(w("unit")), Column(w("prior_span"), right=True),
        Column(w("posterior"), right=True), Column(w("posterior_span"), right=True),
        Column(w("basis")), Column(w("source_said")),
    )  # fmt: skip
    # the yearly steps of the drive have a table of their own
    rows = tuple(_prior(page, name) for name in NAMES if name not in DriveSteps.__dataclass_fields__)
    table = Table("priors", w("t_priors"), columns, rows)
    gone = [] if fit else [page.told("priors_gone")]
    drives = page.told("drives_intro", what=w("drives_posterior" if fit else "drives_prior"))
    return [Heading(2, w("priors")), intro, *gone, table, drives, _drives(page)]


def _prior(page: Page, name: str) -> tuple[Cell, ...]:
    about = Parameters.__dataclass_fields__[name].metadata
    ends = (page.input(f"prior/{name}/{k}", "digits") for k in ("q05", "q95"))
    zh = page.lang == "zh"
    named: Cell = (str(about["zh"]),) if zh else (parameter_label(name, page.lang) + " ", Code(name))
    unit = unit_label(name, page.lang) if zh else about["unit"]
    mark = page.say("assumption" if is_assumption(about["source"]) else "evidence")
    source = OddWords(page.lang, {}).source(name)
    told: Cell = (source,) if zh else (Quote(source),)
    return (named, (Code(unit),), (Span(*ends),), *_posterior(page, name), (mark,), told)


def _posterior(page: Page, name: str) -> tuple[Cell, Cell]:
    """Return the middle and the 90 % interval of a parameter's posterior, where the run's fit is at hand."""
    if page.stored.fit is None:
        return NONE, NONE
    low, middle, high = (page.input(f"posterior/{name}/{k}", "digits") for k in LEVELS)
    return (middle,), (Span(low, high),)


def _drives(page: Page) -> Table:
    """Return the yearly steps of the drive, a row for each year; of a run without its fit, the priors."""
    w = page.say
    said = OddWords(page.lang, {})
    heads = tuple(Column(w(f"drive_{kind}"), right=True) for kind in WALKS)
    years = sorted({year for walk in WALKS.values() for year in walk.years()})
    rows = tuple(((Code(str(year)),), *(_step(page, kind, year) for kind in WALKS)) for year in years)
    sources = tuple(
        w("drive_source", label=w(f"drive_{kind}"), source=said.source(step_name(kind, LAST))) for kind in WALKS
    )
    return Table("drives", w("t_drives"), (Column(w("drive_year")), *heads), rows, sources)


def _step(page: Page, kind: str, year: int) -> Cell:
    if year not in WALKS[kind].years():
        return NONE
    name = step_name(kind, year)
    if page.stored.fit is None:
        low, high = (page.input(f"prior/{name}/{k}", "digits") for k in ("q05", "q95"))
        return (Span(low, high),)
    middle, span = _posterior(page, name)
    return (*middle, (NO_BREAK if page.space() else "") + "(", *span, ")")


def data(page: Page) -> list[Block]:
    """Return where the data come from, with dates and hashes."""
    w, city = page.say, page.city
    facts = {k: page.input(f"data/{k}") for k in ("own", "sources", "events", "settled")}
    intro = page.told("data_intro", city=city.title[page.lang], n=page.input("data/rows"), **facts)
    rows = []
    for name, held in used(city).groupby("series"):
        label = label_of_city(city.series.indicators[str(name)], page.lang, city)
        grades: Cell = (" ".join(sorted(set(held.grade))),)
        span: tuple[Cell, Cell] = ((Code(str(held.period.min())),), (Code(str(held.period.max())),))
        rows.append(((Code(str(name)),), (label,), (page.input(f"data/series/{name}"),), *span, grades))
    columns = (
        Column(w("series")), Column(w("indicator")), Column(w("rows"), right=True),
        Column(w("first"), right=True), Column(w("last"), right=True), Column(w("best")),
    )  # fmt: skip
    series = Table("series", w("t_series"), columns, tuple(rows))
    return [Heading(1, w("data"), annex=True), intro, series, _sources(page), _hashes(page)]


def _sources(page: Page) -> Table:
    """Return the sources of the city's own numbers that were known at the origin and that the fit may use."""
    w = page.say
    rows = tuple(
        ((Quote(str(x.source_title)),), (Quote(str(x.publisher)),), (str(x.grade),), (Code(str(x.known)),),
         (page.input(f"data/source/{i}"),))
        for i, x in enumerate(sources(page.stored).itertuples())
    )  # fmt: skip
    columns = (
        Column(w("source_title")), Column(w("publisher")), Column(w("grade")), Column(w("known")),
        Column(w("rows"), right=True),
    )  # fmt: skip
    return Table("sources", w("t_sources"), columns, rows, (w("sources_note"),))


def _hashes(page: Page) -> Table:
    """Return the hashes of everything that decides the numbers of the run, and of the city's files as they are."""
    w, run = page.say, page.stored.run
    kept = {"h_city": "data_sha", "h_scenario": "scenario_sha", "h_fit": "fit_sha", "h_code": "code"}
    rows: list[tuple[Cell, ...]] = [((w(k),), (Code(str(run[column])),)) for k, column in kept.items()]
    own = sorted(p for p in page.city.folder.iterdir() if p.suffix in (".csv", ".toml", ".json"))
    for path in (*own, PANEL, RULES, SETTLED):
        digest = hashlib.blake2b(read_bytes(path, MAX_NUMBERS), digest_size=16).hexdigest()
        name = path.name if path in own else f"{path.parent.name}/{path.name}"
        rows.append(((w("h_file") + page.space(), Code(name)), (Code(digest),)))
    return Table("hashes", w("t_hashes"), (Column(w("what")), Column(w("hash"))), tuple(rows))


def model(page: Page) -> list[Block]:
    """Return the description of the model: the prose of the seven elements."""
    out: list[Block] = [Heading(1, page.say("model"), annex=True)]
    out.append(page.told("model_intro", page=Code(MANUAL[page.lang])))
    w, fit = _prose(page)
    for _, heading, paragraphs in outline(w, fit):
        out.append(Heading(heading.level + 1, re.sub(r"^\d+\. ", "", heading.text)))
        out += (_printed(page, p) for p in paragraphs)
    return out


def _prose(page: Page) -> tuple[OddWords, Fit | None]:
    """Return the words of the model description, and the fit that they speak of."""
    fit = shipped_fit(page.city)
    return OddWords(page.lang, facts(page.city, fit, page.lang)), fit


def _printed(page: Page, written: Paragraph) -> Paragraph:
    """Return a paragraph as it is printed: nothing bold, links as their words, money in the language's own unit."""
    parts = (p if isinstance(p, Code) else plain(p).replace("万元", page.say("wan")) for p in written.parts)
    return Paragraph(tuple(parts))


def limits(page: Page) -> list[Block]:
    """Return what the run cannot say; what no run can say stands with the model."""
    rows = page.stored.forecasts
    worst = max(rows, key=lambda f: float(f["mc_error"]))
    names = {(g.key, r.key): page.name(g) + page.say("sep") + page.name(r) for g, r in every_reading(page.city)}
    key = worst["goal"], worst["reading"]
    error = page.stored_number(*key, "mc_error", "spread")
    said = page.told("limits_run", members=page.input("members"), worst=names[key], error=error)
    weak = page.told("limits_c", n=page.input("readings"), c=page.input("readings/C"))
    return [Heading(1, page.say("limits")), said, weak, page.told("limits_more")]


def every_limit(page: Page) -> list[Block]:
    """Return what the run cannot say, and what no run of the model can."""
    w, fit = _prose(page)
    return [*limits(page)[:-1], *(_printed(page, p) for p in section(w, "limits", fit))]


def reproduce(page: Page) -> list[Block]:
    """Return how to get the same numbers again."""
    w, run = page.say, page.stored.run
    ask = (
        f"peiyu forecast --city {run['city']} --scenario {run['scenario']} --as-of {run['as_of']}"
        f" --members {page.stored.members} --mc-error 1e-9 --seed {run['seed']}"
    )
    again = f"peiyu appendix {run['run_id']} --lang {page.lang}"
    goal, r = main_readings(page.city)[0]
    example = page.stored_number(goal.key, r.key, "probability").id
    return [
        Heading(1, w("reproduce"), annex=True), *_made(page), page.told("repro_intro"), page.text(Code(ask)),
        page.told("repro_again"),
        page.text(Code(again)), page.told("repro_ids", id=Code(example)), page.text(Code(f"peiyu reproduce {example}")),
        _record(page), *left_out(page),
    ]  # fmt: skip


def _made(page: Page) -> list[Block]:
    """Return from which run the document was made, and what has changed since."""
    s = page.stored
    facts = {"run": Code(s.id), "version": Code(str(s.run["version"]))}
    out: list[Block] = [page.told("intro", members=page.input("members"), seed=page.input("seed"), **facts)]
    if s.city_changed:
        out.append(page.told("city_changed"))
    if s.code_changed:
        out.append(page.told("code_changed", then=Code(str(s.run["code"])), now=Code(source_version())))
    return out


def left_out(page: Page) -> list[Block]:
    """Return the parts that nobody computed, each once, and the command that computes them."""
    every, mine = page.stored.store, page.city.name
    have = {k for k, m in OF_RUN.items() if page.kept(m)}
    have |= {k for k, m in OF_CITY.items() if any(a.city == mine for a in every.kept(m))}
    gone = [page.say(k) for k in (*OF_RUN, *OF_CITY) if k not in have]
    if not gone:
        return []
    said = page.told("left_out", sections=page.marks["comma"].join(gone))
    return [said, page.text(Code(f"peiyu appendix {page.stored.id} --complete --within 20m"))]


def _record(page: Page) -> Table:
    w, run, made = page.say, page.stored.run, page.stored.store.fit_provenance(page.stored.run["fit_sha"])
    fit = " · ".join(str(made[k]) for k in ("as_of", "particles", "generations") if k in made)
    said = {
        "f_run": run["run_id"], "f_created": run["created"], "f_version": run["version"], "f_as_of": run["as_of"],
        "f_horizon": run["horizon"], "f_members": page.stored.members, "f_seed": run["seed"],
        "f_weight": digits(run["weight"]), "f_fit": fit,
    }  # fmt: skip
    rows = tuple(((w(k),), (Code(str(x)),)) for k, x in said.items())
    return Table("run", w("t_run"), (Column(w("field")), Column(w("value"))), rows)
