"""Search: a known optimum is found, fresh members tell the truth, a stopped search goes on, wrong input is refused."""

import json
from dataclasses import replace
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
from helpers import shown

from calibration.fit.fit import load_fit
from peiyu.__main__ import run
from peiyu.cli import search as cli_search
from peiyu.figures import files as figure_files
from peiyu.forecasts import pipeline
from peiyu.search import document as search_document
from peiyu.search import figure as search_figure
from peiyu.search import search
from peiyu.search.objective import Objective, Scored, cost, evaluate, judge_of, sizes
from peiyu.search.propose import corners, explore, plain
from peiyu.search.select import finalists, front, good_enough, influential, regret, thirds
from sim import quarter
from sim.city.readings import main_readings
from sim.ensemble import pool
from sim.ensemble.ensemble import Experiment, run_members, series_of
from sim.ensemble.forecast import Ensemble, forecast_goals, joint
from sim.inputs.errors import InputError
from sim.scenario.mixes import Range, mixed, step_of, usual_ranges
from sim.scenario.scenario import load_scenario
from sim.store.store import open_store
from sim.workers import Workers

ONE = Objective(np.ones(1))
PRICES = np.array([70.0, 20.0, 45.0, 10.0])
PULL = np.array([2.0, 1.3, 1.6, 0.02])
THRESHOLDS = np.linspace(0.0, 5.0, 41)[:, np.newaxis]
"""One goal in 41 members: reached where the levers together pull more than the member's threshold."""


def scored(mix, met, paid, recorded=0.0):
    """Return what a mix did, beside a record that says the same in every member and state."""
    return Scored(mix, met, paid, np.full((len(met), 1, met.shape[1]), recorded))


def ranges(count=4):
    return [Range(f"lever_{i}", 0.0, 3.0, 0.25, True) for i in range(count)]


def toy(mix):
    """Return a mix scored by a formula: pulls rise with the root of the size, payments with the size."""
    pull = float(PULL[: len(mix)] @ np.sqrt(mix))
    return scored(mix, pull > THRESHOLDS, np.full((41, 2), float(PRICES[: len(mix)] @ mix) / 2))


def brute(judge, count):
    every = (toy(mix) for mix in product(*(r.grid() for r in ranges(count))))
    return min((s for s in every if good_enough(judge, s)), key=cost)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_the_cheapest_mix_of_a_toy_is_found(probability, seed):
    judge = replace(ONE, probability=probability)
    tried = explore(ranges(3), judge, 200, seed, lambda _name, mixes: [toy(mix) for mix in mixes])
    assert len({s.mix for s in tried}) == len(tried) <= 200
    found, best = min((s for s in tried if good_enough(judge, s)), key=cost), brute(judge, 3)
    assert judge.every(best) >= probability
    assert cost(found) == pytest.approx(cost(best))  # of 2197 mixes


def test_a_small_grid_is_tried_whole_and_a_budget_is_kept():
    judge = replace(ONE, in_all=150.0, a_year=70.0)
    tried = explore(ranges(2), judge, 169, 1, lambda _name, mixes: [toy(mix) for mix in mixes])
    assert sorted(s.mix for s in tried) == sorted(product(*(r.grid() for r in ranges(2))))
    ends = finalists(judge, tried, 4)
    assert all(cost(s) <= 140.0 for s in ends)  # two equal years of 70 at most
    assert max(judge.every(s) for s in ends) == max(judge.every(s) for s in tried if cost(s) <= 140.0)


def test_free_places_go_to_dearer_mixes_that_few_members_cannot_tell_from_the_front():
    same = np.ones((4, 1), bool)
    tried = [scored((x,), same, np.full((4, 2), x)) for x in (1.0, 2.0, 3.0, 4.0)]
    assert [s.mix for s in finalists(ONE, tried, 3)] == [(1.0,), (2.0,), (3.0,)]
    assert len(finalists(ONE, tried, 9)) == 4 and finalists(ONE, [], 3) == []


def test_no_more_is_tried_than_asked_and_the_corners_are_among_it():
    calls = []

    def score(name, mixes):
        calls.append(name)
        return [toy(mix) for mix in mixes]

    tried = {s.mix for s in explore(ranges(4), replace(ONE, in_all=1e9), 60, 5, score)}
    assert len(tried) == 60 and tried >= set(corners(ranges(4)))
    assert len(set(calls)) == len(calls) and plain(ranges(4)) == (1.0,) * 4


