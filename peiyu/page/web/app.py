"""The page's addresses: which screen, stream or file answers which of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from peiyu.page.renewal import RenewedError
from peiyu.page.web import answers, files, forms, views
from peiyu.page.web.site import Handler, Site
from peiyu.words.messages import catalogue
from sim.inputs.errors import InputError

STATIC = Path(__file__).parents[1] / "static"
UNPROCESSABLE, SEE_OTHER = 422, 303


def application(site: Site) -> Starlette:
    """Return the application; its workers start with it and end with it."""
    addresses: dict[str, Handler] = {
        "/": views.answer, "/compare": views.compare, "/watch": views.watch, "/evidence": views.evidence,
        "/export": views.export, "/answer": answers.answer, "/answer.json": answers.answer_json,
        "/stored.json": answers.stored_json, "/later": answers.later, "/compared": answers.compared,
        "/renewed": answers.renewed, "/scenario.toml": files.scenario_toml, "/appendix.{form}": files.appendix,
        "/figure.{form}": files.figure,
    }  # fmt: skip
    routes = [Route(path, _told(site, handler)) for path, handler in addresses.items()]
    sent = {"/upload": files.upload, "/save": forms.save, "/observation": forms.observation}
    routes += [Route(path, _told(site, handler), methods=["POST"]) for path, handler in sent.items()]

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        site.begin()
        yield
        site.close()

    return Starlette(routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))], lifespan=life)


def _told(site: Site, handler: Handler) -> Handler:
    """Return a handler that answers wrong input with one sentence in the language of the page."""

    async def answered(request: Request) -> Response:
        request.state.site = site
        try:
            with site.one_desk():
                return await handler(request)
        except InputError as error:
            told = error.told(catalogue(site.language(request)))
            if request.url.path in SCREENS:
                return site.render(request, "refused.html.j2", "answer", told=told, status=UNPROCESSABLE)
            return PlainTextResponse(told, UNPROCESSABLE)
        except RenewedError:
            return RedirectResponse(request.url.path + "?" + request.url.query, SEE_OTHER)
        except HTTPException as error:
            return PlainTextResponse(error.detail, error.status_code)

    return answered


SCREENS = ("/", "/compare", "/watch", "/evidence", "/export")
