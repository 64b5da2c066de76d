"""The words and tables of the calibration report; every number in them is computed."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from calibration.fit.budget import MIN_ACCEPTANCE
from calibration.proof import reduced
from calibration.sampler import slopes, smc
from calibration.sampler.effort import REFINEMENTS
from peiyu.document import markdown
from peiyu.document.prose import code, paragraph, pieces, section, table
from peiyu.document.tree import Block, Bullets, Document, Heading, Verbatim
from peiyu.fit.evidence import coverage_words, observation_table
from peiyu.fit.gather import Evidence
from peiyu.fit.proof import figure, proof
from peiyu.words.numbers import chance, deviations, digits, level, p_value, percent, rate, ratio

ERRORS = ("error", "half_unit", "offset", "total")
"""Parts of an observation's error, as columns."""
NARROW = 0.89
"""Mean coverage of 90 % intervals below which the page says that posteriors are narrow."""
EMPTY = "The fit does not say; it was made before this was recorded. Run `peiyu calibrate`."


def page(e: Evidence) -> str:
    """Return the whole page."""
    sections = (lead(e), sampler(), observing(e), proof(e), result(e), identified(e), limits(e))
    title = "How the model was calibrated, and how far that can be trusted"
    return markdown.page(Document("en", title, tuple(block for blocks in sections for block in blocks)))


def lead(e: Evidence) -> list[Block]:
    """Say which fit the page describes, and the answer in a few lines."""
    made, told = e.fit.provenance, e.told
    low, high = e.ranks.coverage(0.9).min(), e.ranks.coverage(0.9).max()
    which = (
        f"This page describes the fit `{made.draws_sha}` of {e.city.title['en']}: data to {made.as_of}, seed"
        f" {made.seed}, {made.particles} particles, {made.generations} generations, a row for {digits(made.weight)}"
        f" enterprises, data `{made.data}`. It is written by `make report` at the"
        f" {e.budget.name} budget: do not edit it."
    )
    short = (
        *joint_words(e),
        f"Posterior runs against {len(e.predictive)} observations: {coverage_words(e.predictive)}.",
        f"{int(told.informed.sum())} of {len(told)} parameters are informed by the data; the others repeat"
        " their prior.",
        "On a toy with a known answer the sampler is exact up to chance. On a reduced model its 90 % intervals"
        f" hold the truth in {chance(low)} to {chance(high)} of {len(e.ranks.ranks)} cities, by parameter.",
        f"Fits of synthetic cities ({e.recovered.city.nunique()}): {percent(e.recovered.inside.mean())} of true values"
        f" inside their 90 % interval, {percent(e.recovered.closer.mean())} nearer to the truth than the prior.",
    )
    return [paragraph(which), Bullets(tuple(map(pieces, short)))]


def joint_words(e: Evidence) -> tuple[str, ...]:
    """Say how many of the draws give back all numbers at once, where the fit says so."""
    steps = e.fit.provenance.steps
    if not steps:
        return ()
    return (
        f"Fresh runs of {percent(steps[-1]['acceptance'])} of the draws differ from all {len(e.seen)} numbers"
        " at once by no more than 95 % of runs of the truth would: a joint chi-square with the error of the numbers and"
        f" the luck of two runs, the city's and the model's. A fit below {percent(MIN_ACCEPTANCE)} is refused.",
    )


def sampler() -> list[Block]:
    """Explain the sampler; the module's own words are quoted, so that they cannot differ."""
    doc = inspect.getdoc(smc) or ""
    return section(
        1,
        "The sampler",
        (
            "A fit starts from draws of the prior, runs the city's history once for each, and moves the draws in"
            " several generations until their runs agree with what was published, as far as its errors allow. It is"
            " annealed randomised maximum likelihood with slopes that are fitted anew in every generation. From"
            " `calibration/sampler/smc.py`:",
            Verbatim(doc),
            f"A fit takes {smc.MIN_GENERATIONS + REFINEMENTS} to {smc.MAX_GENERATIONS} generations. While the"
            f" population is wide the regression gives weight to the nearest {percent(smc.NEAREST)} of runs. A"
            f" parameter counts as informed when a summary correlates with it, after all others, with a t-value above"
            f" {digits(slopes.CLEAR)}. One run in {smc.REPLICATE_EVERY} is repeated with another seed"
            " to tell the simulator's own noise. The same seed gives the same bytes with any number of workers and"
            " after an interruption.",
        ),
    )


