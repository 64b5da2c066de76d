"""Regions, series and methods of the record have names in both languages."""

import re

import pandas as pd

import scenarios
from calibration.backtest.backtest import OURS
from calibration.backtest.comparators import COMPARATORS
from peiyu.words.history import goal, method, place, series
from peiyu.words.loader import words

GOALS = pd.read_csv(scenarios.FOLDER / "common" / "settled_goals.csv")


def test_every_settled_goal_is_named_in_both_languages():
    for region in GOALS.region.unique():
        assert set(region.split("/")) <= set(words("places", "zh")), region
        assert not re.search(r"[a-z]", place(region, "zh")) and re.fullmatch(r"[A-Z][\w, ]+", place(region, "en"))
    assert set(GOALS.series) <= set(words("series", "zh"))
    assert all(re.search(r"[\u4e00-\u9fff]", series(x, "zh")) for x in words("series", "zh"))
    assert all(not re.search(r"[\u4e00-\u9fff_]", series(x, "en")) for x in words("series", "zh"))


def test_what_has_no_name_keeps_its_key():
    assert place("atlantis", "zh") == "atlantis" and series("gold_stock", "en") == "gold stock"
    assert place("hangzhou/binjiang", "zh") == "杭州滨江" and place("hangzhou/binjiang", "en") == "Binjiang, Hangzhou"


def test_every_method_of_the_backtest_is_named_in_both_languages():
    assert set(words("methods", "zh")) == {*OURS, *COMPARATORS}
    assert all(method(x, "zh") != x for x in words("methods", "zh") if x != "arima")
    assert all("_" not in method(x, "en") for x in words("methods", "en")) and method("own_rule", "en") == "own_rule"


def test_a_settled_goal_is_told_in_either_language():
    asked = ("hangzhou", "hte_stock", 5688.0, 2020)
    assert goal(*asked, "zh") == "杭州 高新技术企业数 ≥ 5,688(2020 年)"
    assert goal(*asked, "en") == "Hangzhou: high-tech enterprises ≥ 5,688 by 2020"
