"""How wrong the agent model was: its own rows beside the panel and the comparators, told in both languages."""

import json

import pytest

from calibration.backtest import wrong
from calibration.backtest.backtest import ABM, PANEL, Pair
from calibration.backtest.summary import best_comparator, differences, frame, summary, wide
from peiyu.backtest import page, terminal
from peiyu.backtest.document import BacktestDocument
from peiyu.backtest.study import document_of
from peiyu.words.history import method
from peiyu.words.loader import words


def pair(series, origin, model, crps, inside=True, observed=100.0, middle=90.0):
    period = str(int(origin[:4]) + 1)
    return Pair("hangzhou", series, origin, period, observed, model, crps, middle / 2, middle, middle * 1.05,
                1, 0.0, crps, 0.5, inside, inside, inside)  # fmt: skip


@pytest.fixture(scope="module")
def made():
    """Two labels at two origins: CRPS of the agent model 0.1 and 0.2 (high-tech), 0.3 and 0.5 (little giants)."""
    mine = [("hte_stock", "2018Q4", 0.1, True), ("hte_stock", "2020Q4", 0.2, True),
            ("little_giant_stock", "2018Q4", 0.3, True), ("little_giant_stock", "2020Q4", 0.5, False)]  # fmt: skip
    rivals = {"naive": (0.8, 0.9, 0.6, 0.6), "drift": (0.4, 0.3, 0.9, 0.9), PANEL: (0.2, 0.3, 0.1, 0.1)}
    pairs = [pair(s, o, ABM, crps, inside, 321.0 if not inside else 100.0, 81.0) for s, o, crps, inside in mine]
    pairs += [
        pair(s, o, m, crps) for m, scores in rivals.items() for (s, o, *_), crps in zip(mine, scores, strict=True)
    ]
    # a comparator that leaves out the hard pairs is not the best, however well it did on the rest
    return [*pairs, pair("hte_stock", "2018Q4", "ets", 0.01)]


def test_the_models_are_named_and_the_panel_is_no_comparator(made):
    table = frame(made)
    assert best_comparator(wide(table)) == "drift"
    rows = summary(table, ABM)
    assert [r["model"] for r in rows] == [ABM, PANEL, "ets", "drift", "naive"]
    # (0.1 + 0.2 + 0.3 + 0.5) / 4 over (0.4 + 0.3 + 0.9 + 0.9) / 4, and over the panel's 0.7 / 4
    assert rows[0]["relative_crps"] == pytest.approx(1.1 / 2.5) and rows[0]["abm_relative"] == 1.0
    assert rows[1]["abm_relative"] == pytest.approx(1.1 / 0.7, abs=1e-4)
    assert rows[2]["pairs"] == 1 and rows[2]["abm_relative"] == pytest.approx(0.1 / 0.01)
    assert {r["against"] for r in differences(table, 1, ABM)} == {PANEL, "ets", "drift", "naive"}


def test_the_aims_are_the_share_inside_the_panel_for_high_tech_and_the_best_simple_model_elsewhere(made):
    found = {a["aim"]: a for a in wrong.how_wrong(frame(made))["aims"]}
    assert found["coverage90"] == {
        "aim": "coverage90", "against": "", "pairs": 4, "value": 0.75, "low": 0.85, "high": 0.95, "met": False,
    }  # fmt: skip
    high_tech, other = found["high_tech_to_panel"], found["other_labels_to_best"]
    assert (high_tech["value"], high_tech["met"], high_tech["against"]) == (pytest.approx(0.3 / 0.5), True, PANEL)
    assert (other["value"], other["met"], other["against"]) == (pytest.approx(0.8 / 1.2, abs=1e-4), True, "naive")
    worse = [pair("little_giant_stock", "2020Q4", ABM, 5.0) if (p.model, p.crps) == (ABM, 0.5) else p for p in made]
    assert [a["met"] for a in wrong.how_wrong(frame(worse))["aims"]] == [False, True, False]


