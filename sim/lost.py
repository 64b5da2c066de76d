"""Who did the work is gone, and nobody is left to do it."""

from __future__ import annotations


class LostWorkersError(RuntimeError):
    """Worker processes were lost at the same piece of work again and again; `status` is how the last one ended."""

    def __init__(self, status: int) -> None:
        super().__init__(f"worker processes were lost at the same piece of work (exit status {status})")
        self.status = status


class LostClusterError(RuntimeError):
    """The scheduler or the last worker of a Dask cluster is gone."""

    def __init__(self, address: str) -> None:
        super().__init__(f"the Dask cluster at {address} is gone")
        self.address = address
