"""What is found in a city's folder: its data, its assumptions, its policies, and the fit if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from agents.table import added
from calibration.data.coverage import coverage_end
from calibration.data.observations import Observation, counts_of, usual_origin
from calibration.data.opening import opening_labels
from calibration.fit.fit import BASE, load_fit
from peiyu.city_check.document import FindingRow, Level
from peiyu.words.messages import told
from sim import quarter
from sim.city import regions
from sim.city.city import City
from sim.city.history import ASSUMED
from sim.city.readings import main_readings
from sim.inputs.errors import InputError
from sim.inputs.text import is_file
from sim.scenario.scenario import load_scenario

ENOUGH = 3
"""Own counts of a label that tell of its growth; fewer tell of its level only."""
YEARS = 3
"""Years of history that a fit needs before its last quarter."""
AGREEING, FEW = 0.5, 0.25
"""Part of the draws that is still effective from which a fit is in good health, and below which in bad."""
STUCK = 0.01
"""Acceptance below which a generation has moved nothing."""
LAST = 3
"""Generations at the end of a fit that are looked at."""
PLACEHOLDER = "placeholder, replace"


def found(level: Level, finding: str, **values: str | int | float) -> FindingRow:
    """Return a finding."""
    return FindingRow(level=level, finding=finding, values=values)


def findings(city: City, lang: str) -> list[FindingRow]:
    """Return everything that is found, worst first; what a reader refuses is told in a language."""
    rows = [
        *_dates(city),
        *_policies(city, lang),
        *_data(city, lang),
        *_rows(city),
        *_overstated(city),
        *_assumed(city),
        *_fit(city, lang),
    ]
    order = ("refused", "warning", "assumed", "known")
    return sorted(rows, key=lambda row: order.index(row.level))


def _dates(city: City) -> Iterator[FindingRow]:
    covered, last = coverage_end(city), max(g.deadline for g in city.goals)
    values = {"covered": quarter.label(covered), "last": quarter.label(last)}
    yield found("refused", "over", **values) if covered >= last else found("known", "dates", **values)
    origin, first = usual_origin(city), city.start + 4 * YEARS + 1
    if origin < first:
        yield found("refused", "short", start=quarter.label(city.start), first=quarter.label(first))


def _policies(city: City, lang: str) -> Iterator[FindingRow]:
    """Load the policy so far, the baseline and the plan, and try the opening under the first."""
    loaded = {}
    for name in dict.fromkeys((city.in_force, city.baseline, city.plan)):
        try:
            loaded[name] = load_scenario(name, city)
        except InputError as error:
            yield found("refused", "policy", scenario=name, reason=told(error.said, lang))
    if city.in_force not in loaded:
        return
    for name, scenario in loaded.items():
        n, money = len(scenario.levers), added(x.budget for x in scenario.levers)
        yield found("known" if n else "warning", "levers", scenario=name, n=n, money=money)
    for x in opening_labels(city):
        if x.short:
            yield found("refused", "opening", label=x.label, asked=x.asked, held=x.held, enterprises=x.pool)


def _data(city: City, lang: str) -> Iterator[FindingRow]:
    """Say of every goal's main reading what the city's own counts tell of it."""
    try:
        own = counts_of(city, coverage_end(city))
    except InputError as error:
        yield found("refused", "counts", reason=told(error.said, lang))
        return
    if not own:
        yield found("warning", "no_counts", region=city.region)
    for goal, r in main_readings(city):
        mine = [o for o in own if o.indicator == r.indicator and o.bound == "none"]
        yield _identified(f"{goal.key}/{r.key}", r.indicator, mine, r.evidence)


def _identified(reading: str, indicator: str, own: list[Observation], grade: str) -> FindingRow:
    values: dict[str, str | int | float] = {"reading": reading, "indicator": indicator, "n": len(own), "grade": grade}
    if own:
        values |= {
            "first": quarter.label(min(o.quarter for o in own)),
            "last": quarter.label(max(o.quarter for o in own)),
        }
    if grade == "A" and len(own) < ENOUGH:
        return found("warning", "grade", **values)
    if len(own) >= ENOUGH:
        return found("known", "growth", **values)
    return found("warning", "level", **values) if own else found("warning", "prior", **values)


def _rows(city: City) -> Iterator[FindingRow]:
    """Look for rows that inform nothing, and for a count that two series state for one period."""
    history, read = city.history, city.series.indicators
    mine = history[history.region == city.region]
    unused = sorted(set(mine.series) - set(read) - set(city.series.shares))
    unused = [name for name in unused if not name.endswith(("_target", "_expected"))]
    if unused:
        yield found("warning", "unused", series=", ".join(unused[:8]), n=len(unused))
    strange = sorted({r.partition("/")[0] for r in history.region if not regions.known(r)} - {city.region})
    if strange:
        yield found("warning", "strangers", regions=", ".join(strange[:8]), n=len(strange))
    used = mine[mine.series.isin(list(read))].assign(indicator=lambda x: x.series.map(read))
    for (indicator, period), same in used.groupby(["indicator", "period"]):
        if same.series.nunique() > 1:
            series = ", ".join(sorted(same.series.unique()))
            yield found("warning", "twice", indicator=str(indicator), period=str(period), series=series)
    if len(mine):
        grades = ", ".join(f"{grade} {n}" for grade, n in mine.grade.value_counts().sort_index().items())
        yield found("known", "grades", n=len(mine), grades=grades)


def _overstated(city: City) -> Iterator[FindingRow]:
    """Say which grades are claimed and not supported, row by row."""
    for x in city.overstated:
        yield found("warning", "overstated", **x._asdict() | {"row": str(x.row)})


def _assumed(city: City) -> Iterator[FindingRow]:
    """List the numbers of the profile, and the goals, that nobody has stated."""
    sources = city.opening.sources | city.leader.sources
    sources |= {f"district {d.key}": d.source for d in city.districts} | {
        f"track {t.key}": t.source for t in city.tracks
    }
    blank = [name for name, said in sources.items() if PLACEHOLDER in said]
    blank += [f"goal {g.key}" for g in city.goals if PLACEHOLDER in g.source]
    if blank:
        yield found("warning", "placeholders", names=", ".join(blank[:12]), n=len(blank))
    for name, said in sources.items():
        if said.startswith(ASSUMED) and name not in blank:
            yield found("assumed", "assumed", name=name, source=said.partition(":")[2].strip())


def _fit(city: City, lang: str) -> Iterator[FindingRow]:
    """Tell the health of the fit in words."""
    if not is_file(city.folder / f"{BASE}.json"):
        yield found("warning", "no_fit", city=city.on_command_line)
        return
    try:
        made = load_fit(city).provenance
    except InputError as error:
        yield found("warning", "stale", reason=told(error.said, lang))
        return
    draws = made.particles
    effective = min((s["effective"] for s in made.steps[-1:] if "effective" in s), default=float(draws))
    stuck = all(s.get("acceptance", 1.0) < STUCK for s in made.steps[-LAST:]) if made.steps else False
    health = "bad" if stuck or effective < FEW * draws else "fair" if effective < AGREEING * draws else "good"
    values: dict[str, str | int | float] = {
        "as_of": made.as_of,
        "effective": round(effective),
        "draws": draws,
        "n": len(made.observations),
    }
    yield found("known" if health == "good" else "warning", f"fit_{health}", **values)
