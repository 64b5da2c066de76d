"""How an office shares out money that does not last for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.levers import allocation
from sim.levers.allocation import allocate


def test_allocation_stops_at_the_pool_in_order_of_priority():
    claim, priority = np.array([5.0, 5.0, 5.0]), np.array([1.0, 3.0, 2.0])
    assert allocate(claim, priority, 7.0).tolist() == [0.0, 5.0, 2.0]
    assert allocate(claim, priority, 100.0).tolist() == claim.tolist()
    assert allocate(claim, priority, 0.0).tolist() == [0.0, 0.0, 0.0]


CLAIMS = st.tuples(st.sampled_from([0.0, 1.0, 2.5, 10.0 / 3.0]), st.sampled_from([0.0, 1.0, 1.5, 2.0]))


@pytest.mark.parametrize("many", [0, 2**12])
@given(st.lists(CLAIMS, max_size=30), st.sampled_from([0.0, 1.0, 4.0, 7.5, 20.0, 1e3]))
def test_allocation_is_the_same_whether_or_not_those_far_behind_are_left_out_first(many, claims, pool):
    claim, priority = np.array(claims, float).reshape(-1, 2).T
    granted, asked = np.zeros(len(claim)), 0.0
    for i in sorted(np.flatnonzero(claim > 0.0), key=lambda i: (-priority[i], i)):
        if asked >= pool:
            break
        asked += claim[i]
        granted[i] = min(max(pool - (asked - claim[i]), 0.0), claim[i])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "_PRUNE_FROM", many)
        assert np.array_equal(allocate(claim, priority, pool), granted)
