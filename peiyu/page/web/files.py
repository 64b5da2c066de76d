"""Files to take away, and scenarios to bring: each goes through the same door as on the command line."""

from __future__ import annotations

import hashlib
import tempfile
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from peiyu.appendix import build as appendix_build
from peiyu.forecasts.figures import draw_chances
from peiyu.page.desk import STAGES
from peiyu.page.web import figures
from peiyu.page.web.site import site
from peiyu.review.review import keep, missing
from peiyu.runs.stored import read_run
from peiyu.words.numbers import digits
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.inputs.toml_bounds import MAX_TOML
from sim.store.store import Store

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "toml": "application/toml",
}
FIGURES = ("svg", "png")


async def scenario_toml(request: Request) -> Response:
    """Return the scenario as a file that the command line reads."""
    s = site(request)
    c, scenario, _ = s.asked(request)
    text = scenario.text
    return _file(text.encode(), f"{c.name}.toml")


async def appendix(request: Request) -> Response:
    """Return the forecast appendix of the scenario; its members are run and kept first."""
    s = site(request)
    (c, scenario, _), form = s.asked(request), _form(request, appendix_build.FORMATS)
    run = await s.keeper.run(scenario, STAGES[-1])

    def made(store: Store) -> bytes:
        with tempfile.TemporaryDirectory() as place:
            stored = read_run(store, run, str(s.desk.question.city.folder))
            review = missing(store, run, stored.city)
            if review is not None:
                keep(review, store)
            document = appendix_build.build(stored, c.lang)
            done = appendix_build.write(document, [form], Path(place), None)
            if not done.files:
                raise InputError(Said("{form} was not made: {why}", form=form, why=done.missed[form]))
            return done.files[0].read_bytes()

    return _file(await s.keeper.ask(made), f"appendix_{c.lang}.{form}")


async def figure(request: Request) -> Response:
    """Return the figure of the chances as a file, drawn as in the notebooks."""
    s = site(request)
    (c, scenario, base), form = s.asked(request), _form(request, FIGURES)
    with s.desk.pool.turns.taken() as turn:
        done = [pair async for pair in s.desk.pairs(scenario, base, range(STAGES[0]), turn)]
    f = s.desk.answer(scenario, base, done).forecast
    title = f"{f.city.title[c.lang]} · {scenario.title[c.lang]}"
    # on the keeper's thread: matplotlib keeps one state for all threads
    draw = partial(draw_chances, f.city, f.goals, title, c.lang)
    drawn = await s.keeper.ask(lambda _: figures.drawn(draw, form, c.lang))
    return _file(drawn, f"{c.name}.{form}")


async def upload(request: Request) -> Response:
    """Keep a scenario file under a name of its own, if it passes the door."""
    s, raw = site(request), b""
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_TOML:
            raise InputError(Said("the file has more than {most} MB.", most=digits(MAX_TOML / 1e6)))
    name = f"mine_{hashlib.blake2b(raw, digest_size=6).hexdigest()}"
    s.desk.keep(name, raw, new=False)
    return JSONResponse({"base": name})


def _form(request: Request, known: tuple[str, ...]) -> str:
    form = str(request.path_params["form"])
    if form not in known:
        raise InputError(
            Said(
                'unknown format "{form}".{near} Known: {known}.',
                form=form[:20],
                near=meant(form, known),
                known=", ".join(known),
            )
        )
    return form


def _file(content: bytes, name: str) -> Response:
    kind = TYPES[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
