"""The page's addresses: which screen, stream or file answers which of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from peiyu.page.desk import STAGES
from peiyu.page.turns import LAST
from peiyu.page.web import answers, files, forms, views
from peiyu.page.web.site import Handler, Site
from sim.inputs.errors import InputError

STATIC = Path(__file__).parents[1] / "static"
UNPROCESSABLE = 422


def application(site: Site) -> Starlette:
    """Return the application; its workers start with it and end with it."""
    addresses: dict[str, Handler] = {
        "/": views.answer, "/compare": views.compare, "/watch": views.watch, "/evidence": views.evidence,
        "/export": views.export, "/answer": answers.answer, "/answer.json": answers.answer_json,
        "/stored.json": answers.stored_json, "/later": answers.later, "/compared": answers.compared,
        "/scenario.toml": files.scenario_toml, "/appendix.{form}": files.appendix, "/figure.{form}": files.figure,
    }  # fmt: skip
    routes = [Route(path, _told(site, handler)) for path, handler in addresses.items()]
    sent = {"/upload": files.upload, "/save": forms.save, "/observation": forms.observation}
    routes += [Route(path, _told(site, handler), methods=["POST"]) for path, handler in sent.items()]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        site.desk.pool.start()
        warming = asyncio.create_task(_warmed(site))
        yield
        warming.cancel()
        site.keeper.stop()
        site.desk.pool.stop()

    return Starlette(routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))], lifespan=life)


async def _warmed(site: Site) -> None:
    """Have states made before anybody asks, and the plan's forecast kept: the next start opens with it at once."""
    q = site.desk.question
    for members in STAGES:
        await site.desk.pool.warm(q.fit.member(i, q.seed) for i in range(members))
        await site.keeper.run(q.scenarios[0], members, LAST)


def _told(site: Site, handler: Handler) -> Handler:
    """Return a handler that answers wrong input with one sentence."""

    async def answered(request: Request) -> Response:
        request.state.site = site
        try:
            return await handler(request)
        except InputError as error:
            if request.url.path in SCREENS:
                return site.render(request, "refused.html.j2", "answer", told=str(error), status=UNPROCESSABLE)
            return PlainTextResponse(str(error), UNPROCESSABLE)
        except HTTPException as error:
            return PlainTextResponse(error.detail, error.status_code)

    return answered


SCREENS = ("/", "/compare", "/watch", "/evidence", "/export")
