"""The columns agree with one `mesa.Agent` per enterprise on every enterprise in every quarter, 2012-2026."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from agents import finance, founding, growth, innovation, recognition, survival
from agents.enterprises import Enterprises
from agents.institutions import Institutions, PilotZone
from agents.parameters import NAMES, Parameters, from_uniforms
from sim import quarter
from sim.city.facts import published
from sim.city.known import Figures, KnownEnterprise
from sim.levers import LEVERS, base
from sim.levers.allocation import allocate
from sim.levers.base import Eligible
from sim.levers.capacity import Capacity
from sim.model import business, drive, institutions
from sim.model import founding as founding_of_model
from sim.model.model import IndustryModel
from sim.state import state
from sim.state.known import KnownEnterprises
from sim.state.state import State
from sim.streams import Streams
from tests.twin import COLUMNS, TwinModel

FORK, END = quarter.parse("2024Q4"), quarter.parse("2026Q4")
TOLERANCE = 1e-9


def close(a, b):
    return np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE)


def difference(model, twin):
    """Return where the two first differ this quarter, or an empty text."""
    when, table = quarter.label(model.quarter), twin.table()
    e, order = model.state.enterprises, np.argsort(model.state.enterprises.slot)
    if not np.array_equal(e.slot[order], table["slot"]):
        odd = np.setxor1d(e.slot, table["slot"])
        return f"{when}: {len(e)} rows against {len(table['slot'])} agents, first odd slot {odd[:1]}"
    for name in COLUMNS:
        ours, theirs = getattr(e, name)[order], table[name]
        same = close(ours, theirs) if ours.dtype.kind == "f" else ours == theirs
        rows = np.flatnonzero(~same.reshape(len(e), -1).all(axis=1))
        if len(rows):
            i = rows[0]
            return f"{when}: {name} of slot {e.slot[order[i]]} is {ours[i]}, twin {theirs[i]} ({len(rows)} of {len(e)} rows)"
    for key in sorted(model.state.flows.keys() | twin.flows.keys()):
        slack = key == "equity"  # cut to whole 万元
        if abs(model.state.flows[key] - twin.flows[key]) > slack:
            return f"{when}: flow {key} is {model.state.flows[key]}, twin {twin.flows[key]}"
    ours, theirs = accounts(model.state), accounts(twin)
    if ours.keys() != theirs.keys():
        return f"{when}: only one of the two has {ours.keys() ^ theirs.keys()}"
    for key, value in ours.items():
        if not (close(value, theirs[key]) if isinstance(value, float) else value == theirs[key]):
            return f"{when}: {key} is {value}, twin {theirs[key]}"
    return ""


def accounts(m):
    """Return what institutions and the ledger have on their books, by name."""
    made = {
        ("counts", k): getattr(m.institutions.counts, k)
        for k in ("scenes_released", "scenes_completed", "scenes_matched", "samples", "platforms")
    }
    for z in m.institutions.pilot_zones:
        made["zone", z.index] = (z.status, z.designated, z.provincial, z.national, z.built, z.due, z.works)
    for i, c in enumerate(m.institutions.consortia):
        made["consortium", i] = (c.formed, c.lead, c.track)
    for d in m.institutions.districts:
        made["district", d.key] = (d.moved_in, d.moved_out, d.closed)
    for tier, fund in m.institutions.funds.items():
        made["invested", tier], made["deals", tier], made["on record", tier] = fund.invested, fund.deals, fund.on_record
    for name, programme in m.institutions.programmes.items():
        made["paid", name], made["uses", name] = programme.paid, programme.uses
    for when, lever, amount, payments, budget in m.ledger.closed:
        if when == m.quarter:
            made["amount", lever], made["budget", lever] = float(amount), float(budget)
            made["payments", lever] = payments
    return made


def step_together(model, twin, end, seen):
    """Step both to `end`, compare after every quarter, and add what happened to `seen`."""
    start = model.quarter
    while model.quarter < end:
        model.step()
        twin.step()
        found = difference(model, twin)
        if found:
            return found
        seen.update(model.state.flows)
        e = model.state.enterprises
        seen.update(enterprise_quarters=len(e), dormant=int(e.dormant.sum()), boosted=int((e.boost != 0).sum()))
        seen.update(scenes=int((e.scene_until > model.quarter).sum()), gained=int((e.year_gain != 0).sum()))
        seen.update(
            tenants=int((e.zone > 0).sum()), reached=int(e.reached.sum()), alone=int((e.public_part > 0.7).sum())
        )
    for when, lever, amount, payments, budget in model.state.ledger.closed:
        if when <= start:
            continue
        seen[f"paid:{lever}"] += amount
        seen["pools_emptied"] += 0 < budget <= amount * (1 + 1e-9) and payments > 1
    return ""


def both(*args, **options):
    model, twin = IndustryModel(*args, **options), TwinModel(*args, **options)
    return model, twin, difference(model, twin)


def drawn(seed):
    """Draw every parameter from its prior by an address of its own, so that a new one leaves the others alone."""
    draw = Streams(seed).uniform
    return from_uniforms(np.array([draw(f"prior:{name}", 0, np.zeros(1, np.int64))[0] for name in NAMES]))


PLAN = (
    "entries", "attracted", "spin_offs", "exits", "activity_exits", "dormant", "relocated", "rounds", "equity",
    "scenes_completed", "tech_sme_first", "hnte_first", "srdi_first", "tech_centre_first", "zone_tenants_founded",
    "tenants", "boosted", "reached", "pools_emptied", "paid:service_voucher", "paid:compute_voucher",
    "paid:open_challenge", "paid:seedling_grant", "paid:growth_coaching", "paid:science_park", "paid:award_hnte",
    "paid:fund_seed",
)  # fmt: skip
"""What must happen in eight quarters of the plan among a few thousand enterprises, or too little is compared."""
RARE = (
    "key_results",
    "leaders_new",
    "leaders_lost",
    "listed_new",
    "little_giant_first",
    "alone",
    "zone_tenants_moved",
    "scenes",
)
"""What is rare there, and frequent where every lever bites."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario_name", "parameters", "as_of", "seed"),
    [
        pytest.param("plan_as_written", Parameters(), "2024Q4", 1, id="plan-defaults"),
        pytest.param("zones_heavy", drawn(1), "2025Q2", 2, id="zones-drawn"),
    ],
)
def test_columns_and_agents_agree_over_the_whole_span(city, scenario, scenario_name, parameters, as_of, seed):
    as_of, weight = quarter.parse(as_of), parameters.opening_pool / 1000
    model, twin, found = both(city, scenario("history"), parameters, seed=seed, as_of=as_of, weight=weight)
    assert not found, found
    assert len(model.state.enterprises) >= 1000
    assert END - model.quarter == 56
    after = Counter()
    found = step_together(model, twin, FORK, Counter())
    assert not found, found
    model, twin = model.fork(scenario(scenario_name)), twin.fork(scenario(scenario_name))
    found = step_together(model, twin, END, after)
    assert not found, found
    assert sum(z.designated > FORK for z in model.state.institutions.pilot_zones) > 0
    idle = [key for key in PLAN if not after[key]]
    assert not idle, f"nothing was compared of: {idle}"


