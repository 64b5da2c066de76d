"""The part of the calibration report that proves the machinery where the answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from calibration.fit.calibrate import ONE_IN_TWENTY
from calibration.proof.recovery import expected_inside
from calibration.proof.sbc import BINS, PARTICLES
from peiyu.document.prose import code, section, table
from peiyu.document.tree import Block, Figure, Heading
from peiyu.fit.gather import Evidence
from peiyu.fit.neural import neural_section
from peiyu.words.numbers import chance, count, digits, interval, p_value, percent, rate, ratio

LEAST_P = 0.01
"""P-value of uniform ranks below which a parameter is named."""


def proof(e: Evidence) -> list[Block]:
    """Return the section: toy, simulation-based calibration, recovery, two other packages, weight."""
    parts = (_toy(e), _ranks(e), _recovery(e), _crosscheck(e), neural_section(e.neural), _weight(e))
    return [Heading(1, "Proof of the machinery"), *(block for part in parts for block in part)]


def _toy(e: Evidence) -> list[Block]:
    t, w = e.toy, e.wide
    off = float(((w.found_mean - w.exact_mean) / w.exact_sd).abs().max())
    wide = w.found_sd / w.exact_sd
    columns = ("name", "exact_mean", "found_mean", "exact_sd", "found_sd")
    return section(
        2,
        "A toy with a known posterior",
        (
            "Three parameters, four observations, s = A z + noise: the posterior is Gaussian and known exactly. The"
            f" sampler with {count(e.budget.toy_particles)} particles finds its means within"
            f" {digits(float((t.found_mean - t.exact_mean).abs().max()))} prior standard deviations and its standard"
            f" deviations within {rate(float((t.found_sd / t.exact_sd - 1.0).abs().max()))}.",
            f"With 18 parameters that matter among 80 and only 500 particles, the worst mean is {ratio(off)} posterior"
            f" standard deviations off, and standard deviations are {ratio(wide.min())} to {ratio(wide.max())} of the"
            " exact ones.",
            figure("toy", "Exact posterior of the toy and what the sampler finds"),
        ),
        (table("Exact and found", ("parameter", "exact mean", "found", "exact sd", "found"), rows(t, *columns)),),
    )


def _ranks(e: Evidence) -> list[Block]:
    r = e.ranks
    low, high = r.band(0.99)
    counts, p = r.counts(), r.p_values()
    out = int(((counts < low) | (counts > high)).sum())
    doubtful = [code(n) for n, x in zip(r.names, p, strict=True) if x < LEAST_P]
    least = p_value(LEAST_P)
    said = f"Not uniform at p < {least}: {', '.join(doubtful)}." if doubtful else f"No parameter has p < {least}."
    middle = ((r.ranks + 0.5) / (r.draws + 1)).mean(axis=0)
    uniform = tuple(
        (code(n), p_value(x), chance(fifty), chance(ninety), ratio(m), interval(c.min(), c.max()))
        for n, x, fifty, ninety, m, c in zip(r.names, p, r.coverage(0.5), r.coverage(0.9), middle, counts, strict=True)
    )
    return section(
        2,
        "Simulation-based calibration",
        (
            f"{len(r.ranks)} cities of the reduced model (`calibration/proof/reduced.py`: recognition as a yearly"
            " recursion with the priors of the full model) are made from truths drawn from the prior and fitted"
            f" with {PARTICLES} particles each. The ranks of the truths are uniform if the sampler is right. In"
            f" {BINS} bins a count lies in {low} to {high} with probability 99 %; {out} of {counts.size} bins do"
            f" not, where up to {count(0.01 * counts.size)} are expected by chance. {said}",
            figure("ranks", "Ranks of the truth by parameter, with the 99 % band"),
        ),
        (
            table(
                "Uniformity (chi-square), coverage, mean rank (0.5 is unbiased), least and most filled bin",
                ("parameter", "p", "coverage of 50 %", "coverage of 90 %", "mean rank", "bins"),
                uniform,
            ),
        ),
    )


def _recovery(e: Evidence) -> list[Block]:
    # of a posterior as wide as its 90 % interval; one that nothing narrows is as wide as the prior
    sd = ((e.recovered.q95 - e.recovered.q05) / (2.0 * ONE_IN_TWENTY)).clip(0.01, 0.99)
    found = e.recovered.assign(exact=expected_inside(e.recovered.truth.to_numpy(), sd.to_numpy()))
    by = found.groupby("name").agg(
        cities=("city", "nunique"), inside=("inside", "mean"), exact=("exact", "mean"), closer=("closer", "mean")
    )
    by["miss"] = (found.q50 - found.truth).abs().groupby(found.name).mean()
    by["prior_miss"] = found.truth.abs().groupby(found.name).mean()
    by = by.reset_index().sort_values("miss")
    error = float(np.sqrt(((found.q50 - found.truth) ** 2).mean()))
    prior = float(np.sqrt((found.truth**2).mean()))
    cities = int(found.city.nunique())
    per_city = found.groupby("city").inside.mean()
    return section(
        2,
        "Recovery of known parameters",
        (
            f"{cities} synthetic {'city is' if cities == 1 else 'cities are'} made by the full"
            " model from draws of the fit, seen through the errors of the real observations, and fitted with"
            f" {e.budget.particles} particles, a row for {digits(e.budget.recovery_weight)} enterprises. Of"
            f" {len(found)} informed parameters, {percent(found.inside.mean())} of truths lie inside the 90 % interval"
            f" and {percent(found.closer.mean())} of medians are nearer to the truth than the prior's. The root mean"
            f" square miss is {ratio(error)} prior standard deviations; the prior's median misses by {ratio(prior)}."
            f" By city {percent(per_city.min())} to {percent(per_city.max())} lie inside.",
            "Exact posteriors would not hold 90 % here either: truths are draws of the city's own posterior, some far"
            " from the middle of the prior, to which what is found from one noisy history leans. With the truths and"
            f" widths found, a Gaussian parameter by itself would be held in {percent(found.exact.mean())}"
            " (`expected_inside` in `calibration/proof/recovery.py`); what is missing to that is ours.",
            figure("recovery", "Found against true, a mark a parameter and city"),
        ),
        (
            table(
                "By parameter: cities where informed, truths inside, those an exact posterior of this width would hold,"
                " medians nearer, mean miss, that of the prior",
                ("parameter", "cities", "inside", "exact", "nearer", "miss", "prior's miss"),
                rows(by, "name", "cities", "inside", "exact", "closer", "miss", "prior_miss"),
            ),
        ),
    )


def _crosscheck(e: Evidence) -> list[Block]:
    c = e.crosscheck
    apart = (c.our_mean - c.pyabc_mean).abs() / c.pyabc_sd
    wide = c.our_sd / c.pyabc_sd
    return section(
        2,
        "The same posterior by another package",
        (
            "pyABC fits one city of the reduced model with four free parameters, by sequential ABC with a stochastic"
            " acceptor that uses the exact observation noise; it shares nothing with our sampler but the target. Its"
            " 400 weighted particles, about 200 effective, tell a mean to about 0.07 standard deviations and a standard"
            f" deviation to 5 %. Means differ by at most {ratio(apart.max())} standard deviations; ours are"
            f" {ratio(wide.min())} to {ratio(wide.max())} as wide.",
            figure("pyabc", "One city of the reduced model, by pyABC and by our sampler"),
        ),
        (
            table(
                "Prior standard deviations",
                ("parameter", "truth", "mean", "pyABC's", "sd", "pyABC's"),
                rows(c, "name", "truth", "our_mean", "pyabc_mean", "our_sd", "pyabc_sd"),
            ),
        ),
    )


def _weight(e: Evidence) -> list[Block]:
    b = e.bias.assign(part=e.bias["shift"] / e.bias.observation_error)
    b = b.reindex(b.part.abs().sort_values(ascending=False).index)
    worst = b.iloc[0]
    clear = int((b["shift"].abs() > 3.0 * b.error).sum())
    return section(
        2,
        "A row for several enterprises",
        (
            f"While fitting, a row stands for {digits(max(e.fit.provenance.weight, 2.0))} enterprises. The same"
            f" {e.budget.bias_draws} draws with a row for each enterprise tell what that does to a summary: the mean"
            f" shift is at most {ratio(abs(worst.part))} of the number's own error ({code(str(worst['name']))});"
            f" {clear} of {len(b)} shifts exceed three standard errors. Counts of a few enterprises come in lumps of"
            " the weight, which widens them. The eight largest shifts:",
        ),
        (
            table(
                "Log scale (shares on their own)",
                (
                    "observation",
                    "mean shift",
                    "its standard error",
                    "error of the observation",
                    "shift over that error",
                ),
                rows(b.head(8), "name", "shift", "error", "observation_error", "part"),
            ),
        ),
    )


def rows(frame: pd.DataFrame, *columns: str) -> tuple[tuple[str, ...], ...]:
    """Return rows of a frame as text: names as code, numbers to three digits."""
    return tuple(
        tuple(code(str(r[c])) if c == "name" else digits(float(r[c])) for c in columns)
        for r in frame.to_dict("records")
    )


def figure(name: str, words: str) -> Figure:
    """Return a figure of the report; its words stand in its place and under it."""
    return Figure(f"calibration-{name}", f"{words}.", words)
