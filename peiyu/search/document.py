"""What a search says, as a JSON document, as a table of the mixes tried, and as a scenario file of the winner."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from agents.table import added
from peiyu.document.csv import write_csv
from peiyu.search.objective import Mix, Scored, cost, sizes
from peiyu.search.search import Finalist, Findings
from peiyu.search.search_document import (
    FinalistRow,
    FrontRow,
    GoalRow,
    LeverRow,
    Optimism,
    RegretTable,
    SearchDocument,
    Stage,
    StageMembers,
)
from peiyu.search.select import front, good_enough
from peiyu.words.evidence import outside_document
from sim import quarter
from sim.city import shelf
from sim.city.city import City
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.text import is_file, opened, read_text
from sim.inputs.toml import parsed, toml_key, toml_text
from sim.inputs.toml_bounds import MAX_TOML
from sim.scenario.evidence import outside_evidence
from sim.scenario.mixes import mixed
from sim.scenario.scenario import find_scenario, parent_of
from sim.store.store import Store

WINNER = "search_winner"


def document(found: Findings) -> SearchDocument:
    """Return what `peiyu search` writes, prints and keeps."""
    s, q = found.search, found.search.q
    judge, effort = s.judge, s.effort
    searched = {r.lever for r in s.ranges}
    levers = {x.name: x for x in q.scenarios[0].levers}
    return SearchDocument(
        key=s.key(),
        city=q.city.name,
        scenario=q.scenarios[0].name,
        run_id=q.run_id(q.scenarios[0]),
        as_of=quarter.label(q.as_of),
        horizon=quarter.label(q.end),
        seed=q.seed,
        goals=[GoalRow(goal=g.key, reading=r.key, evidence=r.evidence) for g, r in s.wanted],
        at_least=judge.at_least,
        probability=judge.probability,
        budget_year_wan=_finite(judge.a_year),
        budget_wan=_finite(judge.in_all),
        levers=[
            LeverRow(
                lever=r.lever, low=r.low, high=r.high, step=r.step, costed=r.costed,
                budget_wan_per_year=levers[r.lever].budget,
                outside_evidence=any(_outside(found, {r.lever: x}) for x in r.grid()),
            )
            for r in s.ranges
        ],
        not_searched_no_cost=[x.name for x in levers.values() if not x.budget and x.name not in searched],
        not_searched=[x.name for x in levers.values() if x.budget and x.name not in searched],
        members=StageMembers(screen=effort.screen, race=effort.race, confirm=effort.confirm),
        fresh_draws=effort.race + effort.confirm <= len(q.fit.draws),
        tried=len(found.tried),
        front=_fronts(found, judge.every),
        front_expected=_fronts(found, judge.expected),
        finalists=[_finalist(found, f) for f in found.finalists],
        winner=None if found.winner is None else _finalist(found, found.winner),
        robust=_finalist(found, found.robust),
        regret=_regret(found),
        optimism=_optimism(found),
    )  # fmt: skip


def _finite(x: float) -> float | None:
    return None if x == float("inf") else x


def _fronts(found: Findings, gain: Callable[[Scored], float]) -> list[FrontRow]:
    """Return the front of the mixes tried, as screened."""
    judge, ranges = found.search.judge, found.search.ranges
    best = front([s for s in found.tried if judge.keeps(s)], gain)
    return [FrontRow(**_mixed(found, sizes(ranges, x.mix)), **_state(found, x)) for x in best]


def _mixed(found: Findings, mix: dict[str, float]) -> dict[str, Any]:
    """Return a mix, and which of its levers are outside the evidence."""
    outside = _outside(found, mix)
    return {"mix": mix, "outside_evidence": bool(outside), "levers_outside_evidence": outside_document(outside)}


def _outside(found: Findings, mix: dict[str, float]) -> dict[str, float]:
    return outside_evidence(mixed(found.search.q.scenarios[0], mix), found.published, mix)


def _state(found: Findings, s: Scored) -> dict[str, Any]:
    """Return what one stage says of a mix."""
    judge, q = found.search.judge, found.search.q
    first = (q.as_of + 1) // 4
    years = {str(first + i): float(x) for i, x in enumerate(s.paid.mean(axis=0))}
    keys = [f"{g.key}/{r.key}" for g, r in found.search.wanted]
    return {
        "probability": judge.every(s),
        "mc_error": judge.error(s),
        "goals": dict(zip(keys, judge.chances(s).mean(axis=0).tolist(), strict=True)),
        "at_least": {str(k): p for k, p in judge.levels(s).items()},
        "expected_goals": judge.expected(s),
        "cost_wan": cost(s),
        "cost_wan_by_year": years,
        "keeps_budgets": judge.keeps(s),
        "members": len(s.met),
    }


def _finalist(found: Findings, f: Finalist) -> FinalistRow:
    judge = found.search.judge
    return FinalistRow(
        **_mixed(found, sizes(found.search.ranges, f.mix)),
        screened=Stage(**_state(found, f.screened)),
        raced=Stage(**_state(found, f.raced)),
        confirmed=Stage(**_state(found, f.confirmed)),
        optimism_screened=f.optimism(judge, lambda x: x.screened),
        optimism_raced=f.optimism(judge, lambda x: x.raced),
        good_enough=good_enough(judge, f.confirmed),
    )


def _regret(found: Findings) -> RegretTable:
    t = found.regret
    return RegretTable(
        parameters=found.groups,
        groups=t.groups,
        probability=t.chance.tolist(),
        regret=t.regret.tolist(),
        expected_goals_regret=t.expected_regret.tolist(),
        largest=t.regret.max(axis=1).tolist(),
    )


def _optimism(found: Findings) -> Optimism:
    """Return the mean over the finalists of what each stage promised beyond the fresh members."""
    judge, n = found.search.judge, len(found.finalists)
    return Optimism(
        screened=added(f.optimism(judge, lambda x: x.screened) for f in found.finalists) / n,
        raced=added(f.optimism(judge, lambda x: x.raced) for f in found.finalists) / n,
    )


def frame(found: Findings) -> pd.DataFrame:
    """Return one row per mix tried, in the order tried."""
    judge = found.search.judge
    rows = [
        sizes(found.search.ranges, s.mix)
        | {"cost_wan": cost(s), "probability": judge.every(s), "expected_goals": judge.expected(s)}
        | {"keeps_budgets": judge.keeps(s)}
        for s in found.tried
    ]
    return pd.DataFrame(rows)


def keep(found: Findings, store: Store) -> None:
    """Keep the finished search in the store."""
    q = found.search.q
    runs = [q.run_id(q.scenarios[0])]
    store.keep(document(found), found.search.key(), q.city.name, runs)


def write(found: Findings, scenario: str, out: Path) -> None:
    """Write search.json and search.csv, and the winner as a scenario file, or else the robust choice."""
    write_whole(out / "search.json", json.dumps(document(found).plain(), ensure_ascii=False, indent=1) + "\n")
    write_csv(out / "search.csv", frame(found))
    for name, text in parents(scenario, found.search.q.city, out).items():
        write_whole(out / name, text)
    best = found.winner or found.robust
    write_whole(out / f"{WINNER}.toml", scenario_file(found, best.mix))


def refuse_clash(scenario: str, city: City, out: Path) -> None:
    """Raise `InputError`, before anything runs, when the winner's file cannot be written beside what it extends."""
    if find_scenario(scenario, city).stem == WINNER:
        raise InputError(
            Said(
                "--scenario {scenario}: the result is written to {winner}.toml; rename the scenario first.",
                scenario=scenario,
                winner=WINNER,
            )
        )
    parents(scenario, city, out)


