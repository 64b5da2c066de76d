"""How hard recognition is pursued: yearly application rates, and how many applicants pass."""

from __future__ import annotations

import math

from agents.enterprises import Recognition
from agents.parameters import Parameters


def application_rate(kind: Recognition, quarter: int, p: Parameters) -> float:
    """Return the yearly rate at which an eligible enterprise applies: the first round's, moved by the drive since."""
    key = kind.name.lower()
    return float(getattr(p, f"{key}_apply")) * math.exp(p.log_drive(key, quarter // 4))


def pass_rate(kind: Recognition, p: Parameters) -> float:
    """Return the share of applications that end in recognition (P12); only the HNTE review is known apart."""
    return p.hnte_pass * p.hnte_filing if kind == Recognition.HNTE else 1.0