def hard_city(city):
    """Return a city of even tracks, in which one recognition requires another."""
    share = 1.0 / len(city.tracks)
    tracks = tuple(replace(t, share=share, entry_share=share) for t in city.tracks)
    rules = tuple(replace(r, requires="tech_sme") if r.key == "srdi" else r for r in city.rules)
    # everything counts from the opening on, so that what is not on record is drawn
    first = {x.event: x for x in reversed(city.series.covered)}
    covered = tuple(replaced(x, city.start if x is first[x.event] else x.since, x.to) for x in city.series.covered)
    return replace(city, tracks=tracks, rules=rules, series=replace(city.series, covered=covered))


def replaced(entry, since, to):
    """Return an entry of coverage with other dates."""
    return entry.model_copy(update={"since": since, "to": to})


def hard_scenario(scenario):
    """Return every lever in force from 2014 on, with every kind of eligibility and allocation."""
    common = {"start": quarter.parse("2014Q1"), "end": END}
    everyone = Eligible(tracks="all", max_employees=60.0, max_revenue=3000.0)
    changes = {
        "service_voucher": {
            "budget": 9000.0, "reach": 1.0, "allocation": "lottery",
            "eligible": Eligible(tracks="all", recognised="tech_sme", min_age_years=1.0, max_age_years=20.0),
        },
        "growth_coaching": {"eligible": Eligible(in_zone=True, min_rd_intensity=0.05), "budget": 200.0},
        "seedling_grant": {"allocation": "first_come", "eligible": everyone},
        "consortium_support": {"budget": 1000.0, "support": 400.0},
        "leader_attraction": {"budget": 700.0, "ramp_quarters": 0},
        "compute_supply": {"budget": 600.0, "eligible": Eligible(tracks=(0, 3, 6), districts=(1, 4, 5, 7))},
        "science_park": {"eligible": Eligible(max_age_years=5.0), "ramp_quarters": 30},
        "pilot_plants": {"ramp_quarters": 30},
        "open_challenge": {"size": 4.0, "budget": 30000.0, "allocation": "first_come"},
        "award_hnte": {"size": 9.0, "budget": 25000.0, "first_award": 35.0},
        "fund_seed": {"budget": 4000.0, "public_share": 0.9, "allocation": "lottery"},
        "fund_angel": {"public_share": 0.9},
        "zones_provincial": {"zone_grant": 40.0},
        "zones_national": {"size": 90.0, "zone_grant": 40.0},
        "demonstrations": {"size": 3.0},
        "application_scenes": {"size": 5.0},
    }  # fmt: skip
    levers = tuple(
        replace(x, **{"budget": x.budget or 100.0} | common | changes.get(x.name, {}))
        for x in scenario("zones_heavy").levers
    )
    assert {type(x) for x in levers} == set(LEVERS.values())
    return replace(scenario("zones_heavy"), levers=levers)


