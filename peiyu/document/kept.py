"""Pages of docs/ written by hand around results that are kept in docs/data, so that anyone can write them again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from peiyu.document.markdown import filled
from peiyu.document.tree import Block
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said

DOCS = Path(__file__).parents[2] / "docs"
DATA = DOCS / "data"

Results = Callable[[dict[str, Any]], list[Block]]
"""What a page says of a document."""


def page(name: str, results: Results) -> str:
    """Return the page with what its kept document says between its marks."""
    document = json.loads((DATA / f"{name}.json").read_text("utf8"))
    return filled((DOCS / f"{name}.md").read_text("utf8"), f"{name}-output", results(document))


def others(name: str) -> dict[str, dict[str, Any]]:
    """Return the documents that are kept beside one of a name, by what their names go on with: name-other."""
    found = sorted(DATA.glob(f"{name}-*.json"))
    return {p.stem.removeprefix(f"{name}-"): json.loads(p.read_text("utf8")) for p in found}


def keep(name: str, source: Path, otherwise: Said, without: Collection[str] = ()) -> None:
    """Keep the document that a command wrote, without the parts that no page tells. Raises `InputError` without one."""
    if not source.is_file():
        raise InputError(Said("{file}: {otherwise}", file=source, otherwise=otherwise))
    document = json.loads(source.read_text("utf8"))
    DATA.mkdir(exist_ok=True)
    told = {key: part for key, part in document.items() if key not in without}
    write_whole(DATA / f"{name}.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def write(name: str, results: Results) -> None:
    """Write the page from its kept document."""
    write_whole(DOCS / f"{name}.md", page(name, results))
