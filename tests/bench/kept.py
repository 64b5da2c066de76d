"""What was measured and is shown in docs/scale.md: one file, a part for each benchmark."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).parents[2] / "docs" / "data" / "speed.json"


def read():
    """Return every part by name."""
    return json.loads(FILE.read_text("utf8")) if FILE.exists() else {}


def write(name, found):
    """Put a part in place of what was measured before."""
    FILE.write_text(json.dumps(read() | {name: found}, indent=1, ensure_ascii=False) + "\n", "utf8")
