"""The figures of the appendix: fans of main readings and of indicators that have published data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.data.observations import Observation
from calibration.data.summaries import observed
from calibration.moments.check import PAST
from peiyu.appendix.comparison import comparisons
from peiyu.appendix.page import Page, scenario_title
from peiyu.appendix.validation import checked
from peiyu.document.tree import Block, Code, Figure, Heading, Number, Paragraph, Span
from peiyu.figures.fonts import FOLDER, PACKAGE, need_sans
from peiyu.fit.evidence import kind, year_end
from peiyu.forecasts import fans as figures_appendix
from peiyu.forecasts.fans import Dot, Fan, Past, goal_fan, years
from peiyu.words.indicators import label_of_city, measure_word
from peiyu.words.numbers import count
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings
from sim.ensemble.ensemble import Ensemble
from sim.inputs.errors import InputError
from sim.state.indicators import INDICATORS

PANELS = 4
"""Panels a figure; two figures fill a page."""
OTHERS = 3
"""Most other scenarios in a panel; more cannot be told apart."""


def paths(page: Page) -> list[Block]:
    """Return the fans of main readings, or one sentence on how to get the font that they need."""
    wanted = [_goal_fan(page, g, r) for g, r in main_readings(page.city)]
    drawn = _drawn(page, "goals", [(f, _goal_alt(page, f)) for f in wanted])
    return [Heading(1, page.say("paths")), page.text(page.say("paths_intro")), *drawn]


def observations(page: Page) -> list[Block]:
    """Return the fans of indicators that have published data; nothing where there are none."""
    seen = [x for x in (_observed_fan(page, name, obs) for name, obs in _observations(page).items()) if x]
    if not seen:
        return []
    notes = [page.say("observed_note")]
    notes += [page.say("past_note")] if any(f.past for f, _ in seen) else []
    out = [f.title for f, _ in seen if outside(f)]
    notes += [page.say("outside_note", names=page.marks["comma"].join(out))] if out else []
    said = [Paragraph((x,), "note") for x in notes]
    return [Heading(1, page.say("observed"), annex=True), *_drawn(page, "observed", seen), *said]


def outside(fan: Fan) -> bool:
    """Tell whether an exact number that was published lies outside the 90 % interval of its year."""
    low, high = np.quantile(fan.values, (0.05, 0.95), axis=0)
    ends = {round(p.year, 2): (p.low, p.high) for p in fan.past}
    ends |= {round(float(y), 2): (float(a), float(b)) for y, a, b in zip(fan.years, low, high, strict=True)}
    exact = [d for d in fan.dots if d.kind == "exact" and round(d.year, 2) in ends]
    return any(not ends[round(d.year, 2)][0] <= d.value <= ends[round(d.year, 2)][1] for d in exact)


def _past(page: Page, name: str) -> tuple[Past, ...]:
    """Return what the check of the fit says of an indicator's past, where the fit was checked."""
    a = checked(page)
    if a is None:
        return ()
    begin, every = f"{PAST}/{name}/", a.document.context
    found = {int(key.removeprefix(begin)): ends for key, ends in every.items() if key.startswith(begin)}
    return tuple(Past(float(year), *ends) for year, ends in sorted(found.items()))


def _drawn(page: Page, key: str, fans: list[tuple[Fan, str]]) -> list[Block]:
    try:
        font = need_sans() if page.lang == "zh" else None
    except InputError:
        ways = {"apt": Code("apt install fonts-noto-cjk"), "pip": Code(f"pip install {PACKAGE.replace('_', '-')}")}
        return [page.told("no_font", variable=Code(FOLDER), **ways)]
    letters = "".join(page.words.values()) + "".join(f.title + f.unit for f, _ in fans)
    letters += "".join(name for f, _ in fans for name, _ in f.others) + "".join(map(chr, range(32, 127)))
    with figures_appendix.lettering(font, letters):
        return _figures(page, key, fans)


