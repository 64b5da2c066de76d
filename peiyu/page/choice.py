"""What a planner has chosen, as it stands in the address of the page: a link opens the same page again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from sim.inputs.errors import InputError, suggest
from sim.inputs.shown import quoted
from sim.inputs.toml import toml_text
from sim.scenario.top import NAME

LANGUAGES = ("zh", "en")
MOVABLE = ("size", "budget", "start", "end")
"""What of a lever can be moved on the page."""
_SET = re.compile(r"([^.:]{1,80})\.([a-z]{1,20}):([0-9A-Za-z.+-]{1,24})")
_MOST = 200  # things an address may set


@dataclass(frozen=True, slots=True)
class Choice:
    """The scenario one starts from, what is moved in it, whom it is compared with, and the language."""

    lang: str
    base: str
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # lever -> what -> value as written
    against: tuple[str, ...] = ()  # scenarios beside this one, at most three

    @property
    def name(self) -> str:
        """The name of the scenario that is chosen."""
        return f"{self.base}_moved" if self.moved else self.base

    def query(self, **other: str) -> str:
        """Return the part of an address behind the question mark."""
        pairs = [("lang", other.get("lang", self.lang)), ("base", other.get("base", self.base))]
        pairs += [("set", f"{lever}.{what}:{value}") for lever, by in self.moved.items() for what, value in by.items()]
        return urlencode([*pairs, *(("with", name) for name in self.against)])

    def toml(self, title: Mapping[str, str]) -> str:
        """Return the scenario file that says the same, for the command line; `title` is that of the base."""
        lines = [
            f"title = {toml_text(title['zh'] + ' (调整)')}",
            f"title_en = {toml_text(title['en'] + ' (moved)')}",
            f"extends = {toml_text(self.base)}",
        ]
        if self.moved:
            lines += ["", "[change]"]
        for lever, by in self.moved.items():
            texts = {what: toml_text(value) if what in ("start", "end") else value for what, value in by.items()}
            parts = [f"{what} = {value}" for what, value in texts.items()]
            if {"size", "budget"} & set(by):
                parts.append('source = "assumption: moved on the page"')
            lines.append(f"{toml_text(lever)} = {{ {', '.join(parts)} }}")
        return "\n".join(lines) + "\n"


def of_query(pairs: Iterable[tuple[str, str]], usual: Choice) -> Choice:
    """Read a choice from an address; what it leaves out is as in `usual`, and unknown keys mean nothing.

    Raises `InputError` for what is not one.
    """
    made = usual
    moved: dict[str, dict[str, str]] = {}
    for n, (key, value) in enumerate(pairs):
        if n > _MOST:
            raise InputError(f"the address sets more than {_MOST} things.")
        if key == "lang":
            made = replace(made, lang=_one_of("lang", value, LANGUAGES))
        elif key == "base":
            made = replace(made, base=_name(value))
        elif key == "with":
            made = replace(made, against=(*made.against, _name(value))[:3])
        elif key == "set":
            lever, what, number = _set(value)
            moved.setdefault(lever, {})[what] = number
    return replace(made, moved=moved)


def _set(value: str) -> tuple[str, str, str]:
    found = _SET.fullmatch(value)
    if found is None:
        raise InputError(f'set = "{quoted(value)}": write lever.size:2, as in set=fund_seedling.size:2.')
    lever, what, number = found.groups()
    _one_of("set", what, MOVABLE)
    if what in ("size", "budget"):
        try:
            number = _plain(float(number))
        except ValueError:
            raise InputError(f'set = "{quoted(value)}": "{number}" is not a number.') from None
    return lever, what, number


def _plain(x: float) -> str:
    """Write a number so that it is read back the same, by a browser's field too."""
    return str(int(x)) if x.is_integer() else repr(x)


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(f'{key} = "{quoted(value)}".{suggest(value, allowed)} Allowed: {", ".join(allowed)}.')
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise InputError(f'"{quoted(value)}" is not the name of a scenario.')
    return value
