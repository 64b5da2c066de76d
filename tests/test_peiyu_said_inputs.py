"""Wrong inputs of every kind, given to the real commands in Chinese: one line, exit 2, and no English is left in it."""

import ast
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from workbooks import filled

from peiyu.__main__ import run
from peiyu.words.loader import words
from sim.inputs import foreign
from sim.inputs.errors import InputError, listed, meant
from sim.inputs.said import Said, alike
from sim.scenario.rule_parser import drafts
from sim.store.store import open_store

ROOT = Path(__file__).parent.parent
HANGZHOU = ROOT / "scenarios" / "cities" / "hangzhou"
CHINESE = words("errors", "zh").texts
QUOTED = re.compile(r"--\w+ \S+|“[^”]*”|\"[^\"]*\"|'[^']*'|\[\[?[^\]]*\]\]?|\{[^}]*\}")
WORDS = re.compile(r"[A-Za-z]{2,}(?: +[A-Za-z]{2,})+")
LEVER = {"type": "growth_coaching", "start": "2025Q1", "end": "2026Q4", "budget": 5000, "cost": 25, "source": "assumption: mine"}


def english_left(told):
    """Return the runs of two English words outside quotes and brackets, but for commands to be typed."""
    return [found for found in WORDS.findall(QUOTED.sub("", told)) if not found.startswith("peiyu ")]


def refused(capsys, *asked):
    """Return the one Chinese line with which a command refuses."""
    assert run([*map(str, asked), "--lang", "zh"]) == 2, asked
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("peiyu: ") and said.err.count("\n") == 1, said
    assert english_left(said.err) == [], said.err
    assert re.search("[\u4e00-\u9fff]", said.err)
    return said.err.removeprefix("peiyu: ").strip()


def test_english_that_is_left_would_be_found():
    assert english_left("goals.toml:第 2 行:must be a table") == ["must be", "table"][:1]
    assert english_left("写“must be a table”,如 { such as this },或运行 peiyu forecast:since = 2025Q1") == []


