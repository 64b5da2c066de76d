"""How hard recognition is pursued: application rates by quarter, and the recognition drive.

A constant rate cannot fit the history (rules eased in 2016, a doubling plan ran 2018-2020), so the
log drive is piecewise linear between yearly knots that calibration infers. Past the last knot that was
known at the fork it walks at random, one step a year.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from agents.enterprises import Recognition
from agents.parameters import DRIVE_YEARS, Parameters
from sim.streams import Streams

SRDI_SINCE, LITTLE_GIANT_SINCE = 2021, 2019
"""Years of the first rounds, from which the roll-out trends count."""


def log_drive(year: int, known_to: int, p: Parameters, streams: Streams) -> float:
    """Return the log recognition drive at the end of `year`, zero at the first knot.

    `known_to` is the last year data can speak of; later years add N(0, drive_volatility^2) each.
    """
    # no number known at the fork speaks of later knots, so they are left out
    knots = [k for k in DRIVE_YEARS if k <= max(known_to, DRIVE_YEARS[0])]
    heights = np.cumsum((0.0, *p.drive_steps()))[: len(knots)]
    level = float(np.interp(min(year, knots[-1]), knots, heights))
    # addressed by the year alone, so that every run of a member that gets so far walks the same path
    for walked in range(knots[-1] + 1, year + 1):
        u = streams.uniform("drive", walked, np.zeros(1, np.int64))
        level += p.drive_volatility * float(ndtri(u)[0])
    return level


def application_rate(kind: Recognition, quarter: int, known_to: int, p: Parameters, streams: Streams) -> float:
    """Return the yearly rate at which an eligible enterprise applies for a recognition."""
    year = quarter // 4
    if kind == Recognition.HNTE:
        return p.hnte_apply * math.exp(log_drive(year, known_to, p, streams))
    rolled_out = min(year, known_to, DRIVE_YEARS[-1])  # a trend is not carried on past the data it was fitted to
    if kind == Recognition.TECH_SME:
        return p.tech_sme_apply * math.exp(p.tech_sme_trend * (rolled_out - DRIVE_YEARS[0]))
    if kind == Recognition.SRDI:
        return p.srdi_apply * math.exp(p.srdi_trend * (rolled_out - SRDI_SINCE))
    if kind == Recognition.LITTLE_GIANT:
        return p.little_giant_apply * math.exp(p.little_giant_trend * (rolled_out - LITTLE_GIANT_SINCE))
    return p.tech_centre_apply


def pass_rate(kind: Recognition, p: Parameters) -> float:
    """Return the share of applications that end in recognition (P12); only the HNTE review is known apart."""
    return p.hnte_pass * p.hnte_filing if kind == Recognition.HNTE else 1.0