@pytest.mark.filterwarnings("error")
def test_odd_ranges_stay_on_their_grid():
    odd = [Range(f"lever_{i}", 0.2, 0.97, step_of(0.2, 0.97), True) for i in range(3)]
    grid = odd[0].grid()
    assert (grid[0], grid[-1], len(grid)) == (0.2, 0.97, 13)
    tried = explore(odd, replace(ONE, probability=0.8), 60, 1, lambda _name, mixes: [toy(mix) for mix in mixes])
    assert len(tried) == 60 and {x for s in tried for x in s.mix} <= set(grid)


def test_the_front_by_hand():
    made = [scored((float(i),), np.array([[p > 0], [p > 1]]), np.array([[c]])) for i, (c, p) in enumerate(
        [(5.0, 1), (3.0, 1), (9.0, 2), (4.0, 0), (9.0, 1)]
    )]  # fmt: skip
    assert [s.mix for s in front(made, ONE.every)] == [(1.0,), (2.0,)]
    assert [s.mix for s in front(made[3:4], ONE.every)] == [(3.0,)]


def test_regret_and_the_robust_choice_by_hand():
    met = {"bold": [1, 1, 1, 0, 0, 0], "steady": [1, 1, 0, 1, 0, 0], "never": [0] * 6}
    made = [
        scored((float(i),), np.array(x, bool)[:, np.newaxis], np.ones((6, 1))) for i, x in enumerate(met.values())
    ]
    groups = {"a": np.array([1, 1, 1, 0, 0, 0], bool), "b": np.array([0, 0, 0, 1, 1, 1], bool)}
    table = regret(ONE, made, groups)
    assert np.allclose(table.chance, [[1, 0], [2 / 3, 1 / 3], [0, 0]])
    assert np.allclose(table.regret, [[0, 1 / 3], [1 / 3, 0], [1, 1 / 3]])
    assert table.robust([5.0, 4.0, 0.0]) == 1 and table.robust([4.0, 5.0, 0.0]) == 0  # a tie goes to the cheaper


def test_at_least_k_by_hand():
    half = Objective(np.array([1.0, 0.5]))
    s = scored((1.0,), np.array([[1, 1], [0, 0]], bool), np.ones((2, 1)), 0.4)  # chances (1, 0.7) and (0, 0.2)
    assert half.every(s) == pytest.approx(0.35)
    assert half.levels(s) == {1: pytest.approx(0.6), 2: pytest.approx(0.35)}
    assert replace(half, at_least=1).every(s) == pytest.approx(0.6)
    assert replace(half, at_least=2).every(s) == pytest.approx(half.every(s))
    assert half.expected(s) == pytest.approx(0.95)


def test_the_parameter_that_decides_is_the_influential_one():
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(200, 4))
    assert influential(draws, (draws[:, 2] > 0).astype(float), np.arange(4), 1) == [2]
    assert influential(draws, (draws[:, 2] > 0).astype(float), np.array([0, 1, 3]), 1) != [2]
    assert [x.sum() for x in thirds(np.arange(9.0))] == [3, 3, 3]


@pytest.fixture(scope="module")
def question(city):
    fit = load_fit(city)
    end = max(g.deadline for g in city.goals)
    as_of = quarter.parse(fit.provenance.as_of)
    plan = load_scenario("plan_as_written", city)
    return pipeline.Question(city, (plan,), fit, as_of, end, 1, 3, 1e-9, Workers(1), weight=40.0)


