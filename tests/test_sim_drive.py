"""The drive: every year's step is a parameter, before and after the origin; after the last it stays."""

import numpy as np
import pytest

from agents.drive import LAST, WALKS, DriveSteps, step_name
from agents.enterprises import Recognition
from agents.parameters import NAMES, PRIORS, Parameters
from sim import quarter
from sim.model import drive

STEPS = {"drive_hnte_2013": 0.1, "drive_hnte_2014": 0.2, "drive_hnte_2015": -0.1, "drive_hnte_2030": 0.3}
NONE = dict.fromkeys((n for n in NAMES if n.startswith("drive_")), 0.0)


def at(year, **steps):
    return Parameters(**(NONE | steps)).log_drive("hnte", year)


def test_it_starts_from_nothing_and_adds_a_step_a_year():
    assert [at(year, **STEPS) for year in (2010, 2012, 2013, 2014, 2015, 2029)] == pytest.approx([0, 0, 0.1, 0.3, 0.2, 0.2])


def test_it_stays_where_the_last_step_left_it():
    assert at(LAST, **STEPS) == at(2040, **STEPS) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("kind", "since"),
    [("TECH_SME", 2012), ("SRDI", 2021), ("LITTLE_GIANT", 2019), ("HNTE", 2012), ("TECH_CENTRE", 2012)],
)
def test_each_label_begins_at_its_first_round_and_follows_its_own_steps(kind, since):
    key = kind.lower()
    p = Parameters(**(NONE | {f"{key}_apply": 0.2, f"drive_{key}_{since + 1}": 0.1, f"drive_{key}_2026": -0.3}))

    def of(year):
        return drive.application_rate(Recognition[kind], quarter.parse(f"{year}Q2"), p)

    assert of(since) == of(since - 1) == pytest.approx(0.2)
    assert of(since + 1) == of(2025) == pytest.approx(0.2 * np.exp(0.1))
    assert of(2026) == of(2031) == pytest.approx(0.2 * np.exp(-0.2))
    others = [k for k in Recognition if k.name != kind]
    q = quarter.parse("2026Q2")
    assert all(drive.application_rate(k, q, p) == drive.application_rate(k, q, Parameters(**NONE)) for k in others)


def test_a_walks_steps_hang_together_as_it_says():
    walk = WALKS["little_giant"]
    covariance = walk.covariance()
    assert covariance[0, 0] == pytest.approx(walk.drift**2 + walk.shock**2)
    assert covariance[2, 5] == pytest.approx(walk.drift**2 * walk.fade**3)
    assert walk.mean()[:3] == pytest.approx([walk.start, walk.start * walk.fade, walk.start * walk.fade**2])


def test_every_step_has_its_own_part_of_the_walk_as_prior():
    for kind, walk in WALKS.items():
        spread = np.sqrt(np.diag(walk.covariance()))
        for k, year in enumerate(walk.years()):
            low, middle, high = PRIORS[step_name(kind, year)].value(np.array([0.1586553, 0.5, 0.8413447]))
            assert (middle, high - middle, middle - low) == pytest.approx((walk.mean()[k], spread[k], spread[k]), rel=1e-5)


def test_no_step_is_missing_from_the_table():
    declared = set(DriveSteps.__dataclass_fields__)
    assert declared == {step_name(kind, year) for kind, walk in WALKS.items() for year in walk.years()}


def test_only_the_hnte_review_fails_applicants():
    p = Parameters(hnte_pass=0.8, hnte_filing=0.9)
    assert [drive.pass_rate(kind, p) for kind in Recognition] == pytest.approx([1.0, 0.72, 1.0, 1.0, 1.0])
