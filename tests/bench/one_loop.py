"""Compile one line of a quarter as a single loop and time it beside the line itself: `python -m tests.bench.one_loop`.

Growth is the longest line after the levers, and the one with most arithmetic. The loop does for one enterprise after the other
what `sim.model.business.grow` does in strokes over columns, draws included, and must come to the same numbers but for rounding;
the few enterprises with a record of their own are left out. It answers whether a quarter compiled as a whole would be faster.
"""

from __future__ import annotations

import argparse
import math
import timeit
from collections import namedtuple
from copy import deepcopy
from time import process_time

import numpy as np
from numba import njit

from agents import growth
from agents.enterprises import Recognition, Stage
from sim.city.city import load_city
from sim.model import business
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from sim.streams import key_of, uniform_of
from tests.bench import kept
from tests.bench.machine import conditions
from tests.bench.member import sized
from tests.bench.rivals import spread
from tests.bench.run import FORK, SIZES

ENTERPRISES, REPEATS = 50_000, 15
SAME = ("employees", "revenue", "knowledge", "rd_spend", "rd_reported", "year_lift", "year_gain", "stage", "ever_high")
"""Columns that the loop must leave as the line does."""
LEADER, HIGH_GROWTH, STARTUP = Stage.LEADER.value, Stage.HIGH_GROWTH.value, Stage.STARTUP.value
Columns = namedtuple(
    "Columns",
    "slot born closes district track dormant quality employees revenue newest second third rd_intensity rd_spend rd_reported"
    " rd_given knowledge year_lift year_gain round_at public_part stage ever_high hnte scene_until boost boost_kept",
)
Numbers = namedtuple(
    "Numbers",
    "quarter key drift quality_growth drift_young young label small large sd exponent scene large_effect financed_from financed"
    " government_only boost_growth price depreciation elasticity floor relabelled",
)


@njit
def grow(c, n, growth_lift, gain_lift, share, table, asked_up_to, asked_share):
    """Do what a quarter does for growth, for one enterprise after the other."""
    size, taken = np.zeros(share.shape), np.zeros((2, *share.shape))
    lift = np.empty(len(c.slot))
    for i in range(len(c.slot)):
        x = growth_lift[i]
        if c.scene_until[i] > n.quarter:
            x += n.scene
        if c.boost[i] != 0.0 or c.boost_kept[i] != 0.0:
            x += (c.boost[i] + c.boost_kept[i]) * n.boost_growth
        if c.employees[i] >= business.LARGE_EMPLOYEES:
            x *= n.large_effect
        if c.round_at[i] >= n.financed_from:
            x += n.financed * (n.government_only if c.public_part[i] > business.PUBLIC_ALONE else 1.0)
        lift[i] = x
        d, k = c.district[i], c.track[i]
        size[d, k] += c.revenue[i]
        taken[0, d, k] += x * c.revenue[i]
        taken[1, d, k] += gain_lift[i] * c.revenue[i]
    for which, d, k in np.ndindex(taken.shape):
        if size[d, k] > 0.0:
            taken[which, d, k] = share[d, k] * (taken[which, d, k] / size[d, k])
    for i in range(len(c.slot)):
        d, k = c.district[i], c.track[i]
        c.year_lift[i] += (lift[i] - taken[0, d, k]) / 4.0
        c.year_gain[i] += (gain_lift[i] - taken[1, d, k]) / 4.0
        if c.closes[i] != n.quarter % 4 or c.dormant[i]:
            continue
        centred = 2.0 * uniform_of(n.key, c.slot[i]) - 1.0
        place = min(-math.log1p(-abs(centred)) * 64.0, 64 * 40 - 1e-6)
        below = int(place)
        shock = math.copysign(table[below] + (place - below) * (table[below + 1] - table[below]), centred)
        staff = c.employees[i]
        rate = n.drift + n.quality_growth * c.quality[i] + c.year_lift[i]
        if c.born[i] > n.young:
            rate += n.drift_young
        if c.hnte[i] > n.quarter:
            rate += n.label
        rate += (n.small if staff < growth.REFERENCE_EMPLOYEES else n.large) * c.newest[i]
        rate += n.sd * math.exp(-n.exponent * math.log(staff / growth.REFERENCE_EMPLOYEES)) * shock
        after = max(staff * math.exp(rate), 1.0)
        factor = after / staff
        c.third[i], c.second[i], c.newest[i] = c.second[i], c.newest[i], math.log(factor)
        c.employees[i] = after
        total = c.newest[i] + c.second[i] + c.third[i]
        high = total > 3 * math.log1p(0.2) and after * math.exp(-total) >= growth.HIGH_GROWTH_MIN_EMPLOYEES
        c.ever_high[i] |= high
        if c.stage[i] != LEADER:
            c.stage[i] = HIGH_GROWTH if high else STARTUP
        knew = c.knowledge[i]
        knows = (1.0 - n.depreciation) * knew + c.rd_spend[i] + c.rd_given[i]
        c.knowledge[i] = knows
        c.revenue[i] *= factor * math.exp(n.price + n.elasticity * math.log(knows / knew) + c.year_gain[i])
        c.rd_given[i] = c.year_lift[i] = c.year_gain[i] = 0.0
        real = c.rd_intensity[i] * c.revenue[i]
        c.rd_spend[i] = real
        at = 0
        while at < len(asked_up_to) - 1 and c.revenue[i] > asked_up_to[at]:
            at += 1
        c.rd_reported[i] = max(real, min(max(asked_share[at] * c.revenue[i], n.floor), real / (1.0 - n.relabelled)))


