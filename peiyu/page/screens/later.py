"""What the years bring: outcomes to the horizon, and what moved levers change there, run by run."""

from __future__ import annotations

from typing import Any

from peiyu.comparison.paired import interval as paired_interval
from peiyu.forecasts.outcomes import YearlyOutcome, outcome_label, shown_years
from peiyu.forecasts.result import Forecast
from peiyu.page.screens.compare import none_of
from peiyu.words.loader import words
from peiyu.words.numbers import count, interval, signed_count


def shown(f: Forecast, base: Forecast, lang: str) -> dict[str, Any]:
    """Return what the template says of a scenario's years, and of its changes against the base in the last of them."""
    w = words("page", lang)
    years, rows = table(f)
    moved = f.scenario.sha != base.scenario.sha
    changes = [_change(f, base, name, years[-1], lang) for name in rows] if moved else []
    return {
        "w": w, "years": years, "moved": moved, "last": years[-1], "base": base.scenario.title[lang],
        "rows": [{"name": outcome_label(name, lang), "cells": cells} for name, cells in rows.items()],
        "changes": changes, "members": f.members,
    }  # fmt: skip


def to_the_deadline(f: Forecast, lang: str) -> dict[str, Any]:
    """Return the same of an answer's own runs, which end with the deadline, to stand there until the years are run."""
    years, rows = table(f)
    named = [{"name": outcome_label(name, lang), "cells": cells} for name, cells in rows.items()]
    return {"w": words("page", lang), "years": years, "rows": named, "moved": False, "members": None}


def table(f: Forecast) -> tuple[list[int], dict[str, list[tuple[str, str]]]]:
    """Return the years of a table of outcomes, and by outcome its cells: median and interval."""
    found = {(x.indicator, x.year): x for x in f.outcomes}
    years = shown_years(sorted({x.year for x in f.outcomes}))
    return years, {name: [_spread(found[name, y]) for y in years] for name in dict.fromkeys(n for n, _ in found)}


def _spread(x: YearlyOutcome) -> tuple[str, str]:
    return count(x.median), interval(x.q05, x.q95)


def _change(f: Forecast, base: Forecast, name: str, year: int, lang: str) -> tuple[str, str]:
    """Say by how much an outcome differs at a year's end, or in how few runs it does."""
    at = 4 * year + 3 - f.ensemble.start
    paired = (f.ensemble.of(name) - base.ensemble.of(name))[:, at]
    if not paired.any():
        return words("page", lang)["none_changed"].format(n=f.members, most=none_of(f.members)), ""
    return signed_count(float(paired.mean())), interval(*paired_interval(paired), signed_count)
