"""Recognition rounds (认定): who is renewed, who is recognised, who loses the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import recognition
from agents.enterprises import N_RECOGNITIONS, NEVER, Recognition
from agents.table import EVERY_ROW, Bools, Ints, rows_where
from agents.terms import Terms
from sim.model import drive
from sim.model.founding import FOREVER

if TYPE_CHECKING:
    from agents.recognition_rule import RecognitionRule, RuleVersion
    from sim.model.model import IndustryModel


def recognise(m: IndustryModel, terms: Terms) -> tuple[Bools, Bools]:
    """Hold the rounds of this quarter; return who is recognised first and who again, (n, recognitions)."""
    n = len(m.enterprises)
    first, again = (np.zeros((n, N_RECOGNITIONS), bool, order="F") for _ in range(2))
    for kind in Recognition:
        rule = m.city.rules[kind]
        version = rule.in_force(m.quarter)
        if version is not None and m.quarter % 4 + 1 == rule.round_quarter:
            lost = _withdraw(m, kind, rule)
            rows, new = _round(m, kind, version, terms, lost)
            first[rows[new], kind] = True
            again[rows[~new], kind] = True
            _count(m, kind, rows, new)
    return first, again


def _withdraw(m: IndustryModel, kind: Recognition, rule: RecognitionRule) -> Ints:
    """Take the label from the dormant and from those revoked, and return their rows; lapsed ones end by date."""
    e, p = m.enterprises, m.parameters
    rate = p.revocation if rule.validity_quarters else p.tech_sme_withdrawal
    holders = rows_where(e.until[:, kind] > m.quarter)
    lost = holders[rows_where((m.draw(f"revoked:{rule.key}", e.slot[holders]) < rate) | e.dormant[holders])]
    e.until[lost, kind] = m.quarter - 1  # not "expiring now", which would be renewed
    return lost


def _round(m: IndustryModel, kind: Recognition, version: RuleVersion, terms: Terms, lost: Ints) -> tuple[Ints, Bools]:
    """Return the rows recognised in this round, and which of them for the first time; who just lost it waits."""
    e, p, rule = m.enterprises, m.parameters, m.city.rules[kind]
    until, since = e.until[:, kind], e.first[:, kind]
    free = (until <= m.quarter) & ~e.dormant
    free[lost] = False
    if rule.requires:
        free &= e.until[:, Recognition[rule.requires.upper()]] > m.quarter
        rows = rows_where(free)
        rows = rows[rows_where(_fits(m, rows, version))]
    else:  # nearly everybody is free
        rows = rows_where(free & _fits(m, EVERY_ROW, version))
    expiring = (until[rows] == m.quarter) & (since[rows] != NEVER)
    rate = drive.application_rate(kind, m.quarter, m.as_of // 4, p, m.streams)
    lift = terms.application_lift(kind, rows) + p.future_apply * e.future[rows]
    asks = expiring | recognition.applies(m.draw(f"apply:{rule.key}", e.slot[rows]), rate, lift)
    asking = rows_where(asks)
    rows, expiring = rows[asking], expiring[asking]
    verdict = m.draw(f"verdict:{rule.key}", e.slot[rows])
    rows = rows[rows_where(verdict < np.where(expiring, p.renewal, drive.pass_rate(kind, p)))]
    new = since[rows] == NEVER
    since[rows[new]] = m.quarter
    until[rows] = m.quarter + rule.validity_quarters if rule.validity_quarters else FOREVER
    return rows, new


def _fits(m: IndustryModel, rows: Ints | slice, version: RuleVersion) -> Bools:
    """Tell which of the rows meet the thresholds."""
    e = m.enterprises
    age = m.quarter - e.born[rows]
    return recognition.eligible(age, e.revenue[rows], e.employees[rows], e.rd_reported[rows], version)


def _count(m: IndustryModel, kind: Recognition, rows: Ints, new: Bools) -> None:
    """Count the recognised: first ones, all, and first ones in future tracks."""
    key, first = kind.name.lower(), rows[new]
    m.flows[f"{key}_first"] += len(first)
    m.flows[f"{key}_certified"] += len(rows)
    m.flows[f"future_{key}_first"] += int(np.count_nonzero(m.enterprises.future[first]))
