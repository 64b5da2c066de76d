"""A row added to a city's file: tried on a copy of the folder first, then written whole, with no other row touched."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from peiyu.observations.draft import NewEvent, RecordRow, is_covered
from sim import quarter
from sim.city.city import City, load_city
from sim.city.files import FILES
from sim.files import write_whole
from sim.inputs.csv import header_of, row_of
from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.inputs.text import MAX_BYTES, TextFile, decoded, read_bytes
from sim.inputs.toml_bounds import MAX_TOML
from sim.state.indicators import NAMES

_BLOCK = re.compile(r"^\[\[?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row on record that speaks of the same thing and says something else."""

    row: int  # as a spreadsheet counts
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Addition:
    """What will be in the folder, and the city as it will be read."""

    folder: Path
    files: dict[str, bytes]
    line: str
    after: City
    conflicts: list[Conflict]

    def write(self) -> None:
        """Write the files, each whole or not at all, coverage before the event that needs it.

        Raises `InputError` where the folder is not the user's to write.
        """
        try:
            for name in sorted(self.files, reverse=True):
                write_whole(self.folder / name, self.files[name])
        except InputError as error:
            name = self.folder.name
            why = getattr(error.__cause__, "strerror", None)
            raise InputError(
                Said(
                    "{folder}: cannot be written ({reason}); make a copy of your own with: peiyu new-city {name} --from"
                    " {name}, and name it with --city ./{name}",
                    folder=self.folder,
                    reason=error.said if why is None else foreign(why),
                    name=name,
                )
            ) from error


def added(city: City, row: RecordRow, event: NewEvent | None = None) -> Addition:
    """Return what adding a row makes of a city. Raises `InputError` where the city could not be read any more."""
    folder = city.folder
    table = read_bytes(folder / row.file, MAX_BYTES)
    line = _line(table, row.cells)
    files = {row.file: _with_line(table, line)}
    if event is not None and event.covered_to:
        path = folder / "series.toml"
        text, encoding = decoded(read_bytes(path, MAX_TOML), path)
        mark = "utf8" if encoding.startswith("utf") else encoding
        files["series.toml"] = with_coverage(text, city, event).encode(mark)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        copy.mkdir()
        for name in FILES:
            shutil.copyfile(folder / name, copy / name)
        for name, content in files.items():
            (copy / name).write_bytes(content)
        after = load_city(copy, frozenset(NAMES))
    return Addition(folder, files, line, after, conflicts(city, row))


def conflicts(city: City, row: RecordRow) -> list[Conflict]:
    """Return the rows on record that say something else of the same series and period, or of the same quarter."""
    if row.file == "events.csv":
        table, value, source = city.events, "count", "source"
        same = (table["kind"] == row.cells["kind"]) & (table["quarter"] == quarter.parse(row.cells["quarter"]))
        for name in ("district", "track"):
            same &= table[name] == row.cells[name]
    else:
        table, value, source = city.history, "value", "source_title"
        same = table["value"] != float(row.cells["value"])
        for name in ("series", "region", "period"):
            same &= table[name] == row.cells[name]
    return [
        Conflict(row_of(city.folder / row.file, int(i)), float(x), str(who))
        for i, x, who in zip(table.index[same], table.loc[same, value], table.loc[same, source], strict=True)
    ]


def with_coverage(text: str, city: City, event: NewEvent) -> str:
    """Return series.toml with the record of a kind of event known up to a later quarter; no other line is touched."""
    when, to = quarter.parse(event.quarter), f'to = "{event.covered_to}"'
    if is_covered(city, event.kind, when) and is_covered(city, event.kind, quarter.parse(event.covered_to)):
        return text
    mine = [x for x in _blocks(text) if re.search(rf'^event\s*=\s*"{event.kind}"', text[slice(*x)], re.MULTILINE)]
    if not mine:
        why = "entered with peiyu add-observation"
        block = f'[[covered]]\nevent = "{event.kind}"\nsince = "{event.quarter}"\n{to}\nwhy = "{why}"\n'
        return text.rstrip("\n") + "\n\n" + block
    first, last = mine[-1]
    block = text[first:last]
    if re.search(r"^to\s*=", block, re.MULTILINE):
        block = re.sub(r'^to\s*=\s*"[^"]*"', to, block, count=1, flags=re.MULTILINE)
    else:
        block = re.sub(r"^(since\s*=.*)$", rf"\1\n{to}", block, count=1, flags=re.MULTILINE)
    return text[:first] + block + text[last:]


def _blocks(text: str) -> list[tuple[int, int]]:
    """Return where the [[covered]] tables of a TOML text begin and end."""
    starts = [m.start() for m in _BLOCK.finditer(text)]
    ends = [*starts[1:], len(text)]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if text.startswith("[[covered]]", a)]


def _line(table: bytes, cells: dict[str, str]) -> str:
    """Return the row as one line of CSV in the order of the file's own columns."""
    header = header_of(TextFile(Path(), decoded(table, Path())[0]))
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cells.get(name.strip(), "") for name in header])
    return line.getvalue()


def _with_line(table: bytes, line: str) -> bytes:
    """Append a line in the file's own encoding and line ends; only blank lines at its end give way."""
    text, encoding = _decoded(table)
    end = "\r\n" if "\r\n" in text else "\n"
    return (text.rstrip("\r\n") + end + line + end).encode(encoding)


def _decoded(raw: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding; a byte-order mark stays a character of the text."""
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:  # Excel in China writes GBK, a part of GB 18030
        return raw.decode("gb18030"), "gb18030"