def test_labels_and_origins_are_told_apart_and_a_panel_that_was_silent_has_no_ratio(made):
    found = wrong.how_wrong(frame([p for p in made if not (p.model == PANEL and p.series == "little_giant_stock")]))
    labels = {r["series"]: r for r in found["labels"]}
    assert labels["hte_stock"]["inside90"] == 2 and labels["little_giant_stock"]["coverage90"] == 0.5
    assert labels["hte_stock"]["to_panel"] == pytest.approx(0.6) and labels["little_giant_stock"]["to_panel"] is None
    assert labels["hte_stock"]["best"] == "drift" and labels["little_giant_stock"]["best"] == "naive"
    assert [(r["origin"], r["pairs"], r["inside90"]) for r in found["origins"]] == [("2018Q4", 2, 2), ("2020Q4", 2, 1)]
    # on the pair that the panel forecast too: 0.1 over 0.2
    assert found["origins"][0]["to_panel"] == pytest.approx(0.5)
    (missed,) = found["misses"]
    assert (missed["series"], missed["q50"], missed["observed"]) == ("little_giant_stock", 81.0, 321.0)


def test_what_the_agent_model_did_not_forecast_counts_for_nobody(made):
    more = [pair("hte_stock", "2022Q4", "naive", 0.0), pair("hte_stock", "2022Q4", PANEL, 9.0, inside=False)]
    assert wrong.how_wrong(frame([*made, *more])) == wrong.how_wrong(frame(made))


def test_the_document_holds_all_pairs_and_only_a_city_has_the_agent_models_part(made):
    panel = [pair("hte_stock", "2018", model, 0.1) for model in ("peiyu", "naive")]
    plain, full = document_of(panel, [], 1).plain(), document_of(panel, [], 1, made).plain()
    assert "abm" not in plain and {p["model"] for p in full["pairs"]} == {"peiyu", "naive", "drift", "ets", ABM, PANEL}
    assert full["summary"] == plain["summary"] and full["slices"] == plain["slices"]
    read = BacktestDocument.model_validate_json(json.dumps(full))
    assert read.plain() == full and read.abm.aims[0].value == 0.75


@pytest.mark.parametrize(("lang", "title", "said"), [("zh", "我们错了多少", "4 个数中,3 个(75%)"), ("en", "How wrong were we", "Of 4 numbers printed later, 3 (75%)")])  # fmt: skip
def test_the_page_and_the_screen_open_with_it(made, lang, title, said, tmp_path, capsys):
    document = document_of([pair("hte_stock", "2018", m, 0.1) for m in ("peiyu", "naive")], [], 1, made).plain()
    blocks = page.how_wrong(document["abm"], lang)
    assert blocks[0].text == title and said in str(blocks[1])
    assert page.how_wrong(None, lang) == [] and page.results(document)[0].text == "How wrong were we"
    terminal.print_backtest(document, lang, tmp_path)
    screen = capsys.readouterr().out
    w = words("backtest", lang)
    assert said in screen and screen.index(w["aims"]) < screen.index(w["title"])
    assert all(w[k] in screen for k in ("by_label", "by_origin", "met_no")) and "321" in screen
    assert all(method(name, lang) in screen for name in (ABM, PANEL, "naive", "drift"))


def test_the_page_asks_the_study_which_simple_model_is_best(made):
    """One that left out hard pairs scores better, and is not the best."""
    part = document_of([pair("hte_stock", "2018", m, 0.1) for m in ("peiyu", "naive")], [], 1, made).plain()["abm"]
    easy = min(part["summary"], key=lambda row: row["crps_mean"] if row["model"] not in (ABM, PANEL) else 1e9)
    part["summary"].append(easy | {"model": "arima", "pairs": easy["pairs"] - 1, "crps_mean": 0.0})
    (row,) = [row for row in page._of_city("x", part) if row["label"] == "all"]
    assert row["best"] == best_comparator(wide(frame(list(made)))) and row["best"] != "arima"
