"""Whose turn it is: coarse answers go before finer ones, and who asked first before who asked later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

Made = TypeVar("Made")
TOLD_EVERY = 0.3
"""Seconds between looks at how many are before one."""

LAST = 1_000_000
"""The look of what nobody waits for."""


@dataclass(eq=False, slots=True)
class Turn:
    """The place of one question among those that are asked; it moves back with every look that is done."""

    arrived: int
    look: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """Who has the smaller one goes first."""
        return self.look, self.arrived


@dataclass
class Turns:
    """The questions that somebody waits for.

    Those of one look are answered one after the other: three people who ask at once have their coarse answers after
    one, two and three times what one takes, and not all of them after three times. Who moves a lever again asks anew,
    and so comes after everybody who waits: nobody is pushed back by a restless neighbour.
    """

    _numbers: Iterator[int] = field(default_factory=count)
    _open: list[Turn] = field(default_factory=list)

    @contextmanager
    def taken(self, look: int = 0) -> Iterator[Turn]:
        """Take a turn, and give it back at the end."""
        turn = Turn(next(self._numbers), look)
        self._open.append(turn)
        try:
            yield turn
        finally:
            self._open.remove(turn)

    def before(self, turn: Turn) -> int:
        """Count those whose turn it is before."""
        return sum(other.rank < turn.rank for other in self._open)


async def told_meanwhile(made: AsyncIterator[Made], turns: Turns, turn: Turn) -> AsyncIterator[Made | int]:
    """Give what is made as it is there; before, as often as it changes, behind how many others one waits."""
    told, coming = 0, _next(made)
    try:
        while True:
            await asyncio.wait({coming}, timeout=TOLD_EVERY)
            if coming.done():
                one = coming.result()
                if one is _END:
                    return
                yield one
                told, coming = 0, _next(made)
            elif (others := turns.before(turn)) != told:
                told = others
                yield others
    finally:  # whoever leaves has nothing made any more
        coming.cancel()


_END = object()


def _next(made: AsyncIterator[Any]) -> asyncio.Task[Any]:
    async def one() -> Any:
        return await anext(made, _END)

    return asyncio.create_task(one())
