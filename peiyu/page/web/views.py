"""The screens: what stands there before any member has run."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from peiyu.page.screens import evidence as evidence_screen
from peiyu.page.screens import levers as levers_screen
from peiyu.page.screens import watch as watch_screen
from peiyu.page.web.answers import side_by_side
from peiyu.page.web.site import Site, site
from sim.inputs.errors import InputError
from sim.inputs.said import Said

EVIDENCE_MEMBERS = 20
"""Of the run whose assumptions and data are shown; they do not depend on how many there are."""
MOST_WATCHED = 999


async def answer(request: Request) -> Response:
    """Show the answer and the levers."""
    s = site(request)
    c = s.choice(request)
    base, scenario = s.desk.base(c), s.desk.scenario(c)
    levers = levers_screen.levers_of(s.desk.question.city, scenario, base, c.lang)
    listed = _listed(s, c.lang)
    form = levers_screen.form_of(c, base, s.desk.question, c.lang)
    return s.render(request, "answer.html.j2", "answer", scenarios=listed, levers=levers, form=form,
                    title=scenario.title[c.lang], kept=s.desk.folder.name)  # fmt: skip


async def compare(request: Request) -> Response:
    """Show which scenarios can be set side by side, and the comparison once it is there."""
    s = site(request)
    c = s.choice(request)
    chosen = [x.name for x in side_by_side(s, c)]
    return s.render(request, "compare.html.j2", "compare", scenarios=_listed(s, c.lang), chosen=chosen)


async def watch(request: Request) -> Response:
    """Show one member in one quarter, and one enterprise's life in it."""
    s = site(request)
    c, q = s.choice(request), s.desk.question
    asked = {name: _number(request, name) for name in ("member", "quarter", "slot")}
    member = min(asked["member"] or 0, MOST_WATCHED)
    with s.desk.pool.turns.taken() as turn:
        seen = await s.desk.pool.watched(s.desk.scenario(c), q.fit.member(member, q.seed), turn)
    shown = watch_screen.shown(seen, q.city, c.lang, asked["quarter"], asked["slot"])
    title = s.desk.scenario(c).title[c.lang]
    return s.render(request, "watch.html.j2", "watch", a=shown, member=member, title=title)


async def evidence(request: Request) -> Response:
    """Show what the answer rests on: data, record, check and assumptions, as the appendix prints them."""
    s = site(request)
    c = s.choice(request)
    run = await s.keeper.run(s.desk.base(c), EVIDENCE_MEMBERS)
    parts = s.evidence.get((run, c.lang))
    if parts is None:
        parts = await s.keeper.ask(lambda store: evidence_screen.shown(store, run, s.desk.question.city, c.lang))
        s.evidence[run, c.lang] = parts
    return s.render(request, "evidence.html.j2", "evidence", parts=parts)


async def export(request: Request) -> Response:
    """Show what can be taken away."""
    s = site(request)
    c = s.choice(request)
    scenario = s.desk.scenario(c)
    return s.render(request, "export.html.j2", "export", title=scenario.title[c.lang], name=c.name)


def _listed(s: Site, lang: str) -> list[dict[str, str]]:
    return [{"name": x.name, "title": x.title[lang], "question": x.question[lang]} for x in s.desk.scenarios()]


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None or text == "":
        return None
    if not text.isdecimal() or len(text) > 12:  # noqa: PLR2004
        raise InputError(Said("{key}: write a whole number.", key=name))
    return int(text)