def test_a_mix_is_judged_like_a_forecast(city, question, monkeypatch):
    monkeypatch.setattr(pool, "model_weights", lambda: dict.fromkeys(("proxy", "record", "assumption"), 0.6))
    q, wanted = question, tuple(main_readings(city))
    judge, levers = judge_of(wanted), usual_ranges(question.scenarios[0])
    mixes = [plain(levers), tuple(2.0 for _ in levers)]
    members = [q.fit.member(i, q.seed) for i in range(3)]
    made = evaluate(q, wanted, levers, mixes, members, pipeline.silent)
    history = load_scenario(city.in_force, city)
    tried = (q.scenarios[0], mixed(q.scenarios[0], sizes(levers, mixes[1])))
    results = list(run_members(Experiment(city, history, tried, q.as_of, q.end, 40.0), members))
    for at, s in enumerate(made):
        ensemble = Ensemble("x", city.start + 1, np.stack([r[at].series for r in results]))
        goals = [g.probability for g in forecast_goals(city, ensemble, q.as_of) if g.primary]
        assert judge.chances(s).mean(axis=0) == pytest.approx(goals)
        assert judge.every(s) == pytest.approx(joint(city, ensemble, q.as_of).all)
        assert judge.levels(s) == pytest.approx(joint(city, ensemble, q.as_of).at_least)
        paid = [sum(line[2] for line in r[at].ledger) for r in results]
        assert s.paid.sum(axis=1) == pytest.approx(paid)
    again = Scored.read(json.loads(json.dumps(made[0].document())))
    assert again.met.tolist() == made[0].met.tolist() and judge.every(again) == judge.every(made[0])


@pytest.fixture
def light(monkeypatch):
    """Let the command run with forty enterprises a row."""
    whole = pipeline.ask
    monkeypatch.setattr(pipeline, "ask", lambda *a, **k: replace(whole(*a, **k), weight=40.0))


FEW = ("--candidates", "12", "--screen", "2", "--members", "3")
FILES = ("search.json", "search.csv", "search_winner.toml", "search_front.svg")


def test_the_whole_command_gives_the_same_bytes_with_two_workers(light, tmp_path, city, root, capsys):
    words = ["search", "--goal", "hnte", "--goal", "application_scene", *FEW, "--budget", "2000000", "--lang", "en"]
    for workers in ("1", "2"):
        assert run([*words, "--workers", workers, "--out", str(tmp_path / workers)]) == 0
    shown = capsys.readouterr().out
    assert "Optimism" in shown and "P confirmed" in shown and "search_winner.toml" in shown
    for name in FILES:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name
    doc = json.loads((tmp_path / "1" / "search.json").read_text("utf8"))
    kept = open_store(tmp_path / "1" / "peiyu.db").analyses("search", doc["run_id"])
    assert [a.document for a in kept] == [doc]
    best = doc["winner"] or doc["robust"]
    written = load_scenario(tmp_path / "1" / "search_winner.toml", city)
    mix = mixed(load_scenario("plan_as_written", city), best["mix"])
    assert [replace(x, source="") for x in written.levers] == [replace(x, source="") for x in mix.levers]
    end = root.state.as_of + 3
    assert np.array_equal(*(series_of(root.fork(s).run_to(end)) for s in (written, mix)), equal_nan=True)


