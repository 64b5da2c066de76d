"""Where and when something was measured, which stands beside every figure."""

from __future__ import annotations

import os
import platform
import resource
import sys
from datetime import date
from pathlib import Path


def cpu():
    """Return the processor's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load():
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 1)


def conditions(command):
    """Return machine, date, load and command."""
    python = f"Python {platform.python_version()}"
    return {"machine": f"{cpu()}, {os.cpu_count()} cores, {python}", "date": f"{date.today()}", "load": load(), "command": command}


def peak_mib(who=resource.RUSAGE_SELF):
    """Return the peak resident memory, MiB; Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
