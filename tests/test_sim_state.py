"""A model that is pickled, copied or forked, here or in another process, goes on with the same numbers to the bit."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from copy import copy, deepcopy
from multiprocessing import get_context

import cloudpickle
import numpy as np
import pytest
from helpers import AS_OF, END

from agents.enterprises import Enterprises
from agents.terms import Terms
from sim.ensemble.ensemble import series_of

COLUMNS = [name for name, _, _ in Enterprises.describe()]


def numbers(model):
    """Everything a run leaves: every column in order of rows, the series, the ledger, the institutions' accounts."""
    s = model.state
    few = s.institutions
    books = [
        [(z.status, z.since, z.provincial, z.national, z.built, z.due) for z in few.pilot_zones],
        [(f.tier, f.invested, f.deals) for f in few.funds.values()],
        [(p.name, p.paid, p.uses) for p in few.programmes.values()],
        [(c.formed, c.lead, c.track) for c in few.consortia],
        [(d.moved_in, d.moved_out, d.closed) for d in few.districts],
        few.counts,
    ]
    return {name: getattr(s.enterprises, name).copy() for name in COLUMNS}, series_of(model), s.ledger.closed, books


def same(a, b):
    (rows, series, ledger, books), (rows_too, series_too, ledger_too, books_too) = a, b
    return (
        all(np.array_equal(rows[name], rows_too[name]) for name in COLUMNS)
        and np.array_equal(series, series_too, equal_nan=True)
        and ledger == ledger_too
        and books == books_too
    )


@pytest.fixture(scope="module")
def plan(root, scenario):
    """The plan three quarters on, with zones, funds and consortia at work; only copied."""
    return root.fork(scenario("plan_as_written")).run_to(AS_OF + 3)


@pytest.fixture(scope="module")
def gone_on(plan):
    """What the plan leaves at the end when nobody copies it on the way but `fork`."""
    return numbers(plan.fork(plan.policy).run_to(END))


def goes_on(model):
    return numbers(model.run_to(END))


COPIES = {
    "pickle": lambda m: pickle.loads(pickle.dumps(m)),
    "cloudpickle": lambda m: pickle.loads(cloudpickle.dumps(m)),
    "deepcopy": deepcopy,
    "pickled twice": lambda m: pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(m)))),
    "forked after pickling": lambda m: pickle.loads(pickle.dumps(m)).fork(m.policy),
    "pickled after a fork": lambda m: pickle.loads(pickle.dumps(m.fork(m.policy))),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_goes_on_with_the_same_numbers_to_the_bit(plan, gone_on, how):
    before = numbers(plan)
    twin = COPIES[how](plan)
    twin.state.enterprises.reached[:] = False  # as a fork begins
    assert same(goes_on(twin), gone_on)
    assert same(numbers(plan), before)  # and the original has not moved


def test_a_spawned_process_goes_on_with_the_same_numbers_to_the_bit(plan, gone_on):
    twin = plan.fork(plan.policy)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert same(pool.submit(goes_on, twin).result(), gone_on)


def test_the_comparison_notices_one_enterprise_that_is_a_little_larger(plan, gone_on):
    twin = plan.fork(plan.policy)
    twin.state.enterprises.revenue[7] *= 1.0 + 1e-12
    assert not same(goes_on(twin), gone_on)


def test_a_pickled_model_is_as_large_as_its_rows(plan):
    e = plan.state.enterprises
    rows = sum(getattr(e, name).nbytes for name in COLUMNS)
    assert len(pickle.dumps(plan)) < 2 * rows + 4_000_000


@pytest.mark.parametrize("how", [copy, deepcopy, lambda t: pickle.loads(pickle.dumps(t))], ids=["copy", "deep", "pickle"])
def test_a_copied_table_has_rows_of_its_own(how):
    table = Enterprises.blank(3)
    table.slot[:] = [1, 2, 3]
    twin = how(table)
    twin.add(500)
    twin.slot[:] = 9
    twin.drop(np.array([0]))
    assert table.slot.tolist() == [1, 2, 3] and len(twin) == 502 and set(twin.slot.tolist()) == {9}


def test_copied_terms_keep_what_was_offered_and_are_cleared_on_their_own():
    terms = Terms.blank(4)
    terms.offer(np.array([1, 3]), grant=5.0)
    twin = pickle.loads(pickle.dumps(terms))
    terms.clear(4)
    assert twin.offered("grant").tolist() == [1, 3] and twin.grant.tolist() == [0.0, 5.0, 0.0, 5.0]
    assert not twin.grant.flags.writeable
    twin.clear(6)
    assert not twin.grant.any() and not twin.reached.any() and not terms.grant.any()
