"""Answers as they grow: streams of ever more members, and the same as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from peiyu.page.choice import Choice
from peiyu.page.desk import STAGES, Answer
from peiyu.page.renewal import RenewedError
from peiyu.page.screens import answer as answer_screen
from peiyu.page.screens import compare as compare_screen
from peiyu.page.screens import later as later_screen
from peiyu.page.turns import told_meanwhile
from peiyu.page.web.site import Site, site
from peiyu.words.messages import told
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import Scenario

Result = TypeVar("Result")
LOOKED_AFTER = 0.3
"""Seconds after which it is asked whether the browser is still there."""
RENEWAL_TOLD = 1.0
"""Seconds between two words on how far a renewal is."""
CLIENT_CLOSED = 499


async def answer(request: Request) -> Response:
    """Send ever larger answers as they are there; whoever leaves is forgotten."""
    s = site(request)
    # a scenario is read in 0.1 s, in which others wait for their screens
    c, scenario, base = await asyncio.to_thread(s.asked, request)

    def shown(made: Answer) -> str:
        a = answer_screen.shown(made, c.lang)
        return _event(s.fragment("rows.html.j2", a=a), made.forecast.members, last=made.last)

    async def events() -> AsyncIterator[str]:
        found = await s.keeper.stored(scenario, base)
        if found:
            yield shown(found)
        if not found or not found.last:
            known = found.forecast.members if found else 0
            with s.desk.pool.turns.taken() as turn:
                async for made in told_meanwhile(s.desk.answers(scenario, base, turn, known), s.desk.pool.turns, turn):
                    yield _waiting(made) if isinstance(made, int) else shown(made)

    return _streamed(s, events())


async def later(request: Request) -> Response:
    """Return what the years after the deadline bring; whoever moves on meanwhile is forgotten."""
    s = site(request)
    c, scenario, base = s.asked(request)
    ours, theirs = await _unless_gone(request, s.desk.later(scenario, base))
    return HTMLResponse(s.fragment("later.html.j2", a=later_screen.shown(ours, theirs, c.lang)))


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for something, and drop it when the browser does not want it any more."""
    task = asyncio.create_task(work)
    while not (await asyncio.wait({task}, timeout=LOOKED_AFTER))[0]:
        if await request.is_disconnected():
            task.cancel()
            raise HTTPException(CLIENT_CLOSED, "gone")
    return task.result()


async def answer_json(request: Request) -> Response:
    """Return the answer as `peiyu forecast --json` has it, of as many members as are asked for."""
    s = site(request)
    _, scenario, base = s.asked(request)
    members = _members(request)
    with s.desk.pool.turns.taken() as turn:
        done = [pair async for pair in s.desk.pairs(scenario, base, range(members), turn)]
    return JSONResponse(s.desk.answer(scenario, base, done).forecast.document())


async def stored_json(request: Request) -> Response:
    """Return a finished forecast of the store as JSON, the newest when none is named."""
    return JSONResponse(await site(request).keeper.document(request.query_params.get("run")))


async def compared(request: Request) -> Response:
    """Send the comparison over ever more members."""
    s = site(request)
    c, _, _ = s.asked(request)
    scenarios = side_by_side(s, c)

    async def events() -> AsyncIterator[str]:
        with s.desk.pool.turns.taken() as turn:
            async for made in told_meanwhile(s.keeper.comparisons(scenarios, turn), s.desk.pool.turns, turn):
                if isinstance(made, int):
                    yield _waiting(made)
                    continue
                comparison, last = made
                shown = compare_screen.shown(comparison, c.lang, last=last)
                yield _event(s.fragment("compared.html.j2", a=shown), comparison.forecasts[0].members, last=last)

    return _streamed(s, events())


async def renewed(request: Request) -> Response:
    """Tell how far the forecast is that a new number has made necessary, and when the page answers from it."""
    s = site(request)
    lang = s.language(request)

    async def events() -> AsyncIterator[str]:
        while s.renewal is not None and not s.renewal.ended:
            yield _told("progress", done=s.renewal.done, of=s.renewal.of)
            await asyncio.sleep(RENEWAL_TOLD)
        refused = told(s.renewal.refused, lang) if s.renewal else ""
        yield _told("refused", why=refused) if refused else _told("renewed")

    return StreamingResponse(events(), media_type="text/event-stream")


def _streamed(s: Site, events: AsyncIterator[str]) -> Response:
    """Send events; where another desk takes over meanwhile, the browser is told to ask there."""

    async def sent() -> AsyncIterator[str]:
        try:
            with s.one_desk():
                async for event in events:
                    yield event
        except RenewedError:
            yield _told("renewed")

    return StreamingResponse(sent(), media_type="text/event-stream")


def side_by_side(s: Site, c: Choice) -> tuple[Scenario, ...]:
    """Return the scenarios of a comparison, each once: the base, what was made of it, and those beside them."""
    found = {x.name: x for x in (s.desk.base(c), s.desk.scenario(c), *(s.desk.named(n) for n in c.against))}
    return tuple(found.values())[:4]


def _waiting(others: int) -> str:
    return _told("waiting", others=others)


def _event(html: str, members: int, *, last: bool) -> str:
    return _told("answer", html=html, members=members, last=last)


def _told(event: str, **what: str | float) -> str:
    """Write an event as a browser's EventSource reads it."""
    return f"event: {event}\ndata: {json.dumps(what)}\n\n"


def _members(request: Request) -> int:
    text = request.query_params.get("members", str(STAGES[0]))
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= STAGES[-1]:  # noqa: PLR2004
        raise InputError(Said("members: write a number from 1 to {most}.", most=STAGES[-1]))
    return int(text)
