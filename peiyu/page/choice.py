"""What a planner has chosen, as it stands in the address of the page: a link opens the same page again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from peiyu.page.rules import MOST_RULES, SET, PageRule, read_rule
from sim import quarter
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.toml import toml_text
from sim.scenario.top import NAME

LANGUAGES = ("zh", "en")
MOVABLE = ("size", "budget", "start", "end")
"""What of a lever can be moved on the page."""
CAPS = ("cap", "cap_all")
"""What may be spent at most, in a year and in all, 万元."""
_MOST = 200  # things an address may set
MOST_MONEY = 1e10
"""万元; no cap is larger."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The scenario one starts from, what is moved in it and when, whom it is compared with, and the language."""

    lang: str
    base: str
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # lever -> what -> value as written
    against: tuple[str, ...] = ()  # scenarios beside this one, at most three
    decide: str = ""  # the quarter from which what is moved holds, if it waits
    rules: tuple[PageRule, ...] = ()
    caps: Mapping[str, float] = field(default_factory=dict)  # what may be spent, by its key in the address

    @property
    def is_base(self) -> bool:
        """Tell whether nothing is moved."""
        return not (self.moved or self.decide or self.rules)

    @property
    def name(self) -> str:
        """The name of the scenario that is chosen."""
        return self.base if self.is_base else f"{self.base}_moved"

    def pairs(self) -> list[tuple[str, str]]:
        """Return what an address says, but for the language and the scenarios that are compared."""
        pairs = [("base", self.base)]
        pairs += [("set", f"{lever}.{what}:{value}") for lever, by in self.moved.items() for what, value in by.items()]
        pairs += [("decide", self.decide)] if self.decide else []
        pairs += [("rule", rule.text) for rule in self.rules]
        return [*pairs, *((key, _plain(x)) for key, x in self.caps.items())]

    def query(self) -> str:
        """Return the part of an address behind the question mark."""
        return urlencode([("lang", self.lang), *self.pairs(), *(("with", name) for name in self.against)])

    def toml(self, title: Mapping[str, str]) -> str:
        """Return the scenario file that says the same, for the command line; `title` is that of the base."""
        return self.file(title["zh"] + " (调整)", title["en"] + " (moved)")

    def file(self, zh: str, en: str) -> str:
        """Return the scenario file under a title of its own."""
        lines = [f"title = {toml_text(zh)}", f"title_en = {toml_text(en)}", f"extends = {toml_text(self.base)}"]
        lines += [f"decide = {toml_text(self.decide)}"] if self.decide else []
        lines += ["", "[change]"] if self.moved else []
        for lever, by in self.moved.items():
            texts = {what: toml_text(value) if what in ("start", "end") else value for what, value in by.items()}
            parts = [f"{what} = {value}" for what, value in texts.items()]
            if {"size", "budget"} & set(by):
                parts.append('source = "assumption: moved on the page"')
            lines.append(f"{toml_text(lever)} = {{ {', '.join(parts)} }}")
        return "\n".join([*lines, *(line for rule in self.rules for line in rule.toml())]) + "\n"


def of_query(pairs: Iterable[tuple[str, str]], usual: Choice) -> Choice:
    """Read a choice from an address; what it leaves out is as in `usual`, and unknown keys mean nothing.

    Raises `InputError` for what is not one.
    """
    given: dict[str, list[str]] = {}
    for n, (key, value) in enumerate(pairs):
        if n > _MOST:
            raise InputError(Said("the address sets more than {most} things.", most=_MOST))
        given.setdefault(key, []).append(value)
    moved: dict[str, dict[str, str]] = {}
    for text in given.get("set", []):
        lever, what, number = _set(text)
        moved.setdefault(lever, {})[what] = number
    return Choice(
        _one_of("lang", given.get("lang", [usual.lang])[-1], LANGUAGES),
        _name(given.get("base", [usual.base])[-1]),
        moved,
        tuple(_name(x) for x in given.get("with", [])[:3]),
        _quarter(given.get("decide", [""])[-1]),
        _rules(given.get("rule", [])),
        {key: _money(key, given[key][-1]) for key in CAPS if given.get(key, [""])[-1]},
    )


def _rules(texts: list[str]) -> tuple[PageRule, ...]:
    if len(texts) > MOST_RULES:
        many = Said(
            "the address has {n} rules; at most {most}, and a file may have more.", n=len(texts), most=MOST_RULES
        )
        raise InputError(many)
    read = (read_rule(text) for text in texts)
    return tuple(PageRule(when, *_set(change)) for when, change in read)


def _quarter(text: str) -> str:
    return quarter.label(quarter.parse_named("decide", text)) if text else ""


def _money(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= MOST_MONEY:
        raise InputError(Said('{key} = "{text}": write a number of 万元 from 0.', key=key, text=quoted(text)))
    return value


def _set(value: str) -> tuple[str, str, str]:
    found = SET.fullmatch(value)
    if found is None:
        raise InputError(
            Said('set = "{text}": write lever.size:2, as in set=fund_seedling.size:2.', text=quoted(value))
        )
    lever, what, number = found.groups()
    _one_of("set", what, MOVABLE)
    if what in ("size", "budget"):
        try:
            number = _plain(float(number))
        except ValueError:
            raise InputError(
                Said('set = "{text}": "{number}" is not a number.', text=quoted(value), number=number)
            ) from None
    return lever, what, number


def _plain(x: float) -> str:
    """Write a number so that it is read back the same, by a browser's field too."""
    return str(int(x)) if x.is_integer() else repr(x)


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(
            Said(
                '{key} = "{text}".{near} Allowed: {allowed}.',
                key=key,
                text=quoted(value),
                near=meant(value, allowed),
                allowed=", ".join(allowed),
            )
        )
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise InputError(Said('"{text}" is not the name of a scenario.', text=quoted(value)))
    return value
