"""Who may be supported: every condition at its edge, and one answer however it is asked for."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.enterprises import Recognition
from sim.levers import CityTerms, QuarterContext
from sim.levers.base import Eligible
from sim.levers.context import Zones

NOW = 8080  # 2020Q1, where `by_hand` stands


def context_of(s):
    offer = CityTerms.blank(len(s.city.districts), len(s.city.tracks))
    columns = (s.constants.future, s.constants.compute_heavy)
    return QuarterContext(s.quarter, s.parameters, s.ledger, offer, *columns, Zones.blank(0), 0, s.draw)


@pytest.mark.parametrize(
    ("condition", "column", "values", "passes"),
    [
        ({"max_age_years": 2.0}, "born", [NOW, NOW - 8, NOW - 9], [1, 1, 0]),
        ({"max_age_years": 1.9}, "born", [NOW - 7, NOW - 8], [1, 0]),  # a quarter begun does not count
        ({"min_age_years": 2.0}, "born", [NOW - 7, NOW - 8, NOW - 40], [0, 1, 1]),
        ({"min_age_years": 1.9}, "born", [NOW - 7, NOW - 8], [0, 1]),
        ({"max_employees": 300.0}, "employees", [299.0, 300.0, 300.5], [1, 1, 0]),
        ({"max_revenue": 2000.0}, "revenue", [2000.0, 2000.1], [1, 0]),
        ({"min_rd_intensity": 0.03}, "rd_intensity", [0.029, 0.03, 0.5], [0, 1, 1]),
        ({"districts": (1, 4)}, "district", [0, 1, 4, 5], [0, 1, 1, 0]),
        ({"in_zone": True}, "zone", [0, 1, 9], [0, 1, 1]),
        ({}, "dormant", [False, True], [1, 0]),
    ],
)
def test_a_condition_is_met_up_to_its_edge(by_hand, condition, column, values, passes):
    s = by_hand(len(values), **{column: values})
    found = Eligible(tracks="all", **condition).rows(s.enterprises, context_of(s))
    assert found.tolist() == np.flatnonzero(passes).tolist()


def test_a_recognition_counts_while_it_is_valid_and_only_the_one_named(by_hand):
    s = by_hand(4)
    until = s.enterprises.until
    until[:, Recognition.HNTE] = [NOW, NOW + 1, 0, 0]  # the first quarter in which it no longer is
    until[2, Recognition.SRDI] = NOW + 8
    for word, rows in (("hnte", [1]), ("srdi", [2]), ("", [0, 1, 2, 3])):
        assert Eligible(tracks="all", recognised=word).rows(s.enterprises, context_of(s)).tolist() == rows


def test_tracks_are_future_or_compute_heavy_or_named(by_hand, city):
    tracks = np.arange(len(city.tracks))
    s = by_hand(len(tracks), track=tracks)
    found = {t: Eligible(tracks=t).rows(s.enterprises, context_of(s)).tolist() for t in ("future", "compute_heavy", "all", (0, 3))}
    assert found["future"] == [k for k, t in enumerate(city.tracks) if t.future]
    assert found["compute_heavy"] == [k for k, t in enumerate(city.tracks) if t.compute_heavy]
    assert found["all"] == tracks.tolist() and found[(0, 3)] == [0, 3]


@pytest.mark.parametrize("tracks", ["all", (0,)])
def test_all_conditions_hold_together(by_hand, tracks):
    s = by_hand(4, employees=[10.0, 10.0, 900.0, 900.0], revenue=[10.0, 9000.0, 10.0, 9000.0])
    both = Eligible(tracks=tracks, max_employees=100.0, max_revenue=100.0)
    assert both.rows(s.enterprises, context_of(s)).tolist() == [0]


CONDITIONS = st.fixed_dictionaries(
    {"tracks": st.sampled_from(["all", "future", "compute_heavy", (1,), (0, 6)])},
    optional={
        "districts": st.sampled_from([(), (0,), (2, 7)]),
        "max_age_years": st.sampled_from([0.0, 1.3, 5.0]),
        "min_age_years": st.sampled_from([0.4, 3.0]),
        "max_employees": st.sampled_from([0.0, 20.0, 300.0]),
        "recognised": st.sampled_from(["hnte", "tech_sme"]),
        "in_zone": st.booleans(),
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=CONDITIONS, seed=st.integers(0, 2**16), share=st.sampled_from([0.0, 0.5, 1.0]))
def test_rows_mask_and_among_give_one_answer(by_hand, condition, seed, share):
    rng, n = np.random.default_rng(seed), 40
    s = by_hand(
        n, track=rng.integers(0, 7, n), district=rng.integers(0, 13, n), born=NOW - rng.integers(0, 30, n),
        employees=rng.choice([5.0, 20.0, 400.0], n), zone=rng.integers(0, 2, n), dormant=rng.random(n) < 0.2,
    )  # fmt: skip
    s.enterprises.until[:] = NOW + rng.integers(-3, 4, s.enterprises.until.shape)
    wanted, some = Eligible(**condition), rng.random(n) < share
    rows = wanted.rows(s.enterprises, context_of(s))
    assert (np.diff(rows) > 0).all() and not s.enterprises.dormant[rows].any()
    context = context_of(s)
    for _ in range(2):  # the second time from what the quarter remembers
        assert np.array_equal(np.flatnonzero(wanted.mask(s.enterprises, context)), rows)
        assert np.array_equal(wanted.among(some, s.enterprises, context), rows[some[rows]])
        assert np.array_equal(wanted.rows(s.enterprises, context), rows)
    wider = Eligible(**{k: v for k, v in condition.items() if k == "tracks"}).rows(s.enterprises, context)
    assert np.isin(rows, wider).all()  # a condition more never lets anybody in


def test_levers_with_equal_conditions_look_once_a_quarter(by_hand):
    s = by_hand(3)
    context = context_of(s)
    first = Eligible(tracks="all", max_employees=100.0).rows(s.enterprises, context)
    assert Eligible(tracks="all", max_employees=100.0).rows(s.enterprises, context) is first
    s.enterprises.employees[0] = 500.0
    assert Eligible(tracks="all", max_employees=100.0).rows(s.enterprises, context_of(s)).tolist() == [1, 2]
