"""Every lever, at a strong dose, moves what it is for in the direction of its prior; no lever spends what it has not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.enterprises import NEVER, Origin
from agents.parameters import PRIORS
from sim.levers import LEVERS
from sim.levers.base import Eligible
from sim.levers.capacity import Capacity, CountedLever, capacities

QUARTERS, STRONG = 8, 10.0
TERMS = {"source": "test", "budget": 1e6, "ramp_quarters": 1}


def mean_of(name):
    """Return a prior's mean from its quantiles, without its own arithmetic."""
    return float(np.mean(PRIORS[name].value((np.arange(4000) + 0.5) / 4000)))


def total(indicator):
    return lambda m: sum(m.datacollector.model_vars[indicator][-QUARTERS:])


def reached_mean(column):
    """Compare the same enterprises: the later-born of one future are not those of the other."""
    return lambda m: float(np.log(getattr(m.state.enterprises, column)[m.state.enterprises.slot < 2**32]).mean())


def spun_off(m):
    e = m.state.enterprises
    return int((e.origin == Origin.SPIN_OFF).sum())


def alive_young(m):
    return int((m.state.enterprises.born >= m.quarter - 20).sum())


def in_places(m):
    """Count enterprises founded since the fork in the first two districts' future tracks."""
    e = m.state.enterprises
    return int(((e.born > m.quarter - QUARTERS) & (e.district < 2) & m.state.constants.future[e.track]).sum())


FUTURE = Eligible(tracks="future")
EVERYONE = Eligible(tracks="all")
# fmt: off
CASES = {   # lever: its own fields, the parameter whose sign counts, what it is for
    "basic_research":     ({"eligible": FUTURE}, "basic_research", spun_off),
    "open_challenge":     ({"eligible": FUTURE, "share": 0.2, "cap": 300.0, "size": 5.0}, "projects_rate", total("key_results")),
    "pilot_plants":       ({"eligible": FUTURE, "platforms": 5.0, "platform_grant": 500.0}, "pilot_plant_lift", total("tech_centres_new")),
    "consortium_support": ({}, "consortia_rate", lambda m: m.datacollector.model_vars["consortia"][-1]),
    "leader_attraction":  ({}, "leader_attraction", total("attracted")),
    "growth_coaching":    ({"eligible": EVERYONE, "cost": 1.0}, "coaching_growth", reached_mean("employees")),
    "recognition_award":  ({"eligible": EVERYONE, "recognition": "hnte", "first_award": 20.0}, "award_response", total("hnte_first")),
    "seedling_grant":     ({"eligible": Eligible(tracks="all", max_age_years=5), "amount": 200.0}, "first_round", alive_young),
    "service_voucher":    ({"eligible": EVERYONE, "face_value": 1.0, "reach": 4.0}, "voucher_effect", reached_mean("employees")),
    "compute_voucher":    ({"eligible": EVERYONE, "rate": 0.5, "cap": 100.0, "compute_share": 0.5}, "voucher_additional", reached_mean("knowledge")),
    "pilot_zones":        ({"size": 9.0, "batch_quarters": (1, 2, 3, 4)}, "zone_growth", reached_mean("revenue")),
    "science_park":       ({"eligible": Eligible(tracks="future", districts=(0, 1))}, "park_entry", in_places),
    "compute_supply":     ({"eligible": EVERYONE, "compute_share": 0.5}, "compute_saving", reached_mean("knowledge")),
    "application_scenes": ({"eligible": FUTURE, "size": 4.0}, "scene_growth", reached_mean("employees")),
    "demonstrations":     ({"eligible": FUTURE, "size": 3.0}, "samples_rate", lambda m: m.datacollector.model_vars["demonstration_samples"][-1]),
    "talent_programme":   ({"eligible": FUTURE}, "talent_entry", total("entries")),
    "guidance_fund":      ({"eligible": EVERYONE, "tier": "seed", "ticket": 500.0, "public_share": 0.5}, "public_odds", lambda m: int(m.state.enterprises.rounds.sum())),
    "exchange_platforms": ({}, "contest_attraction", total("attracted")),
}
# fmt: on
UNSCALED = {"projects_rate", "consortia_rate", "samples_rate", "first_round", "voucher_additional", "compute_saving"}
"""Parameters whose usual value is strong enough, or that are shares."""


def test_every_lever_has_its_case():
    assert set(CASES) == set(LEVERS)


