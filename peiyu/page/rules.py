"""An adaptive rule as it stands in the address of the page: one comparison, and one lever that it changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.toml import toml_key, toml_text

MOST_RULES = 4
"""Rules that an address may hold; a file may hold more."""
SET = re.compile(r"([^.:]{1,80})\.([a-z]{1,20}):([0-9A-Za-z.+-]{1,24})")
"""A lever, what of it, and the value, as an address writes them."""
_RULE = re.compile(r"(?P<when>[\w.]{1,120} (?:>=|<=|>|<) [0-9.eE+-]{1,24}(?: by \d{4}Q[1-4])?);(?P<set>.+)")


@dataclass(frozen=True, slots=True)
class PageRule:
    """When something is so, one lever gets another size, budget or date."""

    when: str  # as a scenario file writes it
    lever: str
    what: str
    value: str

    @property
    def text(self) -> str:
        """The rule as an address writes it."""
        return f"{self.when};{self.lever}.{self.what}:{self.value}"

    @property
    def parts(self) -> dict[str, str]:
        """What the fields of a form say: subject, operator, value and by."""
        subject, operator, value, *by = self.when.split(" ")
        return {"subject": subject, "operator": operator, "value": value, "by": by[-1] if by else ""}

    def toml(self) -> list[str]:
        """Return the lines of a scenario file that say the same."""
        source = ', source = "assumption: a rule made on the page"' if self.what in ("size", "budget") else ""
        value = self.value if source else toml_text(self.value)
        then = f"{{ {toml_key(self.lever)} = {{ {self.what} = {value}{source} }} }}"
        return ["", "[[rule]]", f"when = {toml_text(self.when)}", f"then = {then}"]


def read_rule(text: str) -> tuple[str, str]:
    """Return what a rule asks, and what it sets, of an address. Raises `InputError` for what is no rule."""
    found = _RULE.fullmatch(text)
    if found is None:
        raise InputError(
            Said(
                'rule = "{text}": write a comparison and a change, as in'
                " rule=hnte.newly_recognised < 250 by 2025Q4;fund_seed.size:2.",
                text=quoted(text),
            )
        )
    return found["when"], found["set"]
