"""A review from the store to its document: nothing is run, everything is read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from calibration.data.coverage import coverage_end
from peiyu.review.choice import PastForecast, before, chosen
from peiyu.review.document import ForecastRow, ReviewDocument
from peiyu.review.goals import brier_row, moved_rows, outcomes, settled_rows
from peiyu.review.scored import scored, since, tally
from sim import quarter
from sim.city.city import City
from sim.store.made import WORDS
from sim.store.results import StoredResults
from sim.store.store import Store


@dataclass(frozen=True, slots=True)
class MadeReview:
    """A review with its city and the name under which the store keeps it."""

    city: City
    document: ReviewDocument
    key: str

    @property
    def kind(self) -> str:
        """Which question it answers, as the ids of its numbers name it."""
        return self.document.kind

    @property
    def runs(self) -> list[str]:
        """The forecasts, the earliest origin first."""
        return [f.run for f in self.document.forecasts]


def review(store: StoredResults, runs: Sequence[str] = (), place: str | None = None) -> MadeReview:
    """Compare forecasts with what came. Raises `InputError` for forecasts that cannot be compared."""
    city, forecasts = chosen(store, runs, place)
    until = max(coverage_end(city), forecasts[-1].as_of)
    came, numbers, tallies = outcomes(city), [], []
    earlier = forecasts[:-1]
    for past in earlier:
        new = since(city, past.as_of, until)
        rows = scored(city, past, new)
        numbers += rows
        tallies.append(tally(past, new, rows))
    settled = {past.id: settled_rows(past, came) for past in earlier}
    goals = moved_rows(store, city, forecasts, came)
    ends = [quarter.parse(row.deadline) for row in goals]
    document = ReviewDocument(
        city=city.name, until=quarter.label(until), forecasts=[_told(f) for f in forecasts], numbers=numbers,
        tallies=tallies, settled=[row for rows in settled.values() for row in rows],
        briers=[brier_row(run, rows) for run, rows in settled.items() if rows], goals=goals, open=len(goals),
        due=sum(end <= until for end in ends), first_deadline=quarter.label(min(ends)) if ends else None,
    )  # fmt: skip
    return MadeReview(city, document, _key(city, [f.id for f in forecasts]))


def keep(made: MadeReview, store: Store) -> None:
    """Write a review to the store, with the command that makes it again: it names the runs, whoever chose them."""
    token = WORDS.set(["review", *made.runs, "--city", made.city.on_command_line])
    try:
        store.keep(made.document, made.key, made.city.name, made.runs)
    finally:
        WORDS.reset(token)


def missing(store: StoredResults, run: str, city: City) -> MadeReview | None:
    """Return the review that ends with a run; None where no earlier origin of its scenario is stored, or it is kept."""
    if before(store, run) == [run]:
        return None
    made = review(store, [run], city.on_command_line)
    return None if any(a.key == made.key for a in store.kept(ReviewDocument, run)) else made


def _told(f: PastForecast) -> ForecastRow:
    day = str(f.run["created"])[: len("2026-01-01")]
    return ForecastRow(
        run=f.id, scenario=str(f.run["scenario"]), as_of=str(f.run["as_of"]), created=day, members=f.members
    )  # fmt: skip


def _key(city: City, runs: list[str]) -> str:
    """Name a review by its forecasts, the city's data and the program."""
    parts = "|".join([city.sha, *runs, version("peiyu")])
    return hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()
