"""One round of recognitions among a few enterprises: who is eligible, applies, passes, is renewed, loses the label."""

import numpy as np
import pytest

from agents.enterprises import NEVER, Recognition
from agents.parameters import Parameters
from agents.terms import Terms
from sim import quarter
from sim.model import recognition
from sim.model.founding import FOREVER

HNTE, SME, SRDI = Recognition.HNTE, Recognition.TECH_SME, Recognition.SRDI
APPLIES = 1.0 - np.exp(-0.5)
"""The chance to apply at a rate of a half; 2012 is where the drive is nothing."""
P = Parameters(hnte_apply=0.5, hnte_pass=0.8, hnte_filing=0.5, renewal=0.9, revocation=0.1, future_apply=0.0, tech_sme_withdrawal=0.2)
HELD = {"now": "2012Q4", "parameters": P, "employees": 20.0, "revenue": 1000.0, "rd_reported": 60.0}


def round_of(s, terms=None):
    return recognition.recognise(s, terms or Terms.blank(len(s.enterprises)))


def test_an_applicant_is_recognised_when_it_applies_and_passes(by_hand):
    s = by_hand(4, **HELD, draws={"apply:hnte": [APPLIES - 1e-6, APPLIES + 1e-6, 0.0, 0.0], "verdict:hnte": [0.0, 0.0, 0.39, 0.41]})
    first, again = round_of(s)
    assert first[:, HNTE].tolist() == [True, False, True, False] and not again.any()
    assert s.enterprises.until[:, HNTE].tolist() == [s.quarter + 12, NEVER, s.quarter + 12, NEVER]
    assert s.enterprises.first[:, HNTE].tolist() == [s.quarter, NEVER, s.quarter, NEVER]
    assert (s.flows["hnte_first"], s.flows["hnte_certified"]) == (2, 2)


def test_thresholds_keep_out_and_so_does_sleep(by_hand):
    """6 % of 1,000 are asked up to 2015; a year of age."""
    s = by_hand(5, **HELD, draws={"apply:hnte": 0.0, "verdict:hnte": 0.0})
    e = s.enterprises
    e.rd_reported[1] = 59.9
    e.born[2], e.born[3] = s.quarter - 3, s.quarter - 4
    e.dormant[4] = True
    first, _ = round_of(s)
    assert first[:, HNTE].tolist() == [True, False, False, True, False]


def test_a_label_that_ends_now_is_renewed_or_lost(by_hand):
    s = by_hand(4, **HELD, draws={"apply:hnte": 1.0, "verdict:hnte": [0.89, 0.91, 0.0, 0.0], "revoked:hnte": 1.0})
    e = s.enterprises
    e.first[:, HNTE] = s.quarter - 12
    e.until[:, HNTE] = [s.quarter, s.quarter, s.quarter - 1, s.quarter + 4]
    first, again = round_of(s)
    assert again[:, HNTE].tolist() == [True, False, False, False] and not first.any()
    assert e.until[:, HNTE].tolist() == [s.quarter + 12, s.quarter, s.quarter - 1, s.quarter + 4]
    assert e.first[:, HNTE].tolist() == [s.quarter - 12] * 4
    assert (s.flows["hnte_first"], s.flows["hnte_certified"]) == (0, 1)


def test_who_lost_it_and_applies_again_is_no_first(by_hand):
    s = by_hand(1, **HELD, draws={"apply:hnte": 0.0, "verdict:hnte": 0.0})
    s.enterprises.first[:, HNTE], s.enterprises.until[:, HNTE] = s.quarter - 20, s.quarter - 8
    first, again = round_of(s)
    assert not first.any() and again[0, HNTE]


def test_the_dormant_and_the_revoked_lose_it_and_wait_a_round(by_hand):
    s = by_hand(4, **HELD, draws={"apply:hnte": 0.0, "verdict:hnte": 0.0, "revoked:hnte": [0.09, 0.11, 0.99, 0.0]})
    e = s.enterprises
    e.first[:3, HNTE], e.until[:3, HNTE] = s.quarter - 4, s.quarter + 8
    e.dormant[2] = True
    first, again = round_of(s)
    assert e.until[:, HNTE].tolist() == [s.quarter - 1, s.quarter + 8, s.quarter - 1, s.quarter + 12]
    assert first[:, HNTE].tolist() == [False, False, False, True] and not again.any()


@pytest.mark.parametrize(("season", "held"), [("2013Q1", False), ("2013Q3", False), ("2013Q4", True)])
def test_a_round_is_held_once_a_year(by_hand, season, held):
    s = by_hand(1, **HELD | {"now": season}, draws={"apply:hnte": 0.0, "verdict:hnte": 0.0})
    first, _ = round_of(s)
    assert bool(first[0, HNTE]) is held


def test_a_label_without_an_end_is_kept_until_it_is_withdrawn(by_hand):
    s = by_hand(3, **HELD | {"now": "2013Q2"}, draws={"apply:tech_sme": 0.0, "revoked:tech_sme": [0.5, 0.19, 0.21]})
    e = s.enterprises
    e.first[1:, SME], e.until[1:, SME] = s.quarter - 8, FOREVER
    round_of(s)
    assert e.until[:, SME].tolist() == [FOREVER, s.quarter - 1, FOREVER]


def test_before_a_programme_exists_there_is_no_round(by_hand):
    s = by_hand(1, **HELD | {"now": "2020Q4", "revenue": 5000.0, "rd_reported": 2000.0}, draws={"apply:srdi": 0.0})
    assert not round_of(s)[0][:, SRDI].any()
    s.quarter = quarter.parse("2021Q4")
    assert round_of(s)[0][:, SRDI].all()


def test_an_invitation_lifts_the_rate_of_those_invited(by_hand):
    u = (APPLIES + (1.0 - np.exp(-1.0))) / 2.0  # more than a rate of a half gives, less than a rate of one
    s = by_hand(2, **HELD, draws={"apply:hnte": u, "verdict:hnte": 0.0})
    terms = Terms.blank(2)
    terms.invite(HNTE, np.array([False, True]), float(np.log(2.0)))
    assert round_of(s, terms)[0][:, HNTE].tolist() == [False, True]


def test_future_tracks_are_counted_apart_and_apply_more(by_hand, city):
    future = next(k for k, t in enumerate(city.tracks) if t.future)
    local = next(k for k, t in enumerate(city.tracks) if not t.future)
    u = (APPLIES + (1.0 - np.exp(-1.0))) / 2.0
    more = Parameters(**{n: getattr(P, n) for n in ("hnte_apply", "hnte_pass", "hnte_filing")}, future_apply=float(np.log(2.0)))
    s = by_hand(2, **HELD | {"parameters": more}, track=[future, local], draws={"apply:hnte": u, "verdict:hnte": 0.0})
    assert round_of(s)[0][:, HNTE].tolist() == [True, False]
    assert s.flows["future_hnte_first"] == 1