# ---- a city's files


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("profile.toml", 'start = "2012Q4"', 'start "2012Q4"', "hangzhou/profile.toml:第 4 行:不是有效的 TOML(键的后面缺少 =,第 4 行第 7 列)。每行写作"),
        ("profile.toml", "[title]", "[title", "不是有效的 TOML(表头末尾缺少 ]"),
        ("profile.toml", 'en = "Hangzhou"', 'en = "Hangzhou', "不是有效的 TOML(含有不允许的字符"),
        ("profile.toml", 'start = "2012Q4"', 'start = "2012-4"', "第 4 行:start:“2012-4”不是季度;请加引号写年份、Q 和 1 至 4,如“2026Q3”。您要写的是否为“2012Q4”?"),
        ("profile.toml", 'start = "2012Q4"', 'start = "2102Q4"', "start:“2102Q4”:年份应在 1949 至 2060 之间。您要写的是否为“2012Q4”?"),
        ("profile.toml", "province =", "provinse =", "第 5 行:provinse:没有名为“provinse”的键。您要写的是否为“province”?可用的键:start, title"),
        ("profile.toml", "share = 0.1098", "share = 10.98", "district 1 > share:应不大于 1,现为 10.98。占比写成小数:5% 写作 0.05。"),
        ("profile.toml", "share = 0.1098", 'share = "0.1098"', "district 1 > share:应为数字,现为 '0.1098'。"),
        ("profile.toml", 'key = "gongshu"', 'key = "shangcheng"', "区县“shangcheng”出现了两次。"),
        ("profile.toml", "employees_median = ", "employees_median = 0.0 #", "opening > employees_median:0:请填写数字,范围:1 至 10,000,单位:人。"),
        ("goals.toml", 'deadline = "2026Q4"', 'deadline = "2012Q1"', "目标“hnte”:since 2025Q1 晚于期限 2012Q1。"),
        ("goals.toml", 'deadline = "2026Q4"', 'deadline = "2058Q4"', "目标“hnte”:deadline 2058Q4 距期初 2012Q4 有 46 年;请写期初后 40 年以内的季度。"),
        ("goals.toml", 'indicator = "future_hnte_new"', 'indicator = "future_hnte_nwe"', "目标“hnte”:没有名为“future_hnte_nwe”的指标。您要写的是否为“future_hnte_new”?可用:"),
        ("goals.toml", 'count = "sum"', 'count = "summ"', "不能写 'summ'。您要写的是否为“sum”?可写:last, sum, change。"),
        ("goals.toml", "primary = true", "primary = false", "主要口径:无;应恰有一个口径写 primary = true。"),
        ("recognitions.toml", "round_quarter = ", "round_quarter = 1.5 #", "应为整数,现为 1.5。"),
        ("series.toml", 'event = "', 'event = "x', "covered:没有名为“x"),
        ("events.csv", ",yuhang,", ",yuhan,", "events.csv:第 2 行:没有名为“yuhan”的区县。您要写的是否为“yuhang”?可用:shangcheng"),
        ("events.csv", ",zone_provincial,", ",zone_provinzial,", "第 2 行:没有名为“zone_provinzial”的事件类别。您要写的是否为“zone_provincial”?"),
        ("events.csv", "2022Q3,zone_provincial,1,", "2022Q3,zone_provincial,-1,", "count 的值为“-1”;应为:不小于 0。"),
        ("events.csv", "2022-08-25,", "2021-08-25,", "第 2 行:as_of 为 2021-08-25,早于 2022Q3 的开始。"),
        ("events.csv", "2022Q3,", "2022K3,", "第 2 行:quarter:“2022K3”不是季度;请加引号写年份"),
        ("history.csv", ",2021,22.0,firms,stock,", ",2021,-22.0,firms,stock,", "第 2 行:hangzhou 2021 的 champion_stock:value 的值为 -22.0;计数应不小于 0。"),
        ("history.csv", ",2021,22.0,firms,stock,", ",2021,22.0,firms,stok,", "第 2 行:kind 的值为“stok”;应为:stock, flow, rate, share。您要写的是否为“stock”?"),
        ("history.csv", ",2021,22.0,", ",2021年,22.0,", "period 的值为“2021年”;应为:2024、2024-11"),
        ("known.csv", "key,zh", "key,zh,", "单元格,表头有"),
    ],
)  # fmt: skip
def test_a_file_of_a_city(file, old, new, wanted, tmp_path, capsys):
    shutil.copytree(HANGZHOU, tmp_path / "hangzhou")
    path = tmp_path / "hangzhou" / file
    text = path.read_text("utf8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf8")
    assert wanted in refused(capsys, "check", "--city", tmp_path / "hangzhou")


def test_a_city_without_a_file_and_one_that_is_not_there(tmp_path, capsys):
    shutil.copytree(HANGZHOU, tmp_path / "hangzhou")
    (tmp_path / "hangzhou" / "goals.toml").rename(tmp_path / "hangzhou" / "goal.toml")
    told = refused(capsys, "check", "--city", tmp_path / "hangzhou")
    assert told.startswith("hangzhou/goals.toml:缺少这个文件。您要写的是否为“goal.toml”?城市文件夹应有:profile.toml")
    told = refused(capsys, "check", "--city", "hangzou")
    assert told.startswith("没有名为“hangzou”的城市。您要写的是否为“hangzhou”?可写:城市文件夹的路径,或 ")


# ---- scenarios, levers and rules


def written(changes, more=""):
    """Return a scenario file of one lever with some of its settings otherwise."""
    lever = {k: v for k, v in (LEVER | changes).items() if v is not None}
    lines = [f"{k} = {repr(v).replace(chr(39), chr(34)) if not isinstance(v, str) or v[:1] != '{' else v}" for k, v in lever.items()]
    return "\n".join(['title = "mine"', more, "[[lever]]", *lines])


def ruled(when, then="then = { growth_coaching = { budget = 9000 } }"):
    return written({}) + f'\n[[rule]]\nwhen = "{when}"\n{then}\n'


