"""Inputs spoilt as people and programs spoil them: by words, rows and brackets, inside of archives, in cells of a store.

Bytes flipped at random hardly ever come past the first check of a parser, so most of these keep the form of what they spoil.
"""

import copy
import io
import json
import random
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
NASTY = (
    "", " ", "0", "-1", "-0.0", "+1", "1.5", "1e308", "1e400", "-1e400", "1e-320", "nan", "inf", "-inf", "true", "null", "1_000", "1,526",
    "9" * 19, "9" * 400, "9" * 5_000, "-" + "9" * 400, "0x" + "f" * 5_000, "0b" + "1" * 70, "0o7", "٣", "½", "²", "２０２４", "5 %", "1.6万", "亿",
    "2024Q4", "2025Q1", "0000Q1", "9999Q4", "2024-02-31", "2024-00-00", "0000", "0001-01", "9999-12-31", "2026-2021", "2024-H2", "1979-05-27T07:32:00Z",
    "07:32:00", "2024-11-30", "\u202e", "\u200b", "\x00", "\x1c", "\x85", "\u2028", "\ufeff", "\x7f", "试" * 300, "a" * 3_000, "😀", "ß", "İ",
    "{}", "{x}", "{0.a}", "%s", "../", "/etc/passwd", "a/b", ".", "..", "[", "]]", "[[", "{", "}", "(", "'''", '"""', '"', "'", "\\", "\\u0000", "\\ud800",
    "\\uD800\\uDC00", "#", "=", ",", ";", "|", "\t", "\n", "\r", "\r\n", "<b>", "&", "%00", "%ff", "%E8%AF%95", "+", "=1+1", "$HOME", "--help", "NULL",
    "[[lever]]\n", "[[rule]]\n", "[change]\n", "[[goal]]\n", "drop = []\n", 'extends = "mine"\n', 'decide = "2025Q4"\n', "[" * 40, "{a = " * 15, "a." * 12,
)  # fmt: skip
"""What is put in place of words, or between them."""
FORMS = {
    "xml": (
        "A1:XFD1048576", "XFD1048576", "A0", "ZZZZ1", 'count="999999999"', 't="s"', 't="d"', 't="e"', 't="b"', 't="inlineStr"', "<v>1e400</v>", "<v/>", "<c/>",
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', '<hyperlinks><hyperlink ref="A1:XFD1048576" location="a"/></hyperlinks>',
        '<mergeCell ref="A1:B2"/>', "<row/>", 'r="99999999999"', 's="999"', "#REF!", "45000.5",
        "-1", "&amp;", "&#0;", "&bad;", "<![CDATA[", "<!--", "<?x?>", 'min="1" max="16384"', 'spans="1:99999"',
    ),
}  # fmt: skip
"""The same for one form only."""
LONGEST = 60_000
"""Bytes of an input, unless its door says more."""


def by_words(raw: bytes, chance: random.Random, more: tuple[str, ...] = ()) -> bytes:
    """Spoil a text by its words and lines, one to four times."""
    text = raw.decode("utf8", "surrogateescape")
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        text = chance.choice(WAYS)(text, chance, more)
    if chance.random() < 0.02:
        return text.encode(chance.choice(("gb18030", "utf-16", "utf-8-sig", "latin-1")), "ignore")
    return by_bytes(text.encode("utf8", "surrogateescape"), chance) if chance.random() < 0.05 else text.encode("utf8", "surrogateescape")


def by_bytes(raw: bytes, chance: random.Random) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    if not raw:
        return chance.randbytes(chance.randrange(1, 20))
    at, n = chance.randrange(len(raw)), chance.randrange(1, 20)
    way = chance.randrange(4)
    if way == 0:
        return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]
    if way == 1:
        return raw[:at] + raw[at + n :]
    return raw[:at] + (chance.randbytes(n) if way == 2 else raw[at : at + n] * chance.randrange(2, 40)) + raw[at:]


