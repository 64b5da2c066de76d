"""What the source says about itself: docstrings, comments, constants, schedule, draws, read with `ast`."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import agents
import sim
from agents.enterprises import Enterprises
from agents.parameters import NAMES
from sim.model import model


def modules(package: ModuleType) -> list[ModuleType]:
    """Return the modules of a package in order of name."""
    found = sorted(info.name for info in walk_packages(package.__path__, f"{package.__name__}."))
    return [import_module(name) for name in found]


def name_of(thing: Any) -> str:
    """Return the qualified name of a class, a function or a module."""
    return f"{thing.__module__}.{thing.__qualname__}" if hasattr(thing, "__qualname__") else str(thing.__name__)


def summary(thing: Any) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def detail(thing: Any) -> str:
    """Return what a docstring says after its first paragraph, as one line."""
    return " ".join(" ".join((inspect.getdoc(thing) or "").split("\n\n")[1:]).split())


@cache
def tree(module: ModuleType) -> ast.Module:
    """Return the parsed source of a module."""
    return ast.parse(inspect.getsource(module))


@cache
def comments(module: ModuleType) -> dict[int, str]:
    """Return the comments of a module by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(inspect.getsource(module)).readline)
    return {t.start[0]: t.string.lstrip("# ").strip() for t in tokens if t.type == tokenize.COMMENT}


@cache
def functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    """Return the functions at the top of a module and the methods of its classes, by name."""
    return {node.name: node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef)}