@pytest.fixture
def formula(monkeypatch):
    """Replace the model: the first lever's size decides, screened members are easier than fresh ones, calls counted."""
    calls = []

    def answer(q, wanted, levers, mixes, members, progress):
        calls.append(len(mixes))
        seeds = np.array([m.seed // 1_000_000 for m in members])
        ease = np.where(seeds == q.seed, 1.0, 0.0)  # fresh members carry another seed
        place = np.arange(len(members)) / len(members)
        made = []
        for mix in mixes:
            met = place < mix[0] / 3.0 + 0.2 * ease
            made.append(
                scored(
                    mix, np.repeat(met[:, np.newaxis], len(wanted), 1), np.full((len(members), 2), 50.0 + 50 * sum(mix)), 0.8
                )
            )
        return made

    monkeypatch.setattr(search, "evaluate", answer)
    return calls


def ask(tmp_path, *words):
    return run(["search", *words, "--workers", "1", "--out", str(tmp_path), "--lang", "en"])


TWO = ("--lever", "fund_seed=0..3", "--lever", "fund_angel=0..3", "--goal", "hnte")
SOME = ("--candidates", "60", "--screen", "20", "--members", "20")


def test_optimism_is_what_was_promised_beyond_the_fresh_members(formula, tmp_path):
    assert ask(tmp_path, *TWO, *SOME, "--probability", "0.5", "--json") == 0
    doc = json.loads((tmp_path / "search.json").read_text("utf8"))
    for f in doc["finalists"]:
        beyond = {name for name, x in f["mix"].items() if 0.0 < x < 0.5 or x > 2.0}  # of the published size
        assert f["outside_evidence"] == bool(beyond) and f["levers_outside_evidence"].keys() == beyond
        x = f["mix"]["fund_seed"] / 3.0
        counts = [np.ceil(20 * min(p, 1.0) - 1e-9) / 20 for p in (x + 0.2, x)]
        assert (f["screened"]["probability"], f["confirmed"]["probability"]) == tuple(map(pytest.approx, counts))
        assert f["optimism_screened"] == pytest.approx(counts[0] - counts[1])
    mean = np.mean([f["optimism_screened"] for f in doc["finalists"]])
    assert doc["optimism"]["screened"] == pytest.approx(mean) and mean > 0.1
    assert doc["winner"]["mix"]["fund_angel"] == 0.0
    assert doc["winner"]["confirmed"]["probability"] >= 0.5
    cheaper = [f for f in doc["finalists"] if f["confirmed"]["cost_wan"] < doc["winner"]["confirmed"]["cost_wan"]]
    assert all(f["confirmed"]["probability"] < 0.5 for f in cheaper)


def test_a_stopped_search_goes_on_where_it_was(formula, tmp_path, monkeypatch, capsys):
    assert ask(tmp_path / "whole", *TWO, *SOME) == 0
    calls = list(formula)
    answer = search.evaluate

    def stop(*words):
        if len(formula) == len(calls) + 3:
            raise KeyboardInterrupt
        return answer(*words)

    monkeypatch.setattr(search, "evaluate", stop)
    assert ask(tmp_path / "part", *TWO, *SOME) == 130
    assert not (tmp_path / "part" / "search.json").exists()
    monkeypatch.setattr(search, "evaluate", answer)
    assert ask(tmp_path / "part", *TWO, *SOME) == 0
    assert formula[len(calls) :] == calls  # nothing was run twice
    for name in FILES:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "part" / name).read_bytes()
    assert ask(tmp_path / "part", *TWO, *SOME) == 0
    assert len(formula) == 2 * len(calls)


def test_a_budget_that_nothing_keeps_ends_at_once(formula, tmp_path, capsys):
    assert ask(tmp_path, *TWO, *SOME, "--budget", "99") == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert "no mix keeps the budgets: the smallest pays 100 万元 in all and 50 万元 in its dearest year" in said.err
    assert formula == [1] and not (tmp_path / "search.json").exists()
    assert ask(tmp_path, *TWO, *SOME, "--budget-year", "50") == 0


def test_a_chance_that_nothing_reaches_is_said(formula, tmp_path, capsys):
    assert ask(tmp_path, *TWO, *SOME, "--probability", "0.9", "--budget", "150") == 0
    assert "No mix was confirmed at P(the chosen goal) ≥ 90%" in capsys.readouterr().out
    doc = json.loads((tmp_path / "search.json").read_text("utf8"))
    assert doc["winner"] is None and doc["robust"]["confirmed"]["keeps_budgets"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--goal", "hnt"], 'Did you mean "hnte"?'),
        (["--goal", "hnte/newly"], 'no such reading. Did you mean "hnte/newly_recognised"? hnte has'),
        (["--lever", "fund_sed=0..3"], 'Did you mean "fund_seed"?'),
        (["--lever", "fund_seed=0..3", "--lever", "fund_seed=0..2"], "is there twice"),
        (["--scenario", "fund_if_behind", "--lever", "fund_seed=0..3"], 'rule "behind_at_half_time"'),
        (["--scenario", "no_policy"], "no lever with a budget that a search could vary"),
        (["--goal", "hnte", "--at-least", "2"], "1 goals are chosen; write a number from 1 to 1"),
        (["--probability", "90"], "write a number between 0 and 1"),
        (["--budget", "0"], "write a number between 0 and"),
        (["--budget-year", "nan"], "write a number between 0 and"),
        (["--candidates", "2"], "write a number from 8 to 100,000"),
        (["--screen", "1"], "write a number from 2 to 100,000"),
        (["--screen", "50", "--members", "40"], "more members than the finalists have"),
    ],
)
def test_wrong_input_is_one_sentence(words, said, tmp_path, capsys):
    assert ask(tmp_path, *words) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and said in shown.err and shown.err.count("\n") == 1
    assert not (tmp_path / "search.json").exists()


