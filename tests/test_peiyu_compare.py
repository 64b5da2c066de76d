"""Comparisons: what is stated, stored, split, drawn and refused."""

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from calibration.fit.fit import load_fit
from peiyu.__main__ import run
from peiyu.comparison import comparison, split
from peiyu.comparison import figures as comparison_drawings
from peiyu.comparison import files as comparison_figures
from peiyu.comparison import terminal as comparison_tables
from peiyu.comparison.paired import interval, share_interval, told_apart, unpaired_times
from peiyu.figures.style import WIDTH
from peiyu.forecasts import pipeline
from sim import quarter
from sim.ensemble.record import RUNGS
from sim.store.store import open_store
from sim.workers import Workers

MEMBERS = 3


def question(city, scenario, *names, workers=1):
    fit = load_fit(city)
    as_of = quarter.parse(fit.provenance.as_of)
    scenarios = tuple(scenario(n) for n in names)
    end = max(g.deadline for g in city.goals)
    return pipeline.Question(city, scenarios, fit, as_of, end, 1, MEMBERS, 1e-9, Workers(workers), weight=40.0)


@pytest.fixture(scope="module")
def asked(city, scenario):
    return question(city, scenario, "baseline", "plan_as_written", "zones_heavy")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("store") / "a.db")


@pytest.fixture(scope="module")
def compared(asked, store):
    return comparison.with_splits(comparison.compare(asked, store), asked, store, "kinds")


def test_pairing_saves_what_the_variances_say():
    base = np.array([1.0, 5.0, 9.0, 13.0])
    gain = np.array([0.0, 2.0, 0.0, 2.0])  # variances 20, 25 and 1
    assert unpaired_times(base + gain, base) == pytest.approx(45.0)
    independent = np.random.default_rng(0).normal(size=(2, 40_000))
    assert unpaired_times(*independent) == pytest.approx(1.0, abs=0.05)  # sd of the ratio: about 0.007
    assert unpaired_times(base + 3.0, base) is None  # every member gains the same
    assert unpaired_times(base[:1], base[:1]) is None


def test_intervals_by_hand():
    low, high = interval(np.array([0.0, 1.0, 2.0, 3.0]))
    assert (low + high) / 2 == 1.5 and high - 1.5 == pytest.approx(1.6448536 * np.sqrt(5 / 3) / 2)
    assert share_interval(np.array([1.0, 1.0, 0.0])) == (pytest.approx(interval(np.array([1, 1, 0]))[0]), 1.0)


def test_the_net_effect_is_the_difference_of_the_paths_and_additional_at_most_gross(city, compared):
    from sim.ensemble.forecast import path

    base, plan = compared.forecasts[:2]
    for e in (e for e in compared.effects if e.scenario == "plan_as_written"):
        goal = next(g for g in city.goals if g.key == e.goal)
        r = next(r for r in goal.readings if r.key == e.reading)
        at = goal.deadline - base.ensemble.start
        net = (path(r, plan.ensemble) - path(r, base.ensemble))[:, at]
        assert e.net == pytest.approx(net.mean())
        assert e.net == pytest.approx(e.additional + e.spillover - e.displaced) and min(e.spillover, e.displaced) >= 0.0
        assert e.additional <= e.gross or e.gross == e.net
        p = {
            f.scenario.name: next(g for g in f.goals if (g.goal, g.reading) == (e.goal, e.reading))
            for f in (base, plan)
        }
        # no weight: the published chance is the record's, and the change is the model's own
        change = p["plan_as_written"].model_probability - p["baseline"].model_probability
        assert e.basis in ("record", "assumption") and e.delta_probability == pytest.approx(change)
    cost = [e.cost_wan for e in compared.effects if e.scenario == "plan_as_written"]
    spent = {f.scenario.name: f.ensemble.of("outlay")[:, city_first(f) :].sum(axis=1).mean() for f in (base, plan)}
    assert len(set(cost)) == 1 and cost[0] == pytest.approx(spent["plan_as_written"] - spent["baseline"])
    by_lever = [x for x in compared.costs if x.scenario == "plan_as_written"]
    assert sum(x.difference_wan for x in by_lever) == pytest.approx(cost[0])
    assert {x.lever for x in by_lever if x.base_wan == 0.0} >= {"basic_research", "open_challenge", "service_voucher"}


