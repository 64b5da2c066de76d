"""Equity rounds: who looks for one, who closes it, how large it is, and what public money adds."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, ndtri

from agents.table import Bools, Floats, Ints


def burn(rd_spend: Floats, revenue: Floats, planned: Floats, *, margin: float) -> Floats:
    """Return cash used in a quarter, (n,), 万元: what the last round was raised for, or R&D above the margin if more.

    A round is raised to be spent: who holds one plans to use it up in some quarters, and so comes back for the next.
    """
    return np.maximum(np.maximum(rd_spend - margin * revenue, 0.0) / 4.0, planned)


def looks_for_round(cash: Floats, quarterly_burn: Floats, *, runway: float) -> Bools:
    """Tell which venture-type enterprises have fewer than `runway` quarters of cash left."""
    return cash < runway * quarterly_burn


def closes_round(u: Floats, better: Floats, lift: Floats, *, base: float, quality_effect: float) -> Bools:
    """Tell who closes a round: logit(p) = base + quality_effect * better + lift, per quarter (P15 in lift).

    `better` is quality above that of the typical enterprise that investors back, whose odds `base` is.
    """
    return u < expit(base + quality_effect * better + lift)


def deal_size(rounds: Ints, *, first: float, step: float) -> Floats:
    """Return the private deal size, 万元: the first round's size times `step` for every earlier round."""
    # seven sizes are looked up, instead of a power for every row; rounds after the seventh are as large as it
    by_round = first * step ** np.arange(7.0)
    return by_round.take(np.minimum(rounds, 6).astype(np.int64))


def private_part(size: Floats, public: Floats, *, crowd_in: float) -> Floats:
    """Return private money in the round, 万元: the usual deal plus what public money crowds in (P16).

    A crowd-in below zero crowds out, but never more than the whole deal.
    """
    return np.maximum(size + crowd_in * public, 0.0)


def post_money(raised: Floats, *, dilution: float) -> Floats:
    """Return the valuation after a round: money raised over the share sold."""
    return raised / dilution


def typical_quality(share: float) -> float:
    """Return the mean quality of the enterprises investors back: phi(z) / share of a normal cut at its top `share`."""
    # E[Z | Z > z] = phi(z) / P(Z > z), the inverse Mills ratio
    z = ndtri(1.0 - share)
    return float(np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) / share)


def venture_type(quality: Floats, *, share: float) -> Bools:
    """Tell who is the kind of enterprise equity investors back: the top `share` by latent quality."""
    return quality > ndtri(1.0 - share)
