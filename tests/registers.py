"""Registers of a few enterprises made by hand, watched over some years."""

import numpy as np

from calibration.moments.life_courses import Register, Watched

START, YEARS = 8000, 6
END = START + 4 * YEARS


def watched(n=4, years=YEARS, **columns):
    """Return `n` blank enterprises with the columns that a test says."""
    register = Register.blank(n, years)
    register.slot[:] = np.arange(n)
    for name, values in columns.items():
        setattr(register, name, np.asarray(values))
    return Watched(START, END, register)