def test_outcomes_are_the_differences_of_the_paths_and_cost_what_was_paid_by_then(compared):
    base, plan = compared.forecasts[:2]
    mine = [x for x in compared.outcomes if x.scenario == "plan_as_written"]
    assert {x.year for x in mine} == {2025, 2026}
    for x in mine:
        at = 4 * x.year + 3 - base.ensemble.start
        net = (plan.ensemble.of(x.indicator) - base.ensemble.of(x.indicator))[:, at]
        assert x.net == pytest.approx(net.mean(), rel=1e-6, abs=1e-3) and x.told_apart == told_apart(net)
        spent = sum(s * f.ensemble.of("outlay")[:, city_first(f) : at + 1].sum(axis=1) for s, f in ((1, plan), (-1, base)))
        assert x.cost_wan == pytest.approx(spent.mean())
    assert any(x.net > 0 for x in mine if x.indicator == "future_rd_spend")
    stated = {(x.indicator, x.year): x for x in plan.outcomes}
    end = plan.ensemble.of("employees")[:, -1]
    assert stated["employees", 2026].median == pytest.approx(np.median(end))


def test_money_of_many_levers_is_the_price_of_no_reading(compared):
    assert {e.cost_note for e in compared.effects if e.scenario == "zones_heavy"} == {"several_levers"}
    assert all(e.cost_per_net_unit is None and e.cost_per_net_unit_ci90 is None for e in compared.effects)
    rows = [x for s in compared.splits for x in s.rows]
    assert all((x.cost_per_net_unit is None) == (x.cost_note is not None) for x in rows)


def city_first(f):
    return f.as_of + 1 - f.ensemble.start


def test_districts_and_tracks_each_add_up_to_the_net_effect(compared):
    rows = [(e.scenario, e.goal, e.reading) for e in compared.effects]
    checked = 0
    for key, e in zip(rows, compared.effects, strict=True):
        for axis in ("district", "track"):
            mine = [p for p in compared.parts if (p.scenario, p.goal, p.reading, p.axis) == (*key, axis)]
            if mine:
                assert sum(p.net for p in mine) == pytest.approx(e.net)
                assert sum(p.gross for p in mine) == pytest.approx(e.gross)
                checked += 1
    assert checked >= 4


def test_shares_by_kind_add_up_to_the_effect_of_the_comparison(compared):
    """The split runs the members of the comparison here, so its whole is the effect itself."""
    effects = {(e.scenario, e.goal, e.reading): e for e in compared.effects}
    for s in compared.splits:
        assert s.members == MEMBERS
        for whole in s.whole:
            mine = [x for x in s.rows if (x.goal, x.reading) == (whole.goal, whole.reading)]
            e = effects[s.scenario, whole.goal, whole.reading]
            for name in ("net", "delta_probability", "cost_wan"):
                total = sum(getattr(x, name) for x in mine)
                assert total == pytest.approx(getattr(whole, name), rel=1e-12, abs=1e-9)
                assert getattr(e, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)
    zones = {x.player: x.net for x in compared.splits[0].rows if x.reading == "designated"}
    assert zones["zones"] > 0 and zones["vouchers"] == zones["funding"] == 0


def test_lever_by_lever_the_sampled_shares_add_up_too(asked, store):
    q = replace(asked, scenarios=asked.scenarios[:2], members=2)
    s = split.split(q, store, q.scenarios[1], "levers")
    assert set(s.players) == set(split.differing(*q.scenarios)) and s.document().method.startswith("sampled")
    for whole in s.whole:
        mine = [x for x in s.rows if (x.goal, x.reading) == (whole.goal, whole.reading)]
        assert sum(x.net for x in mine) == pytest.approx(whole.net, abs=1e-9)
        assert sum(x.delta_probability for x in mine) == pytest.approx(whole.delta_probability, abs=1e-9)
    # platforms and zones are free: their share of the plan's billions is nobody's price
    assert {x.cost_note for x in s.rows if x.player in ("exchange_platforms", "zones_municipal")} == {"no_cost"}
    assert {x.player for x in s.rows if x.cost_note != "no_cost"} >= {"service_voucher", "seedling_grant"}


