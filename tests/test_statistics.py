"""What the model does on average is what its parameters say: binomial tests, false alarm one in a million each."""

import numpy as np
import pytest
from helpers import AS_OF, share_is

from agents.enterprises import Origin
from agents.parameters import Parameters
from sim import quarter
from sim.model.model import IndustryModel

PLAIN = Parameters(exit_size_slope=0.0, distress_exit=0.0, spin_off_exit=0.0, opening_pool=40000)


@pytest.fixture(scope="module")
def cohort(city, scenario):
    """Slots of the enterprises founded in 2013Q1, and who is left one, two, ... years later."""
    m = IndustryModel(city, scenario("no_policy"), PLAIN, seed=11, as_of=AS_OF)
    m.step()
    e = m.state.enterprises
    born = e.slot[(e.born == m.quarter) & (e.origin != Origin.ATTRACTED)]
    left = [len(born)]
    for _ in range(5):
        m.run_to(m.quarter + 4)
        left.append(int(np.isin(born, m.state.enterprises.slot).sum()))
    return left


@pytest.mark.statistical
def test_a_cohort_dies_by_the_hazards_of_its_age(cohort):
    """The founding quarter itself has one exit draw, so a year here spans the ages a quarter later."""
    h = np.array([PLAIN.hazard_0_1, PLAIN.hazard_1_2, PLAIN.hazard_2_3, PLAIN.hazard_3_7, PLAIN.hazard_3_7])
    quarterly = np.repeat(1 - (1 - h) ** 0.25, 4)
    for year in range(4):
        survive = np.prod(1 - quarterly[4 * year + 1 : 4 * year + 5])
        assert share_is(cohort[year + 1], cohort[year], survive), year


@pytest.mark.statistical
def test_entrants_are_as_many_as_the_entry_rate_says(city, scenario):
    m = IndustryModel(city, scenario("no_policy"), PLAIN, seed=12, as_of=AS_OF)
    m.step()
    expected = PLAIN.entry_rate * PLAIN.opening_pool * np.exp(PLAIN.entry_growth / 4) / 4
    queue = city.opening.potential_entrants
    founded = m.state.flows["entries"] - m.state.flows["attracted"]
    assert share_is(founded, queue, expected / queue)
    assert share_is(m.state.flows["spin_offs"], founded, PLAIN.spin_off_share)


@pytest.mark.statistical
def test_renewals_pass_at_the_renewal_rate(city, scenario):
    p = Parameters(revocation=1e-9, renewal=0.8, activity_multiplier=0.9)
    m = IndustryModel(city, scenario("no_policy"), p, seed=13, as_of=AS_OF).run_to(quarter.parse("2013Q3"))
    e = m.state.enterprises
    due = e.slot[(e.until[:, 1] == m.quarter + 1) & (e.rd_reported > 0.2 * e.revenue) & ~e.dormant]
    m.step()
    at = np.isin(m.state.enterprises.slot, due)
    assert share_is(int((m.state.enterprises.until[at, 1] > m.quarter).sum()), int(at.sum()), 0.8)


def test_the_test_itself_can_fail():
    assert share_is(500, 1000, 0.5)
    assert not share_is(600, 1000, 0.5)
    assert not share_is(0, 1000, 0.05)