def observing(e: Evidence) -> list[Block]:
    """Explain what kind of number is treated as what, and list every observation."""
    lists = e.city.series
    errors = lists.errors
    grades = ", ".join(f"{rate(x)} for grade {grade}" for grade, x in errors.grade_error.items())
    kinds = (
        ("exact", f"log1p of the count with a relative error by source grade: {grades}; what several sources of one"
                  " period differ by is added"),
        ("rounded", "the same, and uniform over the unit of its last non-zero digit: 16,000 is 15,500 to 16,500"),
        ("bound", "a run on the allowed side has no gap; on the other side, the gap to the bound with its error"),
        ("derived", "a count that follows from two printed ones: from the city's share of a region whose other members"
                    " print both; a printed count always goes first"),
        ("inferred year", f"a further error of {rate(errors.inferred_year_error)}"),
        ("list", "an offset that all numbers of one list share, since its definition is not quite the model's: "
                 + ", ".join(f"{code(k)} {rate(x)}" for k, x in lists.offsets.items())),
        ("roll-out", "a further error of each number of a label that grew by national batches: "
                     + ", ".join(f"{code(k)} {rate(x)}" for k, x in lists.roll_out_errors.items())),
        ("moment", "a share from the evidence review, on its own scale; what a prior rests on is not used twice"),
    )  # fmt: skip
    rows = (
        (code(r["name"]), r["kind"], digits(r["value"]), *(_percent(r[x], r["kind"]) for x in ERRORS))
        for r in observation_table(e.seen).to_dict("records")
    )  # fmt: skip
    return section(
        1,
        "What was observed",
        (
            f"{len(e.seen)} numbers, all published within {errors.publication_lag} quarters of"
            f" {e.fit.provenance.as_of}. Counts are compared as log1p, so an error is relative. Sources and quotes"
            " are in the city's `history.csv`. The error is part of the model: it is added to what a run gives"
            " before the two are compared.",
            figure("observations", "Every dated count as the kind of number it is, with its 90 % error"),
        ),
        (
            table("What kind of number is treated as what", ("kind", "treated as"), kinds),
            table(
                "Every observation and the standard deviations of its error (of the share itself for moments)",
                ("observation", "kind", "value", "own error", "half unit", "list offset", "total"),
                tuple(rows),
            ),
        ),
    )


def result(e: Evidence) -> list[Block]:
    """Say how the fit went and what its draws make of the observations."""
    steps = tuple(
        (
            digits(s["number"]),
            digits(s["done"]),
            digits(s["tolerance"]),
            rate(s["acceptance"]),
            digits(s["effective"]),
        )
        for s in e.fit.provenance.steps
        if "tolerance" in s
    )
    how = section(
        2,
        "How the fit went",
        (
            "Part of the data's information used so far, the tolerance of the move that follows, the part of runs"
            f" that fit all observations within their error (chi-square, {level(smc.ACCEPTANCE_TAIL)}), and the"
            " effective sample that weighing instead of moving would have left."
            if steps
            else EMPTY,
        ),
        (table("Generations", ("generation", "information used", "tolerance", "acceptance", "effective"), steps),),
    )
    outside = e.predictive[~e.predictive.inside]
    words = ", ".join(code(str(n)) for n in outside.name) or "none"
    rows = (
        (code(r["name"]), r["kind"], digits(r["observed"]), *(digits(r[q]) for q in ("q05", "q50", "q95")), _verdict(r),
         deviations(r["apart"]))
        for r in e.predictive.to_dict("records")
    )  # fmt: skip
    against = section(
        2,
        "Posterior runs against every observation",
        (
            f"{e.budget.members} draws, each run again through the history with a seed that the fit never used, a"
            f" row for {digits(e.budget.weight)} enterprise{'s' if e.budget.weight > 1 else ''}."
            f" {coverage_words(e.predictive)}. Outside even with their own error: {words}. Worst first; *apart* is"
            " the gap between the number and the median run, in standard deviations of runs and error together.",
            figure(
                "history", "Stocks and certifications over time: median, 50 and 90 % of runs, and what was observed"
            ),
            "Stocks jump with the yearly round and fall as certificates run out.",
            figure("coverage", "Every observation over the median of the runs"),
        ),
        (
            table(
                "Posterior predictive",
                ("observation", "kind", "observed", "5 %", "50 %", "95 %", "90 % interval", "apart"),
                tuple(rows),
            ),
        ),
    )
    return [Heading(1, "The fit"), *how, *against]


