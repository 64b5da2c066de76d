"""What a lever may spend, what it has spent, and what is filed."""

import numpy as np
import pytest

from sim.levers.ledger import Ledger, Line, Payment


@pytest.fixture
def ledger():
    made = Ledger(weight=10.0)
    made.open_line("fund", 100.0)
    return made


def test_a_row_pays_for_the_enterprises_it_stands_for(ledger):
    ledger.pay("fund", np.array([1.5, 0.0, 2.5]))
    assert ledger.lines["fund"] == Line(amount=40.0, payments=20, budget=100.0)


def test_what_is_left_is_per_row_and_never_below_nothing(ledger):
    assert ledger.left("fund") == 10.0
    ledger.pay("fund", np.array([7.0]))
    assert ledger.left("fund") == pytest.approx(3.0)
    ledger.pay("fund", np.array([3.0 + 1e-9]))
    assert ledger.left("fund") == 0.0


def test_who_overspends_is_stopped(ledger):
    ledger.pay("fund", np.array([6.0, 4.0]))
    with pytest.raises(AssertionError, match=r"fund paid 101\.0 of 100\.0"):
        ledger.pay("fund", np.array([0.1]))


def test_a_payment_for_the_city_does_not_scale_and_ends_with_the_budget(ledger):
    ledger.pay_city("fund", 60.0, payments=3)
    ledger.pay_city("fund", 60.0)
    assert ledger.lines["fund"] == Line(amount=100.0, payments=4, budget=100.0)
    ledger.pay_city("fund", 60.0)
    assert ledger.lines["fund"].payments == 4


def test_the_total_is_of_all_levers_and_of_this_quarter_only(ledger):
    ledger.open_line("grant", 50.0)
    ledger.pay("fund", np.array([2.0]))
    ledger.pay_city("grant", 5.0)
    assert ledger.total() == 25.0
    ledger.close(8080)
    assert ledger.total() == 0.0 and ledger.lines == {}


def test_what_is_filed_stays_and_the_page_is_blank(ledger):
    ledger.pay("fund", np.array([2.0]))
    ledger.close(8080)
    ledger.open_line("fund", 70.0)
    ledger.close(8081)
    assert ledger.closed == [Payment(8080, "fund", 20.0, 10, 100.0), Payment(8081, "fund", 0.0, 0, 70.0)]


def test_a_blank_page_forgets_what_was_not_filed(ledger):
    ledger.pay("fund", np.array([2.0]))
    ledger.open_page()
    assert ledger.lines == {} and ledger.closed == []


def test_a_lever_without_a_line_cannot_pay(ledger):
    with pytest.raises(KeyError):
        ledger.pay("other", np.array([1.0]))


def test_payments_of_a_quarter_add_up_and_every_sum_above_nothing_is_one(ledger):
    ledger.pay("fund", np.array([0.5, 0.0]))
    ledger.pay("fund", np.array([0.25, 0.25, 0.0]))
    assert ledger.lines["fund"] == Line(amount=10.0, payments=30, budget=100.0)
    ledger.pay_city("fund", 0.5)
    assert ledger.lines["fund"] == Line(amount=10.5, payments=31, budget=100.0)


def test_all_of_a_budget_may_be_spent_to_the_rounding(ledger):
    ledger.pay("fund", np.array([(100.0 * (1 + 1e-9) + 1e-6) / 10.0]))
    assert ledger.lines["fund"].amount > 100.0