@pytest.mark.parametrize("kind", CASES)
def test_a_strong_dose_moves_what_the_lever_is_for_in_the_direction_of_its_prior(root, scenario, kind):
    fields, name, outcome = CASES[kind]
    strong = mean_of(name) * (1.0 if name in UNSCALED else STRONG)
    nothing = replace(scenario("no_policy"), levers=())
    start, end = root.quarter + 1, root.quarter + QUARTERS
    lever = LEVERS[kind](name=kind, start=start, end=end, **TERMS | fields)
    found = []
    for levers in ((), (lever,)):
        m = root.fork(replace(nothing, levers=levers))
        m.state.parameters = replace(m.state.parameters, **{name: strong})
        for zone in m.state.institutions.pilot_zones:
            zone.works = True
        found.append(outcome(m.run_to(end)))
    assert np.sign(found[1] - found[0]) == np.sign(strong) != 0, (kind, found)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_lever_of_a_random_scenario_spends_more_than_it_has(root, scenario, data):
    plan = scenario("plan_as_written")
    made = []
    for lever in plan.levers:
        if data.draw(st.booleans(), label=f"{lever.name} there"):
            start = root.quarter + 1 + data.draw(st.integers(0, 3), label="start")
            made.append(
                replace(
                    lever,
                    start=start,
                    end=start + data.draw(st.integers(0, 4), label="quarters"),
                    budget=data.draw(st.sampled_from([0.0, 1.0, 333.3, 5e3, 1e5, 1e8]), label="budget"),
                    size=data.draw(st.sampled_from([0.0, 0.3, 1.0, 7.0]), label="size"),
                    ramp_quarters=data.draw(st.integers(0, 6), label="ramp"),
                    allocation=data.draw(st.sampled_from(["quality", "first_come", "lottery"]), label="allocation"),
                )
            )
    m = root.fork(replace(plan, levers=tuple(made))).run_to(root.quarter + 4)
    known = {lever.name: lever for lever in made}
    for when, name, amount, payments, budget in m.state.ledger.closed:
        if when <= root.quarter:
            continue
        lever = known[name]
        assert lever.start <= when <= lever.end
        assert 0.0 <= amount <= budget * (1 + 1e-9) + 1e-6 <= most(lever) / 4.0 * (1 + 1e-9) + 2e-6
        assert payments >= 0 and (payments > 0) == (amount > 0)


def most(lever):
    """Return what a lever may spend a year: its own money times its size, and what a larger office takes."""
    office = lever.capacity.surcharge(lever.size) if isinstance(lever, CountedLever) else 0.0
    return lever.budget * lever.size + office


def alone(root, scenario, parameters, *levers):
    """Fork the root with nothing but these levers in force, all zones working."""
    m = root.fork(replace(scenario("no_policy"), levers=levers))
    m.state.parameters = replace(m.state.parameters, **parameters)
    for zone in m.state.institutions.pilot_zones:
        zone.works = True
    return m


def test_a_dose_is_the_ramp_times_the_size_to_its_elasticity(root, scenario):
    lever = LEVERS["talent_programme"](
        name="t", start=root.quarter + 1, end=root.quarter + 9, budget=100.0, source="test", size=4.0, ramp_quarters=4
    )
    m = alone(root, scenario, {"dose_elasticity": 0.5}, lever)
    m.step()
    assert lever.dose(m.context) == pytest.approx(0.25 * 2.0)
    assert lever.pool(m.quarter) == pytest.approx(100.0 * 4.0 / 4.0 * 0.25)


def test_a_late_tenant_gets_the_whole_effect_over_the_ramp(root, scenario):
    """Whoever joined when, the zone's effect comes over the ramp that follows: no displacement, so exactly."""
    ramp, growth = 1.0, 0.2
    p = {
        "zone_growth": growth, "zone_ramp": ramp, "zone_top_tier": 1.0, "zone_entry": 0.0, "zone_candidates": 500.0,
        "displacement_tradable": 0.0, "displacement_local": 0.0, "knowledge_elasticity": 0.0,
    }  # fmt: skip
    start = root.quarter + 1
    lever = LEVERS["pilot_zones"](
        name="z", start=start, end=start + 40, budget=0.0, source="test", batch_quarters=(start % 4 + 1,)
    )
    with_it, without = (alone(root, scenario, p, *levers) for levers in ((lever,), ()))
    for m in (with_it, without):
        m.run_to(root.quarter + 20)
    e, b = with_it.state.enterprises, without.state.enterprises
    slots = np.intersect1d(e.slot[(e.zone > 0) & ~e.dormant & (e.rd_intensity >= 0.03)], b.slot)
    i, j = (np.searchsorted(x.slot, slots, sorter=np.argsort(x.slot)) for x in (e, b))
    i, j = np.argsort(e.slot)[i], np.argsort(b.slot)[j]
    done = (e.zone_since[i] <= with_it.quarter - 9) & (e.zone_since[i] > NEVER)  # the ramp, and a year to close
    gained = np.log(e.revenue[i] / b.revenue[j])[done]
    late = (e.zone_since[i] > start + 4)[done]
    assert late.sum() > 3 and (~late).sum() > 20
    assert np.allclose(gained[late], growth, atol=1e-9) and np.allclose(gained[~late], growth, atol=1e-9)


