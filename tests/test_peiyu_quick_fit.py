"""A city with three counts and a plan: from the workbook to a forecast, in minutes and without a full fit."""

import json
from pathlib import Path

import pytest
from workbooks import COUNTS, filled, rule

from peiyu.__main__ import run

THREE = [row for row in COUNTS if row[0] == "高新技术企业" and row[3][:4] in ("2020", "2022", "2024")]


@pytest.mark.longest
def test_three_counts_and_a_plan_give_a_forecast_that_covers_the_rule_they_follow(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    filled(Path("city.xlsx"), 数据=THREE)
    assert run(["new-city", "mycity", "--from", "city.xlsx", "--lang", "en"]) == 0
    assert run(["calibrate", "--city", "./mycity", "--quick", "--particles", "100"]) == 0
    said = capsys.readouterr().out
    assert "comes from the fits of guangzhou, hangzhou, shanghai, wuhan" in said
    lent = json.loads(Path("mycity/fitted.json").read_text("utf8"))["outlook"]
    assert lent["cities"] == ["guangzhou", "hangzhou", "shanghai", "wuhan"] and "srdi_apply" in lent["pooled"]
    assert run(["forecast", "--city", "./mycity", "--members", "40", "--json"]) == 0
    outcomes = json.loads(capsys.readouterr().out)["outcomes"]
    low, high = next((x["q05"], x["q95"]) for x in outcomes if (x["indicator"], x["year"]) == ("hnte_stock", 2027))
    assert low < rule(2027) < high < 3 * low
