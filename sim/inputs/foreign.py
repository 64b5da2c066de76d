"""What the system and the libraries say of a file, so that it can be told in either language too."""

from __future__ import annotations

import re
from string import Formatter
from typing import Final

from sim.inputs.said import Said, alike

REASONS: Final = (
    # the system, SQLite and Dask
    "No such file or directory",
    "Permission denied",
    "File exists",
    "File name too long",
    "Not a directory",
    "Is a directory",
    "Read-only file system",
    "Too many levels of symbolic links",
    "embedded null byte",
    "embedded null character in path",
    "file is not a database",
    "unable to open database file",
    "attempt to write a readonly database",
    "database is locked",
    "database disk image is malformed",
    "Timed out trying to connect to {address} after {seconds} s",
    # tomllib
    "{what} (at line {line}, column {column})",
    "{what} (at end of document)",
    "Expected '=' after a key in a key/value pair",
    "Expected ']' at the end of a table declaration",
    "Expected ']]' at the end of an array declaration",
    "Expected newline or end of document after a statement",
    "Expected {mark}",
    "Invalid statement",
    "Invalid value",
    "Invalid initial character for a key part",
    "Invalid date or datetime",
    "Invalid hex value",
    "Cannot overwrite a value",
    "Cannot declare {key} twice",
    "Cannot redefine namespace {key}",
    "Cannot mutate immutable namespace {key}",
    "Duplicate inline table key {key}",
    "Unclosed array",
    "Unclosed inline table",
    "Unterminated string",
    "Unescaped '\\' in a string",
    "Illegal character {mark}",
    "Found invalid character {mark}",
    "too deeply nested",
    # json
    "{what}: line {line} column {column} (char {at})",
    "Expecting value",
    "Expecting property name enclosed in double quotes",
    "Expecting '{mark}' delimiter",
    "Extra data",
    "Illegal trailing comma before end of object",
    "Illegal trailing comma before end of array",
    "Unterminated string starting at",
    "Invalid control character at",
    # csv and zip
    "unexpected end of data",
    "',' expected after '\"'",
    "field larger than field limit ({most})",
    "File is not a zip file",
    "Bad CRC-32 for file {name}",
    "File {name} is encrypted, password required for extraction",
    # pydantic
    "Input should be a valid number",
    "Input should be a finite number",
    "Input should be a valid integer",
    "Input should be a valid integer, got a number with a fractional part",
    "Input should be a valid string",
    "Input should be a valid boolean",
    "Input should be a valid list",
    "Input should be a valid dictionary",
    "Input should be a valid tuple",
    "Input should be a valid dictionary or instance of {name}",
    "Input should be greater than or equal to {least}",
    "Input should be greater than {least}",
    "Input should be less than or equal to {most}",
    "Input should be less than {most}",
    "String should have at least {least} character",
    "String should have at least {least} characters",
    "String should have at most {most} characters",
    "String should match pattern '{pattern}'",
    "List should have at least {least} item after validation, not {found}",
    "List should have at least {least} items after validation, not {found}",
    "Field required",
    # pydantic, as it is told of a lever
    "input should be a valid number",
    "input should be a valid integer",
    "input should be a valid string",
    "input should be a valid boolean",
    "input should be a valid tuple",
    "input should be '{words}' or '{last}'",
    # typer from 0.15 on: its versions say one thing in several ways
    "No such command '{name}'. Did you mean '{near}'?",
    "No such command '{name}'.",
    "Missing command.",
    "No such option: {name} (Possible options: {near})",
    "No such option: {name} Did you mean {near}?",
    "No such option: {name}",
    "Option '{name}' requires an argument.",
    "Option '{name}' does not take a value.",
    "Missing argument '{name}'.",
    "Missing option '{name}'.",
    "Got unexpected extra argument(s) ({words})",
    "Got unexpected extra argument ({words})",
    "Got unexpected extra arguments ({words})",
    "Invalid value for '{name}': {what}",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Value error, '{value}' is not one of {allowed}.",
    "'{value}' is not one of {allowed}.",
    "'{value}' is not a valid integer.",
    "'{value}' is not a valid float.",
    # what a check of a table allows
    "some text, not a blank",
    "a name like {name}",
    "a year from {first} to {last}",
    "a whole year, or a blank",
    "a share from 0 to 1, or a blank",
    "more than 0",
    "more than 0, in 亿元",
    "0 or more",
    "0 or 1",
    "1 or more, or a blank",
    "2024 or 2024-11",
    "2024, 2024-11, 2024-11-30, 2024Q4, 2024-H2 or a span 2021-2026",
    "YYYY-MM or YYYY-MM-DD, like 2025-03",
)
"""Their words, as templates; the first that fits is told."""


def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches a text made of a template."""
    parts = Formatter().parse(template)
    return re.compile("".join(re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, *_ in parts))


_PATTERNS: Final = tuple((template, _pattern(template)) for template in REASONS)


def foreign(text: object) -> Said:
    """Return what the system or a library says; words that are not known here stay as they are."""
    for template, pattern in _PATTERNS:
        if found := pattern.fullmatch(str(text)):
            inside = {name: foreign(x) if name == "what" else x for name, x in found.groupdict().items()}
            return Said(template, **inside)
    return alike(text)
