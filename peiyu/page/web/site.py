"""What every address needs: the desk, the keeper, and templates filled with words of the planner's language."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from peiyu.document.html import kind, seen
from peiyu.page.choice import Choice, of_query
from peiyu.page.desk import STAGES, Desk
from peiyu.page.keeper import Keeper
from peiyu.page.purse import refuse_overspent
from peiyu.page.renewal import DeskRenewal, RenewedError
from peiyu.page.turns import LAST
from peiyu.words.loader import words
from sim.inputs.errors import InputError
from sim.scenario.scenario import Scenario

Handler = Callable[[Request], Awaitable[Response]]
OK = 200
FIRST_LOOK = 2.0
"""Seconds in which no worker starts unless it is asked: a stored forecast opens meanwhile, and needs none."""
LANGUAGES = {"zh": "中文", "en": "English"}
"""Each in its own words, for whoever reads no other."""


@dataclass
class Site:
    """One city's page."""

    desk: Desk
    keeper: Keeper
    usual_language: str
    newest: bool = False  # whether it stands where the data end, and goes on with them
    renewal: DeskRenewal | None = None  # the last one
    evidence: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # by run and language: made in 2 s
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _warming: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the workers, and have them make states before anybody asks."""
        self.desk.pool.start()
        self._warming = asyncio.create_task(self._warmed())

    def close(self) -> None:
        """End whatever is at work."""
        if self.renewal is not None:
            self.renewal.given_up = True
        self._rest()
        self.keeper.stop()

    def _rest(self) -> None:
        if self._warming is not None:
            self._warming.cancel()
        self.desk.pool.stop()

    async def _warmed(self) -> None:
        """Have states made, and what a moved lever is compared with; keep the plan's forecast for the next start."""
        await asyncio.sleep(FIRST_LOOK)
        q, pool = self.desk.question, self.desk.pool
        for members in STAGES:
            first = [q.fit.member(i, q.seed) for i in range(members)]
            await pool.warm(first)
            with pool.turns.taken(LAST) as turn:
                await asyncio.gather(*(pool.outcome(q.scenarios[0], member, turn) for member in first))
            await self.keeper.run(q.scenarios[0], members, LAST)

    def renew(self) -> None:
        """Begin to answer from the record as it is on disk now; until that is ready the page goes on as it was."""
        if self.renewal is not None:
            self.renewal.given_up = True
        self.renewal = DeskRenewal()
        task = asyncio.create_task(self._renewed(self.renewal))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _renewed(self, renewal: DeskRenewal) -> None:
        try:
            desk = await asyncio.to_thread(renewal.desk, self.desk, self.keeper.path, newest=self.newest)
        except InputError as error:
            renewal.refused = error.said
        else:
            if desk is not None and not renewal.given_up:
                self._rest()  # first: two pools do not fit into memory
                self.desk = self.keeper.desk = desk
                self.evidence.clear()
                self.begin()
        renewal.ended = True

    @contextmanager
    def one_desk(self) -> Iterator[None]:
        """Raise `RenewedError` where what is inside was cut because another desk took over."""
        desk = self.desk
        try:
            yield
        except asyncio.CancelledError:
            if self.desk is desk:
                raise
            raise RenewedError from None

    @cached_property
    def templates(self) -> Environment:
        """The templates; whatever is filled in is text, never markup."""
        made = Environment(
            loader=PackageLoader("peiyu.page"), autoescape=True, finalize=seen, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        made.filters["kind"] = kind
        return made

    @property
    def usual(self) -> Choice:
        """What an address that says nothing asks for: the city's plan."""
        return Choice(self.usual_language, self.desk.question.city.plan)

    def choice(self, request: Request) -> Choice:
        """Read what the address says."""
        return of_query(request.query_params.multi_items(), self.usual)

    def language(self, request: Request) -> str:
        """Return the language that an address asks for, whatever else is wrong with it."""
        asked = request.query_params.get("lang")
        return asked if asked in LANGUAGES else self.usual_language

    def asked(self, request: Request) -> tuple[Choice, Scenario, Scenario]:
        """Return a choice, its scenario and its base; nobody runs what may spend more than its address allows."""
        c = self.choice(request)
        scenario = self.desk.scenario(c)
        refuse_overspent(c.caps, scenario, self.desk.question.as_of)
        return c, scenario, self.desk.base(c)

    def fragment(self, template: str, **known: Any) -> str:
        """Return a part of a screen."""
        return self.templates.get_template(template).render(**known)

    def render(self, request: Request, template: str, screen: str, **more: Any) -> Response:
        """Return a screen."""
        try:
            c = self.choice(request)
        except InputError:  # what is wrong is told on a page of the plan
            c = replace(self.usual, lang=self.language(request))
        status = int(more.pop("status", OK))
        other = replace(c, lang="en" if c.lang == "zh" else "zh")
        known = {"c": c, "w": words("page", c.lang), "screen": screen, "other": other, "path": request.url.path,
                 "turn": LANGUAGES[other.lang],
                 "city": self.desk.question.city.title[c.lang]}  # fmt: skip
        return HTMLResponse(self.fragment(template, **known, **more), status)


def site(request: Request) -> Site:
    """Return the site that a request was sent to."""
    found: Site = request.state.site
    return found