def test_a_stopped_split_goes_on_and_says_the_same(asked, compared, tmp_path, monkeypatch):
    other, plan = open_store(tmp_path / "b.db"), asked.scenarios[1]
    split.split(replace(asked, members=2), other, plan, "kinds")
    ran, real = [], split.run_member
    monkeypatch.setattr(split, "run_member", lambda x, m: ran.append(m.index) or real(x, m))
    assert split.split(asked, other, plan, "kinds").document() == compared.splits[0].document()
    assert ran == [2]


def test_the_store_keeps_the_whole_document_and_the_split(compared, store):
    runs = {f.run_id for f in compared.forecasts}
    kept = next(a for a in store.analyses("compare") if set(a.runs) == runs)
    assert kept.document == json.loads(json.dumps(compared.document().plain()))
    assert {"effects", "parts", "leaks", "ladder", "splits", "meanings"} <= set(kept.document)
    assert kept.document["meanings"].keys() >= kept.document["effects"][0].keys() - {"scenario", "goal", "reading"}
    plan = next(s for s in store.analyses("split") if s.document["scenario"] == "plan_as_written")
    assert plan.runs == [f.run_id for f in compared.forecasts[:2]]


def test_two_workers_say_what_one_says(city, scenario, compared, tmp_path):
    q = question(city, scenario, "baseline", "plan_as_written", "zones_heavy", workers=2)
    other = open_store(tmp_path / "c.db")
    assert comparison.with_splits(comparison.compare(q, other), q, other, "kinds").document() == compared.document()


def test_what_was_run_alone_gets_its_effects_when_compared(asked, compared, tmp_path):
    other = open_store(tmp_path / "d.db")
    for s in asked.scenarios:
        pipeline.answer(replace(asked, scenarios=(s,)), other)
    assert comparison.compare(asked, other).document() == replace(compared, splits=[]).document()


def test_frames_have_a_row_for_everything(city, compared):
    readings = sum(len(g.readings) for g in city.goals)
    assert len(compared.frame()) == 2 * readings
    ladder = compared.ladder_frame()
    assert set(ladder.rung_before) == set(RUNGS) and len(ladder) == 3 * (len(RUNGS) ** 2 - 1)
    assert {"vouchers_wan", "relabelled_wan", "tenants_moved"} <= set(compared.leak_frame().item)
    assert "plan_as_written" in compared._repr_html_()


def test_figures_show_every_reading_rung_and_district(city, compared, tmp_path):
    texts = lambda figure: " | ".join(t.get_text() for ax in figure.axes for t in (*ax.texts, *ax.get_yticklabels()))  # noqa: E731
    forest = texts(compared.plot())
    assert all(f"{g.en}: {r.en}" in forest for g in city.goals for r in g.readings)
    assert all(d.en in texts(compared.plot_districts("hnte")) for d in city.districts)
    assert "from startup" in texts(compared.plot_ladder("zones_heavy"))
    with pytest.raises(ValueError, match="known are"):
        compared.plot_districts("consortium")
    plt.close("all")
    names = comparison_figures.write_figures(compared, tmp_path, "en")
    assert {"effects.svg", "ladder_plan_as_written.svg", "districts_hnte.svg"} <= set(names)
    assert all((tmp_path / name).read_text("utf8").lstrip().startswith("<?xml") for name in names)


def test_scenarios_are_drawn_on_one_scale_which_noise_cannot_fill(compared):
    """A panel of its own scale made an effect of no unit look like one of a hundred points."""
    figure = compared.plot()
    assert len({axes.get_xlim() for axes in figure.axes}) == 1 and figure.get_size_inches()[0] == WIDTH
    low, high = figure.axes[0].get_xlim()
    ends = [100.0 * x for e in compared.effects for x in e.ci90]
    assert low <= min(ends) and high >= max(ends)
    still = [replace(e, delta_probability=0.001, ci90=(-0.002, 0.004)) for e in compared.effects]
    low, high = comparison_drawings.draw_effects(compared.forecasts, still, "en").axes[0].get_xlim()
    assert low < -4.9 and high > 4.9
    plt.close("all")


