"""Which sizes are outside the evidence, and that every output says so in the same words."""

from dataclasses import replace
from math import inf

import pytest

from peiyu.words.evidence import outside_document, outside_words
from sim.scenario.evidence import differing_outside, evidenced, outside_evidence
from sim.scenario.mixes import mixed


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("plan_as_written", {}),
        ("baseline", {}),
        ("no_policy", {}),  # what is left out is no size
        ("districts_equal", {}),  # thirteen small pools are one programme of the usual size
        ("fund_heavy", {"fund_seed": 3.0, "fund_angel": 3.0, "fund_seedling": 3.0}),
        ("voucher_heavy", {"service_voucher": 5.0}),  # twice the compute vouchers are at the edge, inside
        ("zones_heavy", {"zones_municipal": inf}),  # money for zones, of which none was published
        ("fund_if_behind", {"fund_seed": 3.0, "fund_angel": 3.0, "fund_seedling": 3.0}),  # if the rule acts
    ],
)
def test_shipped_scenarios(city, scenario, name, found):
    assert outside_evidence(scenario(name), evidenced(city)) == pytest.approx(found)


@pytest.mark.parametrize(("size", "outside"), [(0.0, False), (0.4, True), (0.5, False), (1.0, False), (2.0, False), (2.1, True)])
def test_the_bounds_are_half_and_twice_and_nothing_is_no_size(city, scenario, size, outside):
    plan = scenario("plan_as_written")
    assert outside_evidence(mixed(plan, {"growth_coaching": size}), evidenced(city)) == ({"growth_coaching": size} if outside else {})
    assert outside_evidence(mixed(plan, {"exchange_platforms": size}), evidenced(city), ["growth_coaching"]) == {}


def test_a_case_may_be_outside_where_the_total_is_not(city, with_levers):
    s = with_levers("plan_as_written", service_voucher={"face_value": 10.0})
    assert outside_evidence(s, evidenced(city)) == {"service_voucher": pytest.approx(10 / 3)}


def test_what_a_later_decision_or_a_rule_does_counts(city, scenario):
    plan = scenario("plan_as_written")
    later = replace(plan, before=((plan.levers[0].start, mixed(plan, {"growth_coaching": 4.0}).levers),))
    assert outside_evidence(later, evidenced(city)) == {"growth_coaching": 4.0}


def test_an_effect_is_marked_where_what_differs_is_outside(city, scenario):
    plan, more = scenario("plan_as_written"), scenario("fund_heavy")
    assert differing_outside(plan, more, city).keys() == differing_outside(more, plan, city).keys() == {"fund_seed", "fund_angel", "fund_seedling"}
    other = mixed(more, {"growth_coaching": 1.5})  # both have the large funds, so what differs is inside
    assert differing_outside(more, other, city) == {}


def test_one_wording(city, scenario):
    found = outside_document(outside_evidence(scenario("zones_heavy"), evidenced(city)))
    assert found == {"zones_municipal": None}
    (en,), (zh,) = (outside_words(found | {"fund_seed": 3.0}, None, lang) for lang in ("en", "zh"))
    assert en.startswith("Outside the evidence (×0.5 to ×2") and "municipal pilot zones no published size, seed fund ×3" in en
    assert zh.startswith("超出证据范围") and "种子期投资基金 ×3" in zh
    assert outside_words({}, None, "en") == []
