"""Terms are blank every quarter but for what levers offer, whatever was offered before."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.enterprises import Recognition
from agents.table import rows_where, those
from agents.terms import Terms

COLUMNS = [name for name, _, _ in Terms.describe() if name != "invitations"]
MONEY = ("grant", "rd_extra")


def is_blank(terms):
    return not any(getattr(terms, name).any() for name in COLUMNS) and not terms.invitations


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50), st.data()), max_size=5))
def test_every_quarter_starts_blank_and_shows_what_is_offered(quarters):
    terms = Terms.blank(0)
    for n, newcomers, data in quarters:
        terms.clear(n)
        assert len(terms) == n and is_blank(terms)
        expected = {name: np.zeros(n + newcomers) for name in MONEY}
        reached = np.zeros(n + newcomers, bool)
        for name in MONEY * 2:
            rows = np.array(sorted(data.draw(st.sets(st.integers(0, n - 1), max_size=9)) if n else ()), int)
            terms.offer(rows, **{name: 2.0 + rows}, scene=True)
            expected[name][rows] += 2.0 + rows
            reached[rows] = True
        terms.add(newcomers)
        for name in MONEY:
            assert np.array_equal(getattr(terms, name), expected[name])
            assert terms.largest(name) == expected[name].max(initial=0.0)
        assert np.array_equal(terms.offered(*MONEY), np.flatnonzero(reached))
        assert np.array_equal(terms.reached, reached) and np.array_equal(terms.scene, reached)
        assert terms.largest("boost") == 0.0 and not len(terms.offered("boost"))


def test_invitations_add_up_for_those_invited_and_not_for_those_who_come_later():
    terms = Terms.blank(4)
    terms.invite(Recognition.HNTE, np.array([True, False, True, True]), 0.5)
    terms.invite(Recognition.HNTE, np.array([True, True, False, False]), 0.25)
    terms.invite(Recognition.SRDI, np.ones(4, bool), 0.0)  # nothing: nobody is reached
    terms.add(2)
    lift = terms.application_lift(Recognition.HNTE, np.array([0, 1, 2, 5]))
    assert lift.tolist() == [0.75, 0.25, 0.5, 0.0]
    assert not terms.application_lift(Recognition.SRDI, np.arange(6)).any()
    assert terms.reached.tolist() == [True] * 4 + [False] * 2


def test_terms_are_written_through_offers_only():
    terms = Terms.blank(3)
    with pytest.raises(ValueError, match="read-only"):
        terms.grant[1] += 1.0
    with pytest.raises(KeyError, match="grants"):
        terms.offer(np.array([1]), grants=1.0)
    with pytest.raises(KeyError, match="grants"):
        terms.offered("grants")
    with pytest.raises(IndexError):
        terms.offer(np.array([0, 3]), grant=1.0)  # there is room for a fourth row, but no such enterprise
    terms.clear(3)
    assert is_blank(terms)


def test_a_copy_is_cleared_apart_from_its_original():
    terms = Terms.blank(3)
    terms.offer(np.array([1]), grant=5.0)
    twin = deepcopy(terms)
    terms.clear(3)
    assert is_blank(terms) and twin.grant.tolist() == [0.0, 5.0, 0.0]
    twin.clear(3)
    assert is_blank(twin)


@given(st.lists(st.booleans(), max_size=400), st.sampled_from([1, 30]))
def test_the_rows_of_a_mask_are_numpys(values, sparse):
    mask = np.zeros(sparse * len(values), bool)
    mask[::sparse] = values
    assert np.array_equal(rows_where(mask), np.flatnonzero(mask))
    rows = np.ascontiguousarray(np.arange(len(mask))[::-1])
    assert np.array_equal(those(rows, mask), rows[mask])
