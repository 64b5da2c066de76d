"""The validation moments M1-M11: target, tolerance, use and evidence of each, and how it is measured.

C moments are calibrated on, directly or through the prior; V moments are held out. Tolerances are accept bands
set from the spread between sources, not from sampling error. A moment in parts has a letter after its number.
"""

# ruff: noqa: E501  the table of moments reads as a table

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from agents.table import Floats
from calibration.moments import growth as g
from calibration.moments import measures as m
from calibration.moments.life_courses import Watched

Verdict = Literal["inside", "borderline", "outside", "missing"]
"""The median inside the tolerance, only the interval overlapping it, neither, or nothing to measure."""
Rule = Literal["median", "sign", "covers"]
"""What makes a moment met: the median inside; a sign that nearly all members show; an interval that covers zero."""
Measure = Callable[[Watched], float]
LN_1_PERCENT = float(np.log(0.01))
LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Moment:
    """One number of the evidence that the model should reproduce; a bound that is None is open."""

    key: str
    zh: str
    en: str
    target: float
    lower: float | None
    upper: float | None
    unit: str  # share, years, ...
    use: Literal["C", "V"]
    rows: str  # of the evidence review
    measure: Measure | None  # None: measured by a replay
    rule: Rule = "median"


@dataclass(frozen=True, slots=True)
class MomentResult:
    """What the members say of a moment."""

    moment: Moment
    q05: float
    median: float
    q95: float
    verdict: Verdict


