"""The recognition drive: a line between knots that are known, a walk from then on; trends end with what is known."""

import numpy as np
import pytest
from helpers import SaidDraws
from scipy.special import ndtri

from agents.enterprises import Recognition
from agents.parameters import DRIVE_YEARS, Parameters
from sim import quarter
from sim.model import drive

P = Parameters(drive_2015=0.3, drive_2017=0.2, drive_2018=-0.1, drive_volatility=0.5)


def at(year, known_to=2024, u=0.5):
    return drive.log_drive(year, known_to, P, SaidDraws({"drive": u}))


def test_it_starts_from_nothing_and_is_a_line_between_knots():
    assert [at(year) for year in (2010, 2012, 2013, 2014, 2015, 2016, 2017, 2018)] == pytest.approx(
        [0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.4]
    )


def test_past_what_is_known_it_walks_a_step_a_year():
    step = 0.5 * ndtri(0.8)
    assert [at(year, known_to=2017, u=0.8) for year in (2017, 2018, 2020)] == pytest.approx([0.5, 0.5 + step, 0.5 + 3 * step])


def test_a_knot_is_known_only_when_its_year_is():
    assert at(2015, known_to=2014, u=0.5) == pytest.approx(0.0)
    assert at(2015, known_to=2015, u=0.9) == pytest.approx(0.3)


def test_the_last_knot_is_the_sum_of_all_steps():
    assert at(DRIVE_YEARS[-1]) == pytest.approx(sum(P.drive_steps()))


@pytest.mark.parametrize(
    ("kind", "rate", "trend", "since"),
    [("TECH_SME", "tech_sme_apply", "tech_sme_trend", 2012), ("SRDI", "srdi_apply", "srdi_trend", 2021),
     ("LITTLE_GIANT", "little_giant_apply", "little_giant_trend", 2019)],
)  # fmt: skip
def test_a_roll_out_grows_by_its_trend_until_the_data_end(kind, rate, trend, since):
    p = Parameters(**{rate: 0.2, trend: 0.1})

    def of(year, known_to):
        return drive.application_rate(Recognition[kind], quarter.parse(f"{year}Q2"), known_to, p, SaidDraws({}))

    assert of(since, 2024) == pytest.approx(0.2)
    assert of(2023, 2024) == pytest.approx(0.2 * np.exp(0.1 * (2023 - since)))
    assert of(2026, 2022) == pytest.approx(of(2022, 2024))
    assert of(2030, 2029) == pytest.approx(of(2024, 2024))  # fitted to data up to 2024


def test_only_the_hnte_follows_the_drive_and_tech_centres_follow_nothing():
    p = Parameters(hnte_apply=0.1, tech_centre_apply=0.04, drive_2015=0.3)
    now = quarter.parse("2015Q4"), 2024, p, SaidDraws({})
    assert drive.application_rate(Recognition.HNTE, *now) == pytest.approx(0.1 * np.exp(0.3))
    assert drive.application_rate(Recognition.TECH_CENTRE, *now) == 0.04


def test_only_the_hnte_review_fails_applicants():
    p = Parameters(hnte_pass=0.8, hnte_filing=0.9)
    assert [drive.pass_rate(kind, p) for kind in Recognition] == pytest.approx([1.0, 0.72, 1.0, 1.0, 1.0])
