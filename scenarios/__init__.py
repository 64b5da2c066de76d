"""Scenarios and cities: data only; this file says where they are."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""The folder that holds the scenarios and `cities/`."""
