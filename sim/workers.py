"""Spread work over processes or an existing Dask cluster; results come in the order of the work, whoever did it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sim import cluster, processes
from sim.inputs.numbers import WORKERS

Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work: so many processes here, or the workers of a Dask scheduler."""

    processes: int = 1
    cluster: str | None = None  # address of a Dask scheduler, as in tcp://127.0.0.1:8786

    def spread(self, do: Callable[[Work], Result], work: Iterable[Work]) -> Iterator[Result]:
        """Apply `do` to every piece and give the results in the order of the pieces.

        Each is given as soon as those before it are there, so that progress can be told and kept. A worker that is lost
        is replaced and its piece done again. Raises `LostWorkersError` or `LostClusterError` when nobody is left to.
        """
        if self.cluster is not None:
            # pickled once for all pieces: a city takes longer to pickle and to unpack than its members do
            return cluster.spread(self.cluster, processes.pickled(do), work)
        if self.processes > 1:
            return processes.spread(processes.pickled(do), work, self.processes)
        return map(do, work)

    def words(self) -> list[str]:
        """Return the options of a command that name the same."""
        return ["--workers", str(self.processes), *([] if self.cluster is None else ["--cluster", self.cluster])]

    def check(self) -> None:
        """Raise `InputError` before anything runs when there is nobody to do the work, or who does it otherwise."""
        WORKERS.check("--workers ", self.processes)
        if self.cluster is not None:
            with cluster.connected(self.cluster):
                pass
