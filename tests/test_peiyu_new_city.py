"""A new city from a workbook: the docs page as a story, and every kind of bad input with its words."""

import csv
import json
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from workbooks import CITY, COUNTS, GOALS, POLICIES, filled, own, rule

from calibration.data.observations import counts_of, usual_origin
from peiyu.__main__ import run
from peiyu.new_city.questions import asked_form
from peiyu.new_city.read import read_form
from peiyu.words.indicators import label_of_city
from sim import quarter
from sim.city.city import load_city
from sim.inputs import written
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario

PAGE = Path(__file__).parents[1] / "docs" / "your_city.zh.md"
GOAL_HEADS = ["指标", "口径", "范围", "目标值", "截止", "起算", "条款", "原文"]
COUNT_HEADS = ["指标", "口径", "地区", "时期", "数值", "来源", "网址或文号", "公布日期", "等级"]


def told(capsys, *words):
    code = run([str(w) for w in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_page_leads_from_a_workbook_to_a_checked_city(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    commands = [c for c in re.findall(r"^peiyu (.*)$", PAGE.read_text("utf8"), re.M) if "calibrate" not in c and "forecast" not in c]
    assert [c.split()[0] for c in commands] == ["new-city", "new-city", "city-check"]
    assert told(capsys, *commands[0].split())[0] == 0
    Path("city.xlsx").unlink()
    filled(Path("city.xlsx"))
    code, out, _ = told(capsys, *commands[1].split(), "--lang", "zh")
    assert code == 0 and "单项冠军" in out and "国家科技型中小企业" not in out
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    city = load_city("./mycity")
    assert (city.title["zh"], city.province, city.region) == (CITY["中文名"], "zhejiang", "mycity")
    assert [(g.readings[0].indicator, g.readings[0].value, g.deadline) for g in city.goals] == [
        ("hnte_stock", 1800, quarter.parse("2027Q4")), ("srdi_stock", 200, quarter.parse("2027Q4")), ("consortia", 5, quarter.parse("2027Q4")),
    ]  # fmt: skip
    assert usual_origin(city) == quarter.parse("2024Q4")
    fitted = {o.quarter // 4: o.value for o in counts_of(city, usual_origin(city)) if o.indicator == "hnte_stock"}
    assert fitted == {y: pytest.approx(rule(y)) for y in range(2016, 2025)} and city.opening.hnte == rule(2015)
    code, out, _ = told(capsys, *commands[2].split(), "--json")
    verdict = json.loads(out)
    assert code == 0 and verdict["verdict"] == "usable_with_warnings"
    seen = {(f["finding"], f["values"].get("reading")) for f in verdict["findings"]}
    assert {("growth", "hnte_stock/stock"), ("level", "srdi_stock/stock"), ("prior", "consortium_stock/stock"), ("no_fit", None)} <= seen


@pytest.mark.parametrize(
    ("more", "called", "series"),
    [
        ([], "国家科技型中小企业", "tech_sme_nat"),
        ([("省科技型中小企业", "", "", "2024", "900", "synthetic", "", "", "")], "省科技型中小企业", "tech_sme_prov_stock"),
    ],
)
def test_the_technology_smes_of_a_city_are_those_that_it_counts(tmp_path, capsys, more, called, series):
    """The national ones, unless the workbook names its province's: by name, by rule and by the counts that are fitted."""
    book = filled(tmp_path / "c.xlsx", 数据=[*COUNTS, *more])
    assert told(capsys, "new-city", "mycity", "--from", book, "--parent", tmp_path)[0] == 0
    city = load_city(tmp_path / "mycity")
    assert label_of_city("tech_sme_stock", "zh", city) == called + "数"
    assert city.rules[0].validity_quarters == (4 if series == "tech_sme_nat" else 0)
    (seen,) = [o for o in counts_of(city, usual_origin(city)) if o.indicator == "tech_sme_stock"]
    assert seen.value == {"tech_sme_nat": pytest.approx(2000), "tech_sme_prov_stock": pytest.approx(900)}[series]


def test_the_policies_of_the_workbook_are_those_of_the_city_and_of_nobody_else(tmp_path, capsys):
    assert told(capsys, "new-city", "mycity", "--from", filled(tmp_path / "c.xlsx"), "--parent", tmp_path)[0] == 0
    folder = tmp_path / "mycity"
    city = load_city(folder)
    plan = load_scenario(city.plan, city)
    assert {x.name: x.budget for x in plan.levers} == {"fund_venture": 10000, "award_hnte": 2000, "service_voucher": 500}
    fund = next(x for x in plan.levers if x.name == "fund_venture")
    award = next(x for x in plan.levers if x.name == "award_hnte")
    assert (quarter.label(fund.start), "assumption: ticket" in fund.source) == ("2018Q1", True)
    assert (award.first_award, "assumption" in award.source) == (20, False)
    assert "杭州" not in "".join(p.read_text("utf8") for p in folder.rglob("*.toml") if p.name not in ("recognitions.toml",))


def test_an_english_template_is_filled_and_read_in_either_language(tmp_path, capsys):
    path = tmp_path / "en.xlsx"
    assert told(capsys, "new-city", "--template", path, "--lang", "en")[0] == 0
    book = load_workbook(path)
    values = dict(zip(["Chinese name", "English name", "Province", "Title of the plan", "English title of the plan",
                       "Number or address of the plan", "Plan begins", "Deadline"],
                      ["甲市", "Jia", "Jiangsu", "计划", "Plan", "https://example.org", "2025Q1", "2027-12"], strict=True))  # fmt: skip
    for row in book["City"].iter_rows(min_col=1, max_col=2):
        row[1].value = values.get(row[0].value)
    book["Goals"].append(["unicorns", "", "future industries", 5, "", "", "", "5 unicorns"])
    book["Counts"].append(["High-Tech Enterprises", "", "", 2022, 900, "yearbook"])
    book.save(path)
    assert told(capsys, "new-city", "jia", "--from", path, "--parent", tmp_path, "--lang", "zh")[0] == 0
    city = load_city(tmp_path / "jia")
    assert city.goals[0].readings[0].indicator == "future_unicorns" and city.opening.hnte < 900


def test_every_fault_is_told_at_once_with_its_place_and_nothing_is_written(tmp_path, capsys):
    goals = [("高新技木企业", "", "", "1,800家", "", "", "", "x"), ("高企", "", "", "500-600", "", "", "", "x")]
    counts = [*COUNTS[:1], ("高企", "", "", "24年", "12%", "s", "", "", "")]
    policies = [("引到基金", "现行", "2018", "", "", "", "s")]
    path = filled(tmp_path / "c.xlsx", CITY | {"省份": "浙江国", "英文名": None}, 目标=goals, 数据=counts, 政策=policies)
    code, out, err = told(capsys, "new-city", "mycity", "--from", path, "--parent", tmp_path, "--lang", "zh")
    lines = err.splitlines()
    assert code == 2 and out == "" and [p.name for p in tmp_path.iterdir()] == ["c.xlsx"]
    for place, word, meant in [
        ("“城市” 第 2 行 B 列“英文名”", "不能为空", ""),
        ("“城市” 第 3 行 B 列“省份”", "浙江国", "浙江"),
        ("“目标” 第 3 行 A 列“指标”", "高新技木企业", "高新技术企业"),
        ("“目标” 第 4 行 D 列“目标值”", "500-600", "500"),
        ("“数据” 第 4 行 D 列“时期”", "24年", "2024"),
        ("“数据” 第 4 行 E 列“数值”", "12%", "12"),
        ("“政策” 第 3 行 A 列“工具”", "引到基金", "引导基金"),
    ]:
        line = next(x for x in lines if place in x)
        assert word in line and (not meant or f"是否想写“{meant}”" in line), line
    assert len(lines) == 8 and "共 7 处" in lines[-1]
    english = told(capsys, "new-city", "mycity", "--from", path, "--parent", tmp_path, "--lang", "en")[2]
    assert 'sheet "目标" row 4 column D "Value": "500-600" is not one number.' in english


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"目标": [GOAL_HEADS], "数据": [COUNT_HEADS, COUNTS[0]]}, ["城市", "没有这张工作表"]),
        ({"城市": [["中文名", "x"]], "目标": [[*GOAL_HEADS[:3], "木标值", *GOAL_HEADS[4:]]], "数据": [COUNT_HEADS]},
         ["不认识表头“木标值”", "是否想写“目标值”", "缺少“目标值”一列", "一行也没有填写"]),
        ({"城市": [["中文名", "x"]], "目标": [["a", "b"], ["c", "d"]], "数据": [[*COUNT_HEADS, "数值"], [*COUNTS[0], "1"]]},
         ["前十行里找不到表头", "出现了两次"]),
    ],
)  # fmt: skip
def test_sheets_and_heads_that_are_not_there_are_named(tmp_path, sheets, words):
    with pytest.raises(InputError) as refused:
        read_form(own(tmp_path / "c.xlsx", sheets), "zh")
    assert all(any(word in line for line in refused.value.lines) for word in words), refused.value.lines


