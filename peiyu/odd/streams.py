"""Every random decision of the model, found in the source: its name, where it is drawn, how it is addressed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from peiyu.odd import source as odd_source


@dataclass(frozen=True, slots=True)
class Decision:
    """One named stream of uniform draws."""

    name: str
    where: str
    quarter: str
    slots: str


def decisions() -> list[Decision]:
    """Return every decision drawn in `sim`, in order of name; a name in braces is filled in at run time."""
    found = {d for module in odd_source.sim_modules() for d in _in_module(module)}
    return sorted(found, key=lambda d: (d.name, d.where, d.quarter, d.slots))


def _in_module(module: ModuleType) -> Iterator[Decision]:
    place = module.__name__.rpartition(".")[2]
    for function in (n for n in ast.walk(odd_source.tree(module)) if isinstance(n, ast.FunctionDef)):
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            kind = ast.unparse(call.func).rsplit(".", 1)[-1]
            if kind not in ("draw", "uniform") or not call.args or "." not in ast.unparse(call.func):
                continue
            quarter, slots = _address(call, kind)
            for decision in _names(call.args[0], module, function):
                yield Decision(decision, f"{place}.{function.name}", quarter, slots)


def _address(call: ast.Call, kind: str) -> tuple[str, str]:
    """Return the quarter and the slots of a draw, as written; a draw without slots is for every enterprise."""
    words = [ast.unparse(argument) for argument in call.args[1:]]
    if kind == "draw":
        words = ["s.quarter", *(words or ["e.slot"])]
    return words[0].replace("self.", "s."), words[1] if len(words) > 1 else ""


def _names(argument: ast.expr, module: ModuleType, inside: ast.FunctionDef) -> list[str]:
    """Return the decision a call names; where it passes its caller's argument on, those of all callers."""
    if isinstance(argument, ast.Constant):
        return [str(argument.value)]
    if isinstance(argument, ast.JoinedStr):
        return ["".join(_piece(part) for part in argument.values)]
    position = next((i for i, a in enumerate(inside.args.args) if a.arg == ast.unparse(argument)), None)
    if position is None or inside.args.args[0].arg == "self":
        return []  # `IndustryModel.draw` itself
    calls = [n for n in ast.walk(odd_source.tree(module)) if isinstance(n, ast.Call)]
    given = [c.args[position] for c in calls if ast.unparse(c.func) == inside.name and len(c.args) > position]
    return [str(a.value) for a in given if isinstance(a, ast.Constant)]


def _piece(part: ast.expr) -> str:
    return f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else str(getattr(part, "value", ""))