def rules(module: ModuleType) -> list[Any]:
    """Return the public functions at the top of a module, in the order written."""
    names = [n.name for n in tree(module).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    return [getattr(module, name) for name in names]


def class_node(cls: type) -> ast.ClassDef:
    """Return the source of a class."""
    found = ast.walk(tree(import_module(cls.__module__)))
    return next(node for node in found if isinstance(node, ast.ClassDef) and node.name == cls.__name__)


@dataclass(frozen=True, slots=True)
class Field:
    """One annotated field of a class, or one value of an enumeration, with the comment behind it."""

    name: str
    kind: str
    default: str
    comment: str


def declared(cls: type) -> list[Field]:
    """Return the public fields of a class, or the values of an enumeration, in the order written."""
    notes, out = comments(import_module(cls.__module__)), []
    for node in class_node(cls).body:
        note = notes.get(getattr(node, "end_lineno", 0) or 0, "")
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            default = ast.unparse(node.value) if node.value else ""
            out.append(Field(node.target.id, ast.unparse(node.annotation), default, note))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            out.append(Field(node.targets[0].id, "", ast.unparse(node.value), note))
    return [f for f in out if not f.name.startswith("_")]


def attributes(cls: type) -> list[str]:
    """Return the attributes that a class sets in `__init__`, in the order written."""
    init = next(n for n in class_node(cls).body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    stored = [n for n in ast.walk(init) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    ordered = sorted(stored, key=lambda n: (n.lineno, n.col_offset))
    return list(dict.fromkeys(n.attr for n in ordered))


def groups(cls: type) -> list[tuple[str, list[str]]]:
    """Return the fields of a class under the comments that stand on lines of their own above them."""
    notes, starts = comments(import_module(cls.__module__)), class_node(cls).lineno
    lines = {n.lineno: n.target.id for n in class_node(cls).body
             if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}  # fmt: skip
    out: list[tuple[str, list[str]]] = []
    for line in range(starts, max(lines) + 1):
        if line in lines:
            out = out or [("", [])]
            out[-1][1].append(lines[line])
        elif line in notes:
            out.append((notes[line], []))
    return [group for group in out if group[1]]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the schedule."""

    call: str
    comment: str
    called: str  # the qualified name of the function that it calls
    does: str


def schedule() -> list[StepLine]:
    """Return the lines of `IndustryModel.step`, each with the docstring of what it calls."""
    step = functions(model)["step"]
    notes = comments(model)
    return [
        StepLine(ast.unparse(line), notes.get(line.end_lineno or 0, ""), *_called(line))
        for line in step.body
        if any(isinstance(node, ast.Call) for node in ast.walk(line))
    ]


def _called(line: ast.stmt) -> tuple[str, str]:
    """Return name and summary of the outermost function of ours that a line calls."""
    for node in ast.walk(line):  # breadth first
        if isinstance(node, ast.Call):
            called: Any = model
            for part in ast.unparse(node.func).replace("self.", "IndustryModel.").split("."):
                called = getattr(called, part, None)
            if inspect.isfunction(called) and called.__module__.startswith("sim."):
                return name_of(called), summary(called)
    return "", ""


def constants(module: ModuleType) -> list[tuple[str, Any, str]]:
    """Return the public numbers of a module: name, value, and the docstring directly beneath, if there is one."""
    body, out = tree(module).body, []
    for node, below in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
            public = [n for n in names if n.isupper() and not n.startswith("_") and _is_number(getattr(module, n))]
            out += [(name, getattr(module, name), _text(below)) for name in public]
    return out


def _text(node: ast.stmt) -> str:
    """Return the text of a statement that is nothing but a text."""
    value = node.value if isinstance(node, ast.Expr) else None
    return " ".join(value.value.split()) if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _is_number(value: object) -> bool:
    """Tell numbers, and tuples and dictionaries of numbers, from other constants."""
    if isinstance(value, tuple):
        return bool(value) and all(_is_number(x) for x in value)
    if isinstance(value, dict):
        return bool(value) and all(_is_number(x) for x in value.values())
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a function touches, itself or through helpers of its module."""

    rules: tuple[str, ...]
    parameters: tuple[str, ...]
    columns: tuple[str, ...]


_COLUMNS = frozenset(f.name for f in fields(Enterprises))
_AGENTS = frozenset(m.__name__.rsplit(".", 1)[-1] for m in modules(agents))


def uses(module: ModuleType, name: str) -> Uses:
    """Return which rules of `agents` a function calls, which parameters it reads, which columns it sets."""
    nodes = [node for function in _reach(module, name, {}) for node in ast.walk(function)]
    called = (ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call))
    return Uses(
        tuple(dict.fromkeys(c for c in called if c.split(".")[0] in _AGENTS and c.count(".") == 1)),
        parameters_read(nodes),
        tuple(dict.fromkeys(column for node in nodes for column in _set_by(node))),
    )


def parameters_read(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    """Return the parameters that nodes read from `p` or `parameters`, in order of declaration."""
    found = (n for n in nodes if isinstance(n, ast.Attribute) and n.attr in NAMES)
    own = {n.attr for n in found if ast.unparse(n.value).split(".")[-1] in ("p", "parameters")}
    return tuple(name for name in NAMES if name in own)


def parameters_of(cls: type) -> tuple[str, ...]:
    """Return the parameters that a class reads, itself or through functions of its module."""
    module = import_module(cls.__module__)
    own = list(ast.walk(class_node(cls)))
    helpers: dict[str, ast.FunctionDef] = {}
    for call in (n for n in own if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)):
        _reach(module, ast.unparse(call.func), helpers)
    return parameters_read([*own, *(n for function in helpers.values() for n in ast.walk(function))])


def _reach(module: ModuleType, name: str, seen: dict[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    """Return a function and the functions of the same module that it calls."""
    known = functions(module)
    if name not in known or name in seen:
        return []
    seen[name] = known[name]
    for node in ast.walk(known[name]):
        if isinstance(node, ast.Call):
            _reach(module, ast.unparse(node.func).removeprefix("self."), seen)
    return list(seen.values())


def _set_by(node: ast.AST) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    for part in (x for target in targets for x in ast.walk(target)):
        if isinstance(part, ast.Attribute) and part.attr in _COLUMNS and ast.unparse(part.value) in ("e", "new"):
            yield part.attr


_SUMMED = ("helped", "lift", "rate")


def sums(module: ModuleType, name: str) -> list[str]:
    """Return the lines in which a function puts a lift or a rate together; none if it is not there."""
    function = functions(module).get(name)
    found = [n for n in ast.walk(function) if isinstance(n, ast.stmt) and _is_summed(n)] if function else []
    return [ast.unparse(node) for node in sorted(found, key=lambda n: n.lineno)]


def _is_summed(node: ast.stmt) -> bool:
    """Tell whether a line sets, adds to or returns a lift or a rate."""
    if isinstance(node, ast.Return):
        named = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return not isinstance(node.value, ast.Name) and not named.isdisjoint(_SUMMED)
    target: Any = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    while isinstance(target, ast.Subscript):
        target = target.value
    return isinstance(target, ast.Name) and target.id in _SUMMED


def texts(module: ModuleType) -> set[str]:
    """Return the texts that a module holds."""
    return {n.value for n in ast.walk(tree(module)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def sim_modules() -> list[ModuleType]:
    """Return the modules of `sim` in order of name."""
    return modules(sim)
