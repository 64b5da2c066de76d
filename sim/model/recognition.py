"""Recognition rounds (认定): who is renewed, who is recognised, who loses the label."""

from __future__ import annotations

import numpy as np

from agents import recognition
from agents.enterprises import N_RECOGNITIONS, NEVER, Recognition
from agents.recognition import RecognitionRule, RuleVersion
from agents.table import EVERY_ROW, Bools, Ints, rows_where, those
from agents.terms import Terms
from sim.model import drive
from sim.model.founding import FOREVER
from sim.state.state import State


def recognise(s: State, terms: Terms) -> tuple[Bools, Bools]:
    """Hold the rounds of this quarter; return who is recognised first and who again, (n, recognitions)."""
    n = len(s.enterprises)
    # by column: one recognition of everybody is written here, and read by levers, at a time
    first, again = (np.zeros((n, N_RECOGNITIONS), bool, order="F") for _ in range(2))
    for kind in Recognition:
        rule = s.city.rules[kind]
        version = rule.in_force(s.quarter)
        if version is not None and s.quarter % 4 + 1 == rule.round_quarter:
            # before the round, so that nobody is renewed and revoked at once
            lost = _withdraw(s, kind, rule)
            rows, new = _round(s, kind, version, terms, lost)
            first[rows[new], kind] = True
            again[rows[~new], kind] = True
            _count(s, kind, rows, new)
    return first, again


def _withdraw(s: State, kind: Recognition, rule: RecognitionRule) -> Ints:
    """Take the label from the dormant and from those revoked, and return their rows; lapsed ones end by date."""
    e, p = s.enterprises, s.parameters
    rate = p.revocation if rule.validity_quarters else p.tech_sme_withdrawal
    holders = rows_where(e.until[:, kind] > s.quarter)
    lost = those(holders, (s.draw(f"revoked:{rule.key}", e.slot[holders]) < rate) | e.dormant[holders])
    e.until[lost, kind] = s.quarter - 1  # not "expiring now", which would be renewed
    return lost


def _round(s: State, kind: Recognition, version: RuleVersion, terms: Terms, lost: Ints) -> tuple[Ints, Bools]:
    """Return the rows recognised in this round, and which of them for the first time; who just lost it waits."""
    e, p, rule = s.enterprises, s.parameters, s.city.rules[kind]
    until, since = e.until[:, kind], e.first[:, kind]
    free = (until <= s.quarter) & ~e.dormant
    free[lost] = False
    if rule.requires:
        free &= e.until[:, Recognition[rule.requires.upper()]] > s.quarter
        rows = rows_where(free)
        rows = those(rows, _eligible(s, rows, version))
    else:  # nearly everybody is free
        rows = rows_where(free & _eligible(s, EVERY_ROW, version))
    expiring = (until[rows] == s.quarter) & (since[rows] != NEVER)
    rate = drive.application_rate(kind, s.quarter, p)
    lift = terms.application_lift(kind, rows) + p.future_apply * e.future[rows]
    # holders whose label ends always ask; how many are renewed is `renewal`'s
    asks = expiring | recognition.applies(s.draw(f"apply:{rule.key}", e.slot[rows]), rate, lift)
    asking = rows_where(asks)
    rows, expiring = rows[asking], expiring[asking]
    verdict = s.draw(f"verdict:{rule.key}", e.slot[rows])
    rows = those(rows, verdict < np.where(expiring, p.renewal, drive.pass_rate(kind, p)))
    new = since[rows] == NEVER
    since[rows[new]] = s.quarter
    until[rows] = s.quarter + rule.validity_quarters if rule.validity_quarters else FOREVER
    return rows, new


def _eligible(s: State, rows: Ints | slice, version: RuleVersion) -> Bools:
    """Tell which of the rows meet the thresholds."""
    e = s.enterprises
    age = s.quarter - e.born[rows]
    return recognition.eligible(age, e.revenue[rows], e.employees[rows], e.rd_reported[rows], version)


def _count(s: State, kind: Recognition, rows: Ints, new: Bools) -> None:
    """Count the recognised: first ones, all, and first ones in future tracks, which are named too."""
    e, key, first = s.enterprises, kind.name.lower(), rows[new]
    named = those(first, e.future[first])
    s.newly[kind] = e.slot[named], e.district[named], e.track[named]
    s.flows[f"{key}_first"] += len(first)
    s.flows[f"{key}_certified"] += len(rows)
    s.flows[f"future_{key}_first"] += len(named)