# fmt: off
MOMENTS: tuple[Moment, ...] = (
    Moment("M1a", "第1年注销率", "exit hazard, year 1", .016, .006, .026, "1/year", "C", "A01", lambda w: m.yearly_hazard(w, 1, 1)),
    Moment("M1b", "第2年注销率", "exit hazard, year 2", .063, .053, .073, "1/year", "C", "A02", lambda w: m.yearly_hazard(w, 2, 2)),
    Moment("M1c", "第3年注销率(峰值)", "exit hazard, year 3, the peak", .095, .080, .110, "1/year", "C", "A03", lambda w: m.yearly_hazard(w, 3, 3)),
    Moment("M1d", "第4—7年注销率", "exit hazard, years 4-7", .0875, .070, .105, "1/year", "C", "A04", lambda w: m.yearly_hazard(w, 4, 7)),
    Moment("M1e", "五年存活率", "survival to five years", .70, .67, .73, "share", "C", "A14", lambda w: m.survival(w, 5)),
    Moment("M2a", "注销率", "exit rate", .085, .070, .100, "1/year", "C", "A06, A07, A27, A28", m.exit_rate),
    Moment("M2b", "新设率", "entry rate", .18, .15, .21, "1/year", "C", "A26, A28", m.entry_rate),
    Moment("M3a", "注销企业中5年以内占比", "exits aged five years or less", .59, .53, .65, "share", "V", "A12", m.young_exits),
    Moment("M3b", "注销企业平均年龄", "mean age at exit", 6.1, 5.3, 6.9, "years", "V", "A11", m.age_at_exit),
    Moment("M3c", "存续企业中5年以下占比", "living enterprises under five years", .49, .41, .57, "share", "V", "A08", m.young_living),
    Moment("M4a", "高成长企业占比(10%口径)", "high-growth share, 10 % definition", .10, .085, .115, "share", "C", "A52-A54", g.high_growth_share),
    Moment("M4b", "信息类与全部之比", "the same, information tracks to all", 1.55, 1.40, 1.70, "ratio", "C", "A55", g.information_ratio),
    Moment("M5a", "瞪羚率", "gazelle rate", .0265, .0215, .0315, "share", "C", "A63, A64", g.gazelle_rate),
    Moment("M5b", "瞪羚中高企占比", "high-tech label among gazelles", .80, .75, None, "share", "V", "A67", g.labelled_gazelles),
    Moment("M6a", "年增长分布的Subbotin形状", "Subbotin shape of yearly growth", .90, .75, 1.05, "shape", "V", "A33, A35, A36", g.growth_shape),
    Moment("M6b", "拒绝正态分布(ln p)", "Gaussian growth rejected, ln p", LN_1_PERCENT, None, LN_1_PERCENT, "ln p", "V", "A33-A36", g.gaussian_rejected),
    Moment("M6c", "规模—方差指数", "size-variance exponent", .17, .12, .22, "exponent", "V", "A30-A32, A36, A37", g.size_variance),
    Moment("M7a", "三年后再次高成长", "high growth again in the next three years", .10, None, .15, "share", "V", "A69, A71-A73", g.repeated_high_growth),
    Moment("M7b", "次年留榜率", "on a list of the fastest again a year later", .30, .20, .40, "share", "V", "A70", g.list_stay),
    Moment("M7c", "高成长退出率:首年以后减首年", "leaving high growth: later years less the first", 0, None, 0, "1/year", "V", "A71", g.hazard_falls, "sign"),
    Moment("M7d", "增长自相关,20人以下", "autocorrelation of growth, under 20 staff", 0, None, 0, "correlation", "V", "A38, A39", partial(g.autocorrelation, large=False)),
    Moment("M7e", "增长自相关,20人以上", "autocorrelation of growth, from 20 staff on", 0, 0, None, "correlation", "V", "A38", partial(g.autocorrelation, large=True)),
    Moment("M8", "规模尾指数(前10%)", "size tail exponent, top tenth", 1.0, .8, 1.2, "exponent", "V", "A42, A44-A46", m.size_tail),
    Moment("M9a", "种子企业获第二轮", "seed cohort: second round", .46, .40, .54, "share", "V", "A74", lambda w: m.next_round(w, 2)),
    Moment("M9b", "种子企业获第四轮", "seed cohort: fourth round", .14, .12, .16, "share", "V", "A75", lambda w: m.next_round(w, 4)),
    Moment("M9c", "种子企业退出(上市、并购)", "seed cohort: exit", .22, .20, .25, "share", "V", "A77", m.cohort_exit),
    Moment("M9d", "种子企业估值达10亿美元", "seed cohort: worth $1bn", .011, .005, .019, "share", "V", "A76, A77", m.cohort_billion),
    Moment("M10a", "领军企业平均年龄", "mean age of leaders", 8.5, 5.5, 11.5, "years", "V", "A80, A81", m.leader_age),
    Moment("M10b", "上市时年龄中位数", "median age at listing", 11.5, 8.5, 14.5, "years", "V", "A83, A84", m.listing_age),
    Moment("M11a", "重演:失去先导区对生产率的影响", "replay: zone lost, productivity", -.065, -.095, -.035, "ln", "V", "B54, B55", None),
    Moment("M11b1", "重演:自身获得融资", "replay: own access to finance", .09, .06, .12, "ln", "V", "B32", None),
    Moment("M11b2", "重演:全部对手获得融资", "replay: all rivals have finance", -.07, -.10, -.04, "ln", "V", "B33", None),
    Moment("M11c", "重演:服务券12—24个月后", "replay: voucher after 12-24 months", 0, None, None, "ln", "V", "B48, B50", None, "covers"),
    Moment("M11d", "重演:仅有称号", "replay: the label only", 0, None, None, "ln", "V", "B07, B69", None, "covers"),
)
# fmt: on


def measured(watched: Watched) -> dict[str, float]:
    """Return every moment that a watched run can tell, by key."""
    return {x.key: x.measure(watched) for x in MOMENTS if x.measure is not None}


def result(moment: Moment, values: Floats) -> MomentResult:
    """Return quantiles over members, (members,), and the verdict; members that tell nothing are left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        return MomentResult(moment, float("nan"), float("nan"), float("nan"), "missing")
    low, middle, high = (float(x) for x in np.quantile(known, LEVELS))
    return MomentResult(moment, low, middle, high, verdict(moment, low, middle, high))


def verdict(moment: Moment, low: float, middle: float, high: float) -> Verdict:
    """Tell whether a moment is met: its median inside the tolerance, or only a part of its interval, or nothing.

    A fall that the evidence calls substantial must show in the whole interval: a median a hair from zero is none.
    """
    if moment.rule == "covers":
        return "inside" if low <= 0.0 <= high else "outside"
    lower = -np.inf if moment.lower is None else moment.lower
    upper = np.inf if moment.upper is None else moment.upper
    least, most = (low, high) if moment.rule == "sign" else (middle, middle)
    if lower <= least and most <= upper:
        return "inside"
    return "borderline" if low <= upper and high >= lower else "outside"
