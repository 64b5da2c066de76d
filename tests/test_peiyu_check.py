"""`peiyu check` as a user meets it: JSON contract, files, both languages, one message for wrong input."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from helpers import save_fit

from agents.parameters import Parameters
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from calibration.moments.moments import MOMENTS
from peiyu.__main__ import run
from peiyu.document.kept import DOCS
from peiyu.document.markdown import filled, fragment
from peiyu.fit.check import ORDER
from peiyu.fit.check_page import moments, results
from sim.city.city import load_city

KEYS = ["moment", "zh", "en", "target", "lower", "upper", "rule", "unit", "use", "rows", "made_by", "median", "q05",
        "q95", "verdict"]  # fmt: skip


def small_city(folder, as_of="2024Q4"):
    """Copy Hangzhou with a fit of two draws and a pool of 1,500 enterprises."""
    place = folder / "small"
    shutil.copytree(load_city("hangzhou").folder, place)
    profile = place / "profile.toml"
    profile.write_text(f'region = "hangzhou"\n{profile.read_text("utf8")}', "utf8")
    p = Parameters(opening_pool=1500.0)
    draws = rounded(np.array([[getattr(p, name) for name in Parameters.__dataclass_fields__]] * 2))
    save_fit(Fit(draws, Provenance("small", as_of, 1, 2, 3, 1.0, "d", draws_sha(draws), [])), place)
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return small_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("out")


def check(place, out, *words):
    return run(["check", "--city", str(place), "--out", str(out), "--members", "2", "--workers", "1", *words])


def test_json_is_the_contract_and_the_files_say_the_same(place, out, capsys):
    assert check(place, out, "--json") == 0
    said = capsys.readouterr().out
    d = json.loads(said)
    assert list(d) == ["city", "as_of", "draws", "members", "seed", "moments", "context"]
    assert all(list(m) == KEYS for m in d["moments"])
    assert {m["moment"] for m in d["moments"]} == {x.key for x in MOMENTS} | {"M12a", "M12b"}
    worst_first = [ORDER[m["verdict"]] for m in d["moments"]]
    assert worst_first == sorted(worst_first)
    for m in d["moments"]:
        assert (m["median"] is None) == (m["verdict"] == "missing")
        assert m["median"] is None or m["q05"] <= m["median"] <= m["q95"]
    assert json.loads((out / "check.json").read_text("utf8")) == d
    table = pd.read_csv(out / "check.csv")
    assert list(table.columns) == KEYS and list(table.moment) == [m["moment"] for m in d["moments"]]
    assert "M12a" in fragment([moments(d["moments"])])


def test_a_backtest_in_the_folder_fills_m12(place, tmp_path, capsys):
    rows = [
        {"region": "a", "series": "s", "origin": "2018Q4", "target_period": f"{y}", "model": m, "observed": 100,
         "q50": q, "horizon": 1, "coverage90": True}
        for y in (2019, 2020) for m, q in (("peiyu", 105), ("arima", 110))
    ]  # fmt: skip
    other = rows[0] | {"model": "naive"}
    (tmp_path / "backtest.json").write_text(json.dumps({"pairs": rows + [other] * 9_000}))  # as large as with --abm, and more
    assert (tmp_path / "backtest.json").stat().st_size > 1_250_000
    assert check(place, tmp_path, "--json") == 0
    found = {m["moment"]: m for m in json.loads(capsys.readouterr().out)["moments"]}
    assert found["M12a"]["median"] == pytest.approx(np.log(1.05) / np.log(1.1), rel=1e-4)
    assert found["M12a-h1"]["made_by"] == "peiyu backtest"


@pytest.mark.parametrize(("lang", "words"), [("zh", ("验证矩", "范围外", "peiyu backtest")), ("en", ("Verdict", "held out", "wiring"))])
def test_the_table_speaks_both_languages(place, out, capsys, lang, words):
    assert check(place, out, "--lang", lang) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in words)


WRONG = {
    ("--members", "1"): "write a number from 2 to 100,000",
    ("--workers", "0"): "write a number from 1 to 256",
    ("--lang", "fr"): "fr",
    ("--out", "/dev/null"): "is a file",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_input_gets_one_message_and_exit_2(place, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--city", str(place), *words]) == 2
    said = capsys.readouterr()
    assert WRONG[words] in said.err and "Traceback" not in said.err
    assert said.err.count("\n") == 1 and said.out == "" and not list(tmp_path.iterdir())


def test_a_fit_that_is_too_early_is_refused(tmp_path, capsys):
    early = small_city(tmp_path, as_of="2018Q4")
    assert check(early, tmp_path / "out") == 2
    assert "the moments need 8 years" in capsys.readouterr().err


def test_a_broken_backtest_is_refused(place, tmp_path, capsys):
    (tmp_path / "backtest.json").write_text("{")
    assert check(place, tmp_path) == 2
    assert "peiyu backtest" in capsys.readouterr().err


def test_the_page_holds_every_moment_and_explains_every_miss():
    text = (DOCS / "check.md").read_text("utf8")
    shown = text.partition("<!-- check-output -->")[2].partition("<!-- /check-output -->")[0]
    rows = [line.split(" | ") for line in shown.splitlines() if line.startswith("| M")]
    assert {x.key for x in MOMENTS} <= {cells[0][2:] for cells in rows}
    why = text.split("## Why some are missed")[1]
    for cells in rows:
        key, verdict = cells[0][2:], cells[5]
        number = key.rstrip("abcdefgh")
        explained = any(word in why for word in (f"**{key},", f"{key},", f"**{number},"))
        assert verdict in ("inside", "not measured") or explained, f"docs/check.md does not say why {key} is missed"


def test_the_page_is_written_from_a_check(place, out, capsys):
    assert check(place, out, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    text = filled("a\n<!-- check-output -->\nold\n<!-- /check-output -->\nb\n", "check-output", results(document))
    assert "old" not in text and "| M8 | size tail exponent" in text and text.endswith("<!-- /check-output -->\nb\n")
