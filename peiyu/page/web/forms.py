"""What planners write on the page: a scenario kept under a name, and a published number entered into the record."""

from __future__ import annotations

import asyncio
from datetime import date
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from peiyu.observations.draft import NewEvent, NewNumber, RecordRow, Source, event_row, number_row
from peiyu.observations.terminal import told
from peiyu.observations.write import added
from peiyu.page.web.site import site
from peiyu.words.loader import words
from sim.city.city import City, load_city
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.top import MAX_TITLE
from sim.state.indicators import NAMES

MOST_BYTES = 20_000
"""Of a form; its longest field quotes a source."""


async def save(request: Request) -> Response:
    """Keep what is chosen as a scenario of its own name; where nothing is moved, that is a copy of the base."""
    s, given = site(request), await _fields(request)
    c, _, _ = s.asked(request)
    name = given.get("name", "").strip()
    title = given.get("title", "").strip() or name
    if len(title) > MAX_TITLE:
        raise InputError(Said("the title has more than {most} letters.", most=MAX_TITLE))
    s.desk.keep(name, c.file(title, title).encode(), new=True)
    return JSONResponse({"base": name})


async def observation(request: Request) -> Response:
    """Check a number or an event as `peiyu add-observation` does, enter it if that is asked, say what it moves."""
    s, given = site(request), await _fields(request)
    lang = s.choice(request).lang
    lines = await asyncio.to_thread(_entered, str(s.desk.question.city.folder), given, lang)
    if written := _is_written(given):
        s.renew()
    return HTMLResponse(s.fragment("observed.html.j2", lines=lines, w=words("page", lang), lang=lang, written=written))


def _is_written(given: dict[str, str]) -> bool:
    return given.get("write") == "yes"


def _entered(folder: str, given: dict[str, str], lang: str) -> list[str]:
    # read anew: what was entered a minute ago is on record by now
    city, today = load_city(folder, frozenset(NAMES)), date.today()
    row, event = _row(city, given, today)
    addition = added(city, row, event)
    written = _is_written(given)
    if written:
        addition.write()
    return told(city, row, addition, lang, written=written)


def _row(city: City, given: dict[str, str], today: date) -> tuple[RecordRow, NewEvent | None]:
    """Return the row that the fields of a form describe, and the event if it is one."""
    names = ("url", "quote", "note")
    source = Source(
        title=given.get("source", ""), as_of=given.get("published", ""), grade=given.get("grade", "B"),
        **{name: given.get(name, "") for name in names},
    )  # fmt: skip
    if "event" in given:
        event = NewEvent(
            kind=given["event"], quarter=given.get("quarter", ""), count=int(_number("count", given)),
            covered_to=given.get("covered_to", ""),
        )  # fmt: skip
        return event_row(city, event, source, today), event
    number = NewNumber(
        series=given.get("series", ""), region=given.get("region") or city.region, period=given.get("period", ""),
        value=_number("value", given), observation=given.get("observation", "exact"),
    )  # fmt: skip
    return number_row(city, number, source, today), None


def _number(key: str, given: dict[str, str]) -> float:
    try:
        value = float(given.get(key, ""))
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise InputError(Said("{key}: write a number.", key=key))
    return value


async def _fields(request: Request) -> dict[str, str]:
    """Read the fields of a form, as a browser writes them."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise InputError(Said("the form holds more than {most} bytes.", most=MOST_BYTES))
    try:
        text = raw.decode("utf8")
    except UnicodeDecodeError:
        raise InputError(Said("the form is not UTF-8 text.")) from None
    return {key: value.strip() for key, value in parse_qsl(text)}
