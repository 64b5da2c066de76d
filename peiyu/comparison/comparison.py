"""Compare scenarios: paired effects of each against the first, where they arise, and what support leaked."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from peiyu.comparison.paired import at_deadline, chance, interval, share_interval, told_apart, unpaired_times
from peiyu.comparison.result import Comparison
from peiyu.comparison.rows import Effect, Leak, LeverCost, OutcomeEffect, PartEffect
from peiyu.comparison.split import By, split
from peiyu.comparison.unit_cost import unit_cost, whole_scenario
from peiyu.forecasts.outcomes import years
from peiyu.forecasts.pipeline import Progress, Question, answer, silent, up_to_date
from peiyu.forecasts.result import Forecast
from sim.ensemble.forecast import rests_on
from sim.scenario.evidence import differing_outside
from sim.store.store import Store


def compare(q: Question, store: Store, progress: Progress = silent) -> Comparison:
    """Return forecasts and paired effects of every later scenario against the first; the store keeps the whole."""
    forecasts = answer(q, store, progress)
    base = forecasts[0]
    result = Comparison(
        forecasts,
        [e for f in forecasts[1:] for e in _effects(base, f, store)],
        [x for f in forecasts[1:] for x in _costs(base, f, store)],
        [x for f in forecasts[1:] for x in _outcomes(base, f, store)],
        [p for f in forecasts[1:] for p in _parts(base, f, store)],
        [x for f in forecasts[1:] for x in _leaks(base, f, store)],
        {f.scenario.name: store.effects.ladder(f.run_id, f.members) for f in forecasts},
    )
    keep(result, store)
    return result


def with_splits(c: Comparison, q: Question, store: Store, by: By, progress: Progress = silent) -> Comparison:
    """Return the comparison with every later scenario's effect split among the levers in which it differs."""
    current = up_to_date(q, store)
    parts = [split(current, store, f.scenario, by, progress) for f in c.forecasts[1:]]
    result = replace(c, splits=parts)
    keep(result, store)
    return result


def keep(c: Comparison, store: Store) -> None:
    """Write the whole document to the store, named by its runs and members."""
    runs = [f.run_id for f in c.forecasts]
    key = hashlib.blake2b("|".join((*runs, str(c.forecasts[0].members))).encode(), digest_size=8).hexdigest()
    store.keep(c.document(), key, c.forecasts[0].city.name, runs)


def _effects(base: Forecast, other: Forecast, store: Store) -> list[Effect]:
    n = base.members
    cost = store.cost(other.run_id, n) - store.cost(base.run_id, n)
    paid = whole_scenario(base.scenario, other.scenario)
    outside = bool(differing_outside(base.scenario, other.scenario, base.city))
    tallies = store.effects.tallies(other.run_id, base.run_id, n)
    out = []
    for goal in base.city.goals:
        for r in goal.readings:
            with_it, without = at_deadline(goal, r, other), at_deadline(goal, r, base)
            net = with_it - without
            # zones, scenes: there is no "who", so nobody is a bystander
            who = tallies.get((goal.key, r.key), np.stack((net, net, 0.0 * net, 0.0 * net)))
            gross, additional, spillover, displaced = who.mean(axis=1).tolist()
            each = unit_cost(cost, net, paid)
            change = chance(r, with_it) - chance(r, without)
            out.append(
                Effect(
                    other.scenario.name,
                    goal.key,
                    r.key,
                    gross,
                    additional,
                    float(net.mean()),
                    float(change.mean()),
                    share_interval(change),
                    float(cost.mean()),
                    each.value,
                    each.ci90,
                    each.note,
                    interval(net),
                    interval(who[1]),
                    spillover,
                    displaced,
                    unpaired_times(with_it, without),
                    rests_on(r),
                    outside,
                )
            )
    return out


def _costs(base: Forecast, other: Forecast, store: Store) -> list[LeverCost]:
    """Return what every lever paid that paid anything in either scenario, in the order in which they name them."""
    n = base.members
    here, there = store.cost_by_lever(other.run_id, n), store.cost_by_lever(base.run_id, n)
    none = np.zeros(n)
    out = []
    for name in dict.fromkeys(x.name for f in (other, base) for x in f.scenario.levers):
        a, b = here.get(name, none), there.get(name, none)
        if a.any() or b.any():
            means = float(a.mean()), float(b.mean()), float((a - b).mean())
            out.append(LeverCost(other.scenario.name, name, *means, interval(a - b)))
    return out


def _outcomes(base: Forecast, other: Forecast, store: Store) -> list[OutcomeEffect]:
    """Return every outcome at every year's end, in the order in which forecasts name them."""
    n, paid = base.members, whole_scenario(base.scenario, other.scenario)
    outside = bool(differing_outside(base.scenario, other.scenario, base.city))
    found = store.effects.outcomes(other.run_id, base.run_id, n)
    cost = {
        year: store.cost(other.run_id, n, year) - store.cost(base.run_id, n, year)
        for year in years(base.ensemble, base.as_of)
    }
    out = []
    for x in other.outcomes:
        what = found[x.indicator, x.year]
        net, spent = what[-1], cost[x.year]
        each = unit_cost(spent, net, paid)
        gross, additional, spillover, displaced, mean = what.mean(axis=1).tolist()
        out.append(
            OutcomeEffect(
                other.scenario.name,
                x.indicator,
                x.year,
                x.unit,
                gross,
                additional,
                spillover,
                displaced,
                mean,
                interval(net),
                told_apart(net),
                float(spent.mean()),
                each.value,
                each.ci90,
                each.note,
                outside,
            )
        )
    return out


def _parts(base: Forecast, other: Forecast, store: Store) -> list[PartEffect]:
    """Return the parts of every main reading in the order of the city's goals, districts and tracks."""
    found = store.effects.parts(other.run_id, base.run_id, base.members)
    codes = [("district", d.key) for d in base.city.districts] + [("track", t.key) for t in base.city.tracks]
    readings = [(g.key, r.key) for g in base.city.goals for r in g.readings if r.primary]
    out = []
    for reading in readings:
        for axis, code in codes:
            x = found.get((*reading, axis, code))
            if x is not None:
                gross, additional, net = (float(m) for m in x.mean(axis=1))
                where = (other.scenario.name, *reading, axis, code)
                out.append(PartEffect(*where, gross, additional, net, interval(x[2])))
    return out


def _leaks(base: Forecast, other: Forecast, store: Store) -> list[Leak]:
    """Return every kind of leak that the scenario or the base has, in the order of the alphabet."""
    n, run = base.members, base.run_id
    here, there = store.effects.leaks(other.run_id, run, n), store.effects.leaks(run, run, n)
    none = np.zeros(n)
    out = []
    for item in sorted({*here, *there}):
        a, b = here.get(item, none), there.get(item, none)
        out.append(Leak(other.scenario.name, item, float(a.mean()), float(b.mean()), interval(a - b)))
    return out
