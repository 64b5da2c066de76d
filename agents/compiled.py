"""Loops over enterprises that NumPy would walk through many times: compiled once, kept on disk for the next process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """Compile a loop over plain arrays; it computes the same bits as the Python it is written in."""
    # neither fastmath nor parallel: both reorder sums, and the last bits of a number would differ
    try:
        made = njit(cache=True)(loop)
    except RuntimeError:
        # neither the folder of the file nor the user's can be written, as in a container; NUMBA_CACHE_DIR names another
        made = njit(loop)
    return cast("Loop", made)
