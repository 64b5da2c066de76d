"""Linear algebra on one thread: work is spread over processes, and small matrices lose by being shared out.

With two threads each in two processes on two cores, a fit takes tens of times as long; and the last bits of a
sum depend on the number of threads, which the same seed must not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

try:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
except ImportError:  # then the environment decides, as with OPENBLAS_NUM_THREADS=1
    threadpool_limits = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread inside the block."""
    if threadpool_limits is None:
        yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield
