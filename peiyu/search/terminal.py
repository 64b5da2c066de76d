"""What a planner reads of a search in the terminal: finalists, front, who is regretted where, and a sentence."""

from __future__ import annotations

from pathlib import Path

from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.search.document import WINNER, document
from peiyu.search.search import Findings
from peiyu.search.search_document import FinalistRow, Mixed, SearchDocument
from peiyu.words.evidence import outside_words
from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING, chance, count, digits, level, points, score, shortfall, times
from peiyu.words.parameters import parameter_label
from sim.city.city import City
from sim.scenario.scenario import Scenario

SHOWN = 12
"""Most rows of the front."""
LIKELY = 0.1
"""What is called within reach: one in ten."""


def print_search(found: Findings, lang: str, out: Path, drawn: list[str]) -> None:
    """Print finalists, front, regret and what follows from them."""
    w, doc = words("search", lang), document(found)
    console = stdout(lang)
    q = found.search.q
    scenario = q.scenarios[0]
    console.heading(f"{q.city.title[lang]} · {scenario.title[lang]}")
    console.print(w["tried"].format(tried=doc.tried, **doc.members.plain()))
    console.print(f"{w['goals']}: {w['sep'].join(_goals(doc, q.city, lang))}")
    console.table(_finalists(doc, lang))
    console.table(_mixes(doc, scenario, lang))
    console.table(_front(doc, scenario, lang))
    console.table(_regret(doc, lang))
    for line in sentences(doc, scenario, lang, out):
        console.print(line)
    files = ["search.json", "search.csv", f"{WINNER}.toml", *drawn, "peiyu.db"]
    console.print(f"{w['files']}: {out}/ ({', '.join(files)})")


def sentences(doc: SearchDocument, scenario: Scenario, lang: str, out: Path) -> list[str]:
    """Return what a search comes to, in sentences."""
    w = words("search", lang)
    what, file = what_of(doc, lang), f"{out / WINNER}.toml"
    best = doc.winner or doc.robust
    facts = {
        "what": what, "mix": mix_of(best, scenario, lang), "cost": count(best.confirmed.cost_wan), "file": file,
        "confirmed": chance(best.confirmed.probability), "p": level(doc.probability or 0.0),
        "best": chance(max(f.confirmed.probability for f in doc.finalists)),
    }  # fmt: skip
    key = "best" if doc.probability is None else "none" if doc.winner is None else "found"
    lines = [w[key].format(**facts), w["optimism"].format(**{k: points(x) for k, x in doc.optimism.plain().items()})]
    outside: dict[str, float | None] = {}
    for f in doc.finalists:
        outside |= f.levers_outside_evidence
    lines += outside_words(outside, scenario, lang)
    if hopeless(doc):
        lines += _hint(doc, what, lang)
    for key, names in (("free", doc.not_searched_no_cost), ("fixed", doc.not_searched)):
        if names:
            lines.append(w[key].format(names=w["sep"].join(lever_name(x, scenario, lang) for x in names)))
    if not doc.fresh_draws:
        lines.append(w["drawn_again"])
    return [*lines, w["next"].format(scenario=doc.scenario, file=file)]


def hopeless(doc: SearchDocument) -> bool:
    """Tell whether no finalist has a chance of one in a hundred, while several goals were chosen."""
    hope = 0.01
    return len(doc.goals) > 1 and all(f.confirmed.probability < hope for f in doc.finalists)


def mix_of(state: Mixed, scenario: Scenario, lang: str) -> str:
    """Return a mix in words: the sizes that are not the scenario's, and what is left out or, if that is less, kept."""
    w = words("search", lang)
    named = {name: lever_name(name, scenario, lang) for name in state.mix}
    kept = {name: named[name] if x == 1.0 else f"{named[name]} {times(x)}" for name, x in state.mix.items() if x > 0.0}
    gone = [name for name in state.mix if name not in kept]
    if not kept:
        return w["nothing"]
    if len(gone) > len(kept):
        return w["only"].format(x=w["sep"].join(kept.values()))
    changed = [word for name, word in kept.items() if word != named[name]]
    dropped = [w["without"].format(x=w["sep"].join(map(named.__getitem__, gone)))] if gone else []
    return w["sep"].join([*changed, *dropped]) or w["same"]


