"""Identities, common random numbers, and what levers may and may not do."""

import gc
import weakref
from dataclasses import replace

import mesa
import numpy as np
import pytest
from helpers import AS_OF, END

from agents.enterprises import Enterprises, Origin, Recognition, Stage
from agents.parameters import Parameters
from sim import quarter
from sim.ensemble.ensemble import Experiment, Member, run_member
from sim.levers import LEVERS
from sim.model import founding
from sim.model.model import IndustryModel

COLUMNS = [name for name, _, _ in Enterprises.describe()]


def rows_of(model, slots):
    order = np.argsort(model.state.enterprises.slot)
    return order[np.searchsorted(model.state.enterprises.slot[order], slots)]


def test_stocks_are_stocks_plus_flows_every_quarter(root, scenario):
    model = root.fork(scenario("plan_as_written"))
    for _ in range(8):
        before = len(model.state.enterprises)
        model.step()
        assert len(model.state.enterprises) == before + model.state.flows["entries"] - model.state.flows["exits"]


def test_who_holds_a_label_was_certified_now_or_held_it_before(root, scenario):
    model, kind = root.fork(scenario("plan_as_written")), Recognition.HNTE
    for _ in range(8):
        before = dict(zip(model.state.enterprises.slot, model.state.enterprises.until[:, kind], strict=True))
        model.step()
        e = model.state.enterprises
        valid = e.until[:, kind] > model.quarter
        fresh = e.until[:, kind] == model.quarter + 12
        assert all(before[s] == u for s, u in zip(e.slot[valid & ~fresh], e.until[valid & ~fresh, kind], strict=True))
        left = model.state.flows["hnte_certified"] - np.count_nonzero(fresh)  # certified and closed in the same quarter
        assert 0 <= left <= model.state.flows["exits"]


def test_nothing_impossible_is_held(root, scenario):
    e = root.fork(scenario("plan_as_written")).run_to(END).state.enterprises
    for name in ("employees", "revenue", "rd_spend", "rd_reported", "knowledge", "equity", "support"):
        assert (getattr(e, name) >= 0).all() and np.isfinite(getattr(e, name)).all()
    assert (e.rd_reported >= e.rd_spend * (1 - 1e-12)).all()
    assert len(np.unique(e.slot)) == len(e)
    assert (e.until[e.first == 0] == 0).all()


