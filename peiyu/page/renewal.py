"""What a new number does to the page: the city is read anew, and its fit brought to what is on record now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Question
from peiyu.forecasts.precision import Precision
from peiyu.page.desk import Desk
from sim import quarter
from sim.inputs.said import Said
from sim.store.store import open_store


class RenewedError(Exception):
    """What was asked goes on at another desk: the record has grown meanwhile."""


class _GivenUpError(Exception):
    """Nobody waits for this renewal any more: a newer one has begun, or the page has ended."""


@dataclass
class DeskRenewal:
    """How far a renewal is, and how it ended."""

    done: int = 0
    of: int = 0  # runs of the step at work
    ended: bool = False
    refused: Said | str = ""
    given_up: bool = False

    def told(self, done: int, of: int) -> None:
        """Keep how far it is, and stop it where nobody waits."""
        if self.given_up:
            raise _GivenUpError
        self.done, self.of = done, of

    def desk(self, old: Desk, store: Path, *, newest: bool) -> Desk | None:
        """Return a desk that knows what is on record now, or nothing if it was given up; this takes minutes.

        It stands where the data end now, if `newest`, else where the old one stands. Raises `InputError` where the fit
        cannot be brought there.
        """
        try:
            with open_store(store) as kept:
                return Desk.of(_question(old.question, newest=newest), kept, old.folder, self.told)
        except _GivenUpError:
            return None


def _question(q: Question, *, newest: bool) -> Question:
    """Ask the same of the city as it is on disk."""
    city = q.city.on_command_line
    origin = pipeline.newest_origin(city) if newest else quarter.label(q.as_of)
    asked = pipeline.ask(city, [], as_of=origin, end=quarter.label(q.end), precision=Precision(seed=q.seed))
    return replace(asked, members=q.members, mc_error=q.mc_error, workers=q.workers, weight=q.weight)