@pytest.mark.slow
def test_columns_and_agents_agree_where_every_lever_bites(city, scenario):
    often = {"take_off_scale": 60.0, "relocation_rate": 0.05, "attraction_rate": 0.01, "round_base": 0.0}
    parameters = Parameters(crowd_in=-1.5, first_round=200.0, venture_share=0.4, public_odds=1.5, **often)
    options = {"seed": 4, "as_of": quarter.parse("2025Q2"), "weight": 10.0}
    model, twin, found = both(hard_city(city), hard_scenario(scenario), parameters, **options)
    assert not found, found
    seen = Counter()
    found = step_together(model, twin, END, seen)
    assert not found, found
    levers = [f"paid:{x.name}" for x in model.policy.levers]
    idle = [key for key in (*PLAN, *RARE, *levers) if not seen[key]]
    assert not idle, f"nothing was compared of: {idle}"


def _flipped(rule):
    return lambda *args, **options: ~rule(*args, **options)


def _scaled(rule, by):
    return lambda *args, **options: rule(*args, **options) * by


founding_category, add_up = founding.category_by_row, growth.add_up
MUTANTS = {
    "growth.persistence": (growth, "persistence", _scaled(growth.persistence, 1.001)),
    "growth.add_up, share": (growth, "add_up", lambda *args: add_up(*args[:-1], 1.1 * args[-1])),
    "survival.exit_hazard": (survival, "exit_hazard", _scaled(survival.exit_hazard, 1.05)),
    "finance.looks_for_round": (finance, "looks_for_round", _flipped(finance.looks_for_round)),
    "recognition.applies": (recognition, "applies", _flipped(recognition.applies)),
    "allocation.allocate": (base, "allocate", lambda claim, priority, pool: allocate(claim, -priority, pool)),
    "business.LARGE_EMPLOYEES": (business, "LARGE_EMPLOYEES", 20.0),
    "growth.add_up, lift": (growth, "add_up", lambda years, lifts, *rest: add_up(years, tuple(1.1 * x for x in lifts), *rest)),
    "founding.category_by_row": (founding, "category_by_row", lambda u, w: founding_category(1.0 - u, w)),
    "innovation.discovers": (innovation, "discovers", _flipped(innovation.discovers)),
    "Lever.dose": (base.Lever, "dose", lambda lever, context: lever.strength(context.quarter)),
    "business.FINANCED_QUARTERS": (business, "FINANCED_QUARTERS", 8),
    "Enterprises.drop": (Enterprises, "drop", lambda _table, _rows: None),
}


def small_run(city, scenario):
    """Run 250 enterprises through the first four years, two of them with every lever in force."""
    options = {"seed": 4, "as_of": FORK, "weight": 40.0}
    model, twin, found = both(hard_city(city), hard_scenario(scenario), Parameters(), **options)
    return found or step_together(model, twin, city.start + 16, Counter())


def test_a_small_run_agrees(city, scenario):
    assert not small_run(city, scenario)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_changed_rule_is_noticed(city, scenario, monkeypatch, mutant):
    monkeypatch.setattr(*MUTANTS[mutant])
    assert small_run(city, scenario), "the columns run under another rule than the agents, and nobody noticed"