def test_the_ledger_is_the_sum_of_payments_within_budgets(root, scenario):
    model = root.fork(scenario("plan_as_written")).run_to(END)
    paid = {}
    for when, lever, amount, payments, budget in model.state.ledger.closed:
        assert 0 <= amount <= budget + 1e-6
        assert (amount > 0) <= (payments > 0)
        paid[lever] = paid.get(lever, 0) + (amount if when > AS_OF else 0)
    assert {"guidance", "compute_voucher"} & {"compute_voucher"} <= paid.keys()
    for lever in ("compute_voucher", "service_voucher", "seedling_grant", "growth_coaching", "open_challenge"):
        assert paid[lever] > 0, lever
    yearly = [row for row in model.state.ledger.closed if row[1] == "compute_voucher" and row[0] // 4 == 2026]
    assert sum(row[2] for row in yearly) <= 25000 + 1e-6


def test_an_enterprise_no_lever_reaches_has_the_same_life_to_the_bit(root, scenario):
    base, plan = (root.fork(scenario(s)).run_to(END) for s in ("no_policy", "baseline"))
    a, b = base.state.enterprises, plan.state.enterprises
    # displacement reaches every rival of a supported enterprise: a market is unreached when nobody in it is
    both = np.intersect1d(a.slot, b.slot)
    i, j = rows_of(base, both), rows_of(plan, both)
    untouched = ~b.reached[j] & (a.track[i] != 6)
    lifted = {(d, k) for d, k in zip(b.district[b.reached], b.track[b.reached], strict=True)}
    untouched &= np.array([(d, k) not in lifted for d, k in zip(b.district[j], b.track[j], strict=True)])
    for name in COLUMNS:
        assert (getattr(a, name)[i][untouched] == getattr(b, name)[j][untouched]).all(), name


def test_without_displacement_support_changes_only_those_it_reaches(city, scenario):
    p = Parameters(displacement_local=0.0, displacement_tradable=0.0, award_response=0.0)
    root = IndustryModel(city, scenario("history"), p, seed=5, as_of=AS_OF, weight=20.0).run_to(AS_OF)
    base, plan = (root.fork(scenario(s)).run_to(END) for s in ("baseline", "voucher_heavy"))
    a, b = base.state.enterprises, plan.state.enterprises
    both = np.intersect1d(a.slot, b.slot)
    i, j = rows_of(base, both), rows_of(plan, both)
    untouched = ~(a.reached[i] | b.reached[j])
    # zones and moves between districts are not support of an enterprise
    same = [n for n in COLUMNS if n not in {"zone", "zone_since", "district"}]
    assert untouched.sum() > 100
    for name in same:
        assert (getattr(a, name)[i][untouched] == getattr(b, name)[j][untouched]).all(), name


def test_a_lever_with_zero_effect_changes_no_bit(city, scenario, with_levers):
    p = Parameters(voucher_effect=0.0, coaching_growth=0.0, incubation_exit=0.0)
    root = IndustryModel(city, scenario("history"), p, seed=5, as_of=AS_OF, weight=20.0).run_to(AS_OF)
    plan = scenario("plan_as_written")
    idle = ("service_voucher", "growth_coaching")
    rest = replace(plan, levers=tuple(x for x in plan.levers if x.name not in idle))
    a, b = (root.fork(s).run_to(END).state.enterprises for s in (rest, plan))
    for name in set(COLUMNS) - {"reached"}:
        assert (getattr(a, name) == getattr(b, name)).all(), name


def test_each_central_lever_bites_in_the_direction_of_its_effect(city, scenario):
    strong = Parameters(
        public_odds=2.0,
        voucher_effect=1.0,
        zone_growth=0.5,
        zone_works=0.99,
        zone_top_tier=0.9,
        displacement_local=0.0,
        displacement_tradable=0.0,
    )
    root = IndustryModel(city, scenario("history"), strong, seed=5, as_of=AS_OF, weight=5.0).run_to(AS_OF)
    plan = scenario("plan_as_written")

    def end(keep):
        levers = tuple(x for x in plan.levers if keep(type(x).__name__))
        return root.fork(replace(plan, levers=levers)).run_to(END)

    nothing = end(lambda _: False)
    funds = end(lambda t: t == "GuidanceFund")
    assert funds.state.enterprises.rounds.sum() > nothing.state.enterprises.rounds.sum()
    vouchers = end(lambda t: t == "ServiceVoucher")
    both = np.intersect1d(vouchers.state.enterprises.slot, nothing.state.enterprises.slot)
    grown = (
        vouchers.state.enterprises.employees[rows_of(vouchers, both)] - nothing.state.enterprises.employees[rows_of(nothing, both)]
    )
    assert grown.sum() > 0
    zones = end(lambda t: t == "PilotZones")
    tenants = zones.state.enterprises.slot[zones.state.enterprises.zone > 0]
    both = np.intersect1d(tenants, nothing.state.enterprises.slot)
    grown = zones.state.enterprises.revenue[rows_of(zones, both)] - nothing.state.enterprises.revenue[rows_of(nothing, both)]
    assert len(both) > 0 and grown.sum() > 0


def test_the_fork_leaves_the_original_alone(root, scenario):
    before = {name: getattr(root.state.enterprises, name).copy() for name in COLUMNS}
    twin = root.fork(scenario("plan_as_written"))
    twin.run_to(END)
    assert root.quarter == AS_OF
    assert all((before[n] == getattr(root.state.enterprises, n)).all() for n in COLUMNS)
    assert not any(z.designated for z in root.state.institutions.pilot_zones) and any(z.designated for z in twin.state.institutions.pilot_zones)
    assert all(agent.model is twin for agent in twin.agents)


def test_the_order_of_scenarios_does_not_matter_though_the_last_takes_over_the_history(city, scenario):
    plan, zones = scenario("plan_as_written"), scenario("zones_heavy")
    found = {}
    for order in ((plan, zones), (zones, plan), (plan, plan, zones)):
        x = Experiment(city, scenario("history"), order, AS_OF, END, 40.0)
        for t in run_member(x, Member(0, Parameters(), 3)):
            found.setdefault(t.scenario, []).append(t.series)
    for series in found.values():
        assert len(series) > 2 and all(np.array_equal(series[0], other, equal_nan=True) for other in series)


def test_a_model_that_is_let_go_keeps_no_rows(root, scenario):
    model = root.fork(scenario("plan_as_written")).run_to(AS_OF + 1)
    rows = weakref.ref(model.state.enterprises.revenue)
    model.release()
    gc.collect()
    assert rows() is None and not len(model.agents)
    assert len(root.state.enterprises) and len(root.agents)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(city, scenario):
    def final(seed):
        m = IndustryModel(city, scenario("history"), Parameters(), seed=seed, as_of=AS_OF, weight=40.0)
        return m.run_to(quarter.parse("2016Q4")).state.enterprises

    assert (final(1).revenue == final(1).revenue).all()
    assert len(final(1)) != len(final(2)) or (final(1).slot != final(2).slot).any()


def test_what_is_on_record_happens_as_it_did(root):
    """The record of provincial zones is known for 2022 only: what is there besides came in years of which nothing is known."""
    named = [z.provincial for z in root.state.institutions.pilot_zones if z.provincial]
    assert [q for q in named if q // 4 == 2022] == [quarter.parse("2022Q3")] * 2
    assert all(q > quarter.parse("2022Q4") for q in named if q // 4 != 2022)


def test_monotone_without_noise(city, scenario):
    """With no shocks and a higher drift, every enterprise of the opening is at least as large."""

    def staff(drift):
        p = Parameters(drift=drift, shock_sd=1e-9, financed_growth=0.0, persistence_small=0.0, persistence_large=0.0)
        m = IndustryModel(city, scenario("no_policy"), p, seed=5, as_of=AS_OF, weight=40.0)
        e = m.run_to(quarter.parse("2014Q4")).state.enterprises
        old = e.slot < 2**32
        return dict(zip(e.slot[old], e.employees[old], strict=True))

    slow, fast = staff(-0.01), staff(0.03)
    both = slow.keys() & fast.keys()
    assert len(both) > 100
    assert all(fast[s] >= slow[s] for s in both)


def test_mesa_sees_a_model(root, scenario):
    model = root.fork(scenario("plan_as_written"))
    model.step()
    assert isinstance(model, mesa.Model)
    assert len(model.agents) == len(model.state.institutions.pilot_zones) + 4 + 2 + len(model.state.institutions.consortia) + len(city_districts(model))
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame.enterprises.iloc[-1] == len(model.state.enterprises) * model.state.weight
    slot = int(model.state.enterprises.slot[17])
    view = model.enterprise(slot)
    assert view["slot"] == slot and view["stage"] in Stage.__members__
    with pytest.raises(KeyError):
        model.enterprise(-1)


def test_mesas_own_page_draws_it(city, scenario):
    solara = pytest.importorskip("solara", reason="needs the dashboard extra: pip install -e '.[dashboard]'")
    from mesa.visualization import SolaraViz, make_plot_component

    model = IndustryModel(city, scenario("history"), Parameters(), seed=1, as_of=AS_OF, weight=50.0)
    model.step()
    page = SolaraViz(model, components=[make_plot_component("hnte_stock")], name="peiyu")
    box, _ = solara.render(page, handle_error=False)
    assert box.children
    model.step()


def city_districts(model):
    return model.state.city.districts


def test_entrants_keep_their_identity_when_policy_brings_more_of_them(root, scenario):
    base, plan = (root.fork(scenario(s)).run_to(AS_OF + 1).state.enterprises for s in ("no_policy", "plan_as_written"))
    young = [set(e.slot[e.born == AS_OF + 1]) for e in (base, plan)]
    assert len(young[0] & young[1]) > 0.9 * len(young[0])
    both = np.array(sorted(young[0] & young[1]))
    i, j = (np.searchsorted(np.sort(e.slot), both) for e in (base, plan))
    assert (base.quality[np.argsort(base.slot)][i] == plan.quality[np.argsort(plan.slot)][j]).all()


def test_the_queue_grows_with_those_who_are_expected(city, scenario):
    """Twenty times the usual founders: as many come as are expected, and no more of them wait than are needed."""
    p = replace(Parameters(), entry_rate=2.0, entry_growth=0.0, agglomeration=0.0, attraction_rate=1e-9)
    m = IndustryModel(city, scenario("no_policy"), p, seed=5, as_of=AS_OF, weight=20.0)
    m.step()
    expected = 2.0 * p.opening_pool / 4.0
    assert m.state.flows["entries"] * m.state.weight == pytest.approx(expected, rel=0.1)  # 250 rows: an error of 4 %
    fast = replace(p, entry_rate=12.0)
    m = IndustryModel(city, scenario("no_policy"), fast, seed=5, as_of=AS_OF, weight=20.0)
    m.step()
    assert m.state.flows["entries"] * m.state.weight == pytest.approx(6.0 * expected, rel=0.05)  # 30,000, of a queue of 12,000


def test_spin_offs_and_newcomers_are_told_apart(root):
    e = root.state.enterprises
    share = (e.origin == Origin.SPIN_OFF).sum() / np.isin(e.origin, (Origin.SPIN_OFF, Origin.FOUNDED)).sum()
    assert share == pytest.approx(root.state.parameters.spin_off_share, abs=0.05)
    assert (e.origin == Origin.ATTRACTED).any() and founding.FOREVER > END


def test_every_lever_is_in_the_plan_or_its_base(scenario):
    used = {type(x) for x in scenario("plan_as_written").levers}
    assert set(LEVERS.values()) == used


def test_research_that_policy_pays_raises_revenue(root, scenario):
    """An enterprise whose additional R&D is paid has more revenue for it a year later, and more knowledge."""
    quiet, paid = root.fork(scenario("no_policy")), root.fork(scenario("no_policy"))
    rich = np.flatnonzero(~paid.state.enterprises.dormant)
    paid.state.enterprises.rd_given[rich] = paid.state.enterprises.rd_spend[rich]
    for m in (quiet, paid):
        m.run_to(AS_OF + 4)
    both = np.intersect1d(quiet.state.enterprises.slot, paid.state.enterprises.slot)
    both = both[np.isin(both, root.state.enterprises.slot)]
    i, j = rows_of(quiet, both), rows_of(paid, both)
    closed = ~quiet.state.enterprises.dormant[i]
    assert (paid.state.enterprises.revenue[j][closed] > quiet.state.enterprises.revenue[i][closed]).all()
    assert (paid.state.enterprises.knowledge[j][closed] > quiet.state.enterprises.knowledge[i][closed]).all()