def by_values(raw: bytes, chance: random.Random) -> bytes:
    """Change one value, key or part of a JSON text, which leaves it JSON; every fourth time its words."""
    try:
        made = json.loads(raw)
    except (ValueError, RecursionError):
        return by_words(raw, chance)
    spots = list(_spots(made))
    if not spots or chance.random() < 0.25:
        return by_words(raw, chance)
    inside, key = chance.choice(spots)
    old = inside[key]
    where, which = chance.choice(spots)
    other = copy.deepcopy(where[which])  # it may hold the place itself
    new = chance.choice((*ODD, *NASTY, old, [old], {"a": old}, other, *([-old, old * 1e9, old + 1, old / 1e6] if type(old) in (int, float) else [])))
    way = chance.random()
    if way < 0.2:
        del inside[key]
    elif way < 0.3 and isinstance(inside, dict):
        inside[chance.choice((*NASTY, str(key) + "_"))] = inside.pop(key)
    elif way < 0.35 and isinstance(inside, list):
        inside.extend([old] * chance.choice((1, 3, 200)))
    else:
        inside[key] = new
    return json.dumps(made, ensure_ascii=chance.random() < 0.5, indent=1).encode("utf8", "surrogateescape")


ODD = (None, True, False, 0, -1, 1, 1.5, 2**31, 2**63, 10**400, 1e308, float("nan"), float("inf"), [], {}, [[]], [1, "a"])
"""Values in place of others."""


def _spots(made: object) -> Iterator[tuple[Any, Any]]:
    """Give every place of a value inside of JSON: the list or object, and the index or key."""
    for key in list(made) if isinstance(made, dict) else range(len(made)) if isinstance(made, list) else ():
        yield made, key
        yield from _spots(made[key])


