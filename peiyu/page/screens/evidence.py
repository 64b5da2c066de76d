"""What the answer rests on: sections of the forecast appendix, so that page and appendix print the same numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from peiyu.appendix import provenance, validation
from peiyu.appendix.page import Page
from peiyu.appendix.typeset import spoken
from peiyu.document.shown import shown as without_unseen
from peiyu.document.tree import Block, Document, Heading
from peiyu.page.history import pictures
from peiyu.runs.inputs import given
from peiyu.runs.stored import read_run
from peiyu.words.indicators import indicator_label, label_of_city
from peiyu.words.loader import words
from sim.city.city import City
from sim.city.events import KINDS, read_by
from sim.store.store import Store

OBSERVATIONS = ("exact", "rounded", "lower_bound", "upper_bound")
"""Kinds of a published number, as history.csv names them."""


def shown(store: Store, run: str, city: City, lang: str) -> dict[str, Any]:
    """Return the sections and what kinds of observations the history has."""
    stored = read_run(store, run, str(city.folder))
    page = Page(stored, lang, given(stored))
    parts = (validation.backtest, validation.check, provenance.assumptions, provenance.every_limit, provenance.data)
    sections = [_section(part(page), lang) for part in parts]
    left_out = without_unseen(Document(lang, "", tuple(provenance.left_out(page)))).blocks
    return {"sections": [s for s in sections if s["blocks"]], "left_out": left_out, "kinds": _kinds(city, lang),
            "run": run, "history": pictures(city, lang), "entry": _entry(city, lang)}  # fmt: skip


def _entry(city: City, lang: str) -> dict[str, Any]:
    """Return what the form of a new number or event offers."""
    series = sorted((name, label_of_city(key, lang, city)) for name, key in city.series.indicators.items())
    w = words("page", lang)
    return {
        "series": series, "kinds": [(k, w[f"kind_{k}"]) for k in OBSERVATIONS],
        "grades": list("ABC"),
        "events": [(kind, *(indicator_label(x, lang) for x in read_by(kind)[:1])) for kind in KINDS],
    }  # fmt: skip


def _section(blocks: list[Block], lang: str) -> dict[str, Any]:
    """Return a section's title and what stands under it."""
    title = next((b.text for b in blocks if isinstance(b, Heading)), "")
    rest = tuple(b for b in blocks if not (isinstance(b, Heading) and b.level == 1))
    return {"title": title, "blocks": without_unseen(spoken(Document(lang, title, rest))).blocks}


def _kinds(city: City, lang: str) -> list[tuple[str, str, int]]:
    """Count the published numbers of the city by kind of observation."""
    counted = Counter(city.history["observation"].astype(str))
    return [(kind, words("page", lang)[f"kind_{kind}"], n) for kind, n in counted.most_common()]
