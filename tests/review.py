"""A small review for tests of the appendix: a city with a toy posterior, runs of few members, and analyses by hand."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from helpers import save_fit

from agents.parameters import NAMES, Parameters
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from peiyu.__main__ import run
from peiyu.backtest.document import BacktestDocument
from peiyu.comparison.split_document import SplitDocument
from peiyu.fails_when.document import FailsWhenDocument
from peiyu.fit.check_document import CheckDocument
from peiyu.forecasts import pipeline
from peiyu.review.document import ReviewDocument
from peiyu.runs.change_document import ChangeDocument
from peiyu.search.search_document import SearchDocument
from peiyu.sensitivity.document import SensitivityDocument
from sim.city.city import load_city
from sim.store.store import copied, open_store

MEMBERS, DRAWS, WEIGHT = 6, 5, 40.0


@dataclass(frozen=True)
class Review:
    """Where it is, and the runs in it."""

    db: Path
    city: Path
    old: str
    base: str
    plan: str
    fit: str

    def store(self):
        return open_store(self.db)

    def copy(self, place):
        """Return a copy of the store, to be changed."""
        with self.store() as old:
            return copied(old, place)


def toy_city(folder, change=lambda place: None):
    """Copy Hangzhou, changed if asked, with a posterior drawn from the middle of the priors."""
    place = folder / "hangzhou"
    shutil.copytree(load_city("hangzhou").folder, place)
    change(place)
    u = np.random.default_rng(5).uniform(0.3, 0.7, (DRAWS, len(NAMES)))
    about = Parameters.__dataclass_fields__
    draws = rounded(np.column_stack([about[n].metadata["prior"].value(u[:, i]) for i, n in enumerate(NAMES)]))
    made = Provenance("hangzhou", "2024Q4", 1, DRAWS, 2, WEIGHT, "d", draws_sha(draws), ["hte_stock"])
    save_fit(Fit(draws, made), place)
    return place, made.draws_sha


def light(monkeypatch):
    """Make every question a small one: a row for forty enterprises."""
    real = pipeline.ask
    monkeypatch.setattr(pipeline, "ask", lambda *a, **k: replace(real(*a, **k), weight=WEIGHT))


def make_review(folder, change=lambda place: None, plan="plan_as_written"):
    """Run two scenarios and an earlier review by the commands a planner would use, and lay the other analyses beside."""
    place, fit = toy_city(folder, change)
    db = folder / "peiyu.db"
    common = ["--city", str(place), "--mc-error", "1e-9", "--workers", "2", "--db", str(db), "--out", str(folder), "--json"]
    with pytest.MonkeyPatch.context() as patch:
        light(patch)
        assert run(["forecast", "--scenario", plan, "--members", "3", "--seed", "2", *common]) == 0
        assert run(["compare", "baseline", plan, "--members", str(MEMBERS), *common]) == 0
    store = open_store(db)
    ids = {(name, seed): i for name, seed, i in store.db.execute("SELECT scenario, seed, run_id FROM runs")}
    name = Path(plan).stem
    made = Review(db, place, ids[name, 2], ids["baseline", 1], ids[name, 1], fit)
    for kind, document in by_hand(made).items():
        rests = [made.plan, made.old] if kind in ("change", "review") else [] if kind in ("backtest", "check") else [made.plan]
        store.keep(MODELS[kind].model_validate(document), f"{kind}0", "hangzhou", rests)
    store.db.close()
    return made


MODELS = {
    m.kind: m
    for m in (
        BacktestDocument, ChangeDocument, CheckDocument, FailsWhenDocument, ReviewDocument, SearchDocument, SensitivityDocument,
        SplitDocument,
    )
}  # fmt: skip
"""What a command would refuse to write is refused here too."""


def by_hand(made):
    """Return documents in the shape of the commands, with numbers that are easy to find again."""
    hnte = {"goal": "hnte", "reading": "newly_recognised"}
    change = {"old": made.old, "new": made.plan, "parts": ["model", "data", "policy", "luck"],
              "goals": [hnte | {"old": 0.25, "model": 0.0, "data": 0.125, "policy": -0.0625, "luck": 0.01, "new": 0.3225}]}  # fmt: skip
    limit = {"input": "renewal", "kind": "parameter", "unit": "share", "rests_on": "data", "low": None, "high": 0.7, "alone": 0.3,
             "quasi_p": 0.001, "reproduced": 0.9}  # fmt: skip
    asks = {"outcome": "missed", "operator": ">=", "value": 500.0, "deadline": "2026Q4", "evidence": "B"}
    said = {"sentence_zh": "句子", "sentence_en": "sentence"}
    box = hnte | asks | said | {
        "box": 1, "base_rate": 0.31, "mass": 0.21, "density": 0.83, "coverage": 0.52, "mass_left_out": 0.2, "density_left_out": 0.77,
        "coverage_left_out": 0.5, "chance": 0.0001, "limits": [limit]}  # fmt: skip
    without = asks | said | {"goal": "platform", "reading": "built", "share": 0.64, "hits": 205, "members": 321, "reason": "none"}
    about = {"city": "hangzhou", "scenario": "plan_as_written", "run_id": made.plan, "as_of": "2024Q4", "seed": 1}
    fails = about | {"outcome": "missed", "levers": "", "members": 321, "boxes": [box], "without_box": [without]}
    stage = {"probability": 0.71, "mc_error": 0.05, "goals": {"hnte/newly_recognised": 0.71}, "at_least": {"1": 0.71},
             "expected_goals": 6.25, "cost_wan": 98765.0, "cost_wan_by_year": {"2025": 98765.0}, "keeps_budgets": True,
             "members": 19}  # fmt: skip
    sizes = {"mix": {"fund_seed": 1.5, "award_hnte": 0.0, "open_challenge": 1.0}}
    mix = sizes | {"screened": stage, "raced": stage, "confirmed": stage, "optimism_screened": 0.034, "optimism_raced": 0.012,
                   "good_enough": True}  # fmt: skip
    lever = {"lever": "fund_seed", "low": 0.0, "high": 3.0, "step": 0.25, "costed": True, "budget_wan_per_year": 30000.0}
    regret = {"parameters": ["renewal"], "groups": ["renewal:1"], "probability": [[0.71]], "regret": [[0.0]],
              "expected_goals_regret": [[0.0]], "largest": [0.0]}  # fmt: skip
    search = about | {
        "key": "search0", "horizon": "2026Q4", "goals": [hnte | {"evidence": "B"}], "at_least": None, "probability": 0.7,
        "budget_year_wan": None, "budget_wan": 123456.0, "levers": [lever], "not_searched_no_cost": [], "not_searched": [],
        "members": {"screen": 5, "race": 11, "confirm": 19}, "fresh_draws": True, "tried": 37, "front": [sizes | stage],
        "front_expected": [sizes | stage], "finalists": [mix], "winner": mix, "robust": mix, "regret": regret,
        "optimism": {"screened": 0.034, "raced": 0.012}}  # fmt: skip
    shares = [{"part": p, "share": s, "low": s - 0.03, "high": s + 0.03}
              for p, s in zip(("calibrated", "other", "lever_effects", "chance", "together"), (0.41, 0.22, 0.06, 0.27, 0.04),
                              strict=True)]  # fmt: skip
    datum = {"datum": "new", "indicator": "hnte_stock", "quarter": "2025Q4", "error": 0.01, "variance_cut": 0.38,
             "variance_cut_half": 0.06, "interval_cut": 0.19, "brier_cut": 0.025, "brier_cut_half": 0.005}  # fmt: skip
    move = {"size_half": 4.0, "change_half": 4.0, "spread": 2.0}
    moves = [move | {"factor": "renewal", "change": 88.0, "size": 91.0},
             move | {"factor": "lever fund_seed", "change": -3.0, "size": 5.0}]  # fmt: skip
    single = {"factor": "entry_rate", "share": 0.36, "half": 0.05, "low_third": 412.0, "high_third": 689.0}
    index = {"factor": "chance", "first": 0.3, "first_half": 0.1, "total": 0.4, "total_half": 0.1, "of_probability": None,
             "of_probability_half": None}  # fmt: skip
    spread = {"mean": 500.0, "sd": 100.0, "q05": 350.0, "q95": 650.0}
    told = {"soon": [datum], "soon_by_luck": 0.02, "best": [datum | {"quarter": "2026Q2"}], "best_by_luck": 0.03}
    reading = hnte | spread | {
        "primary": True, "evidence": "B", "operator": ">=", "value": 500.0, "deadline": "2026Q4", "model_probability": 0.5,
        "median": 500.0, "budget": {"pairs": 8, "count": shares, "count_pairs": 8, "hit": None, "hit_pairs": 1},
        "observation": {"count": {"at_least": 0.11, "half": 0.02}, "hit": None}, "sobol": {"count": [index], "hit": None},
        "morris": {"count": moves, "hit": None}, "parameters": {"count": [single], "hit": None}, "information": told,
        "independence": {"parts": spread | {"distance": 0.05}}}  # fmt: skip
    sensitivity = about | {
        "draws": made.fit, "runs": {"posterior": 12}, "parts": [{"part": "calibrated", "parameters": ["renewal"]}],
        "effort": {"name": "few", "members": 12, "pairs": 8, "base": 4, "paths": 2, "check": 4, "weight": 60.0, "coarse": 60.0},
        "factors": [{"factor": "renewal", "members": ["renewal"]}], "unsized_levers": [], "readings": [reading]}  # fmt: skip
    goal = {"goal": "x", "origin": "2018-11", "probability": 0.71, "outcome": 1, "brier": 0.0841, "kind": "department_count",
            "region": "hangzhou", "series": "hte_stock", "target": 5688.0, "deadline": 2020, "basis": "model",
            "model_probability": 0.68, "base_rate": 0.75, "kind_rate": 0.8, "required_growth": 1.0, "weight": 0.1,
            "left_out": 0.72, "decided_by": "enterprise_label"}  # fmt: skip
    score = {"wis_mean": 0.1, "coverage50": 0.5, "coverage80": 0.8, "coverage90": 0.9}
    summary = [{"model": m, "pairs": 293, "crps_mean": c, "relative_crps": c / 0.167, "peiyu_relative": 0.138 / c} | score
               for m, c in (("peiyu", 0.138), ("naive", 0.263))]  # fmt: skip
    pair = {"region": "hangzhou", "series": "hte_stock", "origin": "2021", "target_period": "2022", "observed": 6496.0, "model": "naive",
            "crps": 0.0827, "q05": 3346.1, "q50": 6049.0, "q95": 10935.4, "horizon": 1, "own_age": 0.0, "wis": 0.0826, "pit": 0.59,
            "coverage50": True, "coverage80": True, "coverage90": True}  # fmt: skip
    test = {"years": 5, "dm_statistic": -1.5, "dm_p": 0.2}
    place = {"won": 1, "crps": 0.1, "crps_best": 0.125}
    brier = {"brier_peiyu": 0.084, "brier_left_out": 0.083, "brier_base_rate": 0.0625, "brier_kind_rate": 0.07, "brier_required_growth": 0.0,
             "brier_model_alone": 0.1, "brier_hindsight_base_rate": 0.0}  # fmt: skip
    band = {"from": 0.6, "to": 0.8, "goals": 1.0, "probability": 0.71, "reached": 1.0}
    backtest = {
        "pairs": [pair], "summary": summary, "goals": [goal, goal | {"series": "gdp_growth", "region": "hangzhou/gongshu"}],
        "goals_summary": {"all": {"goals": 1, "reached": 1, **brier, "reliability": [band]}},
        "slices": [{"kind": "flows", "horizon": "all", "best": "naive"} | summary[0]],
        "regions": [{"region": "hangzhou", "pairs": 9, "relative": 0.8} | place, {"region": "anhui", "pairs": 3, "relative": 1.25} | place],
        "differences": [{"against": "naive", "pairs": 293, "difference": -0.126, "ci90": [-0.147, -0.1]} | test,
                        {"against": "drift", "pairs": 293, "difference": 0.01, "ci90": [-0.02, 0.04]} | test],
        "pit": {"peiyu": [0.1] * 10}}  # fmt: skip
    moment = {"moment": "M2a", "zh": "年度退出率", "en": "exit rate", "target": 0.085, "lower": 0.07, "upper": 0.1, "rule": "inside",
              "unit": "1/year", "use": "calibrated_on", "rows": "A06", "made_by": "history", "median": 0.077, "q05": 0.066, "q95": 0.087,
              "verdict": "inside"}  # fmt: skip
    check = {"city": "hangzhou", "as_of": "2024Q4", "draws": made.fit, "members": 20, "seed": 1,
             "moments": [moment, moment | {"upper": None, "verdict": "missing", "median": None, "q05": None, "q95": None},
                         moment | {"rule": "covers"}],
             "context": {"stock_growth": [0.09, 0.1, 0.11], "past/hnte_stock/2022": [9000.0, 10000.0, 11000.0],
                         "past/hnte_stock/2023": [11000.0, 12000.0, 13000.0]}}  # fmt: skip
    part = hnte | {"net": 3.5, "net_ci90": [1.5, 5.5], "delta_probability": 0.02, "ci90": [-0.01, 0.05], "cost_wan": 4321.0,
                   "cost_per_net_unit": 1234.5}  # fmt: skip
    nothing = hnte | {"player": "vouchers", "net": 0.0, "net_ci90": [0.0, 0.0], "delta_probability": 0.0, "ci90": [0.0, 0.0],
                      "cost_wan": 21.0, "cost_per_net_unit": None}  # fmt: skip
    split = {"base": "baseline", "scenario": "plan_as_written", "by": "kinds", "method": "exact, all mixtures", "members": 12,
             "players": {"zones": ["zones_municipal"], "vouchers": ["service_voucher"]},
             "shares": [part | {"player": "zones"}, nothing], "whole": [part | {"player": "all", "cost_wan": 4342.0}]}  # fmt: skip
    forecast = {"scenario": "plan_as_written", "created": "2026-01-02"}
    number = {"run": made.old, "indicator": "unicorns", "quarter": "2025Q2", "bound": "none", "published": 44.0, "known": "2025-07",
              "q05": 40.0, "median": 46.0, "q95": 52.0, "inside": True, "percentile": 0.27, "crps": 0.021, "carried": 39.0,
              "carried_from": "2022Q4", "carried_crps": 0.118}  # fmt: skip
    bound = number | {"bound": "lower", "percentile": None, "crps": None, "carried_crps": None, "known": None}
    tally = {"run": made.old, "exact": 1, "exact_inside": 1, "by_luck": 1.0, "bounds": 1, "bounds_inside": 1, "compared": 1, "better": 1,
             "crps": 0.021, "carried_crps": 0.118, "out_before": 1, "older": 2, "not_forecast": 3}  # fmt: skip
    parts = {f"{part}brier": x for part, x in (("", 0.25), ("record_", 0.16), ("model_", 0.49))}
    odds = {"probability": 0.5, "record_probability": 0.6, "model_probability": 0.3}
    moved = {"goal": "platform", "reading": "built", "deadline": "2026Q4", "probabilities": [0.5, 0.7], "medians": [1.0, 2.0],
             "needed": [0.25, None], "part": "data", "points": 0.2}  # fmt: skip
    review = {
        "city": "hangzhou", "until": "2026Q1", "open": 1, "due": 0, "first_deadline": "2026Q4",
        "forecasts": [forecast | {"run": made.old, "as_of": "2024Q4", "members": 3},
                      forecast | {"run": made.plan, "as_of": "2026Q1", "members": MEMBERS}],
        "numbers": [number, bound], "tallies": [tally], "settled": [hnte | {"run": made.old, "reached": True} | odds | parts],
        "briers": [{"run": made.old, "readings": 1, "reached": 1} | parts], "goals": [moved]}  # fmt: skip
    return {"review": review, "split": split, "change": change, "fails_when": fails, "search": search, "sensitivity": sensitivity, "backtest": backtest,
            "check": check}  # fmt: skip
