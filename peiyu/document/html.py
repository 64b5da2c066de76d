"""The appendix as one self-contained web page: no request, no script; a number shows its id."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, PackageLoader

from peiyu.document.tree import (
    Bullets,
    Code,
    Document,
    Figure,
    Heading,
    Link,
    Number,
    Paragraph,
    Quote,
    Span,
    Strong,
    Table,
    Verbatim,
)
from peiyu.words.loader import words
from sim.inputs.shown import visible


def written(document: Document, _template: Path | None = None) -> bytes:
    """Return the page."""
    loader = PackageLoader("peiyu", "templates")
    # for every name: by itself jinja2 escapes only in templates whose name ends with .html
    environment = Environment(loader=loader, autoescape=True, finalize=seen, trim_blocks=True, lstrip_blocks=True)
    environment.filters["kind"] = kind
    environment.filters["data"] = data
    page = environment.get_template("appendix.html.j2")
    lang = "zh-CN" if document.lang == "zh" else "en"
    return page.render(d=document, lang=lang, w=words("appendix", document.lang)).encode()


def seen(thing: object) -> object:
    """Return what a template fills in with every character to be seen; what is markup already has been through here."""
    return visible(thing) if isinstance(thing, str) and not hasattr(thing, "__html__") else thing


def kind(thing: object) -> str:
    """Name what a piece or block is, for the template."""
    kinds: tuple[type, ...] = (
        Heading, Paragraph, Bullets, Verbatim, Table, Figure, Number, Span, Quote, Code, Strong, Link,
    )  # fmt: skip
    return next((k.__name__.lower() for k in kinds if isinstance(thing, k)), "text")


def data(figure: Figure) -> str:
    """Return a figure's vectors as the address of an image inside the page."""
    return "data:image/svg+xml;base64," + base64.b64encode(figure.svg).decode()
