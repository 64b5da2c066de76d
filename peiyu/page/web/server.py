"""Serve the page on this machine, and open it."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

import uvicorn

from peiyu.forecasts.pipeline import Question
from peiyu.page.desk import Desk
from peiyu.page.keeper import Keeper
from peiyu.page.web.app import application
from peiyu.page.web.security import LOOPBACK, Guard
from peiyu.page.web.site import Site
from peiyu.screen.lines import say
from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.store.store import open_store

OPENED_AFTER = 0.8
"""Seconds until the browser is opened: by then the server answers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served, and where it keeps what it makes."""

    out: Path
    host: str
    port: int
    newest: bool = False  # whether it begins where the data end, and goes on with them


def serve(q: Question, place: Place, lang: str, *, opened: bool) -> None:
    """Serve until stopped; says on stdout where."""
    path = place.out / "peiyu.db"
    desk = Desk.of(q, open_store(path), place.out / "scenarios")
    token = None if place.host in LOOPBACK else secrets.token_urlsafe(24)
    listening = _listen(place.host, place.port)
    at = listening.getsockname()[1]
    name = f"[{place.host}]" if ":" in place.host else place.host
    address = f"http://{name}:{at}/" + (f"?token={token}" if token else "")
    guarded = Guard(application(Site(desk, Keeper(desk, path), lang, place.newest)), place.host, at, token, lang)
    say(address)
    if opened:
        Timer(OPENED_AFTER, webbrowser.open, (address,)).start()
    server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning", timeout_graceful_shutdown=1))
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, or say who is there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(
            Said(
                "--port {port} on {host}: {reason}; choose another, or 0 for any.",
                port=port,
                host=host,
                reason=foreign(error.strerror),
            )
        ) from None
    listening.listen()
    return listening
