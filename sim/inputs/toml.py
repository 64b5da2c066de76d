"""TOML files of the user: checked against their contract, every complaint with the line it is about."""

from __future__ import annotations

import json
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.inputs.errors import InputError, listed, meant
from sim.inputs.foreign import foreign
from sim.inputs.said import NOTHING, Said
from sim.inputs.shown import quoted
from sim.inputs.text import Source, TextFile, opened, place
from sim.inputs.toml_bounds import MAX_TOML, check_toml

Contract = TypeVar("Contract", bound=BaseModel)
"""A pydantic model that says what one TOML file may hold."""

_HEADER = re.compile(r"(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-\"'.]+)\s*=")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOML_PLACE = re.compile(r"\(at line (\d+)")


def toml_text(words: str) -> str:
    """Write words as a TOML text: as JSON writes them, which leaves one control character that TOML refuses."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_number(x: float) -> str:
    """Write a number as a TOML file has it: all its digits, none that are noise, no point on a whole one."""
    return f"{x:.12g}"


def toml_key(name: str) -> str:
    """Write a name as a TOML key, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else toml_text(name)


def read_toml(source: Source) -> dict[str, Any]:
    """Read a TOML file, or say in which line it stops being one."""
    return parsed(opened(source, MAX_TOML))


def parsed(file: TextFile) -> dict[str, Any]:
    """Parse TOML text of a bounded shape; over-long numbers count as bad TOML too."""
    check_toml(file)
    try:
        made = tomllib.loads(file.text)
    except (ValueError, RecursionError) as error:
        found = _TOML_PLACE.search(str(error))
        reason = foreign(quoted(error, 200) or "too deeply nested")
        said = Said('not valid TOML: {reason}. Lines read: key = "text" or key = 1.5.', reason=reason)
        raise InputError(at_line(place(file), int(found[1]) if found else None, said)) from error
    _refuse_long(file, made, ())
    return made


def _refuse_long(file: TextFile, value: object, loc: tuple[str | int, ...]) -> None:
    """Refuse a whole number of more than 64 bits: TOML has none, and Python cannot even write a very long one."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        line = line_of(file.text, loc)
        long = Said("{key}: is a whole number of more than 64 bits, which nothing here needs.", key=_spoken(loc))
        raise InputError(at_line(place(file), line, long))
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        _refuse_long(file, one, (*loc, key))


def read_model(source: Source, model: type[Contract]) -> Contract:
    """Read a TOML file into a pydantic model, or say in one line what is wrong and where."""
    file = opened(source, MAX_TOML)
    data = parsed(file)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise explain(error, file, model) from error


def explain(error: ValidationError, file: TextFile, model: type[BaseModel]) -> InputError:
    """Turn a pydantic error about a TOML file into one message.

    Parameters
    ----------
    error
        What pydantic found; one finding is told, an unknown key first: it explains a missing one.
    file
        The file, named in the message; its text is searched for the line.
    model
        The contract, searched for the allowed keys.
    """
    findings = error.errors(include_url=False)
    found = next((one for one in findings if one["type"] == "extra_forbidden"), findings[0])
    loc = tuple(found["loc"])
    return InputError(at_line(place(file), line_of(file.text, loc), _reason(found, loc, model)))


def at_line(where: str, line: int | None, what: Said) -> Said:
    """Say in which line of a file something is wrong, if the line is known."""
    if line is None:
        return Said("{where}: {what}", where=where, what=what)
    return Said("{where}: line {line}: {what}", where=where, line=line, what=what)


def _reason(found: Mapping[str, Any], loc: tuple[str | int, ...], model: type[BaseModel]) -> Said:
    """Say what is wrong, what is allowed and what was probably meant."""
    name = _spoken(loc)
    shown = quoted(repr(found["input"]))
    kind = found["type"]
    if kind == "extra_forbidden":
        allowed = _keys_at(model, loc[:-1])
        return Said(
            '{name}: unknown key "{key}".{meant} Known: {known}.',
            name=name,
            key=quoted(loc[-1]),
            meant=meant(str(loc[-1]), allowed),
            known=listed(allowed),
        )
    if kind == "missing":
        return Said("{name}: is missing.", name=name)
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(found["ctx"]["expected"]))
        return Said(
            "{name}: {found} is not allowed.{meant} Allowed: {allowed}.",
            name=name,
            found=shown,
            meant=meant(str(found["input"]), allowed),
            allowed=listed(allowed),
        )
    if kind == "value_error":
        error = found["ctx"]["error"]
        return Said("{where}: {what}", where=name, what=getattr(error, "said", error))
    hint = NOTHING
    if kind == "less_than_equal" and found["ctx"]["le"] == 1:
        hint = Said(" Shares are decimals: write {per_cent} % as {share}.", per_cent=5, share=0.05)
    return Said("{name}: {reason}, found {found}.", name=name, reason=foreign(found["msg"]), found=shown) + hint


def _spoken(loc: tuple[str | int, ...]) -> Said | str:
    """Write ("goal", 0, "value") as "goal 1 > value"."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(quoted(part))
    return " > ".join(words) or Said("the file")


def _keys_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """List the keys a contract allows at one place."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            inner = _model_in(model.model_fields[part].annotation)
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the contract inside list[X], X | None and the like."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    inner = (_model_in(argument) for argument in typing.get_args(annotation))
    return next((model for model in inner if model is not None), None)


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """Find the line of a TOML text that holds a key, or else the nearest table around it."""
    seen: dict[tuple[str | int, ...], int] = {}
    current: tuple[str | int, ...] = ()
    best, best_line = 0, None
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.fullmatch(line.strip()):
            current = _table(header[2], header[1] == "[[", seen)
            here = current
        elif key := _KEY.match(line):
            here = current + tuple(key[1].replace('"', "").replace("'", "").split("."))
        else:
            continue
        if len(here) > best and loc[: len(here)] == here:
            best, best_line = len(here), number
    return best_line


def _table(name: str, repeated: bool, seen: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    """Return where a table header points, counting repeated tables."""
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    path: tuple[str | int, ...] = ()
    for i, part in enumerate(parts):
        path += (part,)
        if repeated and i == len(parts) - 1:
            seen[path] = seen.get(path, -1) + 1
        if path in seen:
            path += (seen[path],)
    return path
