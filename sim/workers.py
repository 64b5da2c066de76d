"""Spread work over processes or an existing Dask cluster; results come in the order of the work, whoever did it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sim.inputs.errors import InputError

HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""Asks Linux to give the processes we start their memory in large pages, which an enterprise table reads faster."""
MOST = 256
"""Processes on one machine."""
Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work: so many processes here, or the workers of a Dask scheduler."""

    processes: int = 1
    cluster: str | None = None  # address of a Dask scheduler, as in tcp://127.0.0.1:8786

    def spread(self, do: Callable[[Work], Result], work: Iterable[Work]) -> Iterator[Result]:
        """Apply `do` to every piece and give the results in the order of the pieces."""
        if self.cluster is None and self.processes == 1:
            yield from map(do, work)
            return
        from joblib import Parallel, delayed, wrap_non_picklable_objects  # noqa: PLC0415  one process needs none of it

        # glibc reads it when a process starts, so it is set before the pool is made
        os.environ.setdefault("GLIBC_TUNABLES", HUGE_PAGES)
        packed = _Packed(pickle.dumps(wrap_non_picklable_objects(do)))
        with self._backend():
            jobs = (delayed(packed)(piece) for piece in work)
            # a generator gives each result as soon as those before it are there, so that progress can be told and kept
            yield from Parallel(n_jobs=-1 if self.cluster else self.processes, return_as="generator")(jobs)

    def check(self) -> None:
        """Raise `InputError` before anything runs when there is nobody to do the work."""
        if self.processes < 1:
            raise InputError(f"--workers {self.processes}: write a number from 1 up.")
        if self.processes > MOST:
            raise InputError(f"--workers {self.processes:,}: write {MOST} or fewer; --cluster has more machines.")
        with self._backend():
            pass

    @contextmanager
    def _backend(self) -> Iterator[None]:
        """Choose joblib's backend; raises `InputError` when the cluster cannot be reached."""
        if self.cluster is None:
            yield
            return
        try:
            from distributed import Client as AnyClient  # noqa: PLC0415  only with the cluster extra
            from joblib import parallel_config  # noqa: PLC0415  as above
        except ImportError:
            raise InputError("--cluster needs Dask; install it with: pip install 'peiyu[cluster]'") from None
        connect: Callable[..., Any] = AnyClient  # untyped
        try:
            client = connect(self.cluster, timeout="10s")
        except (OSError, ValueError) as error:
            meant = "an address such as tcp://127.0.0.1:8786"
            raise InputError(f"--cluster {self.cluster}: no Dask scheduler answers ({error}); write {meant}.") from None
        with client, parallel_config(backend="dask"):
            yield


@dataclass(frozen=True, slots=True)
class _Packed:
    """What is done, pickled once for all pieces: a city takes longer to pickle and to unpack than its members do."""

    pickled: bytes

    def __call__(self, piece: Any) -> Any:
        return _unpacked(self.pickled)(piece)


@lru_cache(maxsize=1)
def _unpacked(pickled: bytes) -> Callable[[Any], Any]:
    """Unpack what is done, once in every process."""
    do: Callable[[Any], Any] = pickle.loads(pickled)
    return do
