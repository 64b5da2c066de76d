"""Rates of institutional events given the record: Gamma priors, Poisson counts, and so Gamma posteriors.

How often zones, consortia, scenes and projects come is not read off a run of the model: what is on record speaks of it
directly. A rate is updated by how many events are on record in the quarters that are covered, and by how long, and how
hard policy pushed, in these. The share of them that happens without a plan too is updated with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincinv

from agents.parameters import NAMES, PRIORS
from agents.priors import Gamma, Prior
from agents.table import Floats, added
from sim.city.city import City
from sim.city.facts import PublicRecord, public_record
from sim.levers.capacity import CountedLever
from sim.model.institutions import ANYWAY_OF, RATE_OF
from sim.scenario.scenario import Scenario, load_scenario
from sim.streams import Streams

BY_BATCH = ("zones_municipal",)
"""Counts whose rate is by batch and not by year."""
PRIOR_POOL = 10_000
"""Technology enterprises of the city whose events the priors speak of, at its opening."""
CELLS = 400
"""Cells of equal prior probability into which a share of spontaneous events is cut."""


@dataclass(frozen=True, slots=True)
class RateEvidence:
    """What the record says of one rate, by covered quarter."""

    number: Floats  # (lists,) events on record, over their batch
    of_list: Floats  # (quarters, lists) 1 / batch where a quarter's events are on a list, else 0
    push: Floats  # (quarters,) times the usual rate that policy asked for, or batches
    years: Floats  # (quarters,) a quarter of a year, or one where the rate is by batch
    partly: Floats  # (quarters,) 1 where the record holds a part of the events only, else 0

    def exposure(self, share: Floats, seen: Floats) -> Floats:
        """Return how much of a rate should have shown on each list, (..., lists), for shares and parts seen, (...)."""
        push = share[..., None] + (1.0 - share[..., None]) * self.push
        part = 1.0 - self.partly * (1.0 - seen[..., None])
        return np.asarray((self.years * push * part) @ self.of_list)


def rates_given_record(draws: Floats, city: City, as_of: int, seed: int) -> Floats:
    """Return draws with the rates and their spontaneous shares drawn anew given the record, (draws, parameters).

    Given its share, a rate is Gamma(shape + events, 1 / scale + exposure) exactly; events that come in batches, as on a
    list, count as so many fewer in so much less exposure. The share is drawn first, from its
    distribution with the rate integrated out, on a grid of equal prior probability. The part of events that an
    incomplete record holds is that of each draw: nothing on record speaks of it.
    """
    told = evidence_of(city, as_of)
    streams, at = Streams(seed), np.arange(len(draws))
    out = draws.copy()
    seen = draws[:, NAMES.index("record_seen")]
    for count, rate in RATE_OF.items():
        prior, share = _prior(rate, city), np.zeros(len(draws))
        if count in ANYWAY_OF:
            name = ANYWAY_OF[count]
            share = _share(told[count], (prior, PRIORS[name]), seen, streams.uniform(f"record:{name}", 0, at))
            out[:, NAMES.index(name)] = share
        exposure = told[count].exposure(share, seen).sum(axis=-1)
        u = streams.uniform(f"record:{rate}", 0, at)
        out[:, NAMES.index(rate)] = posterior(prior, float(told[count].number.sum()), exposure, u)
    return out


def posterior(prior: Gamma, number: float, exposure: Floats, u: Floats) -> Floats:
    """Return the quantile at `u` of a rate that has shown `number` events in `exposure`, (n,)."""
    return np.asarray(gammaincinv(prior.shape + number, u) / (1.0 / prior.scale + exposure))


def evidence_of(city: City, as_of: int) -> dict[str, RateEvidence]:
    """Return what was on record at an origin, by count, under the policy in force."""
    record, policy = public_record(city, as_of), load_scenario(city.in_force, city)
    return {count: _evidence(count, record, policy) for count in RATE_OF}


def _evidence(count: str, record: PublicRecord, policy: Scenario) -> RateEvidence:
    """Return what is on record of one count; of two spans that cover a quarter, the first counts."""
    lists: dict[int, list[int]] = {}  # the last quarter of a list -> the quarters it speaks of, most often only itself
    batch: dict[int, float] = {}
    for span in record.spans.get(count, ()):
        taken = {q for told in lists.values() for q in told}
        for q in range(span.first, span.last + 1):
            if q not in taken:
                at = span.last if span.at_once else q
                lists.setdefault(at, []).append(q)
                batch[at] = span.batch
    quarters = [q for told in lists.values() for q in told]
    shape = len(quarters), len(lists)
    return RateEvidence(
        np.array([added(record.number(count, q) for q in told) / batch[at] for at, told in lists.items()], float),
        np.array([[(q in told) / batch[at] for at, told in lists.items()] for q in quarters], float).reshape(shape),
        np.array([_push(count, policy, q) for q in quarters], float),
        np.full(len(quarters), 1.0 if count in BY_BATCH else 0.25),
        np.array([not record.covers(count, q) for q in quarters], float),
    )


def _push(count: str, policy: Scenario, quarter: int) -> float:
    levers = (x for x in policy.levers_in(quarter) if isinstance(x, CountedLever) and x.in_force(quarter))
    return added(x.push(quarter) for x in levers if x.counts == count)


def _prior(name: str, city: City) -> Gamma:
    """Return a rate's prior in a city of this size: a place of twice the enterprises has twice as many such events.

    The priors are those of a city of `PRIOR_POOL` enterprises; that they go with the size is an assumption.
    """
    prior = PRIORS[name]
    if not isinstance(prior, Gamma):
        raise AssertionError(f"{name} has no Gamma prior")
    return replace(prior, scale=prior.scale * city.opening.enterprises / PRIOR_POOL)


def _share(x: RateEvidence, priors: tuple[Gamma, Prior], seen: Floats, u: Floats) -> Floats:
    """Draw the share that happens without a plan given the counts, with the rate integrated out, (n,)."""
    rate, prior = priors
    grid = prior.value((np.arange(CELLS) + 0.5) / CELLS)
    share, part = np.broadcast_arrays(grid[None, :], seen[:, None])
    exposure = x.exposure(share, part)
    # the probability of the counts, the rate integrated out, up to a constant; a share is never quite none
    log_weight = (x.number * np.log(np.maximum(exposure, 1e-300))).sum(axis=-1)
    log_weight -= (rate.shape + x.number.sum()) * np.log(1.0 / rate.scale + exposure.sum(axis=-1))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    below, row = np.cumsum(weight, axis=1), np.arange(len(u))
    sought = u * below[:, -1]
    cell = np.minimum((below < sought[:, None]).sum(axis=1), CELLS - 1)
    # a place within the cell, so that the share is as continuous as its prior
    inside = 1.0 - (below[row, cell] - sought) / np.maximum(weight[row, cell], 1e-300)
    return prior.value((cell + np.clip(inside, 1e-6, 1.0 - 1e-6)) / CELLS)