KNOWN_END = quarter.parse("2015Q2")
"""Until here figures are published: the record of every known enterprise ends with 2014."""


def known_city(city):
    """Return a small city with a few known enterprises: one with gaps, one never telling its staff, one listing later."""
    figures = (
        (Figures(2010, 4e4, None, None), Figures(2012, 9e4, 700.0, 0.05), Figures(2014, 8e4, 900.0, 0.09), Figures(2016, 3e5, 950.0, 0.2)),
        (Figures(2012, 6e5, None, None), Figures(2014, 9e5, None, None)),
        (Figures(2011, 2e4, 300.0, 0.02), Figures(2013, 3e4, None, None), Figures(2014, 6e4, None, None)),
    )  # fmt: skip
    told = [KnownEnterprise(f"k{i}", "", "", i, k, 2000 + 4 * i, listed, f)
            for i, (k, listed, f) in enumerate(zip((0, 6, 2), (2008, None, 2013), figures, strict=True))]  # fmt: skip
    hard = hard_city(city)
    return replace(hard, known=tuple(told), opening=replace(hard.opening, potential_entrants=300, hnte=30, tech_sme=80))


def known_run(city, scenario, end="2016Q4"):
    """Run 250 enterprises and the known ones, in a city where much closes, moves and takes off."""
    parameters = Parameters(
        opening_pool=250.0, relocation_rate=0.9, take_off_scale=600.0, hazard_7_up=0.6, exit_size_slope=0.0, leader_exit=0.5
    )
    options = {"seed": 6, "as_of": KNOWN_END, "weight": 1.0}
    model, twin, found = both(known_city(city), hard_scenario(scenario), parameters, **options)
    return model, found or step_together(model, twin, quarter.parse(end), Counter())


def test_known_enterprises_agree(city, scenario):
    model, found = known_run(city, scenario, "2014Q4")
    assert not found, found
    assert (model.state.enterprises.on_record == quarter.parse("2014Q4")).sum() == 3
    assert not known_run(city, scenario)[1]


books, on_record, keep = KnownEnterprises.books, State.on_record, founding_of_model.keep_to_record
MUTANTS_OF_THE_KNOWN = {
    "books, a year late": (KnownEnterprises, "books", lambda known, slots, year: books(known, slots, year - 1)),
    "on record, one quarter more": (State, "on_record", lambda s, rows=slice(None): s.enterprises.on_record[rows] >= s.quarter - 1),
    "published": (state, "published", lambda city, as_of: city.known),
    "published late": (state, "published", lambda city, as_of: published(city, as_of - 4)),
    "listing": (business, "keep_to_record", lambda e, rows, told: keep(e, rows, told._replace(listed=0 * told.listed))),
}


@pytest.mark.parametrize("mutant", MUTANTS_OF_THE_KNOWN)
def test_a_changed_rule_of_the_known_is_noticed(city, scenario, monkeypatch, mutant):
    monkeypatch.setattr(*MUTANTS_OF_THE_KNOWN[mutant])
    assert known_run(city, scenario)[1], "the columns run under another rule than the agents, and nobody noticed"


happens, thinned, form = institutions.happens, institutions._thinned, Institutions.form_consortium
advance, sites, application_rate, beside = PilotZone.advance, institutions._sites, drive.application_rate, institutions._beside


def replace_seen(s, seen):
    """Return the state as if the record held another share of what happens."""
    return replace(s, parameters=replace(s.parameters, record_seen=seen))


