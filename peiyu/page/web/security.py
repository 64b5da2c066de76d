"""Who may ask: this machine's browsers only, from our own pages only, and with a token where others could reach it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from peiyu.words.loader import LANGUAGES, words

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "peiyu"
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cache-control": b"no-store",
}
"""Nothing that a page loads comes from another host, and nothing of ours stands in a page of another's."""


@dataclass
class Guard:
    """Lets a request through, or answers it itself."""

    app: App
    host: str  # on which the server listens
    port: int
    token: str | None = None
    lang: str = "en"  # of an address that names none

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = self.refusal(scope)
        if refused is not None:
            said = words("page", self._language(scope))[refused]
            await PlainTextResponse(said, 403)(scope, receive, send)
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items(), *self._cookie(scope)]
            await send(message)

        await self.app(scope, receive, guarded)

    def refusal(self, scope: Scope) -> str | None:
        """Return the key of the words for why a request is not answered, or nothing."""
        headers = Headers(scope=scope)
        ours = {f"{name}:{self.port}" for name in (*(LOOPBACK - {"::1"}), "[::1]", self.host)}
        # another site whose name leads to this machine is not us
        if headers.get("host", "") not in ours:
            return "other_address"
        origin = headers.get("origin")
        # a browser names the page that sends something; who does not say where from is not our page
        if (origin is not None or scope["method"] != "GET") and urlsplit(origin or "").netloc not in ours:
            return "other_page"
        if self.token is not None and not self._knows(scope, headers):
            return "no_token"
        return None

    def _language(self, scope: Scope) -> str:
        return next((lang for lang in _query(scope, "lang") if lang in LANGUAGES), self.lang)

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        given = _query(scope, "token")
        parts = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        given += [value for name, _, value in parts if name == COOKIE]
        return any(secrets.compare_digest(x.encode(), (self.token or "").encode()) for x in given)

    def _cookie(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        if self.token is None or b"token=" not in scope["query_string"]:
            return []
        return [(b"set-cookie", f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/".encode())]


def _query(scope: Scope, key: str) -> list[str]:
    """Return what an address says under a key."""
    return parse_qs(scope["query_string"].decode("latin-1")).get(key, [])
