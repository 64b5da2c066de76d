"""`peiyu backtest` as a user meets it: the JSON contract, files, both languages, and one message for bad input."""

import json

import pandas as pd
import pytest

from peiyu.__main__ import run
from sim.city.files import CITIES

COLUMNS = list(pd.read_csv(CITIES / "hangzhou" / "history.csv", nrows=1).columns)
PAIR = ["region", "series", "origin", "target_period", "observed", "model", "crps", "q05", "q50", "q95"]


def line(**given):
    usual = dict.fromkeys(COLUMNS, "x") | {
        "series": "hte_proposed_flow", "region": "hubei", "period": "2018", "value": 1000, "unit": "firms", "kind": "flow",
        "url": "", "quote": "", "note": "", "grade": "B", "observation": "exact", "dated": "stated",
    }  # fmt: skip
    made = usual | given
    return made | {"as_of": given.get("as_of", f"{int(str(made['period'])[:4]) + 1}-03")}


def flows(region="hubei", first=2017, values=(900, 1000, 1250, 1300, 1700), **given):
    return [line(region=region, period=str(first + i), value=v, **given) for i, v in enumerate(values)]


def goal():
    return line(series="hte_stock_target", kind="stock", period="2021", value=4000, as_of="2020-03")


def small():
    stocks = [
        line(series="hte_stock", kind="stock", period=str(2019 + i), value=v) for i, v in enumerate((3000, 3500, 4200))
    ]
    return [*flows(), *flows("beijing"), *stocks, goal()]


@pytest.fixture
def history(tmp_path):
    def write(rows, encoding="utf8", drop=()):
        path = tmp_path / "mine" / "history.csv"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame(rows)[[c for c in COLUMNS if c not in drop]].to_csv(path, index=False, encoding=encoding)
        return path

    return write


def ask(path, out, *more):
    return run(["backtest", "--history", str(path), "--workers", "1", "--out", str(out), *more])


@pytest.fixture
def done(history, tmp_path, capsys):
    def go(rows, *more, **given):
        code = ask(history(rows, **given), tmp_path / "out", *more)
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def test_json_is_the_contract_and_files_are_written(done, tmp_path):
    code, out, err = done(small(), "--json")
    assert code == 0, err
    document = json.loads(out)
    assert [list(p)[:10] for p in document["pairs"]] == [PAIR] * len(document["pairs"])
    assert {p["region"] for p in document["pairs"]} == {"hubei", "beijing"}
    assert {"peiyu", "naive", "drift"} <= {p["model"] for p in document["pairs"]}
    assert {"model", "crps_mean", "relative_crps", "coverage90"} <= set(document["summary"][0])
    # the shipped record has a goal of the region too
    (settled,) = [g for g in document["goals"] if "hte_stock" in g["goal"]]
    assert {"goal", "origin", "probability", "outcome", "brier"} <= set(settled)
    assert settled["outcome"] == 1 and settled["origin"] == "2020-03"
    assert settled["brier"] == pytest.approx((1 - settled["probability"]) ** 2, abs=1e-3)
    assert json.loads((tmp_path / "out" / "backtest.json").read_text("utf8")) == document
    assert len(pd.read_csv(tmp_path / "out" / "backtest_pairs.csv")) == len(document["pairs"])
    assert len(pd.read_csv(tmp_path / "out" / "backtest_goals.csv")) == len(document["goals"])


@pytest.mark.parametrize(("lang", "word"), [("zh", "覆盖率"), ("en", "coverage")])
def test_tables_speak_both_languages(done, lang, word):
    code, out, err = done(small(), "--lang", lang, "--origins", "2020")
    goal = {"zh": "湖北 高新技术企业数 ≥ 4,000(2021 年)", "en": "Hubei: high-tech enterprises ≥ 4,000 by 2021"}[lang]
    assert code == 0 and word in out and goal in out, err


def test_a_gbk_file_without_as_of_is_read(done):
    rows = [r | {"source_title": "湖北高新技术企业"} for r in flows()]
    code, out, err = done(rows, "--json", encoding="gbk", drop=("as_of",))
    assert code == 0 and json.loads(out)["pairs"], err
    assert all("hte" not in g["goal"] for g in json.loads(out)["goals"])  # none of the file's own


def test_conflicting_values_are_kept(done):
    code, out, _ = done([*flows(), line(period="2021", value=1650, grade="C")], "--json")
    assert code == 0 and {p["observed"] for p in json.loads(out)["pairs"]} >= {1700.0}


def test_origins_choose_years(done):
    code, out, _ = done(small(), "--json", "--origins", "2019,2020")
    assert code == 0 and {p["origin"] for p in json.loads(out)["pairs"]} == {"2019", "2020"}


ROWS = flows()
WRONG = {
    "one row": (ROWS[:1], "nothing to score; found 1 usable row"),
    "too short": (ROWS[:3], "three of a yearly flow"),
    "all bounds": ([r | {"observation": "lower_bound"} for r in ROWS], "rows are bounds"),
    "no label": ([r | {"series": "rd_intensity", "kind": "rate"} for r in ROWS], "no row that can be forecast"),
    "slip": (
        [*ROWS, line(series="hte_stok", kind="stock")],
        'row 7: unknown series "hte_stok". Did you mean "hte_stock"',
    ),
    "not a number": ([*ROWS, line(period="2023", value="nan")], 'row 7: value is "nan"; allowed: a number'),
    "empty": ([*ROWS, line(period="2023", value="")], "row 7: value is empty"),
    "negative": ([*ROWS, line(period="2023", value=-5)], "row 7: value of hte_proposed_flow of hubei in 2023 is -5"),
    "twice": ([*ROWS, ROWS[0]], "row 7: repeats an earlier row"),
    "period": ([*ROWS, line(period="2023") | {"period": "year 23"}], "row 7: period"),
    "early": ([*ROWS, line(period="2023", as_of="2020-01")], "before the period began"),
    "kind": ([*ROWS, line(kind="flwo")], 'Did you mean "flow"'),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_file_gets_one_message_and_exit_2(what, done, tmp_path):
    rows, words = WRONG[what]
    code, out, err = done(rows, "--lang", "en")
    assert code == 2 and out == "" and words in err and err.count("\n") == 1
    assert "mine/history.csv" in err and "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--origins", "2030"), "reach from 2017 to 2021"),
        (("--origins", "1999-2001"), "write 2018 to 2020"),
        (("--origins", "soon"), "2020-2022"),
        (("--origins", "2021-2019"), "2020-2022"),
        (("--workers", "0"), "from 1 to 256"),
        (("--lang", "fr"), "fr"),
    ],
)
def test_bad_options_get_one_message(words, message, done):
    code, out, err = done(flows(), *words)
    assert code == 2 and out == "" and message in err and err.count("\n") == 1


def test_files_that_are_no_tables(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert ask(tmp_path / "none.csv", tmp_path / "out") == 2
    assert "no such file" in capsys.readouterr().err
    (tmp_path / "x.csv").write_bytes(b"\x00\x01\x02")
    assert ask(tmp_path / "x.csv", tmp_path / "out") == 2
    assert "not a text file" in capsys.readouterr().err
    (tmp_path / "y.csv").write_text("a,b\n1,2\n", "utf8")
    assert ask(tmp_path / "y.csv", tmp_path / "out") == 2
    assert 'unknown column "a"' in capsys.readouterr().err
    (tmp_path / "z.csv").write_text("", "utf8")
    assert ask(tmp_path / "z.csv", tmp_path / "out") == 2
    assert capsys.readouterr().err.count("\n") == 1
