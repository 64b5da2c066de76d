"""Sums have the same bits on every Python: those of adding one number after the other."""

from agents.table import added


def test_numbers_are_added_one_after_the_other():
    """Ten tenths are one when rounding is carried along, as the built-in sum does from Python 3.12 on."""
    assert added([0.1] * 10) == 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 == 0.9999999999999999


def test_nothing_adds_up_to_nought():
    assert added(x for x in ()) == 0.0
