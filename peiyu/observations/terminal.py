"""What the terminal says of an entry: the row, what contradicts it, which goals it can move, what to run next."""

from __future__ import annotations

from peiyu.observations.draft import RecordRow
from peiyu.observations.moves import moved, next_command
from peiyu.observations.write import Addition
from peiyu.screen.console import stdout
from peiyu.words.indicators import indicator_label
from peiyu.words.loader import words
from peiyu.words.numbers import count
from sim.city.city import City
from sim.state.indicators import INDICATORS


def print_addition(city: City, row: RecordRow, addition: Addition, lang: str, *, written: bool) -> None:
    """Print it, in the language of the command."""
    console = stdout(lang)
    for line in told(city, row, addition, lang, written=written):
        console.print(line, soft_wrap=True)


def told(city: City, row: RecordRow, addition: Addition, lang: str, *, written: bool) -> list[str]:
    """Return the lines that say what was entered and what it does."""
    w = words("observation", lang)
    files = w["and"].join(f"{addition.folder.name}/{name}" for name in sorted(addition.files))
    lines = [w["written" if written else "dry_run"].format(files=files), f"  {addition.line}"]
    for c in addition.conflicts:
        key = "adds_up" if row.file == "events.csv" else "contradicts"
        lines.append(w[key].format(row=c.row, value=count(c.value), source=c.source))
    lines += _moves(city, row, lang)
    lines.append(w["next"].format(command=next_command(city, addition.after, row)))
    return lines


def _moves(city: City, row: RecordRow, lang: str) -> list[str]:
    w = words("observation", lang)
    if not row.indicators:
        return [w["noted"]]
    name = row.indicators[0]
    own = row.file == "events.csv" or row.cells["region"] in (city.region, city.province)
    if not own:
        return [w["other_region"].format(region=row.cells["region"])]
    if INDICATORS[name].kind == "flow" and "-" in row.cells.get("period", ""):
        return [w["part_of_year"].format(indicator=indicator_label(name, lang))]
    readings = moved(city, row)
    if not readings:
        return [w["moves_none"].format(indicator=indicator_label(name, lang))]
    lines = [w["moves"].format(indicator=indicator_label(name, lang))]
    for goal, r in readings:
        names = (goal.zh, r.zh) if lang == "zh" else (goal.en, r.en)
        lines.append("  " + w["reading"].format(goal=names[0], reading=names[1], key=f"{goal.key}/{r.key}"))
    return lines
