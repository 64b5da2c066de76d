"""Put the results of a check into docs/check.md: `peiyu check`, then `python -m peiyu.fit.check_page`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from peiyu.fit.check import markdown
from sim.files import write_whole
from sim.inputs.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "check.md"
BLOCK = re.compile(r"(<!-- check-output -->\n).*?(<!-- /check-output -->)", re.DOTALL)


def page(text: str, document: dict[str, object]) -> str:
    """Return the page with the results of a document between its marks."""
    moments = document["moments"]
    assert isinstance(moments, list)
    context = document["context"]
    assert isinstance(context, dict)
    low, growth, high = (f"{100 * x:.1f}" for x in context["stock_growth"])
    young, age, living = (context[key][1] for key in ("young_exits", "age_at_exit", "young_living"))
    lines = [
        f"{document['city']}, data to {document['as_of']}, fit `{document['draws']}`, {document['members']} members,"
        f" seed {document['seed']}.",
        "",
        markdown(moments),
        "",
        f"The city's own stock grew by {growth} % a year over the last five years ({low} – {high}); unadjusted,"
        f" {young:.0%} of its exits were of five years or less, their mean age was {age:.1f} years, and {living:.0%} of"
        " the living were under five.",
        "",
    ]
    return BLOCK.sub(lambda m: m[1] + "\n".join(lines) + m[2], text)


def main(out: str = "out") -> None:
    """Read OUT/check.json and write the page. Raises `InputError` when there is none."""
    found = Path(out) / "check.json"
    if not found.is_file():
        raise InputError(f"{found}: no check yet; run: peiyu check --out {out}")
    write_whole(PAGE, page(PAGE.read_text("utf8"), json.loads(found.read_text("utf8"))))


if __name__ == "__main__":
    main(*sys.argv[1:])
