"""How much work a notebook may be: full when run by hand, small where only "does it still run" is asked.

Set `PEIYU_BUDGET=small` or `PEIYU_BUDGET=full`; full is the default.
"""

from __future__ import annotations

import os
from typing import TypeVar

from sim.inputs.errors import InputError
from sim.inputs.said import Said

VARIABLE = "PEIYU_BUDGET"
"""Environment variable that chooses the budget."""

T = TypeVar("T")


def budget(small: T, full: T) -> T:
    """Return what the budget in force allows. Raises `InputError` for another word than small or full."""
    word = os.environ.get(VARIABLE, "full")
    if word not in ("small", "full"):
        raise InputError(Said('{variable}="{word}": write small or full.', variable=VARIABLE, word=word))
    return small if word == "small" else full
