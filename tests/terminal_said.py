"""Answers that would take long to compute, said by hand: a check, a region, a search, a backtest, a sensitivity, cities."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from calibration.backtest.backtest import ABM, MODEL, PANEL
from calibration.moments.moments import MOMENTS, MomentResult
from calibration.moments.rolling import RATIO
from peiyu.backtest.document import BacktestDocument
from peiyu.backtest.terminal import print_backtest
from peiyu.cities.document import CitiesDocument, CityGoalRow, CityRow, Growth, GrowthDifference, Together
from peiyu.cities.terminal import print_cities
from peiyu.city_check.document import CityCheckDocument
from peiyu.city_check.findings import found
from peiyu.city_check.terminal import print_verdict
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
from peiyu.sensitivity.document import SensitivityDocument
from peiyu.sensitivity.terminal import print_sensitivity
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


def backtest(lang):
    """Print a backtest with the model of enterprises, regions won and lost, and goals of either basis."""
    score = {"wis_mean": 0.09, "coverage50": 0.51, "coverage80": 0.82, "coverage90": 0.91}
    scored = ((MODEL, 317, 0.139), ("gompertz", 111, 0.141), ("pooled_damped", 317, 0.175), ("ets", 32, 0.176), ("naive", 317, 0.26))
    summary = [{"model": m, "pairs": n, "crps_mean": x, "relative_crps": x / 0.175, "peiyu_relative": 0.139 / x} | score for m, n, x in scored]
    slices = [{"kind": kind, "horizon": h, "best": best} | summary[0] for kind in ("flows", "stocks, own point older")
              for h, best in (("all", "pooled_damped"), ("1", "damped_trend"))]  # fmt: skip
    regions = [{"region": r, "pairs": 6, "won": won, "crps": 0.1, "crps_best": 0.1 / x, "relative": x}
               for r, won, x in (("zhejiang", 5, 0.7), ("guizhou", 2, 1.07), ("hangzhou/gongshu", 0, 1.498))]  # fmt: skip
    goals = [{"goal": "by key", "origin": origin, "probability": p, "outcome": came, "brier": 0.1, "kind": "department_count", "region": region,
              "series": what, "target": x, "deadline": year, "decided_by": "higher_authority", "basis": basis, "model_probability": None,
              "base_rate": 0.67, "kind_rate": 0.7, "required_growth": 0.996, "weight": 0.0, "left_out": 0.7}
             for origin, region, what, x, year, basis, p, came in (
                 ("2016-04", "hangzhou/national_demo_zone", "rd_intensity", 3.3, 2020, "base rate", 0.67, 1),
                 ("2021-12", "china", "innovative_sme_stock", 1e6, 2025, "model", 0.004, 0))]  # fmt: skip
    brier = {f"brier_{x}": 0.197 for x in ("peiyu", "left_out", "base_rate", "kind_rate", "required_growth", "model_alone", "hindsight_base_rate")}
    settled = {part: {"goals": 79, "reached": 55, "reliability": []} | brier for part in ("all", "with_model")}
    compared = {"pairs": 7, "inside90": 6, "coverage50": 0.5, "coverage80": 0.8, "coverage90": 0.857, "crps": 0.294, "best": "pooled_growth",
                "crps_panel": None, "to_panel": None, "crps_best": 0.4, "to_best": 0.735}  # fmt: skip
    aims = [{"aim": aim, "against": rival, "pairs": 7, "value": x, "low": low, "high": high, "met": met} for aim, rival, x, low, high, met in (
        ("coverage90", "", 0.857, 0.85, 0.95, True), ("high_tech_to_panel", PANEL, 1.2, None, 1.0, False), ("other_labels_to_best", "pooled_growth", None, None, 0.9, None))]  # fmt: skip
    miss = {"series": "little_giant_stock", "region": "hangzhou", "origin": "2021Q4", "target_period": "2025-03", "q05": 46.0, "q50": 133.0,
            "q95": 308.0, "observed": 476.0}  # fmt: skip
    agents = [{"model": m, "pairs": 7, "crps_mean": x, "relative_crps": x / 0.4, "abm_relative": 0.294 / x} | score for m, x in ((ABM, 0.294), (PANEL, 0.35), ("pooled_growth", 0.4))]  # fmt: skip
    abm = {"summary": agents, "labels": [{"series": "hte_stock"} | compared, {"series": "unicorn_welian"} | compared],
           "origins": [{"origin": "2018Q4"} | compared], "aims": aims, "misses": [miss]}  # fmt: skip
    said = {"pairs": [], "summary": summary, "goals": goals, "goals_summary": settled, "slices": slices, "regions": regions, "differences": [],
            "pit": {}, "abm": abm}  # fmt: skip
    print_backtest(BacktestDocument.model_validate(said).plain(), lang, OUT)


def sensitivity(lang):
    """Print a reading that parameters, levers and groups of them move, in every detail, and one that never varies."""
    city = load_city("hangzhou")
    main = {g.key: (g, r) for g, r in main_readings(city)}

    def about(key, p):
        goal, r = main[key]
        return {"goal": goal.key, "reading": r.key, "primary": True, "evidence": r.evidence, "operator": r.operator, "value": r.value,
                "deadline": "2026Q4", "model_probability": p, "mean": 512.0, "sd": 140.0, "q05": 310.0, "median": 498.0, "q95": 935.0}  # fmt: skip

    parts = ("calibrated", "other", "lever_effects", "chance", "together")
    shares = [{"part": x, "share": s, "low": s - 0.03, "high": s + 0.04} for x, s in zip(parts, (0.41, 0.22, 0.06, 0.27, 0.04), strict=True)]
    factors = ("calibrated", "parameters:recognition", "levers:funding", "chance")
    indices = [{"factor": x, "first": s, "first_half": 0.05, "total": s + 0.1, "total_half": 0.08 if i else 1.2, "of_probability": s / 2.0,
                "of_probability_half": 0.1} for i, (x, s) in enumerate(zip(factors, (0.4, 0.2, 0.05, 0.27), strict=True))]  # fmt: skip
    moves = [{"factor": x, "size": abs(m), "size_half": 4.0, "change": m, "change_half": 12.0, "spread": None}
             for x, m in (("drive_hnte_2025", 499.0), ("lever award_hnte", 88.0), ("lever zones_municipal", -3.2))]  # fmt: skip
    chances = [x | {"change": x["change"] / 1000.0, "change_half": 0.05} for x in moves]
    singles = [{"factor": x, "share": s, "half": 0.05, "low_third": 412.0, "high_third": 689.0} for x, s in (("hnte_apply", 0.27), ("hnte_pass", 0.004))]
    data = [{"datum": "new", "indicator": x, "quarter": when, "error": 0.01, "variance_cut": cut, "variance_cut_half": 0.06, "interval_cut": cut / 2.0,
             "brier_cut": None if i else 0.025, "brier_cut_half": None if i else 0.005}
            for i, (x, when, cut) in enumerate((("future_hnte_new", "2026Q3", 0.49), ("hnte_stock", "2026Q4", 0.12)))]  # fmt: skip
    spread = {"mean": 512.0, "sd": 147.0, "q05": 300.0, "q95": 950.0, "distance": 0.05}
    full = about("hnte", 0.63) | {
        "budget": {"pairs": 48, "count": shares, "count_pairs": 48, "hit": shares[:4], "hit_pairs": 31},
        "observation": {"count": {"at_least": 0.11, "half": 0.02}, "hit": None}, "sobol": {"count": indices, "hit": indices[:3]},
        "morris": {"count": moves, "hit": chances}, "parameters": {"count": singles, "hit": None},
        "information": {"best": data, "best_by_luck": 0.03, "soon": data[:1], "soon_by_luck": 0.02}, "independence": {"sections": spread},
    }  # fmt: skip
    none, nothing = {"count": None, "hit": None}, {"best": None, "soon": None, "best_by_luck": None, "soon_by_luck": None}
    fixed = about("platform", 0.997) | {
        "sd": 0.0, "budget": {"pairs": 48, "count": None, "count_pairs": 0, "hit": None, "hit_pairs": 0}, "observation": none, "sobol": none,
        "morris": none, "parameters": none, "information": nothing, "independence": {"sections": spread | {"sd": 0.0}},
    }  # fmt: skip
    effort = {"name": "usual", "members": 400, "pairs": 48, "base": 128, "paths": 10, "check": 96, "weight": 1.0, "coarse": 1.0}
    document = SensitivityDocument.model_validate({
        "city": "hangzhou", "scenario": "plan_as_written", "run_id": "0123456789ab", "as_of": "2026Q1", "draws": "d", "seed": 1, "effort": effort,
        "runs": {}, "parts": [], "factors": [], "unsized_levers": [], "levers_outside_evidence": {"zones_municipal": None, "fund_seed": 3.0},
        "readings": [full, fixed],
    })  # fmt: skip
    asked = [f"{row.goal}/{row.reading}" for row in document.readings]
    print_sensitivity(document, city, load_scenario("plan_as_written", city), lang, OUT, detailed=asked)


def city_check(lang):
    """Print a city with a finding of every level, and names that its files know by keys."""
    city = load_city("hangzhou")
    goal, r = main_readings(city)[0]
    reading = {"reading": f"{goal.key}/{r.key}", "indicator": r.indicator, "n": 1, "grade": "A", "first": "2024Q4", "last": "2024Q4"}
    rows = [
        found("refused", "over", covered="2026Q4", last="2026Q4"), found("refused", "policy", scenario="plan_as_written", reason="no such lever"),
        found("warning", "level", **reading), found("warning", "unused", series="ai_hte_stock, joint_lab", n=2), found("warning", "no_fit", city="hangzhou"),
        found("assumed", "assumed", name="district xihu", source="a share of what is left"),
        found("assumed", "assumed", name="age_growth", source="8 % a year"),
        found("known", "levers", scenario="plan_as_written", n=24, money=825500.0), found("known", "grades", n=201, grades="A 49, B 82, C 70"),
    ]  # fmt: skip
    said = {"city": "hangzhou", "region": "hangzhou", "verdict": "refused", "findings": rows, "next": "peiyu city-check hangzhou"}
    print_verdict(city, CityCheckDocument.model_validate(said), lang)


SAID = {
    "backtest": backtest,
    "sensitivity": sensitivity,
    "city_check": city_check,
    "check": check,
    "fails_when": fails_when,
    "fails_when_reached": partial(fails_when, outcome="reached"),
    "search": search,
    "search_none": partial(search, winner=False),
    "cities": cities,
}