@pytest.mark.parametrize(
    ("city", "counts", "word"),
    [
        (CITY | {"规划截止": "2024年底"}, COUNTS, "结束早于开始"),
        (CITY, [("独角兽", "", "", "2024", "3", "s", "", "", "")], "高新技术企业的期末存量"),
    ],
)
def test_what_no_single_cell_shows_is_found(tmp_path, city, counts, word):
    with pytest.raises(InputError) as refused:
        read_form(filled(tmp_path / "c.xlsx", city, 数据=counts), "zh")
    assert any(word in line for line in refused.value.lines)


def test_merged_heads_and_synonyms_are_read(tmp_path):
    path = own(tmp_path / "c.xlsx", {
        "概况": [["城市", "甲市"], ["英文名称", "Jia"], ["计划名称", "p"], ["文号", "甲政发〔2025〕1号"], ["起始时间", "2025"], ["截止时间", "2027"]],
        "规划目标": [GOAL_HEADS, GOALS[0]],
        "历年数据": [["甲市历年数据"], ["名称", "年份", "家数", "出处"], ["名称", "年份", "家数", "出处"], ["国高", "截至２０２４年末", "１．２万家", "公报"]],
    })  # fmt: skip
    book = load_workbook(path)
    sheet = book["历年数据"]
    sheet.merge_cells("A1:D1")
    for letter in "ABCD":
        sheet.merge_cells(f"{letter}2:{letter}3")
    book.save(path)
    (row,) = read_form(path, "zh")["counts"]
    assert (row["label"], row["period"], row["value"]) == ("hnte", "2024", "12000 rounded")