def test_a_scenario_of_ones_own_lies_beside_the_winner(formula, tmp_path, city):
    own = tmp_path / "own"
    own.mkdir()
    (own / "child.toml").write_text('title = "c"\nextends = "parent"\n', "utf8")
    (own / "parent.toml").write_text(
        'title = "他的\\"计划\\""\nextends = "plan_as_written"\ndrop = ["fund_angel"]\n', "utf8"
    )
    words = ("--scenario", str(own / "child.toml"), "--lever", "fund_seed=0..3", "--goal", "hnte", *SOME)
    assert ask(tmp_path / "out", *words, "--probability", "0.5") == 0
    written = load_scenario(tmp_path / "out" / "search_winner.toml", city)
    assert "fund_angel" not in {x.name for x in written.levers}
    assert next(x.size for x in written.levers if x.name == "fund_seed") > 1
    (tmp_path / "clash").mkdir()
    (tmp_path / "clash" / "parent.toml").write_text('title = "other"\n', "utf8")
    with pytest.raises(InputError, match="is another scenario"):
        search_document.refuse_clash(str(own / "child.toml"), city, tmp_path / "clash")
    winner = str(tmp_path / "out" / "search_winner.toml")
    with pytest.raises(InputError, match="rename the scenario first"):
        search_document.refuse_clash(winner, city, tmp_path / "out")


def test_without_matplotlib_nothing_is_drawn(formula, tmp_path, monkeypatch):
    monkeypatch.setattr(figure_files, "find_spec", lambda _name: None)
    assert ask(tmp_path, *TWO, *SOME) == 0
    assert (tmp_path / "search_winner.toml").exists() and not (tmp_path / "search_front.svg").exists()


def test_the_figure_shows_what_was_found(formula, tmp_path, monkeypatch, capsys):
    drawn = []
    monkeypatch.setattr(cli_search, "_drawn", lambda found, _lang: drawn.append(found) or plt.figure())
    assert ask(tmp_path, *TWO, "--goal", "application_scene", *SOME, "--probability", "0.2", "--budget", "200") == 0
    figure = search_figure.draw_search(drawn[0], "en")
    assert [ax.get_ylabel() for ax in figure.axes] == ["P(all chosen goals)", "Goals expected, of 2"]
    names = [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    assert {"tried (screened)", "beyond a budget", "finalists, confirmed", "winner", "robust"} <= set(names)
    plt.close(figure)
    words = shown(lambda x: search_figure.draw_search(drawn[0], x), "zh")
    assert all(
        x in words
        for x in ("按计划实施：", "P(全部所选目标)", "要求", "超出预算", "优胜", "稳健", "亿元（平方根刻度）")
    )


def test_both_languages_draw_the_same_money(formula, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(cli_search, "_drawn", lambda found, _lang: drawn.append(found) or plt.figure())
    assert ask(tmp_path, *TWO, *SOME) == 0
    money = {}
    for lang in ("zh", "en"):
        figure = search_figure.draw_search(drawn[0], lang)
        money[lang] = float(figure.axes[0].xaxis.get_major_formatter()(2e5, 0))
        plt.close(figure)
    assert money == {"zh": 20.0, "en": 2.0}  # 20 亿元, 2 billion


def test_where_all_goals_together_are_out_of_reach_it_says_what_is_within(formula, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pool, "model_weights", lambda: dict.fromkeys(("proxy", "record", "assumption"), 0.5))
    little = ("--lever", "fund_seed=0..0.02", "--lever", "fund_angel=0..1", *SOME, "--members", "60")
    assert ask(tmp_path, *little) == 0
    shown = capsys.readouterr().out
    doc = json.loads((tmp_path / "search.json").read_text("utf8"))
    assert len(doc["goals"]) > 8 and all(f["confirmed"]["probability"] < 0.01 for f in doc["finalists"])
    assert len(doc["front"]) >= 1 and len(doc["front_expected"]) > 1
    best = {
        int(k): max(f["confirmed"]["at_least"][k] for f in doc["finalists"])
        for k in doc["robust"]["confirmed"]["at_least"]
    }
    k = max(k for k, p in best.items() if p >= 0.1)
    assert f"--at-least {k}." in " ".join(shown.split()) and "goals expected, as screened" in shown
    enough = ("--at-least", str(k), "--probability", f"{best[k] - 1e-6:.9f}")
    assert run(["search", *little, *enough, "--out", str(tmp_path), "--workers", "1", "--lang", "zh"]) == 0
    assert f"至少 {k}/{len(doc['goals'])} 项所选目标" in capsys.readouterr().out
