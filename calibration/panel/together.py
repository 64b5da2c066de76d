"""How much several cities will move together: they share the nation's years, and those of a province they share.

The panel of all regions tells it: draws of the levels of all the cities at once, in which the parts of the regions
around them are the same.
"""

from __future__ import annotations

import numpy as np

from agents.table import Floats
from calibration.panel.data import Point
from calibration.panel.observe import is_recognition
from calibration.panel.panel import explore, sampled
from sim.one_thread import one_thread
from sim.streams import Streams

DRAWS = 2000


@one_thread()
def correlation(points: list[Point], regions: list[str], years: tuple[int, int]) -> Floats:
    """Return how changes of the regions' log first-timers between two years' ends hang together, (regions, regions).

    The correlation of x[r, years[1]] - x[r, years[0]] over draws of the panel given all `points`.
    """
    known = [point for point in points if is_recognition(point.series)]
    panel = sampled(explore(known, set(regions), years), (Streams(1), "together"), DRAWS)
    at = [panel.names.index(region) for region in regions]
    change = panel.levels[:, at, years[1] - panel.first] - panel.levels[:, at, years[0] - panel.first]
    return np.atleast_2d(np.corrcoef(change.T))