def _figures(page: Page, key: str, fans: list[tuple[Fan, str]]) -> list[Block]:
    groups = [fans[i : i + PANELS] for i in range(0, len(fans), PANELS)]
    out: list[Block] = []
    stop = page.marks["stop"]
    for i, group in enumerate(groups, 1):
        svg, png, ratio = figures_appendix.draw([f for f, _ in group], page.say("asked_line"), page.words["year_end"])
        alt = stop.join(words for _, words in group) + stop.strip()
        caption = page.say(f"f_{key}", i=i, n=len(groups))
        out.append(Figure(f"{key}_{i}", caption, alt, svg, png, ratio))
    return out


def _goal_fan(page: Page, goal: Goal, r: Reading) -> Fan:
    """Return the fan of a reading's count, from the origin to the deadline."""
    s = page.stored
    title = page.name(goal) + page.say("sep") + page.name(r)
    others = _others(page)
    common = min([s.members, *(len(e.values) for e in others.values())])  # lines differ by policy, never by members
    others = {name: Ensemble(e.scenario, e.start, e.values[:common]) for name, e in others.items()}
    fan = goal_fan(title, (goal, r), Ensemble("", s.first, s.values[:common]), s.first, others)
    return replace(fan, unit=page.unit(r))


def _goal_alt(page: Page, f: Fan) -> str:
    low, end, high = np.quantile(f.values[:, -1], (0.05, 0.5, 0.95))
    start = float(np.median(f.values[:, 0]))
    between = Span(*(Number("", float(x), lang=page.lang) for x in (low, high))).even().text
    facts = {"start": count(start), "end": count(float(end)), "interval": between}
    return page.say("alt_goal", name=f.title, asked=count(f.asked or 0.0), **facts)


def _others(page: Page) -> dict[str, Ensemble]:
    """Return the runs that a stored comparison sets beside this one, by the name of their scenario."""
    s = page.stored
    kept = comparisons(page)
    ids = [x for x in kept[0].runs if x != s.id][:OTHERS] if kept else []
    out = {}
    for run_id in ids:
        found = s.store.scenario_of(run_id)
        start, first = s.first, s.first
        members = min(s.members, len(s.store.members_done([run_id])))  # a comparison may have had fewer
        values = s.store.series(run_id, members, start, first) if found and members else None
        if found and values is not None and values.shape[1:] == s.values.shape[1:]:
            out[scenario_title(page, found[0])] = Ensemble(found[0], s.first, values)
    return out


def _observations(page: Page) -> dict[str, list[Observation]]:
    """Return the counts that were known at the origin, by indicator."""
    try:
        every = observed(page.city, page.stored.as_of)
    except InputError:
        return {}
    out: dict[str, list[Observation]] = {}
    for o in every:
        if not o.share and kind(o) in figures_appendix.MARKS and INDICATORS[o.indicator].kind != "ratio":
            out.setdefault(o.indicator, []).append(o)
    return out


def _observed_fan(page: Page, name: str, found: list[Observation]) -> tuple[Fan, str] | None:
    """Return the fan of an indicator with its observations; flows are summed to the year that ends there."""
    s, about = page.stored, INDICATORS[name]
    runs, first = s.series(name), s.first
    if about.kind == "flow":  # observations of a flow are of a calendar year
        ends = [t for t in range(3, runs.shape[1]) if (first + t + 1) % 4 == 0 and t - 3 >= s.as_of + 1 - first]
        if not ends:
            return None
        runs = np.column_stack([runs[:, t - 3 : t + 1].sum(axis=1) for t in ends])
        at = np.array([(first + t + 1) / 4.0 - 1.0 for t in ends])
    else:
        at = years(first, runs.shape[1])
    found = sorted(found, key=lambda o: o.quarter)
    dots = tuple(Dot(year_end(o.quarter) - 1.0, o.value, kind(o)) for o in found)
    title = label_of_city(name, page.lang, page.city)
    title = title[:1].upper() + title[1:]
    fan = Fan(title, at, runs, measure_word(name, page.lang), None, dots, (), _past(page, name))
    end = count(float(np.median(runs[:, -1])))
    last = f"{count(dots[-1].value)} ({quarter.label(found[-1].quarter)})"
    return fan, page.say("alt_observed", name=title, n=len(dots), last=last, end=end)
