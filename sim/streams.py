"""Common random numbers: the same draw for the same (seed, decision, quarter, slot).

A draw does not depend on who else is alive, what was drawn before, or how many processes run, so two
scenarios differ only by policy and an enterprise no lever reaches has the same life in both.
"""

from __future__ import annotations

import hashlib

import numpy as np

from agents.table import Floats, Ints

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ONE = np.float64(1.0).view(np.uint64)
_S30, _S27, _S31, _S12 = (np.uint64(n) for n in (30, 27, 31, 12))


def key_of(seed: int, decision: str, quarter: int) -> np.uint64:
    """Hash (seed, decision, quarter) to the 64-bit key of a stream."""
    name = f"{seed}|{decision}|{quarter}".encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little"))


def uniform_at(key: np.uint64, slot: Ints) -> Floats:
    """Return the U(0,1) of each slot in the stream `key`, never exactly 0 or 1.

    SplitMix64 (Steele, Lea & Flood 2014) read at counter `slot`: the finaliser of key + slot * golden ratio.
    """
    x = np.multiply(slot.astype(np.int64, copy=False).view(np.uint64), _GOLDEN)
    x += key
    shifted = x >> _S30
    x ^= shifted
    x *= _MIX_1
    x ^= np.right_shift(x, _S27, out=shifted)
    x *= _MIX_2
    x ^= np.right_shift(x, _S31, out=shifted)
    x >>= _S12
    x |= _ONE  # the bits of 1 + k 2^-52, with k the 52 bits left
    u = x.view(np.float64)
    u -= 1.0 - 2.0**-53  # (k + 1/2) 2^-52, exactly
    return u


class Streams:
    """All uniform draws of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, decision: str, quarter: int, slot: Ints) -> Floats:
        """Draw U(0,1) for each slot, (n,)."""
        return uniform_at(key_of(self.seed, decision, quarter), slot)
