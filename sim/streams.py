"""Common random numbers: the same draw for the same (seed, decision, quarter, slot).

A draw does not depend on who else is alive, what was drawn before, or how many processes run, so two
scenarios differ only by policy and an enterprise no lever reaches has the same life in both.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from agents.compiled import compiled
from agents.table import Floats, Ints

# as uint64, because Numba turns a mixture with signed numbers into floats
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = (np.uint64(n) for n in (30, 27, 31, 12))


@lru_cache(maxsize=2**12)  # scenarios of one member ask for the same streams
def key_of(seed: int, decision: str, quarter: int) -> np.uint64:
    """Hash (seed, decision, quarter) to the 64-bit key of a stream."""
    # a text's own hash would not do: Python salts it anew in every process
    name = f"{seed}|{decision}|{quarter}".encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little"))


def uniform_at(key: np.uint64, slot: Ints) -> Floats:
    """Return the U(0,1) of each slot in the stream `key`, never exactly 0 or 1.

    SplitMix64 (Steele, Lea & Flood 2014) read at counter `slot`: the finaliser of key + slot * golden ratio.
    """
    # one type and layout of slots, so that the loop is compiled once
    u = np.empty(len(slot))
    _fill(key, np.ascontiguousarray(slot, np.int64), u)
    return u


@compiled
def _fill(key: np.uint64, slot: Ints, u: Floats) -> None:
    for i in range(len(slot)):
        u[i] = uniform_of(key, slot[i])


@compiled
def uniform_of(key: np.uint64, slot: int) -> float:
    """Return the uniform of one slot: (k + 1/2) 2^-52, exactly, with k the upper 52 bits of its hash."""
    x = np.uint64(slot) * _GOLDEN + key
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    x = (x ^ (x >> _S31)) >> _S12
    return (np.float64(x) + 0.5) * 2.0**-52


class Streams:
    """All uniform draws of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, decision: str, quarter: int, slot: Ints) -> Floats:
        """Draw U(0,1) for each slot, (n,)."""
        return uniform_at(key_of(self.seed, decision, quarter), slot)
