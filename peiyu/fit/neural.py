"""What a neural network says of the same posteriors, as kept by `python -m tests.crosscheck_sbi`, and its section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from calibration.sampler import smc
from peiyu.document.kept import DATA
from peiyu.document.prose import code, section, table
from peiyu.document.tree import Block
from peiyu.words.numbers import chance, count, p_value, ratio
from sim.inputs.errors import InputError
from sim.inputs.json_text import read_json
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import place

KEPT = DATA / "crosscheck_sbi.json"
"""Where the comparison is kept, since PyTorch is not among what `make report` needs."""


@dataclass(frozen=True, slots=True)
class Neural:
    """How it was made, and one row per parameter: our means against the network's, and how right the network is."""

    command: str
    versions: Mapping[str, str]
    seconds: float
    training: int
    epochs: int
    sampler_version: int
    particles: int
    cities: int
    ranked: int
    rows: pd.DataFrame

    @classmethod
    def kept(cls, path: Path = KEPT) -> Neural:
        """Read the comparison."""
        document = read_json(path)
        try:
            return cls(**(document | {"rows": pd.DataFrame(document["rows"])}))
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise InputError(
                Said(
                    "{place}: is no comparison ({reason}); run python -m tests.crosscheck_sbi again.",
                    place=place(path),
                    reason=quoted(error, 200),
                )
            ) from None


def neural_section(n: Neural) -> list[Block]:
    """Say what the network was, how right it is, and how far we are from it."""
    r = n.rows.reindex(n.rows.difference.abs().sort_values(ascending=False).index)
    worst, others = r.iloc[0], r.iloc[1:]
    clear = int((others.difference.abs() > 3.0 * others.error).sum())
    packages = ", ".join(f"`{name}` {version}" for name, version in n.versions.items())
    older = (
        ""
        if n.sampler_version == smc.SAMPLER_VERSION
        else f" It was made with version {n.sampler_version} of our sampler, which is now {smc.SAMPLER_VERSION}."
    )
    rows = (
        (code(x["name"]), *(ratio(x[c]) for c in ("difference", "error", "apart", "width")), p_value(x["p"]),
         chance(x["coverage"]))
        for x in r.to_dict("records")
    )  # fmt: skip
    return section(
        2,
        "The same posteriors by a neural network",
        (
            f"Neural posterior estimation ({packages}) learns from {count(n.training)} draws of the prior and their"
            f" histories what a history of the reduced model says of its {len(r)} parameters, all of them free; it"
            " shares nothing with our sampler but the model. Whether the network is right is told first: of"
            f" {n.ranked} truths its 90 % intervals hold {chance(r.coverage.min())} to {chance(r.coverage.max())} by"
            f" parameter, and the least uniform ranks have p = {p_value(r.p.min())}. Then {n.cities} cities drawn from"
            f" the prior are fitted by both, ours with {n.particles} particles. On average our mean lies"
            f" {ratio(worst.difference)} of its standard deviations from the network's for {code(str(worst['name']))}"
            f" and at most {ratio(others.difference.abs().max())} for every other parameter ({clear} of {len(others)}"
            f" by more than three standard errors); ours are {ratio(r.width.min())} to {ratio(r.width.max())} as wide."
            f" `{n.command}` took {count(n.seconds)} seconds, {n.epochs} epochs of training.{older}",
        ),
        (
            table(
                "Our mean less the network's, in its standard deviations: average over the cities, its standard error,"
                " root mean square; our width over its; and the network's own uniformity and coverage",
                ("parameter", "difference", "error", "apart", "width", "its p", "its coverage of 90 %"),
                rows,
            ),
        ),
    )
