"""Answers that would take long to compute, said by hand: a check, a region, a search, cities side by side."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from calibration.moments.moments import MOMENTS, MomentResult
from calibration.moments.rolling import RATIO
from peiyu.cities.document import CitiesDocument, CityGoalRow, CityRow, Growth, GrowthDifference, Together
from peiyu.cities.terminal import print_cities
from peiyu.fails_when.document import BoxFacts, BoxRow, FailsWhenDocument, LimitRow, WithoutFacts, WithoutRow
from peiyu.fails_when.terminal import print_boxes, sentence_of_box, sentence_without
from peiyu.fit.check import print_check
from peiyu.search import terminal as search_terminal
from peiyu.search.search_document import (
    FinalistRow,
    FrontRow,
    GoalRow,
    LeverRow,
    Optimism,
    RegretTable,
    SearchDocument,
    StageMembers,
)
from sim.city.city import load_city
from sim.city.readings import main_readings
from sim.scenario.scenario import load_scenario
from sim.state.indicators import INDICATORS

OUT = Path("out")
LANGS = ("zh", "en")
FOUND = (0.021, 0.0712, 0.0949, 0.141, 0.431)
"""What the members say of the first moments, one after another."""


def check(lang):
    """Print moments of every verdict."""
    verdicts = ("inside", "borderline", "inside", "outside", "inside")
    said = [MomentResult(m, 0.9 * x, x, 1.1 * x, v) for m, x, v in zip(MOMENTS[:5], FOUND, verdicts, strict=True)]
    sign = next(m for m in MOMENTS if m.rule == "sign")
    covers = next(m for m in MOMENTS if m.rule == "covers")
    said += [MomentResult(sign, -0.09, -0.05, -0.01, "inside"), MomentResult(covers, -0.1234, 0.002, 0.2345, "inside")]
    said.append(MomentResult(RATIO, np.nan, np.nan, np.nan, "missing"))
    print_check(said, load_city("hangzhou").title[lang], 200, lang, OUT)


def fails_when(lang, outcome="missed"):
    """Print a region with a parameter, a lever and both ends of one, and every reason for which there is none."""
    city = load_city("hangzhou")
    plan = load_scenario("plan_as_written", city)
    asked = {g.key: (g, r) for g, r in main_readings(city)}

    def about(key):
        goal, reading = asked[key]
        facts = {"operator": reading.operator, "value": reading.value, "deadline": "2026Q4", "evidence": reading.evidence}
        return {"goal": goal.key, "reading": reading.key, "outcome": outcome, **facts}

    def both(made, of, sentence):
        return made.model_validate({f"sentence_{x}": sentence(of, asked[of.goal], lang=x) for x in LANGS} | of.plain())

    def limit(name, kind, rests_on, low, high, p):
        return LimitRow(input=name, kind=kind, unit="", rests_on=rests_on, low=low, high=high, alone=0.412, quasi_p=p, reproduced=0.87)

    limits = [limit("hnte_apply", "parameter", "data", None, 0.153, 1e-9), limit("award_hnte", "lever", "choice", 0.3, 0.62, 0.004)]
    box = {"density": 0.931, "coverage": 0.684, "mass": 0.21, "base_rate": 0.287, "mass_left_out": 0.22}
    box |= {"density_left_out": 0.874, "coverage_left_out": 0.655, "chance": 1e-12}
    further = [limit("hnte_pass", "parameter", "assumption", 0.5, None, 0.031)]
    boxes = [BoxFacts(**about("hnte"), box=k, limits=x, **box) for k, x in ((1, limits), (2, further))]
    reasons = (("consortium", "rare", 0.02, 6), ("platform", "rare", 0.99, 297), ("fund_system", "none", 0.31, 93), ("tech_centre", "does_not_hold", 0.4, 120))
    out = {"density": 0.61, "density_left_out": 0.43}
    none = [WithoutFacts(**about(g), share=p, hits=n, members=300, reason=r, **(out if r == "does_not_hold" else {})) for g, r, p, n in reasons]
    document = FailsWhenDocument(
        city="hangzhou", scenario="plan_as_written", run_id="0123456789ab", as_of="2026Q1", seed=1, members=300, outcome=outcome,
        levers="all", boxes=[both(BoxRow, x, partial(sentence_of_box, scenario=plan)) for x in boxes],
        without_box=[both(WithoutRow, x, sentence_without) for x in none],
    )  # fmt: skip
    print_boxes(document, city, plan, lang, OUT)


def search(lang, winner=True):
    """Print a search of four levers: the cheapest mix, or, where none is good enough, what comes near."""
    city = load_city("hangzhou")
    levers = ("award_hnte", "compute_voucher", "fund_seedling", "zones_municipal")

    def stage(p, cost):
        return {"probability": p, "mc_error": 0.013, "goals": {}, "at_least": {"1": 0.97, "2": 0.42}, "expected_goals": 1.0 + p,
                "cost_wan": cost, "cost_wan_by_year": {"2025": 0.4 * cost, "2026": 0.6 * cost}, "keeps_budgets": cost < 1e5, "members": 200}  # fmt: skip

    def finalist(cost, p, *sizes):
        stages = {x: stage(p + more, cost) for x, more in (("screened", 0.04), ("raced", 0.01), ("confirmed", 0.0))}
        far = {"award_hnte": 2.5} if sizes[0] > 2.0 else {}
        return FinalistRow(mix=dict(zip(levers, sizes, strict=True)), levers_outside_evidence=far, optimism_screened=0.04, optimism_raced=0.01,
                           good_enough=winner, **stages)  # fmt: skip

    ends = [finalist(43210.0, 0.713, 1.0, 0.0, 1.5, 0.0), finalist(87654.0, 0.802, 2.5, 1.0, 1.25, 0.0), finalist(123456.0, 0.846, 1.75, 0.5, 0.0, 0.0)]
    front = [FrontRow(mix=dict(zip(levers, sizes, strict=True)), **stage(p, cost)) for cost, p, sizes in (
        (0.0, 0.004, (0.0,) * 4), (43210.0, 0.753, (1.0, 0.0, 1.5, 0.0)), (123456.0, 0.996, (1.75, 0.5, 0.0, 1.0)))]  # fmt: skip
    groups = [f"{name}:{third}" for name in ("hnte_apply", "hnte_pass") for third in (1, 2, 3)]
    table = [[0.61, 0.72, 0.81, 0.7, 0.71, 0.73], [0.75, 0.8, 0.86, 0.8, 0.8, 0.81], [0.8, 0.85, 0.89, 0.84, 0.85, 0.85]]
    short = [[max(row[k] for row in table) - row[k] for k in range(len(groups))] for row in table]
    goals = [GoalRow(goal=g.key, reading=r.key, evidence=r.evidence) for g, r in main_readings(city) if g.key in ("hnte", "tech_centre")]
    made = SearchDocument(
        key="0123456789abcdef", city="hangzhou", scenario="plan_as_written", run_id="0123456789ab", as_of="2026Q1", horizon="2026Q4", seed=1,
        goals=goals, at_least=None, probability=0.7 if winner else 0.9, budget_year_wan=None, budget_wan=1e5,
        levers=[LeverRow(lever=x, low=0.0, high=3.0, step=0.25, costed=True, budget_wan_per_year=1e4) for x in levers],
        not_searched_no_cost=["open_challenge", "pilot_plants"], not_searched=["fund_angel"], members=StageMembers(screen=24, race=60, confirm=200),
        fresh_draws=winner, tried=321, front=front, front_expected=front, finalists=ends, winner=ends[0] if winner else None, robust=ends[1],
        regret=RegretTable(parameters=["hnte_apply", "hnte_pass"], groups=groups, probability=table, regret=short, expected_goals_regret=short,
                           largest=[max(row) for row in short]),
        optimism=Optimism(screened=0.04, raced=0.01),
    )  # fmt: skip
    q = SimpleNamespace(city=city, scenarios=(load_scenario("plan_as_written", city),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_terminal, "document", lambda found: made)
        search_terminal.print_search(SimpleNamespace(search=SimpleNamespace(q=q)), lang, OUT, ["search.svg"])


def cities(lang):
    """Print two cities with likely, unlikely and undetermined goals, and one that could not be forecast."""
    of = {name: load_city(name) for name in ("hangzhou", "wuhan")}
    rows = [
        CityRow(
            city=name, zh=x.title["zh"], en=x.title["en"], as_of=as_of, members=400, baseline="baseline", baseline_zh="基准情景",
            baseline_en="Policy carried on", plan="plan_as_written", plan_zh="按计划实施", plan_en="The plan as written", cost_wan=cost,
        )
        for (name, x), as_of, cost in zip(of.items(), ("2026Q1", "2024Q4"), (218765.4, 8400.0), strict=True)
    ]  # fmt: skip
    said = ((0.823, "very_likely", "data", 12.4, (3.1, 21.7)), (0.031, "very_unlikely", "assumption", 0.2, (-0.9, 1.3)), (0.497, "even", "proxy", -1.4, (-2.4, -0.4)))
    goals = [
        CityGoalRow(
            city=name, goal=g.key, reading=r.key, zh=g.zh, en=g.en, unit=INDICATORS[r.indicator].unit, operator=r.operator, value=r.value, deadline="2026Q4", q05=0.8 * r.value,
            median=1.1 * r.value, q95=2.3 * r.value, probability=p, mc_error=0.02, evidence=r.evidence, basis=basis, likelihood=likely,
            model_probability=p, model_weight=1.0, record_rate=0.5, record_n=8, record_own=False, base_rate=0.5, hangs_low=None, hangs_high=None,
            delta_probability=0.1 * p, delta_ci90=[0.0, 0.1], net=net, net_ci90=list(ends),
        )
        for name, x in of.items()
        for (g, r), (p, likely, basis, net, ends) in zip(main_readings(x), said, strict=False)
    ]  # fmt: skip
    growth = [Growth(city="hangzhou", q05=0.041, median=0.083, q95=0.127), Growth(city="wuhan", q05=-0.012, median=0.061, q95=0.15)]
    pair = GrowthDifference(city="hangzhou", other="wuhan", ahead=0.38, q05=-0.04, median=0.02, q95=0.08)
    shared = Together(since="2026Q1", until="2027Q4", correlation=[[1.0, 0.6], [0.6, 1.0]], growth=growth, pairs=[pair])
    print_cities(CitiesDocument(cities=rows, goals=goals, together=shared, left_out={"newtown": "no fit yet; run: peiyu calibrate"}), lang)


SAID = {
    "check": check,
    "fails_when": fails_when,
    "fails_when_reached": partial(fails_when, outcome="reached"),
    "search": search,
    "search_none": partial(search, winner=False),
    "cities": cities,
}
