"""How every number is written: one way for each kind of number, in terminals, documents and figures.

A document sets the hyphen before a negative number as a minus sign; nothing else depends on where a number stands.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isinf, isnan

NOTHING = "–"
"""Stands where there is no number."""
NEVER_BELOW, NEVER_ABOVE = 0.005, 0.995
"""A probability at these or beyond is not rounded to certainty."""
SMALLEST = 0.0005
"""A count, or a change of a probability, nearer to zero is written as none, without a sign."""
SMALLEST_AMOUNT = 0.05
"""A mean count of a document nearer to zero is none."""
WAN_OF_YI = 1e4
"""万元 of an 亿元."""
TEN, THOUSAND = 10.0, 1000.0
_SIGNS = {">=": "≥", "<=": "≤"}
MONEY_ON_AXES = {"zh": 1e4, "en": 1e5}
"""万元 in the unit of an axis of large sums: 亿元, or a billion yuan."""


def count(x: float) -> str:
    """Write a count or an amount: whole from ten on, one decimal below ten, two digits below one.

    >>> count(1234.5), count(6.25), count(4.96), count(0.04), count(-1e-14), count(-0.0)
    ('1,234', '6.2', '5', '0.04', '0.0', '0')
    """
    if float(x).is_integer() or abs(x) >= TEN:
        return f"{x + 0.0:,.0f}"
    if abs(x) < SMALLEST:
        return "0.0"
    return f"{x:.1f}".removesuffix(".0") if abs(x) >= 1.0 else f"{x:.2g}"


def sign(operator: str) -> str:
    """Write the operator of a goal as it is printed.

    >>> sign(">="), sign("<")
    ('≥', '<')
    """
    return _SIGNS.get(operator, operator)


def asked(operator: str, value: float) -> str:
    """Write what a goal asks of a count.

    >>> asked(">=", 1500.0)
    '≥ 1,500'
    """
    return f"{sign(operator)} {count(value)}"


def amount(x: float) -> str:
    """Write a count or a mean of counts as a document does: whole from ten on, one decimal below, none next to zero.

    >>> amount(1234.5), amount(6.25), amount(4.97), amount(0.017), amount(-0.0074)
    ('1,234', '6.2', '5', '0', '0')
    """
    if abs(x) >= TEN or abs(x) < SMALLEST_AMOUNT:
        return whole(x)
    return f"{x:.1f}".removesuffix(".0")


def whole(x: float) -> str:
    """Write a count without decimals.

    >>> whole(1234.5), whole(4.97), whole(-0.2)
    ('1,234', '5', '0')
    """
    return f"{round(x):,d}"


def money_zh(wan: float) -> str:
    """Write a sum of 万元 in Chinese: in 亿元 from one on.

    >>> money_zh(40184.0), money_zh(640.4), money_zh(0.0)
    ('4.02亿元', '640万元', '0万元')
    """
    if abs(wan) < WAN_OF_YI:
        return f"{whole(wan)}万元"
    yi = wan / WAN_OF_YI
    return f"{yi:,.0f}亿元" if abs(yi) >= THOUSAND else f"{yi:.3g}亿元"


def money_en(wan: float) -> str:
    """Write a sum of 万元 in English, in millions of yuan.

    >>> money_en(40184.0), money_en(12345678.0), money_en(640.4), money_en(0.0)
    ('CNY 402 million', 'CNY 123,457 million', 'CNY 6.4 million', 'CNY 0 million')
    """
    million = wan / 100.0
    return f"CNY {million:,.0f} million" if abs(million) >= TEN or not million else f"CNY {million:.2g} million"


def signed_count(x: float) -> str:
    """Write a change of a count, with its sign.

    >>> signed_count(1234.5), signed_count(-6.25), signed_count(0.0), signed_count(1e-14)
    ('+1,234', '-6.2', '0', '0.0')
    """
    return f"+{count(x)}" if x >= SMALLEST else count(x)


def digits(x: float) -> str:
    """Write a number to three significant digits, the same on every machine; thousands are whole.

    >>> digits(0.12345), digits(12.0), digits(12345.6), digits(float("-inf")), digits(float("nan"))
    ('0.123', '12', '12,346', '-∞', '–')
    """
    if isnan(x):
        return NOTHING
    if isinf(x):
        return "∞" if x > 0.0 else "-∞"
    return f"{x:,.0f}" if abs(x) >= THOUSAND else f"{x + 0.0:.3g}"


def chance(p: float) -> str:
    """Write a probability, or a share of cases, in percent, never rounding to certainty.

    >>> chance(0.831), chance(0.005), chance(1.0)
    ('83%', '<1%', '>99%')
    """
    return "<1%" if p <= NEVER_BELOW else ">99%" if p >= NEVER_ABOVE else f"{p:.0%}"


def chance_zh(p: float) -> str:
    """Write a probability in a Chinese document, the ends in words.

    >>> chance_zh(0.831), chance_zh(0.005), chance_zh(1.0)
    ('83%', '不足1%', '99%以上')
    """
    return "不足1%" if p <= NEVER_BELOW else "99%以上" if p >= NEVER_ABOVE else chance(p)


def level(p: float) -> str:
    """Write a probability that was asked for, as it was asked.

    >>> level(0.8), level(0.999)
    ('80%', '99.9%')
    """
    return f"{100.0 * p:g}%"


def percent(x: float) -> str:
    """Write a share that may be none or all, or a change of one, in whole percent.

    >>> percent(1.0), percent(-0.031)
    ('100%', '-3%')
    """
    return f"{round(100.0 * x)}%"


def rate(x: float) -> str:
    """Write a rate or a share that the model holds, in percent: three significant digits.

    >>> rate(0.031), rate(0.12345)
    ('3.1 %', '12.3 %')
    """
    return f"{100.0 * x:.3g} %"


def relative_change(x: float) -> str:
    """Write a relative change in percent, with its sign: one decimal below ten.

    >>> relative_change(0.0512), relative_change(-0.5)
    ('+5.1 %', '-50 %')
    """
    change = 100.0 * x
    return f"{change:+.1f} %" if abs(change) < TEN else f"{change:+.0f} %"


def points(x: float) -> str:
    """Write a change of a probability in percentage points, with its sign.

    >>> points(0.0123), points(-0.5), points(0.0002)
    ('+1.2', '-50.0', '0.0')
    """
    return f"{100.0 * x:+.1f}" if abs(x) > SMALLEST else "0.0"


def shortfall(x: float) -> str:
    """Write how far a probability is below another, in percentage points.

    >>> shortfall(0.0123), shortfall(0.0)
    ('1.2', '0.0')
    """
    return f"{100.0 * x:.1f}"


def score(x: float) -> str:
    """Write a standard error, a score or a ratio of scores: three decimals.

    >>> score(0.0625), score(1.25)
    ('0.062', '1.250')
    """
    return f"{x:.3f}"


def ratio(x: float) -> str:
    """Write a ratio of two spreads, a distance in standard deviations or a mean rank: two decimals.

    >>> ratio(1.0)
    '1.00'
    """
    return f"{x:.2f}"


def deviations(x: float) -> str:
    """Write a shift in standard deviations, with its sign: two decimals.

    >>> deviations(0.391), deviations(-2.42), deviations(-0.001)
    ('+0.39', '-2.42', '+0.00')
    """
    return f"{round(x, 2) + 0.0:+.2f}"


def p_value(p: float) -> str:
    """Write a p-value: two significant digits.

    >>> p_value(0.00123)
    '0.0012'
    """
    return f"{p:.2g}"


def times(x: float) -> str:
    """Write a multiple of something's usual size.

    >>> times(1.5), times(3.0)
    ('×1.5', '×3')
    """
    return f"×{digits(x)}"


def exact(x: float) -> str:
    """Write a number with all digits that two computations must share.

    >>> exact(1 / 3)
    '0.3333333333'
    """
    return f"{x:.10g}"


def interval(low: float, high: float, write: Callable[[float], str] = count) -> str:
    """Write an interval of numbers of one kind.

    >>> interval(-4.25, 17.6), interval(-0.01, 0.2, points)
    ('-4.2 – 18', '-1.0 – +20.0')
    """
    return f"{write(low)} – {write(high)}"


def money_on_axis(wan: float, lang: str) -> str:
    """Write a sum of 万元 at the axis of a figure: in 亿元, or in a billion yuan.

    >>> money_on_axis(250000.0, "zh"), money_on_axis(250000.0, "en")
    ('25', '2.5')
    """
    return f"{wan / MONEY_ON_AXES[lang]:g}"