def by_parts(raw: bytes, chance: random.Random) -> bytes:
    """Spoil one part of a zip archive, or leave one out, or the archive itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as old:
            parts = {name: old.read(name) for name in old.namelist()}
    except Exception:  # whatever is no archive any more is only bytes
        return by_bytes(raw, chance)
    if not parts or chance.random() < 0.03:
        return by_bytes(raw, chance)
    name = chance.choice(sorted(parts))
    if chance.random() < 0.04:
        del parts[name]
    else:
        spoil = by_tags if chance.random() < 0.5 else lambda x, c: by_words(x, c, FORMS["xml"])
        parts[name] = spoil(parts[name], chance)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as new:
        for part, content in parts.items():
            new.writestr(part, content)
    return made.getvalue()


def by_tags(raw: bytes, chance: random.Random) -> bytes:
    """Change what one attribute or element of an XML text says, which leaves it XML."""
    text = raw.decode("utf8", "surrogateescape")
    found = list(re.finditer(r'(?<==")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)|<[^<>]*/>', text))
    if not found:
        return by_words(raw, chance, FORMS["xml"])
    one = chance.choice(found)
    new = chance.choice((*NASTY, *FORMS["xml"], chance.choice(found)[0], ""))
    if not one[0].startswith("<"):
        new = new.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (text[: one.start()] + new + text[one.end() :]).encode("utf8", "surrogateescape")


def by_cells(raw: bytes, chance: random.Random, folder: Path) -> bytes:
    """Change one cell, or a table, of an SQLite file; every fourth time its bytes."""
    if chance.random() < 0.25:
        return by_bytes(raw, chance)
    place = folder / "to_spoil.db"
    place.write_bytes(raw)
    try:
        with closing(sqlite3.connect(place, isolation_level=None)) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            table = chance.choice(tables)
            columns = [column for _, column, *_ in db.execute(f'PRAGMA table_info("{table}")')]
            value = chance.choice((*NASTY, None, 0, -1, 2**62, 1.5, 1e308, b"\xff\x00", "[]", "{}", '["r1"]', '{"a": [1]}'))
            way = chance.random()
            if way < 0.8:
                db.execute(f'UPDATE "{table}" SET "{chance.choice(columns)}" = ?', (value,))
            elif way < 0.9:
                db.execute(chance.choice((f'DELETE FROM "{table}"', f'DROP TABLE "{table}"', f'ALTER TABLE "{table}" ADD COLUMN extra')))
            else:
                db.execute(f"PRAGMA user_version = {chance.choice((0, 1, 2, 5, 6, 7, 8, 99, -1))}")
        return place.read_bytes()
    except (sqlite3.Error, ValueError, OverflowError, IndexError):  # ValueError: names that are no UTF-8
        return by_bytes(raw, chance)


# ---- ways to spoil a text


def _spot(parts: list[str], chance: random.Random) -> tuple[int, int]:
    """Return a place among the parts of a text, and how many from there; mostly one, sometimes many."""
    return chance.randrange(len(parts) + 1), chance.choice((1, 1, 1, 1, 2, 3, 8, 50))


def _parts(text: str, chance: random.Random) -> list[str]:
    """Take a text apart: into words, lines or cells."""
    return re.findall(*chance.choice(((WORDS, text), (WORDS, text), (r"[^\n]*\n|[^\n]+", text), (r"[^,\n]*[,\n]|[^,\n]+", text))))


def _replaced(text: str, chance: random.Random, more: tuple[str, ...]) -> str:
    parts = WORDS.findall(text)
    words = [i for i, x in enumerate(parts) if not x.isspace()]
    if not words:
        return chance.choice(NASTY)
    parts[chance.choice(words)] = chance.choice((*NASTY, *more)) if chance.random() < 0.7 else chance.choice(parts)
    return "".join(parts)


def _inserted(text: str, chance: random.Random, more: tuple[str, ...]) -> str:
    parts = _parts(text, chance)
    at, _ = _spot(parts, chance)
    parts.insert(at, chance.choice((*NASTY, *more)) if chance.random() < 0.7 or not parts else chance.choice(parts))
    return "".join(parts)


def _deleted(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    parts = _parts(text, chance)
    at, n = _spot(parts, chance)
    del parts[at : at + n]
    return "".join(parts)


def _repeated(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    parts = _parts(text, chance)
    at, n = _spot(parts, chance)
    return "".join([*parts[:at], *parts[at : at + n] * chance.choice((2, 2, 3, 30, 300)), *parts[at + n :]])[:LONGEST]


def _swapped(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    parts = _parts(text, chance)
    if len(parts) > 1:
        i, j = chance.randrange(len(parts)), chance.randrange(len(parts))
        parts[i], parts[j] = parts[j], parts[i]
    return "".join(parts)


def _cut(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.3 else _deleted(text, chance, ())


def _quoted(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    """Change what stands in quotes or behind a sign, as who mistypes a value does."""
    found = list(re.finditer(r'"[^"\n]*"|(?<== )[^"\n]+|(?<=,)[^,\n"]*', text))
    if not found:
        return _replaced(text, chance, ())
    one = chance.choice(found)
    new = chance.choice(NASTY) if chance.random() < 0.6 else chance.choice(found)[0]
    return text[: one.start()] + (f'"{new}"' if one[0].startswith('"') and chance.random() < 0.7 else new) + text[one.end() :]


def _numbers(text: str, chance: random.Random, _more: tuple[str, ...]) -> str:
    """Change a number: more digits, another sign, a neighbour."""
    found = list(re.finditer(r"\d+", text))
    if not found:
        return _inserted(text, chance, ())
    one = chance.choice(found)
    n = one[0]
    short = int(n) if len(n) < 18 else 0
    new = chance.choice((n + "0", "-" + n, n[::-1], str(short + 1), str(short - 1), n + ".5", n * 30, "0" + n, "0", n[:-1]))
    return text[: one.start()] + new + text[one.end() :]


WAYS: tuple[Callable[[str, random.Random, tuple[str, ...]], str], ...] = (
    _replaced, _inserted, _deleted, _repeated, _swapped, _cut, _quoted, _quoted, _numbers,
)  # fmt: skip