def changed(line):
    return f'title = "mine"\nextends = "plan_as_written"\n[change]\n{line}\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (written({"type": "growth_coachin"}), "mine.toml:工具“growth_coachin”:没有名为“growth_coachin”的政策工具。您要写的是否为“growth_coaching”?可用:"),
        (written({"type": None}), "mine.toml:第 1 个 lever:缺少“type”;可用:"),
        (written({"budget": None, "budgt": 5}), "没有名为“budgt”的键。您要写的是否为“budget”?GrowthCoaching 可用的键:allocation, budget, cost"),
        (written({"cost": None}), "mine.toml:工具“growth_coaching”:缺少“cost”。"),
        (written({"end": None}), "缺少“end”;请写季度,如“2025Q1”。"),
        (written({"end": "2024Q4"}), "结束季度 2024Q4 早于开始季度 2025Q1。"),
        (written({"start": "2025Q5"}), "start:“2025Q5”不是季度"),
        (written({"budget": 1e9}), "budget = 1000000000:请填写数字,范围:0 至 100,000,000,单位:万元/年。"),
        (written({"budget": "5000"}), "budget = “5000”:请填写数字,范围:0 至 100,000,000,单位:万元/年。请去掉引号。"),
        (written({"allocation": "qualitee"}), "allocation = 'qualitee':应为 '"),
        (written({"source": " "}), "“source”为空;请写明数字的出处"),
        (written({"eligible": '{ districts = ["yuhan"] }'}), "hangzhou:没有名为“yuhan”的区县。您要写的是否为“yuhang”?"),
        (written({"eligible": '{ tracks = "futur" }'}), "mine.toml:工具“growth_coaching”:"),
        (written({"eligible": '{ recognised = "hnt" }'}), "没有名为“hnt”的认定。您要写的是否为“hnte”?可用:tech_sme"),
        (written({"eligible": '{ in_zone = "true" }'}), "eligible.in_zone 应为 true 或 false,不加引号。"),
        (written({"eligible": "{ min_rd_intensity = 3 }"}), "eligible.min_rd_intensity = 3:请填写数字,范围:0 至 1,为占比。占比写成小数:3% 写作 0.03。"),
        (written({}, 'titel = "x"'), "mine.toml:没有名为“titel”的键。您要写的是否为“title”?可用:change, decide"),
        (written({}, 'extends = "baselin"'), "mine.toml:extends:hangzhou 没有名为“baselin”的情景,它也不是 .toml 文件。您要写的是否为“baseline”?可用:"),
        (written({}, 'decide = "2001Q1"'), "mine.toml:decide = 2001Q1 早于 "),
        (written({}, 'decide = "soon"'), "mine.toml:decide:“soon”不是季度"),
        (written({}, 'drop = ["fund_sed"]\nextends = "plan_as_written"'), "mine.toml:drop“fund_sed”:没有这个政策工具。您要写的是否为“fund_seed”?"),
        (changed("fund_sed = { budget = 3 }"), "mine.toml:change.fund_sed:没有这个政策工具。您要写的是否为“fund_seed”?"),
        (changed("fund_seed = 3"), 'mine.toml:change.fund_seed 应为表,如 { end = "2026Q4" }。'),
        (changed("fund_seed = { size = 2, push = 3 }"), "mine.toml:change.fund_seed:“size”与“push”是同一项 size;请保留 size,删去另一个。"),
        (ruled("hnte_first is 200 by 2025Q4"), "mine.toml:第 11 行:第 1 条规则:when:'hnte_first is 200 by 2025Q4' 不是比较;可写:\"hnte_first < 200 by 2025Q4\"、"),
        (ruled("hnte_frist < 200 by 2025Q4"), "没有名为“hnte_frist”的指标或口径。您要写的是否为“hnte_first”?请写指标(见 docs/model.md)或某个目标的口径"),
        (ruled("hnte < 200 by 2025Q4"), "“hnte”是目标;请写它的一个口径:hnte.newly_recognised"),
        (ruled("hnte_first < 5% by 2025Q4"), "“5%”不是数字;请写 200 或 0.05 这样的数字,不带单位和逗号。5% 请写成小数,如 0.05。"),
        (ruled("hnte_first < 200 bye 2025Q4"), "“bye”无法理解。您要写的是否为“by”?数字之后可写:since 2025Q1、by 2025Q4。"),
        (ruled("hnte_first < 200 by 2025-4"), "when:by:“2025-4”不是季度"),
        (ruled("hnte_first < 200 by 2001Q1"), "by 2001Q1 早于 "),
        (ruled("hnte_stock > 200 since 2025Q1"), "hnte_stock 是存量,按季度末的值读取;“since”只用于流量。"),
        (ruled("hnte_first < 200"), "累计数从零开始,起初总小于任何数;请写明在哪个季度判断(by)。"),
        (ruled("hnte_first < 200 by 2025Q4", "then = { coaching = { budget = 1 } }"), "then.coaching:没有这个政策工具。您要写的是否为“growth_coaching”?现有:growth_coaching。"),
        (ruled("hnte_first < 200 by 2025Q4", "then = { growth_coaching = { budget = -1 } }"), "then.growth_coaching:budget = -1:请填写数字,范围:0 至 100,000,000"),
        (ruled("hnte_first < 200 by 2025Q4", "the = 3"), "the:没有这个键。您要写的是否为“then”?可用的键:name, when, then, otherwise。"),
        (ruled("hnte_first < 200 by 2025Q4", ""), "then:缺少这一项;一条规则应有 when = "),
    ],
)  # fmt: skip
def test_a_scenario(text, wanted, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(text, "utf8")
    assert wanted in refused(capsys, "forecast", "--scenario", "mine.toml")


def test_a_scenario_that_is_not_there_or_extends_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, other in (("a", "b"), ("b", "a")):
        Path(f"{name}.toml").write_text(f'title = "x"\nextends = "{other}"', "utf8")
    assert "a.toml:“extends”循环引用或层数过多:a -> b。" in refused(capsys, "forecast", "--scenario", "a.toml")
    assert refused(capsys, "forecast", "--scenario", "c.toml").startswith("c.toml:没有这个情景文件。")
    told = refused(capsys, "forecast", "--scenario", "plan_as_writen")
    assert told.startswith("hangzhou 没有名为“plan_as_writen”的情景,它也不是 .toml 文件。您要写的是否为“plan_as_written”?")


def test_a_rule_that_is_no_table():
    with pytest.raises(InputError) as caught:
        drafts("mine.toml", "", ["x"], None)
    told = caught.value.told(CHINESE)
    assert told.startswith("mine.toml:第 1 条规则:when:规则应为表:[[rule]],其下写") and english_left(told) == []


# ---- stores, options and workbooks


def test_a_store_that_cannot_be_used(tmp_path, capsys):
    def shown(path):
        return refused(capsys, "show", "--db", path).removeprefix(str(path))

    assert shown(tmp_path / "no.db") == ":没有这个数据库;请先运行 peiyu forecast,或用 --db 指定另一个文件。"
    assert shown(tmp_path).startswith(":是文件夹;--db 应指定文件,如 ")
    (tmp_path / "text.db").write_text("a text that is no store " * 99)
    assert shown(tmp_path / "text.db") == ":不能用作数据库(文件不是数据库);请用 --db 指定另一个文件。"
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE mine (x)")
    assert shown(tmp_path / "other.db") == ":是 SQLite 文件,但不是 peiyu 的数据库;请用 --db 指定另一个文件。"
    with open_store(tmp_path / "new.db") as store:
        store.db.execute("PRAGMA user_version = 999")
    assert re.match(r":由更新版本的 peiyu 写入\(数据格式 999,本程序只认识到 \d+\);请更新 peiyu", shown(tmp_path / "new.db"))
    open_store(tmp_path / "empty.db").close()
    told = refused(capsys, "appendix", "--db", tmp_path / "empty.db", "--out", tmp_path)
    assert told.endswith("没有已完成的运行;请先运行 peiyu forecast。")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (["forecast", "--as-of", "2024-5"], "--as-of"),
        (["forecast", "--members", "0"], "--members 0:请填写数字,范围:1 至 100,000;通常为 400。"),
        (["forecast", "--workers", "999"], "--workers 999:请填写数字,范围:1 至 256;需要更多机器时用 --cluster。"),
        (["search", "--probability", "80"], "--probability 80:请填写数字,范围:大于 0、小于 1。占比写成小数:80% 写作 0.8。"),
        (["search", "--budget", "-5"], "--budget -5:请填写数字,范围:大于 0、小于 10,000,000,000,单位:万元,如 10 亿元写作 100000。"),
        (["search", "--lever", "fund_seed"], "--lever fund_seed:请写规模的范围,如 fund_seed=0..3。"),
        (["search", "--lever", "fund_sed=0..3"], "没有名为“fund_sed”的政策工具。您要写的是否为“fund_seed”?其中有:"),
        (["search", "--lever", "fund_seed=0..99"], "--lever fund_seed=0..99:规模将为 99:请填写数字,范围:0 至 10,为所写规模的倍数。"),
        (["search", "--goal", "hnt"], "--goal hnt:hangzhou 没有这个目标。您要写的是否为“hnte”?各目标:hnte, "),
        (["search", "--goal", "hnte/stock"], "--goal hnte/stock:没有这个口径。"),
        (["new-city", "My City"], "“My City”不能作城市名;可用 a-z、0-9 和单个 _,以字母开头,最多 40 个字符,如 mycity。您要写的是否为“my_city”?"),
        (["forecast", "--out", "a_file"], "a_file/peiyu.db:不能用作数据库(文件已存在);请另选可以写入的文件夹。"),
    ],
)  # fmt: skip
def test_an_option(asked, wanted, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a_file").write_text("x")
    if wanted == "--as-of":
        wanted = "“2024-5”不是季度;请加引号写年份、Q 和 1 至 4,如“2026Q3”。"
    assert wanted in refused(capsys, *asked)


def test_a_workbook(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.xlsx").write_text("no workbook")
    asked = "new-city", "mycity", "--from"
    assert "a.xlsx:不是工作簿(.xlsx)(文件不是 zip 压缩包)。" in refused(capsys, *asked, "a.xlsx")
    assert "b.xlsx:没有这个文件。" in refused(capsys, *asked, "b.xlsx")
    filled(Path("c.xlsx"), 数据=[("高新技术企业", "期末有效数", "", "2024", "many", "a source", "", "2025-01", "A")])
    assert run([*asked, "c.xlsx", "--lang", "zh"]) == 2
    told = capsys.readouterr().err
    assert "“many”不是一个数" in told and not any(map(english_left, told.splitlines()))


# ---- pieces


def test_a_long_list_and_a_near_word_are_told_in_both_languages():
    many = listed(f"word_{i:03}" for i in range(100))
    assert str(many).endswith(" and 70 more") and many.told(CHINESE).endswith(" 等,另有 70 个")
    assert str(listed(["a", "b"])) == listed(["a", "b"]).told(CHINESE) == "a, b"
    assert str(meant("zzz", ["hnte"])) == "" == meant("zzz", ["hnte"]).told(CHINESE)
    assert (Said(' Did you mean "{word}"?', word="x") + alike("!")).told(CHINESE) == "您要写的是否为“x”?!"


@pytest.mark.parametrize("template", foreign.REASONS)
def test_what_a_library_says_stays_as_it_is_in_english_and_is_told_in_chinese(template):
    said = re.sub(r"\{\w+\}", "7", template)
    assert str(foreign.foreign(said)) == said
    assert foreign.foreign(said).told(CHINESE) != said
    assert str(foreign.foreign(f"{said} it says")) == f"{said} it says"


def test_what_a_check_of_a_table_allows_is_told_in_chinese():
    trees = [ast.parse(p.read_text("utf8")) for top in ("sim", "calibration") for p in (ROOT / top).rglob("*.py")]
    named = [k.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call) for k in n.keywords if k.arg == "error"]
    said = [x.value for x in named if isinstance(x, ast.Constant) and " " in str(x.value)]
    assert len(said) > 15
    assert [x for x in said if english_left(foreign.foreign(x).told(CHINESE))] == []


def test_a_reason_that_is_not_known_stays_english_in_its_place():
    assert foreign.foreign("No idea (at line 3, column 7)").told(CHINESE) == "No idea,第 3 行第 7 列"
    assert foreign.foreign("no idea").told(CHINESE) == "no idea"
