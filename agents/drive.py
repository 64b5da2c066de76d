"""The drive (力度): by how much each recognition is pursued more, or less, from one year to the next.

A constant rate cannot fit the history: rules eased in 2016, a doubling plan ran in 2018-2020, new labels are rolled
out. So the log application rate changes every year, in the past and after the origin alike, and every change is a
parameter. Changes hang together: a drift that fades, and a shock on top,

    step[y] = drift[y] + N(0, shock^2),   drift[y] = fade drift[y-1] + what keeps its spread,   mean start fade^k

Calibration replaces these priors by what the panel of all regions says of the city (`calibration.fit.outlook`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.priors import Normal, param
from agents.table import Floats, added

LAST = 2030
"""Last year that has a step of its own; later years stay where it left them."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is believed of one recognition's steps where nothing is known; logs a year."""

    zh: str
    since: int  # year of the first round, whose rate is the recognition's `*_apply`; steps begin the year after
    start: float  # mean of the first step
    fade: float  # part of a drift that is left after a year
    drift: float  # sd
    shock: float  # sd
    source: str

    def years(self) -> range:
        """Return the years that have a step."""
        return range(self.since + 1, LAST + 1)

    def mean(self) -> Floats:
        """Return the expected steps, (years,)."""
        return np.asarray(self.start * self.fade ** np.arange(len(self.years())))

    def covariance(self) -> Floats:
        """Return their covariance, (years, years)."""
        k = np.arange(len(self.years()))
        return self.drift**2 * self.fade ** np.abs(k[:, None] - k[None, :]) + self.shock**2 * np.eye(len(k))


ROLL_OUT = (0.90, 0.5, 0.45, 0.20)
"""Start, fade, drift and shock of a label that is being rolled out.

National batches of little giants: 248 in 2019, 1,491 in 2020 (8,997 in all at end-2022, less the others), 2,930, 4,328
and 3,671 in 2023, so steps of 1.8, 0.7, 0.4 and -0.2. A region follows later and less steeply.
"""
WALKS = {
    "hnte": Walk("高企认定力度", 2012, 0.0, 0.8, 0.13, 0.18, "assumption where no panel speaks of the city"),
    "tech_sme": Walk("科小申报力度", 2012, 0.05, 0.8, 0.10, 0.13, "assumption"),
    "srdi": Walk("专精特新申报力度", 2021, *ROLL_OUT, "national batches 2019-2023; assumption: provinces follow"),
    "little_giant": Walk("小巨人申报力度", 2019, *ROLL_OUT, "national batches, 248 (2019) to 4,328 (2022)"),
    "tech_centre": Walk("技术中心申报力度", 2012, 0.0, 0.8, 0.10, 0.13, "assumption"),
}
"""By recognition, under the name it has in `recognitions.toml`."""


def step_name(kind: str, year: int) -> str:
    """Return the name of the parameter that is a recognition's step in a year."""
    return f"drive_{kind}_{year}"


def _step(kind: str, year: int) -> Any:
    """Declare one step; its prior is its own part of the walk's."""
    walk = WALKS[kind]
    k = year - walk.since - 1
    prior = Normal(float(walk.start * walk.fade**k), float(np.hypot(walk.drift, walk.shock)))
    return param(prior, "log/year", walk.source, f"{walk.zh}{year}")