@njit
def exponentials(x, out):
    """Write the exponential of every number."""
    for i in range(len(x)):
        out[i] = math.exp(x[i])


def exponential_ns():
    """Return the nanoseconds of one exponential among many, of NumPy and of a compiled loop."""
    x, least = np.linspace(-1.0, 1.0, ENTERPRISES), {}
    out = np.empty(len(x))
    for name, work in {"line": lambda: np.exp(x, out), "loop": lambda: exponentials(x, out)}.items():
        work()
        least[name] = 1e9 * min(timeit.repeat(work, number=20, repeat=REPEATS)) / 20 / len(x)
    return least


def asked(model):
    """Return what the loop works on: the columns, the numbers, and the tables."""
    s, p, e = model.state, model.state.parameters, model.state.enterprises
    version = s.city.rules[Recognition.HNTE].in_force(s.quarter)
    own = {name: getattr(e, name) for name in Columns._fields if hasattr(e, name)}
    newest, second, third = e.growth.T
    columns = Columns(**own, newest=newest, second=second, third=third, hnte=e.until[:, Recognition.HNTE])
    numbers = Numbers(
        s.quarter, key_of(s.streams.seed, "growth", s.quarter), p.drift, p.quality_growth, p.drift_young,
        s.quarter - business.YOUNG_QUARTERS, float(growth.growth_for_hazard(p.label_effect, p.shock_sd)), p.persistence_small,
        p.persistence_large, p.shock_sd, p.size_variance, p.scene_growth, p.large_effect, s.quarter - business.FINANCED_QUARTERS,
        p.financed_growth, p.government_only, p.shock_sd / math.sqrt(6.0), p.price_growth, p.depreciation,
        p.knowledge_elasticity, float(version.min_rd_spend), p.relabelled_share,
    )  # fmt: skip
    share = np.tile(
        np.where(s.constants.future, p.displacement_tradable, p.displacement_local), (len(s.city.districts), 1)
    )
    bands = [np.array([getattr(b, name) for b in version.rd_bands]) for name in ("revenue_up_to", "at_least")]
    terms = model.terms.growth_lift, model.terms.productivity_lift
    return columns, numbers, *terms, share, s.constants.shock_table, *bands


def measured():
    """Return the milliseconds of the line and of the loop, and how far their numbers are apart."""
    city, where = load_city("hangzhou"), conditions("python -m tests.bench.one_loop")
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    root = IndustryModel(city, history, sized(city, ENTERPRISES), as_of=FORK).run_to(FORK).turn_to(plan)
    root.turn_the_calendar()
    root.terms_in_force()
    e = root.state.enterprises
    start, alone = deepcopy(e), ~root.state.on_record()
    seconds, left = {"line": [], "loop": []}, {}
    for which in ["loop", "line"] * (REPEATS + 1):
        root.state.enterprises = e = deepcopy(start)
        given = asked(root)
        began = process_time()
        if which == "line":
            business.grow(root.state, root.terms)
        else:
            grow(*given)
        seconds[which].append(process_time() - began)
        left[which] = e
    apart = {name: _apart(getattr(left["line"], name)[alone], getattr(left["loop"], name)[alone]) for name in SAME}
    closing = int(np.count_nonzero((start.closes == root.quarter % 4) & ~start.dormant))
    found = {name: {k: 1e3 * v for k, v in spread(x[1:]).items() if k != "runs"} for name, x in seconds.items()}
    return {"conditions": where, "enterprises": len(start), "closing": closing, "apart": apart, "exp_ns": exponential_ns(), **found}


def _apart(a, b):
    """Return by how much of their size two columns differ at most."""
    return float(np.max(np.abs(a.astype(float) - b) / np.maximum(np.abs(a), 1e-3)))


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--keep", action="store_true", help="for docs/scale.md")
    keep = ask.parse_args().keep
    found = measured()
    for name in ("line", "loop"):
        x = found[name]
        print(f"{name}: {x['median']:.2f} ms ({x['min']:.2f} to {x['max']:.2f}), {found['closing']:,} years closed")
    print("an exponential, ns", {k: round(v, 1) for k, v in found["exp_ns"].items()})
    print("apart by at most", {k: f"{v:.1g}" for k, v in found["apart"].items()})
    if keep:
        kept.write("one_loop", found)


if __name__ == "__main__":
    main()