def test_a_folder_of_tables_in_gbk_is_a_workbook(tmp_path):
    heads = {"目标": [GOAL_HEADS, *GOALS], "数据": [COUNT_HEADS, *COUNTS], "城市": list(CITY.items()), "政策": [["工具", "属于", "开始", "来源"], ["人才", "规划", "2025", "s"]]}  # fmt: skip
    for name, rows in heads.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="gbk", newline="") as file:
            csv.writer(file).writerows(rows)
    form = read_form(tmp_path, "zh")
    assert len(form["counts"]) == len(COUNTS) and form["policies"][0]["lever"] == "talent_programme"


def test_what_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK nonsense")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("xl/other.xml", "<x/>")
    far = own(tmp_path / "c.xlsx", {"城市": [["中文名", "x"]]})
    book = load_workbook(far)
    book["城市"].cell(1_000_000, 300, "x")
    book.save(far)
    for name, word in (("a", "not a workbook"), ("b", "not a workbook"), ("c", "more than"), ("d", "no such file")):
        with pytest.raises(InputError, match=word):
            read_form(tmp_path / f"{name}.xlsx", "en")


def test_a_city_and_a_template_are_never_overwritten(tmp_path, capsys):
    path = filled(tmp_path / "c.xlsx")
    before = path.read_bytes()
    code, _, err = told(capsys, "new-city", "--template", path)
    assert code == 2 and "exists already" in err and path.read_bytes() == before
    (tmp_path / "mycity").mkdir()
    code, _, err = told(capsys, "new-city", "mycity", "--from", path, "--parent", tmp_path)
    assert code == 2 and "exists already" in err and list((tmp_path / "mycity").iterdir()) == []


def test_the_questions_give_the_same_form_as_the_workbook_and_ask_again_for_what_they_cannot_read(tmp_path):
    answers = [*(CITY.get(k, "") for k in ("中文名", "英文名")), "浙江国", "浙江省", CITY["规划名称"], "", CITY["规划文号或网址"], "2025年", "2027年底", "约０.９万家"]
    for rows in (GOALS, COUNTS, POLICIES):
        for row in rows:
            answers += ["y", *row]
        answers.append("n")
    given, said = iter(answers), []
    form = asked_form(lambda _question: next(given), said.append, "zh")
    assert next(given, None) is None and form == read_form(filled(tmp_path / "c.xlsx"), "zh")
    assert sum("是否想写“浙江”" in line for line in said) == 1


@pytest.mark.parametrize(
    ("text", "value", "seen"),
    [
        ("1.6万", 16000, "rounded"), ("约500家", 500, "rounded"), ("500家左右", 500, "rounded"), ("１，２３４家", 1234, "exact"),
        ("超300家", 300, "lower_bound"), ("300余家", 300, "lower_bound"), ("不足300家", 300, "upper_bound"), ("2.5亿", 250_000_000, "rounded"),
        ("500-600", None, None), ("12%", None, None), ("1,23", None, None), ("五百", None, None), ("", None, None), ("nan", None, None), ("1e3", None, None),
    ],
)  # fmt: skip
def test_a_count_is_read_as_people_write_it(text, value, seen):
    assert written.number(text) == (None if value is None else (value, seen))


@pytest.mark.parametrize(
    ("text", "wan"), [("2.5亿元", 25000), ("500万元", 500), ("500", 500), ("3000元", 0.3), ("一些", None)]
)
def test_money_is_in_wan_unless_it_says_otherwise(text, wan):
    assert written.money(text) == wan


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024年底", "2024"), ("截至2024年末", "2024"), ("2024-12", "2024-12"), ("2024.3", "2024-03"), ("２０２４年１１月", "2024-11"), ("2024q4", "2024Q4"),
        ("2024年第四季度", "2024Q4"), ("2024年3季度", "2024Q3"), ("2024年上半年", "2024-H1"), ("2024/12/31", "2024-12-31"), ("二〇二四年底", "2024"),
        ("24年", None), ("2024-13", None), ("2024-2026", None), ("去年", None), ("", None),
    ],
)  # fmt: skip
def test_a_period_is_read_as_people_write_it(text, period):
    assert written.period(text) == period