# fmt: off
@dataclass(frozen=True, slots=True)
class DriveSteps:
    """The yearly steps of every recognition, as parameters."""

    drive_hnte_2013: float = _step("hnte", 2013)
    drive_hnte_2014: float = _step("hnte", 2014)
    drive_hnte_2015: float = _step("hnte", 2015)
    drive_hnte_2016: float = _step("hnte", 2016)
    drive_hnte_2017: float = _step("hnte", 2017)
    drive_hnte_2018: float = _step("hnte", 2018)
    drive_hnte_2019: float = _step("hnte", 2019)
    drive_hnte_2020: float = _step("hnte", 2020)
    drive_hnte_2021: float = _step("hnte", 2021)
    drive_hnte_2022: float = _step("hnte", 2022)
    drive_hnte_2023: float = _step("hnte", 2023)
    drive_hnte_2024: float = _step("hnte", 2024)
    drive_hnte_2025: float = _step("hnte", 2025)
    drive_hnte_2026: float = _step("hnte", 2026)
    drive_hnte_2027: float = _step("hnte", 2027)
    drive_hnte_2028: float = _step("hnte", 2028)
    drive_hnte_2029: float = _step("hnte", 2029)
    drive_hnte_2030: float = _step("hnte", 2030)
    drive_tech_sme_2013: float = _step("tech_sme", 2013)
    drive_tech_sme_2014: float = _step("tech_sme", 2014)
    drive_tech_sme_2015: float = _step("tech_sme", 2015)
    drive_tech_sme_2016: float = _step("tech_sme", 2016)
    drive_tech_sme_2017: float = _step("tech_sme", 2017)
    drive_tech_sme_2018: float = _step("tech_sme", 2018)
    drive_tech_sme_2019: float = _step("tech_sme", 2019)
    drive_tech_sme_2020: float = _step("tech_sme", 2020)
    drive_tech_sme_2021: float = _step("tech_sme", 2021)
    drive_tech_sme_2022: float = _step("tech_sme", 2022)
    drive_tech_sme_2023: float = _step("tech_sme", 2023)
    drive_tech_sme_2024: float = _step("tech_sme", 2024)
    drive_tech_sme_2025: float = _step("tech_sme", 2025)
    drive_tech_sme_2026: float = _step("tech_sme", 2026)
    drive_tech_sme_2027: float = _step("tech_sme", 2027)
    drive_tech_sme_2028: float = _step("tech_sme", 2028)
    drive_tech_sme_2029: float = _step("tech_sme", 2029)
    drive_tech_sme_2030: float = _step("tech_sme", 2030)
    drive_srdi_2022: float = _step("srdi", 2022)
    drive_srdi_2023: float = _step("srdi", 2023)
    drive_srdi_2024: float = _step("srdi", 2024)
    drive_srdi_2025: float = _step("srdi", 2025)
    drive_srdi_2026: float = _step("srdi", 2026)
    drive_srdi_2027: float = _step("srdi", 2027)
    drive_srdi_2028: float = _step("srdi", 2028)
    drive_srdi_2029: float = _step("srdi", 2029)
    drive_srdi_2030: float = _step("srdi", 2030)
    drive_little_giant_2020: float = _step("little_giant", 2020)
    drive_little_giant_2021: float = _step("little_giant", 2021)
    drive_little_giant_2022: float = _step("little_giant", 2022)
    drive_little_giant_2023: float = _step("little_giant", 2023)
    drive_little_giant_2024: float = _step("little_giant", 2024)
    drive_little_giant_2025: float = _step("little_giant", 2025)
    drive_little_giant_2026: float = _step("little_giant", 2026)
    drive_little_giant_2027: float = _step("little_giant", 2027)
    drive_little_giant_2028: float = _step("little_giant", 2028)
    drive_little_giant_2029: float = _step("little_giant", 2029)
    drive_little_giant_2030: float = _step("little_giant", 2030)
    drive_tech_centre_2013: float = _step("tech_centre", 2013)
    drive_tech_centre_2014: float = _step("tech_centre", 2014)
    drive_tech_centre_2015: float = _step("tech_centre", 2015)
    drive_tech_centre_2016: float = _step("tech_centre", 2016)
    drive_tech_centre_2017: float = _step("tech_centre", 2017)
    drive_tech_centre_2018: float = _step("tech_centre", 2018)
    drive_tech_centre_2019: float = _step("tech_centre", 2019)
    drive_tech_centre_2020: float = _step("tech_centre", 2020)
    drive_tech_centre_2021: float = _step("tech_centre", 2021)
    drive_tech_centre_2022: float = _step("tech_centre", 2022)
    drive_tech_centre_2023: float = _step("tech_centre", 2023)
    drive_tech_centre_2024: float = _step("tech_centre", 2024)
    drive_tech_centre_2025: float = _step("tech_centre", 2025)
    drive_tech_centre_2026: float = _step("tech_centre", 2026)
    drive_tech_centre_2027: float = _step("tech_centre", 2027)
    drive_tech_centre_2028: float = _step("tech_centre", 2028)
    drive_tech_centre_2029: float = _step("tech_centre", 2029)
    drive_tech_centre_2030: float = _step("tech_centre", 2030)
# fmt: on

    def steps(self, kind: str) -> tuple[float, ...]:
        """Return a recognition's steps, in the order of the years."""
        return tuple(getattr(self, step_name(kind, year)) for year in WALKS[kind].years())

    def log_drive(self, kind: str, year: int) -> float:
        """Return how much a recognition is pursued at the end of a year, log, zero in the year of its first round."""
        # later years are as the last that has a step; before the first round nothing has changed yet
        reached = max(min(year, LAST) - WALKS[kind].since, 0)
        return added(self.steps(kind)[:reached])
