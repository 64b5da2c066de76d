"""Versions of what decides a number besides data and code: Python, and the packages that compute."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, distributions, version

COMPUTING = ("peiyu", "mesa", "numpy", "pandas", "scipy", "statsmodels")
"""Packages whose version may change a number."""


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
