"""What docs/ keeps of long commands is what they say now: a kept result grows old with the code, and nobody sees it."""

import json

import pytest

from peiyu.__main__ import run
from peiyu.backtest.page import NAME, UNTOLD
from peiyu.document.kept import DATA


def flat(told, name=""):
    """Return every number and word of a document by its place."""
    if isinstance(told, dict | list):
        inside = told.items() if isinstance(told, dict) else enumerate(told)
        return {place: x for key, part in inside for place, x in flat(part, f"{name}/{key}").items()}
    return {name: told}


def apart(kept, now):
    """Return what differs between two documents, by more than another processor's rounding may make of a number."""
    a, b = flat(kept), flat(now)
    same = lambda x, y: x == (pytest.approx(y, rel=1e-3, abs=1e-3) if isinstance(y, float) else y)  # noqa: E731
    return {place: (a.get(place), b.get(place)) for place in a.keys() | b.keys() if not same(a.get(place), b.get(place))}


@pytest.fixture
def now(tmp_path, capsys):
    """Return what `peiyu backtest` says now, without what no page tells."""

    def ask(*more):
        assert run(["backtest", "--workers", "2", "--lang", "en", "--out", str(tmp_path), *more]) == 0, capsys.readouterr().err
        document = json.loads((tmp_path / f"{NAME}.json").read_text("utf8"))
        return {key: part for key, part in document.items() if key not in UNTOLD}

    return ask


def test_a_number_that_differs_is_found():
    assert not apart({"a": [1, {"b": 0.5}], "c": "x"}, {"a": [1, {"b": 0.50001}], "c": "x"})
    assert set(apart({"a": [1, 0.5], "c": "x"}, {"a": [1, 0.51, 2], "c": "y"})) == {"/a/1", "/a/2", "/c"}


@pytest.mark.slow
def test_the_backtest_that_is_kept_is_what_the_command_says(now):
    kept = json.loads((DATA / f"{NAME}.json").read_text("utf8"))
    assert apart({key: part for key, part in kept.items() if key != "abm"}, now()) == {}


@pytest.mark.longest
@pytest.mark.parametrize("city", ["hangzhou", "wuhan", "guangzhou", "shanghai"])
def test_the_models_own_backtest_that_is_kept_is_what_the_command_says(now, city):
    kept = DATA / (f"{NAME}.json" if city == "hangzhou" else f"{NAME}-{city}.json")
    assert apart(json.loads(kept.read_text("utf8"))["abm"], now("--abm", "--city", city)["abm"]) == {}