def parents(scenario: str, city: City, out: Path) -> dict[str, str]:
    """Return the files that must lie beside the winner's: a scenario of the user's own, and what it extends.

    Raises `InputError` when another file of that name is in the folder.
    """
    needed: dict[str, str] = {}
    path: Path | None = find_scenario(scenario, city)
    while path is not None and path != _of_city(path.stem, city):
        file = opened(path, MAX_TOML)
        there = out / path.name
        if is_file(there) and there.resolve() != path.resolve() and read_text(there) != file.text:
            raise InputError(
                Said(
                    "{file}: is another scenario than {path}; choose another folder with --out.", file=there, path=path
                )
            )
        needed[path.name] = file.text
        path = parent_of(path, parsed(file), city)
    return needed


def _of_city(name: str, city: City) -> Path | None:
    return shelf.scenario_file(name, city.folder) if name in shelf.scenario_names(city.folder) else None


def scenario_file(found: Findings, mix: Mix) -> str:
    """Return the TOML text of a mix: the scenario it extends, levers left out, levers of another size."""
    base = found.search.q.scenarios[0]
    size = sizes(found.search.ranges, mix)
    out = [
        f"title = {toml_text(base.title['zh'] + ':搜索所得组合')}",
        f"title_en = {toml_text(base.title['en'] + ': the mix found by search')}",
        f"extends = {toml_text(base.name)}",
    ]
    dropped = [x.name for x in base.levers if size.get(x.name, 1.0) == 0.0]
    if dropped:
        out.append(f"drop = [{', '.join(map(toml_text, dropped))}]")
    out += ["", "[change]"]
    for x in base.levers:
        by = size.get(x.name, 1.0)
        if by not in (0.0, 1.0):
            source = f"assumption: {by:g} times the size in {base.name}; {x.source}"
            out.append(f"{toml_key(x.name)} = {{ size = {x.size * by:.12g}, source = {toml_text(source)} }}")
    return "\n".join(out) + "\n"