def identified(e: Evidence) -> list[Block]:
    """Say which parameters the data identify."""
    told = e.told[e.told.informed]
    if told.empty:
        return section(1, "What the data identify", (EMPTY,))
    strong = int((told.contraction > 0.5).sum())  # noqa: PLR2004  half of the variance
    rows = (
        (code(r["name"]), r["zh"], _span(r, "prior"), _span(r, "posterior"), deviations(r["shift"]),
         ratio(r["contraction"]))
        for r in told.to_dict("records")
    )  # fmt: skip
    return section(
        1,
        "What the data identify",
        (
            f"Of {len(e.told)} parameters, {len(told)} are informed by the data and {len(e.told) - len(told)} only"
            f" repeat their prior; the data take away more than half of the variance of {strong}. Contraction is 1 -"
            " var(posterior) / var(prior) on the normal-score scale: 0 says nothing, 1 everything, below 0 is"
            " sampling noise. The shift is the posterior mean in prior standard deviations. A goal that rests on"
            " what repeats its prior is graded C.",
            figure("contraction", "Contraction of the informed parameters"),
        ),
        (
            table(
                "Informed parameters, 50 % (5 – 95 %)",
                ("parameter", "参数", "prior", "posterior", "shift", "contraction"),
                tuple(rows),
            ),
        ),
    )


def limits(e: Evidence) -> list[Block]:
    """Say what this does not show."""
    cover, p = e.ranks.coverage(0.9), e.ranks.p_values()
    worst = int(p.argmin())
    missed = [str(n) for n in e.predictive[~e.predictive.in_runs].name]
    outside = (
        f"Outside the runs' own 90 % interval: {_listed(missed)}." if missed else "No observation is outside the runs."
    )
    width = (
        "Posteriors are slightly narrow."
        if cover.mean() < NARROW
        else "Posteriors are about as wide as they should be."
    )
    points = (
        f"{width} In simulation-based calibration the mean coverage of 90 % intervals is"
        f" {chance(cover.mean())}, the least {chance(cover.min())} ({code(reduced.NAMES[int(cover.argmin())])}). A"
        " regression moves particles linearly, and some curvature is left.",
        f"The least uniform ranks are those of {code(reduced.NAMES[worst])} (p = {p_value(p[worst])}). Moving alone"
        " would find too often the places where summaries answer strongly; particles count by how likely the data are"
        " around them (`calibration/sampler/evidence.py`), as far as a regression with products tells how slopes"
        " change.",
        "Bounds are approximate: a run that breaks one is drawn to a run that keeps it. Where a bound cuts off 84 %"
        " of the prior, the mean ends a quarter of a prior standard deviation too far inside, the spread a tenth"
        " too wide.",
        f"{outside} The list of future-industry enterprises is put together from overlapping lists; its definition"
        " is not the model's.",
        "The reduced model has the recognition part only. That the machinery is right there does not prove that the"
        " full model is: that is asked by [held-out moments](check.md) and by [past origins](backtest.md).",
        "Errors of lists, rolled-out labels and derived counts are assumptions around the conflicts of sources.",
    )
    return section(1, "Limits", (Bullets(tuple(map(pieces, points))),))


def _percent(x: float, kind: str) -> str:
    if x == 0.0:
        return "–"
    return digits(x) if kind == "moment" else rate(x)


def _verdict(row: Mapping[Hashable, Any]) -> str:
    if row["in_runs"]:
        return "inside"
    return "inside with its error" if row["inside"] else "**outside**"


def _span(row: Mapping[Hashable, Any], of: str) -> str:
    low, middle, high = (digits(row[f"{of}_{level}"]) for level in ("05", "50", "95"))
    return f"{middle} ({low} – {high})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(code(n) for n in names)
