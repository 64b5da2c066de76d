"""Versions of what decides a number besides data: the model's own source, Python, and the packages that compute."""

from __future__ import annotations

import ast
import hashlib
import io
import platform
import tokenize
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path

import agents
import sim
from sim.cache import recall, remember

COMPUTING = ("peiyu", "mesa", "numpy", "pandas", "scipy", "statsmodels")
"""Packages whose version may change a number."""

OURS = ("agents", "sim", "calibration", "peiyu")
"""Folders with our code."""


def versions() -> dict[str, str]:
    """Return the version of Python, the machine, and of every package that computes."""
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    return found | {name: _version(name) for name in COMPUTING}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def installed() -> list[str]:
    """Return every installed package but this one with its version, as a constraints file has them."""
    found = {(d.metadata["Name"] or "").lower(): d.version for d in distributions()}
    return [f"{name}=={found[name]}" for name in sorted(found) if name not in ("", "peiyu")]


@cache
def code_and_versions() -> dict[str, str]:
    """Return what must be equal wherever pieces of one run are computed: Python, packages, and all files of ours."""
    specs = [find_spec(name) for name in OURS]
    folders = [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()]
    code = _hash([path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.py"))])
    return {what: version for what, version in versions().items() if what != "machine"} | {"code": code}


@cache
def source_version() -> str:
    """Return a hash of the source of agents/ and sim/, comments, docstrings and blank lines apart.

    Taking them out is slow, so the answer is remembered under a hash of the files as they are.
    """
    paths = sorted(p for package in (agents, sim) for p in Path(package.__path__[0]).rglob("*.py"))
    texts = [path.read_bytes() for path in paths]
    as_they_are = _hash([platform.python_version().encode(), *texts])
    found = recall("source", as_they_are)
    if not found:
        found = _hash([normalised_source(text.decode("utf8")).encode() for text in texts])
        remember("source", as_they_are, found)
    return found


def _hash(parts: list[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def normalised_source(source: str) -> str:
    """Return Python source without docstrings, comments, blank lines and trailing spaces."""
    lines = source.splitlines()
    # the parser knows docstrings, the tokenizer comments; blanked lines keep the numbers of all others
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())
