"""The scenarios of a new city: what has been in force, the same carried on, and what the plan adds."""

from __future__ import annotations

from peiyu.new_city.form import Cells
from peiyu.new_city.read import Form
from sim import quarter
from sim.city.labels import LeverEntry, labels
from sim.inputs.toml import toml_number, toml_text

BEYOND = 16
"""Quarters after the deadline that a policy without an end goes on: as far as a forecast may look."""
UNKNOWN_MONEY = "money not found: zero, an assumption"


def scenario_texts(form: Form, city: Cells) -> dict[str, str]:
    """Return the scenario files by name."""
    last = quarter.label(quarter.parse(city["deadline"]) + BEYOND)
    old = [row for row in form["policies"] if row["status"] == "in_force"]
    new = [row for row in form["policies"] if row["status"] == "plan"]
    zh, en = city["plan_zh"], city["plan_en"] or city["plan_zh"]
    return {
        "history.toml": _head("迄今政策", "Policy that has been in force", "") + _levers(old, last, {}),
        "baseline.toml": _head("基准情景", "Policy as it stands, carried on", "history"),
        "plan.toml": _head(zh, en, "baseline") + _levers(new, city["deadline"], _names(old)),
    }


def _head(zh: str, en: str, extends: str) -> str:
    lines = [f"title = {toml_text(zh)}", f"title_en = {toml_text(en)}"]
    lines += [f"extends = {toml_text(extends)}"] if extends else []
    return "\n".join(lines) + "\n"


def _names(rows: list[Cells]) -> dict[str, int]:
    """Count how often each lever is there."""
    found: dict[str, int] = {}
    for row in rows:
        found[row["lever"]] = found.get(row["lever"], 0) + 1
    return found


def _levers(rows: list[Cells], last: str, taken: dict[str, int]) -> str:
    """Write a table for each policy; one that is there twice has its number behind its name."""
    known = {x.key: x for x in labels().lever}
    seen, texts = dict(taken), []
    for row in rows:
        n = seen[row["lever"]] = seen.get(row["lever"], 0) + 1
        name = row["lever"] if n == 1 else f"{row['lever']}_{n}"
        texts.append(_lever(known[row["lever"]], name, row, last))
    return "".join(texts)


def _lever(entry: LeverEntry, name: str, row: Cells, last: str) -> str:
    numbers, source = dict(entry.standing), [row["source"]]
    if row["amount"] and entry.amount:
        numbers[entry.amount] = float(row["amount"])
    if not row["budget"]:
        source.append(UNKNOWN_MONEY)
    if standing := [
        key for key, x in entry.standing.items() if isinstance(x, float) and not (key == entry.amount and row["amount"])
    ]:
        source.append(f"assumption: {', '.join(standing)}")
    lines = [
        "\n[[lever]]",
        f"type = {toml_text(entry.type)}",
        f"name = {toml_text(name)}",
        f"start = {toml_text(row['start'])}",
        f"end = {toml_text(row['end'] or last)}",
        f"budget = {row['budget'] or 0}",
        *(f"{key} = {toml_text(x) if isinstance(x, str) else toml_number(x)}" for key, x in numbers.items()),
        'evidence = "C"',
        'eligible = { tracks = "all" }',
        f"source = {toml_text('; '.join(source))}",
    ]
    return "\n".join(lines) + "\n"