def test_a_place_is_shaded_only_where_its_effect_is_told_apart(compared):
    parts = [x for x in compared.parts if x.goal == "hnte"]
    told = [replace(x, net=4.0, net_ci90=(1.0, 7.0) if i == 0 else (-1.0, 9.0)) for i, x in enumerate(parts)]
    figure = comparison_drawings.draw_districts(compared.forecasts, told, "hnte", "en")
    assert sum(len(axes.patches) for axes in figure.axes) == 1
    still = [replace(x, net=0.004, net_ci90=(-0.01, 0.02)) for x in parts]
    figure = comparison_drawings.draw_districts(compared.forecasts, still, "hnte", "en")
    texts = {t.get_text() for axes in figure.axes for t in axes.texts}
    assert "0" in texts and not any("0.0" in t for t in texts)
    plt.close("all")


def test_bars_of_the_ladder_are_as_long_as_their_numbers(compared):
    flow = compared.ladders["zones_heavy"]
    drawn = {round(float(p.get_width()), 6) for axes in compared.plot_ladder("zones_heavy").axes for p in axes.patches}
    expected = {round(float(x), 6) for i, row in enumerate(flow) for j, x in enumerate(row) if x > 0.0 and (i or j)}
    assert drawn == expected
    plt.close("all")


@pytest.mark.filterwarnings("error:Glyph")
def test_figures_speak_chinese(city, compared, tmp_path):
    texts = lambda figure: " | ".join(t.get_text() for ax in figure.axes for t in (*ax.texts, *ax.get_yticklabels()))  # noqa: E731
    forest = compared.plot("zh")
    assert all(f"{g.zh}：{r.zh}" in texts(forest) for g in city.goals for r in g.readings)
    assert [ax.get_title(loc="left") for ax in forest.axes] == [f.scenario.title["zh"] for f in compared.forecasts[1:]]
    assert all(d.zh in texts(compared.plot_districts("hnte", "zh")) for d in city.districts)
    assert "来自初创" in texts(compared.plot_ladder("zones_heavy", "zh"))
    plt.close("all")
    assert comparison_figures.write_figures(compared, tmp_path, "zh")


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("净效应", "外溢", "先导区", "沙普利值", "为什么看不出效应")), ("en", ("Net", "Spill", "Unpaired", "Shapley", "costs"))]
)
def test_the_tables_speak_both_languages(compared, capsys, tmp_path, lang, words):
    comparison_tables.print_comparison(compared, lang, tmp_path, ["effects.svg"], everything=True)
    printed = capsys.readouterr().out
    assert printed.count({"zh": "超出证据范围", "en": "Outside the evidence"}[lang]) == 1  # zones_heavy only
    for rows in (compared.effects, compared.outcomes):
        assert {x.scenario for x in rows if x.outside_evidence} == {"zones_heavy"}
    assert all(word in printed for word in words) and "effects.svg" in printed


def test_what_moved_comes_first_and_the_rest_with_all(compared, capsys, tmp_path):
    comparison_tables.print_comparison(compared, "en", tmp_path, [])
    short = capsys.readouterr().out
    comparison_tables.print_comparison(compared, "en", tmp_path, [], everything=True)
    whole = capsys.readouterr().out
    assert short.count("\n") < 0.7 * whole.count("\n")
    unmoved = [e for e in compared.effects if not any(low > 0 or high < 0 for low, high in (e.net_ci90, e.ci90))]
    assert unmoved and "Not told apart from none, " in short and "--all" in short and "how far each lever gets" in whole
    assert "Not told apart from none, " not in whole
    assert f"peiyu appendix --out {tmp_path}" in short and "--city" not in short.partition("Next:")[2]


def test_split_stands_alone_and_prints_one_document(tmp_path, capsys):
    words = ["compare", "baseline", "--split", "voucher_heavy", "--members", "1", "--workers", "1", "--json"]
    assert run([*words, "--out", str(tmp_path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [s["by"] for s in printed["splits"]] == ["kinds"]
    assert (tmp_path / "split_voucher_heavy_kinds.csv").exists() and (tmp_path / "parts.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["baseline", "plan_as_written", "--split=lever"], "kinds or levers"),
        (["plan_as_written", "in_force", "--split"], "nothing to split"),
    ],
)
def test_what_cannot_be_split_is_refused_before_anything_runs(tmp_path, capsys, words, message):
    assert run(["compare", *words, "--members", "1", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert message in said.err and said.out == ""
    assert not (tmp_path / "out").exists()
