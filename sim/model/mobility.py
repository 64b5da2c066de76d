"""Who moves and who goes: relocation between districts and into zones, closing, falling dormant (迁移、退出)."""

from __future__ import annotations

import numpy as np

from agents import founding, survival
from agents.enterprises import NEVER, Enterprises, Origin
from agents.table import Floats, Ints, rows_where, those
from agents.terms import Terms
from sim.levers.context import CityTerms
from sim.model.business import YOUNG_QUARTERS
from sim.state.state import State


def relocate(s: State, offer: CityTerms) -> None:
    """Let enterprises move between districts and into the zone of their district and track.

    A district draws movers in proportion to its share times exp(place_lift): zones and parks move enterprises that
    were in the city already, which is counted apart from founding.
    """
    e, p = s.enterprises, s.parameters
    shares = np.array([d.share for d in s.city.districts])
    pull = shares[:, None] / shares.sum() * np.exp(offer.place_lift)  # (districts, tracks)
    rate, u = p.relocation_rate / 4.0 * pull.sum(axis=0), s.draw("relocation")
    moves = rows_where(u < rate.max())  # nobody else can
    moves = moves[(u[moves] < rate[e.track[moves]]) & ~s.on_record(moves)]  # a record names its district
    there = founding.category_by_row(s.draw("new_district", e.slot[moves]), pull.T[e.track[moves]])
    changed = there != e.district[moves]
    moved, there = moves[changed], there[changed]
    out_and_in = (_by_district(s, districts) for districts in (e.district[moved], there))
    for district, out, into in zip(s.institutions.districts, *out_and_in, strict=True):
        district.moved_out += out
        district.moved_in += into
    e.district[moved] = there
    # who moves leaves the zone it was in, and may enter the one it comes to below
    e.zone[moved] = 0
    e.zone_since[moved] = NEVER
    s.flows["relocated"] += len(moved)
    _enter_zones(s, e, moved)


def _enter_zones(s: State, e: Enterprises, moved: Ints) -> None:
    """Make tenants of the enterprises that stand in a zone and are of the joining kind; count how they came."""
    cell = np.zeros((len(s.city.districts), len(s.city.tracks)), np.int64)
    for zone in s.institutions.pilot_zones:
        if zone.since != NEVER:
            cell[zone.district, zone.track] = zone.index + 1
    if not cell.any():
        return
    rows = rows_where((e.zone == 0) & e.future)
    at = cell[e.district[rows], e.track[rows]]
    inside = rows_where(at > 0)
    rows, at = rows[inside], at[inside]
    # addressed by the enterprise alone, at quarter 0: being of the kind that joins does not change with time
    joins = s.streams.uniform("tenant", 0, e.slot[rows]) < s.parameters.zone_tenants
    rows, at = rows[joins], at[joins]
    e.zone[rows], e.zone_since[rows] = at, s.quarter
    arrived = np.zeros(len(e), bool)
    arrived[moved] = True
    came = arrived[rows]
    founded = ~came & (e.born[rows] >= np.array([z.since for z in s.institutions.pilot_zones]).take(at - 1))
    s.flows.update(
        zone_tenants_moved=int(came.sum()),
        zone_tenants_founded=int(founded.sum()),
        zone_tenants_standing=int((~came & ~founded).sum()),
    )


def _by_district(s: State, districts: Ints) -> list[int]:
    """Count codes of districts, one number for each."""
    return [int(x) for x in np.bincount(districts, minlength=len(s.institutions.districts))]


def leave(s: State, terms: Terms) -> None:
    """Strike closed enterprises off the register; let others fall dormant."""
    e, p = s.enterprises, s.parameters
    highest, extra = _highest_hazard(s, terms), max(p.activity_multiplier - 1.0, 0.0)
    distressed, u = e.venture & (e.cash < 0.0), s.draw("exit")
    at_risk = rows_where(distressed | (u < highest))  # nobody else can close
    at_risk = at_risk[~s.on_record(at_risk)]  # who publishes figures is there
    exits = those(at_risk, u[at_risk] < _hazard(s, terms, at_risk))
    newly_dormant = np.zeros(0, np.int64)
    if extra > 0.0:  # activity ends more often than registration
        # drawn for those that close as well: rows are dropped last, so the two decisions do not hang on each other
        u = s.draw("dormancy")
        at_risk = rows_where((distressed | (u < extra * highest)) & ~e.dormant)
        at_risk = at_risk[~s.on_record(at_risk)]
        newly_dormant = at_risk[survival.falls_dormant(u[at_risk], _hazard(s, terms, at_risk), p.activity_multiplier)]
    s.flows["exits"] += len(exits)
    s.flows["exits_young"] += int(np.count_nonzero(s.quarter - e.born[exits] <= YOUNG_QUARTERS))
    before = e.dormant[exits]
    e.dormant[newly_dormant] = True
    closed_as_both = np.count_nonzero(e.dormant[exits] & ~before)  # both at once count once
    s.flows["activity_exits"] += int(np.count_nonzero(~before) + len(newly_dormant) - closed_as_both)
    for district, closed in zip(s.institutions.districts, _by_district(s, e.district[exits]), strict=True):
        district.closed += closed
    # last: other rows move into the gaps, and no row number above would hold any more
    e.drop(exits)


def _hazard(s: State, terms: Terms, rows: Ints) -> Floats:
    """Return the chance to be struck off this quarter, (rows,)."""
    e, p = s.enterprises, s.parameters
    age = survival.age_in_quarters(s.quarter, e.born[rows], len(s.constants.hazard_by_age) - 1)
    lift = terms.exit_lift[rows] + p.distress_exit * (e.venture[rows] & (e.cash[rows] < 0))
    lift += p.spin_off_exit * (e.origin[rows] == Origin.SPIN_OFF.value)
    base, typical = s.constants.hazard_by_age.take(age.astype(np.int64)), s.city.opening.employees_median
    return survival.exit_hazard(base, e.employees[rows], lift, size_slope=p.exit_size_slope, typical=typical)


def _highest_hazard(s: State, terms: Terms) -> float:
    """Return an upper bound of the hazard of all who are not distressed."""
    e, p = s.enterprises, s.parameters
    lift = terms.largest("exit_lift") + max(p.spin_off_exit, 0.0)
    # the hazard is monotonic in size, so it is highest at one end: one person, or the largest there is
    most_exposed = np.ones(1) if p.exit_size_slope < 0.0 else e.employees.max(initial=1.0, keepdims=True)
    base, typical = s.constants.hazard_by_age.max(), s.city.opening.employees_median
    bound = survival.exit_hazard(base, most_exposed, lift, size_slope=p.exit_size_slope, typical=typical)
    # rounding of a single hazard must not lift it above the bound
    return float(bound[0]) * (1.0 + 1e-9)
