"""Goals that were set and are settled: what was promised, when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibration.panel.assumptions import assumptions
from calibration.panel.data import PanelFiles, Row, assumed_as_of, months_of, targets, year_month
from sim.city.settled import COMMON, ratios, read_settled
from sim.ensemble.track_record import Settled

DEPARTMENT, LABEL = "department_count", "enterprise_label"
"""The kind of goal a department awards or counts itself, and who decides on a label that enterprises apply for."""


@dataclass(frozen=True, slots=True)
class SettledGoal:
    """A numeric goal and its outcome."""

    region: str
    series: str
    kind: str
    decided_by: str
    target: float
    set_by: int  # month since year 0; what was known then may be used
    deadline: int  # year
    base: tuple[int, int, float] | None  # year, month and value of the count the goal started from
    ratio: float  # outcome / target
    bound: bool  # whether the outcome is only known to be above or below that
    hit: bool
    settled: int  # month in which the outcome could be known

    @property
    def name(self) -> str:
        """Return region, series, target and deadline: "mycity hte_stock >= 5000 by 2025"."""
        return f"{self.region} {self.series} >= {self.target:g} by {self.deadline}"

    @property
    def origin(self) -> str:
        """Return the month the goal was set, as "2018-11"."""
        return f"{self.set_by // 12}-{self.set_by % 12 + 1:02d}"

    def as_settled(self) -> Settled:
        """Return what the record of settled goals takes of it."""
        return Settled(self.decided_by, float(np.log(max(self.ratio, 1e-3))), self.hit, self.bound)


def shipped_goals(path: Path = COMMON) -> list[SettledGoal]:
    """Read the shipped goals. A goal of a year counts as set in March of that year, or as `panel.toml` says."""
    table = read_settled(path)
    table["ratio"] = ratios(table)
    return [_goal({str(k): v for k, v in record.items()}) for record in table.to_dict("records")]


def _goal(record: dict[str, Any]) -> SettledGoal:
    set_year, set_month = int(record["target_set_period"][:4]), record["target_set_period"][5:7]
    base = None
    if record["base_period"] and record["base_value"] > 0:
        when = year_month(record["base_period"])
        base = (*when, float(record["base_value"])) if when else None
    return SettledGoal(
        str(record["region"]), str(record["series"]), str(record["kind"]), str(record["decided_by"]),
        float(record["target_value"]), 12 * set_year + int(set_month or assumptions().publication.goal_month) - 1,
        int(record["deadline"]), base,
        float(record["ratio"]), record["outcome_is"] != "exact", bool(record["hit"]),
        _known(str(record["outcome_period"])),
    )  # fmt: skip


def _known(period: str) -> int:
    """Return the month an outcome could be known: three months after a year, one after a month."""
    return months_of(assumed_as_of({"period": period, "url": "", "source_title": ""}))


def goals_in(files: PanelFiles, rows: list[Row]) -> list[SettledGoal]:
    """Return the goals of history files that its own numbers settle, by the deadline or before it.

    `NAME_target` of a stock is reached by a count or a lower bound at or above it dated no later than the
    deadline, and missed when the count of the deadline is below it; else it is not settled and left out.
    """
    usual = assumptions().publication
    scored = targets(rows)
    out = []
    for _, _, record in files.records():
        if not record["series"].endswith("_target"):
            continue
        series, year = str(record["series"]).removesuffix("_target"), str(record["period"])
        mine = [row for row in rows if (row.series, row.region, row.kind) == (series, record["region"], "stock")]
        if not mine or len(year) != len("2024") or record["value"] <= 0:
            continue
        # a goal of a year without a date counts as set in its March: later than it was, never earlier
        said = record.get("as_of")
        set_by = months_of(str(said)) if said else min(12 * int(year) + usual.goal_month - 1, _link_month(record))
        first = min(
            ((row.known, row.value) for row in mine if _reaches(row, record["value"], set_by, int(year))), default=None
        )
        last = [p for p in scored if (p.series, p.region, p.year, p.month) == (series, record["region"], int(year), 12)]
        if first is None and not last:
            continue
        known = first[0] if first else 12 * int(year) + 11 + usual.months_after_year
        value = float(np.exp(last[0].log)) if last else first[1] if first else 0.0
        target = float(record["value"])
        out.append(
            SettledGoal(
                str(record["region"]),
                series,
                DEPARTMENT,
                LABEL,
                target,
                set_by,
                int(year),
                None,
                value / target,
                not last,
                first is not None,
                known,
            )
        )
    return out


def _link_month(record: dict[str, Any]) -> int:
    """Return the month of a goal's own page if its address shows one, else far in the future."""
    year = int(str(record["period"])[:4])
    found = months_of(
        assumed_as_of({"period": "2000-01", "url": record["url"], "source_title": record["source_title"]})
    )
    return found if found > 12 * 2000 + 1 and found <= 12 * year + 11 else 10**9


def _reaches(row: Row, target: float, set_by: int, deadline: int) -> bool:
    when = 12 * row.year + row.month - 1
    return row.bound != "upper" and row.value >= target and set_by < when <= 12 * deadline + 11


def all_goals(files: PanelFiles, rows: list[Row], shipped: bool) -> list[SettledGoal]:
    """Return shipped goals, all of them or those of regions in the files, and the files' own; none twice.

    Of a goal that is in both the shipped one counts: its outcome was looked up.
    """
    regions = {row.region for row in rows}
    known = [goal for goal in shipped_goals() if shipped or goal.region in regions]
    names = {(g.region, g.series, g.deadline) for g in known}
    own = {g.name: g for g in goals_in(files, rows) if (g.region, g.series, g.deadline) not in names}
    return sorted([*known, *own.values()], key=lambda g: (g.set_by, g.name))