def _hint(doc: SearchDocument, what: str, lang: str) -> list[str]:
    levels: dict[int, float] = {}
    for f in doc.finalists:
        levels |= {int(k): max(p, levels.get(int(k), 0.0)) for k, p in f.confirmed.at_least.items()}
    within = [k for k, p in levels.items() if p >= LIKELY]
    if not within:
        return []
    return [words("search", lang)["hint"].format(what=what, k=max(within), p=chance(levels[max(within)]))]


def what_of(doc: SearchDocument, lang: str) -> str:
    """Return what is to be reached: the goal, all of them, or so many."""
    n, k = len(doc.goals), doc.at_least
    if n == 1:
        return words("search", lang)["one"]
    return words("search", lang)["all"] if k in (None, n) else words("search", lang)["at_least"].format(k=k, n=n)


def _goals(doc: SearchDocument, city: City, lang: str) -> list[str]:
    named = {(g.key, r.key): f"{label(g, lang)} ({label(r, lang)})" for g in city.goals for r in g.readings}
    return [named[x.goal, x.reading] for x in doc.goals]


def _finalists(doc: SearchDocument, lang: str) -> Grid:
    w = words("search", lang)
    table = Grid(w["finalists"])
    table.add_column("#", justify="right")
    table.add_column("")
    for key in ("cost", "dearest", "promised", "confirmed", "error", "expected", "regret", "kept"):
        table.add_column(w[key], justify="right")
    for i, f in enumerate(doc.finalists):
        now = f.confirmed
        table.add_row(
            str(i + 1), _role(doc, f, lang), count(now.cost_wan), count(max(now.cost_wan_by_year.values())),
            chance(f.screened.probability), chance(now.probability), score(now.mc_error),
            digits(now.expected_goals), shortfall(doc.regret.largest[i]),
            w["yes" if now.keeps_budgets else "no"],
        )  # fmt: skip
    return table


def _mixes(doc: SearchDocument, scenario: Scenario, lang: str) -> Grid:
    """Return the sizes of levers in the finalists; a lever that all of them leave out has no row."""
    w, ends = words("search", lang), doc.finalists
    table = Grid(w["mixes"].format(scenario=scenario.title[lang]))
    table.add_column(w["lever"], no_wrap=True)
    for i in range(len(ends)):
        table.add_column(str(i + 1), justify="right")
    for x in doc.levers:
        at = [f.mix[x.lever] for f in ends]
        if any(at):
            table.add_row(lever_name(x.lever, scenario, lang), *(times(size) if size else NOTHING for size in at))
    return table


def _role(doc: SearchDocument, f: FinalistRow, lang: str) -> str:
    best, robust = (x is not None and x.mix == f.mix for x in (doc.winner, doc.robust))
    if not best and not robust:
        return ""
    return words("search", lang)["both" if best and robust else "winner" if best else "robust"]


def _front(doc: SearchDocument, scenario: Scenario, lang: str) -> Grid:
    w = words("search", lang)
    key = "front_expected" if hopeless(doc) else "front"
    table = Grid(w[key].format(n=doc.members.screen))
    for name in ("cost", "p", "expected"):
        table.add_column(w[name], justify="right")
    table.add_column(w["mix"].format(scenario=scenario.title[lang]), overflow="fold")
    rows = doc.front if key == "front" else doc.front_expected
    every = range(len(rows)) if len(rows) <= SHOWN else [round(i * (len(rows) - 1) / (SHOWN - 1)) for i in range(SHOWN)]
    for x in (rows[i] for i in every):
        table.add_row(count(x.cost_wan), chance(x.probability), digits(x.expected_goals), mix_of(x, scenario, lang))
    return table


def _regret(doc: SearchDocument, lang: str) -> Grid:
    w, r = words("search", lang), doc.regret
    table = Grid(w["regret_table"])
    table.add_column("#", justify="right")
    for group in r.groups:
        name, _, third = group.partition(":")
        part = w["thirds"].split("/")[int(third) - 1]
        table.add_column(f"{parameter_label(name, lang)}: {part}", justify="right", overflow="fold")
    for i, (row, short) in enumerate(zip(r.probability, r.regret, strict=True), 1):
        table.add_row(str(i), *(f"{chance(p)} ({shortfall(x)})" for p, x in zip(row, short, strict=True)))
    return table