MUTANTS_OF_THE_FEW = {
    "happens, rate": (institutions, "happens", lambda s, kind, rate: happens(s, kind, 1.1 * rate)),
    "QUEUES": (institutions, "QUEUES", institutions.QUEUES | {"samples": 41}),
    "thinned": (institutions, "_thinned", lambda s, decision, expected: thinned(s, decision, 1.2 * expected)),
    "SCENE_SPREAD": (institutions, "SCENE_SPREAD", 0.45),
    "BUILD_SPREAD": (institutions, "BUILD_SPREAD", 0.6),
    "PilotZone.advance": (PilotZone, "advance", lambda zone, quarter, evaluated: advance(zone, quarter, True)),
    "PilotZone.promote": (PilotZone, "promote", lambda zone, level, quarter: setattr(zone, level, quarter)),  # noqa: PLW0108  a builtin takes no self
    "form_consortium, track": (Institutions, "form_consortium", lambda few, quarter, lead=-1, track=-1: form(few, quarter, lead)),
    "record": (institutions, "_on_record", lambda s: None),
    "places on record": (institutions, "_sites", lambda s, fact: sites(s, fact._replace(district="", track=""))),
    "beside the record": (institutions, "_beside", lambda s, count, push: beside(replace_seen(s, 0.9), count, push)),
    "anyway": (institutions, "push_in_all", lambda anyway, push: push),
    "completed on record": (institutions, "_completed", lambda s: s.institutions.counts.scenes_due.pop(s.quarter, 0)),
    "capacity": (Capacity, "reached", lambda capacity, size: size),
    "surcharge": (Capacity, "surcharge", lambda capacity, size: capacity.running_cost * max(size - 1.0, 0.0)),
    "drive, one year less": (drive, "application_rate", lambda kind, now, p: application_rate(kind, now - 4, p)),
    "drive, one step": (drive, "application_rate", lambda kind, now, p: application_rate(kind, now, replace(p, drive_srdi_2022=0.0))),
    "drive, pass rate": (drive, "pass_rate", lambda kind, p: p.hnte_pass),
}
"""Rules of institutions and of the drive, each changed a little in the columns."""


RECORD_ENDS = quarter.parse("2015Q4")


def early_city(city):
    """Return the hard city with all that is on record of it brought forward to before 2016, and a little more."""
    by = city.events["quarter"].max() - RECORD_ENDS
    more = [("2013Q2", "sample_made", 2), ("2013Q3", "platform_built", 1), ("2014Q2", "scene_completed", 3),
            ("2015Q2", "zone_built", 2), ("2015Q3", "zone_national", 1), ("2015Q3", "fund_invested_merger", 1)]  # fmt: skip
    rows = [{"quarter": quarter.parse(q), "kind": k, "count": n, "district": "", "track": ""} for q, k, n in more]
    events = pd.concat([city.events.assign(quarter=city.events["quarter"] - by), pd.DataFrame(rows)])
    covered = [replaced(x, x.since - by, x.to and x.to - by) for x in city.series.covered]
    ends = {"scene_completed": "2015Q1", "zone_built": "2015Q2", "sample_made": "2013Q4"}
    covered = [replaced(x, x.since, quarter.parse(ends[x.event])) if x.event in ends else x for x in covered]
    return replace(hard_city(city), events=events, series=replace(city.series, covered=tuple(covered)))


def long_run(city, scenario, seen):
    """Run 125 enterprises to 2022; the record ends in 2015, from when on lots name the zones and the drive walks."""
    options = {"seed": 5, "as_of": RECORD_ENDS, "weight": 80.0}
    parameters = Parameters(take_off_scale=60.0, drive_hnte_2015=0.3, national_zones=0.5)
    model, twin, found = both(early_city(city), hard_scenario(scenario), parameters, **options)
    found = found or step_together(model, twin, quarter.parse("2022Q4"), seen)
    seen.update(few_of(model.state.institutions))
    return found


FEW = ("built", "provincial", "national", "led", "around_a_university", "samples", "platforms")
"""What must become of institutions in the run, or too little is compared."""


def few_of(few):
    """Count what has become of institutions."""
    return {
        "built": sum(z.built > 0 for z in few.pilot_zones),
        "provincial": sum(z.provincial > 0 for z in few.pilot_zones),
        "national": sum(z.national > 0 for z in few.pilot_zones),
        "led": sum(c.lead >= 0 for c in few.consortia),
        "around_a_university": sum(c.lead < 0 for c in few.consortia),
        "samples": few.counts.samples,
        "platforms": few.counts.platforms,
    }


def test_institutions_agree_when_lots_decide(city, scenario):
    seen = Counter()
    assert not long_run(city, scenario, seen)
    idle = [k for k in (*FEW, "scenes_completed") if not seen[k]]
    assert not idle, f"nothing was compared of: {idle}"


@pytest.mark.parametrize("mutant", MUTANTS_OF_THE_FEW)
def test_a_changed_rule_of_the_few_is_noticed(city, scenario, monkeypatch, mutant):
    monkeypatch.setattr(*MUTANTS_OF_THE_FEW[mutant])
    assert long_run(city, scenario, Counter()), "the few run under another rule than the twin's, and nobody noticed"
