"""Who moves, who becomes a tenant, who closes and who falls dormant, among a few enterprises."""

import numpy as np
import pytest

from agents.enterprises import NEVER, Origin
from agents.parameters import Parameters
from agents.terms import Terms
from sim.levers.context import CityTerms
from sim.model import mobility

STEADY = Parameters(relocation_rate=0.04, zone_tenants=0.3)  # a hundredth a quarter


def nothing(s):
    return CityTerms.blank(len(s.city.districts), len(s.city.tracks))


def test_who_moves_goes_by_the_shares_of_the_districts(by_hand, city):
    last = len(city.districts) - 1
    s = by_hand(3, parameters=STEADY, draws={"relocation": [0.0099, 0.0101, 0.0], "new_district": [0.9999, 0.9999, 0.0]})
    mobility.relocate(s, nothing(s))
    assert s.enterprises.district.tolist() == [last, 0, 0]  # the third picks the district it is in: it stays
    assert s.flows["relocated"] == 1
    books = [(d.moved_in, d.moved_out) for d in s.institutions.districts]
    assert books[0] == (0, 1) and books[last] == (1, 0) and sum(i + o for i, o in books) == 2


def test_a_place_that_lifts_draws_more_movers_in_all_and_to_itself(by_hand, city):
    share = [d.share for d in city.districts]
    lifted = 1.0 + share[0] / sum(share)  # the first district twice as attractive
    s = by_hand(2, parameters=STEADY, district=1, draws={"relocation": [0.01 * lifted - 1e-6, 0.01 * lifted + 1e-6],
                "new_district": 2.0 * share[0] / sum(share) / lifted - 1e-6})  # fmt: skip
    offer = nothing(s)
    offer.place_lift[0, :] = np.log(2.0)
    mobility.relocate(s, offer)
    assert s.enterprises.district.tolist() == [0, 1]


def test_tenants_are_the_joining_kind_in_the_zone_of_their_place(by_hand):
    s = by_hand(6, parameters=STEADY, draws={"relocation": [1, 1, 1, 1, 1, 0], "tenant": [0.29, 0.31, 0.0, 0.0, 0.0, 0.0]})
    zone = s.institutions.pilot_zones[0]
    e = s.enterprises
    e.district[:], e.track[:] = zone.district, zone.track
    e.future[:] = True
    e.district[2] += 1  # another place
    e.zone[3], e.zone_since[3] = 1, s.quarter - 9  # there already
    e.district[5], e.zone[5], e.zone_since[5] = zone.district + 1, 2, s.quarter - 3  # comes from another zone
    s.streams.said["new_district"] = [0.5] * 5 + [0.0]
    zone.designate(s.quarter - 10, s.quarter + 4)
    e.born[4] = s.quarter - 10  # founded since there is the zone
    mobility.relocate(s, nothing(s))
    assert e.zone.tolist() == [1, 0, 0, 1, 1, 1]
    now = s.quarter
    assert e.zone_since.tolist() == [now, NEVER, NEVER, now - 9, now, now]
    assert [s.flows[f"zone_tenants_{how}"] for how in ("standing", "founded", "moved")] == [1, 1, 1]


def test_without_a_named_zone_nobody_is_a_tenant(by_hand):
    s = by_hand(3, parameters=STEADY, draws={"relocation": 1.0, "tenant": 0.0})
    s.enterprises.future[:] = True
    mobility.relocate(s, nothing(s))
    assert not s.enterprises.zone.any() and s.flows["zone_tenants_standing"] == 0


DYING = Parameters(hazard_7_up=1.0 - 0.9**4, exit_size_slope=0.0, distress_exit=float(np.log(2.0)),
                   spin_off_exit=float(np.log(3.0)), activity_multiplier=1.5)  # fmt: skip
"""A tenth of the old close in a quarter, two tenths of the broke, three of the spin-offs."""


def test_who_closes_is_struck_off_and_counted_where_it_was(by_hand):
    s = by_hand(8, parameters=DYING, district=[2, 2, 3, 3, 4, 4, 5, 5], venture=[False, False, True, True, False, False, False, False],
                cash=-1.0, origin=[0, 0, 0, 0, Origin.SPIN_OFF, Origin.SPIN_OFF, 0, 0],
                draws={"exit": [0.099, 0.101, 0.199, 0.201, 0.299, 0.301, 0.05, 0.099], "dormancy": 1.0})  # fmt: skip
    s.enterprises.dormant[6] = True
    terms = Terms.blank(8)
    terms.offer(np.array([7]), exit_lift=-0.5)
    mobility.leave(s, terms)
    assert sorted(s.enterprises.slot.tolist()) == [1, 3, 5, 7]
    assert [d.closed for d in s.institutions.districts][2:6] == [1, 1, 1, 1]
    assert s.flows["exits"] == 4
    assert s.flows["activity_exits"] == 3  # one of the four was asleep already


def test_the_size_of_an_enterprise_shields_it(by_hand, city):
    typical = city.opening.employees_median
    p = Parameters(hazard_7_up=1.0 - 0.9**4, exit_size_slope=-1.0, activity_multiplier=1.0)
    s = by_hand(3, parameters=p, employees=[typical, 2 * typical, typical / 2], draws={"exit": [0.099, 0.051, 0.19]})
    mobility.leave(s, Terms.blank(3))
    assert s.enterprises.slot.tolist() == [1]


def test_activity_ends_more_often_than_registration(by_hand):
    """Half of the hazard on top: a chance of 0.05; the dormant stay on the register."""
    s = by_hand(3, parameters=DYING, draws={"exit": 1.0, "dormancy": [0.049, 0.051, 0.0]}, dormant=[False, False, True])
    mobility.leave(s, Terms.blank(3))
    assert s.enterprises.dormant.tolist() == [True, False, True]
    assert (s.flows["exits"], s.flows["activity_exits"]) == (0, 1)


@pytest.mark.parametrize(("age", "young"), [(20, 1), (21, 0)])
def test_young_are_the_first_five_years(by_hand, age, young):
    s = by_hand(1, parameters=Parameters(), draws={"exit": 0.0, "dormancy": 1.0})
    s.enterprises.born[:] = s.quarter - age
    mobility.leave(s, Terms.blank(1))
    assert (s.flows["exits"], s.flows["exits_young"]) == (1, young)
