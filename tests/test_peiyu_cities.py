"""Cities side by side: every city by its own plan, and who cannot be forecast is named with the reason."""

import json

import pandas as pd
import pytest

from peiyu.__main__ import run
from sim.city.readings import main_readings
from sim.city.template import write_city


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Two cities asked at once: one with a fit, and a new one without."""
    place = tmp_path_factory.mktemp("cities")
    new = write_city("newtown", place)
    assert run(["cities", "hangzhou", str(new), "--members", "3", "--workers", "1", "--out", str(place / "out")]) == 0
    return place


def test_every_main_reading_stands_there_once_and_a_city_without_a_fit_is_named(told, city, capsys):
    words = ["cities", "hangzhou", str(told / "newtown"), "--members", "3", "--workers", "1", "--out", str(told / "out")]
    assert run([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(g["goal"], g["reading"]) for g in said["goals"]] == [(g.key, r.key) for g, r in main_readings(city)]
    assert [c["plan"] for c in said["cities"]] == ["plan_as_written"]
    assert list(said["left_out"]) == [str(told / "newtown")]
    assert "no fit yet" in said["left_out"][str(told / "newtown")]
    rows = pd.read_csv(told / "out" / "cities.csv")
    assert list(rows.probability) == [g["probability"] for g in said["goals"]]


def test_the_numbers_are_those_of_a_comparison(told, capsys):
    shared = ["--members", "3", "--workers", "1", "--out", str(told / "out"), "--json"]
    assert run(["cities", "hangzhou", *shared]) == 0
    mine = json.loads(capsys.readouterr().out)
    assert run(["compare", "baseline", "plan_as_written", "--as-of", mine["cities"][0]["as_of"], *shared]) == 0
    theirs = json.loads(capsys.readouterr().out)
    net = {(e["goal"], e["reading"]): (e["net"], e["delta_probability"]) for e in theirs["effects"]}
    assert all(net[g["goal"], g["reading"]] == (g["net"], g["delta_probability"]) for g in mine["goals"])
    assert mine["cities"][0]["cost_wan"] == pytest.approx(sum(x["difference_wan"] for x in theirs["costs"]))


def test_with_no_city_to_forecast_there_is_one_message(told, capsys):
    assert run(["cities", str(told / "newtown"), "--out", str(told / "none")]) == 2
    assert "no fit yet; run: peiyu calibrate" in capsys.readouterr().err


def test_two_cities_stand_side_by_side_to_the_last_deadline(tmp_path, capsys):
    words = ["cities", "hangzhou", "wuhan", "--members", "3", "--workers", "1", "--out", str(tmp_path)]
    assert run([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    together = said["together"]
    assert together["since"] == max(c["as_of"] for c in said["cities"])
    assert together["until"] == max(g["deadline"] for g in said["goals"])
    assert [x["city"] for x in together["growth"]] == ["hangzhou", "wuhan"]
    (pair,) = together["pairs"]
    assert (pair["city"], pair["other"]) == ("hangzhou", "wuhan") and pair["q05"] <= pair["median"] <= pair["q95"]
    assert run([*words, "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "年均增速" in told and "至 2027Q4,有效" in told
    assert "“按计划实施”相对“基准情景”" in told and "“按实施方案实施”" in told
    assert "plan_as_written" not in told and "baseline" not in told


def test_a_narrow_terminal_keeps_how_sure_a_median_is(told, monkeypatch, capsys):
    monkeypatch.setattr("peiyu.screen.console.WIDE", 80)
    assert run(["cities", "hangzhou", "--members", "3", "--workers", "1", "--out", str(told / "out"), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "90 %" in said.partition("Left out")[0] and "In words" in said.partition("Left out")[2]
    assert '"The action plan as written, 2025-2026" against "Policy as it stood' in said


def test_one_city_has_nobody_beside_it(told, capsys):
    shared = ["--members", "3", "--workers", "1", "--out", str(told / "out"), "--json"]
    assert run(["cities", "hangzhou", *shared]) == 0
    assert json.loads(capsys.readouterr().out)["together"] is None