def test_a_scene_helps_as_many_enterprises_as_are_matched(root, scenario):
    lever = LEVERS["application_scenes"](
        name="s", start=root.quarter + 1, end=root.quarter + 9, budget=0.0, source="test", ramp_quarters=1, size=8.0
    )
    m = alone(root, scenario, {"scene_years": 50.0, "spontaneous_scenes": 0.0}, lever)
    expected = 0.0
    for _ in range(8):
        expected += m.state.institutions.counts.scenes_matched
        m.step()
    helped = m.state.weight * (m.state.enterprises.scene_until > m.quarter).sum()
    assert expected > 50 and abs(helped - expected) <= 8 * m.state.weight  # a fraction of a row a quarter, and who has closed


@pytest.mark.parametrize("kind", CASES)
def test_a_lever_of_size_zero_changes_no_bit(root, scenario, kind):
    fields, _, _ = CASES[kind]
    lever = LEVERS[kind](name=kind, start=root.quarter + 1, end=root.quarter + 4, **TERMS | fields | {"size": 0.0})
    a, b = (alone(root, scenario, {}, *levers).run_to(root.quarter + 4).state.enterprises for levers in ((), (lever,)))
    for name, _, _ in type(a).describe():
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


OFFICE = Capacity(lever="office", limit=3.0, running_cost=800.0, cost_power=1.5, why="test")


@pytest.mark.parametrize(("size", "times"), [(0.0, 0.0), (0.5, 0.6), (1.0, 1.0), (2.0, 1.5), (4.0, 2.0), (10.0, 2.5)])
def test_an_office_brings_about_less_and_less_for_more(size, times):
    """With a limit of three: s * 3 / (s + 2)."""
    assert OFFICE.reached(size) == pytest.approx(times)


@pytest.mark.parametrize(("size", "cost"), [(0.25, 0.0), (1.0, 0.0), (4.0, 5600.0), (9.0, 20800.0)])
def test_a_larger_office_costs_more_than_proportionally(size, cost):
    """Of 800 a year at size one: 8 times 800 at size four, 27 times at nine, less what size one takes anyway."""
    assert OFFICE.surcharge(size) == pytest.approx(cost)


COUNTED = {k for k, cls in LEVERS.items() if issubclass(cls, CountedLever)}


def test_every_lever_that_counts_has_an_office_and_no_office_is_left_over(scenario):
    offices = {x.office for x in scenario("plan_as_written").levers if isinstance(x, CountedLever)}
    assert offices == set(capacities())


@pytest.mark.parametrize("kind", sorted(COUNTED))
def test_ten_times_the_size_is_neither_linear_nor_free(root, scenario, kind):
    """Each event more costs more than the one before, whatever the scenario's own money."""
    fields = CASES[kind][0] | {"start": root.quarter + 1, "end": root.quarter + 8, "source": "test", "budget": 0.0}
    pushed, paid = [], []
    for size in (1.0, 2.0, 10.0):
        lever = LEVERS[kind](name=kind, **fields | {"size": size, "batch_quarters": (2,)} if kind == "pilot_zones" else fields | {"size": size})
        quarters = range(root.quarter + 1, root.quarter + 9)
        pushed.append(sum(lever.push(q) for q in quarters))
        m = alone(root, scenario, {"project_cost": 0.0}, lever).run_to(root.quarter + 8)
        paid.append(sum(x.amount for x in m.state.ledger.closed if x.quarter > root.quarter))
    assert pushed[0] < pushed[1] < pushed[2] < 5.0 * pushed[0]
    assert paid[0] == 0.0
    assert 0.0 < paid[1] / (pushed[1] - pushed[0]) < paid[2] / (pushed[2] - pushed[0])
