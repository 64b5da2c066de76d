"""Workbooks of an invented city: its numbers follow a rule, and say so."""

from pathlib import Path

from openpyxl import Workbook, load_workbook

from peiyu.new_city.template import write_template

SYNTHETIC = "synthetic: 400 in 2015, 12 % more every year"
CITY = {
    "中文名": "云港市(虚构)", "英文名": "Yungang (invented)", "省份": "浙江省", "规划名称": "云港市产业培育行动计划(2025—2027年)",
    "规划文号或网址": "synthetic: no document", "规划起始": "2025年", "规划截止": "2027年底", "科技企业总数": "约０.９万家",
}  # fmt: skip


def rule(year):
    """Return the invented stock of high-tech enterprises of a year, which is the known truth."""
    return round(400 * 1.12 ** (year - 2015))


GOALS = [
    ("高企", "期末存量", "全市", "1,800家", "", "", "", "到2027年,高新技术企业达到1800家"),
    ("专精特新", "", "", "200家以上", "2027年底", "", "", "专精特新企业200家以上"),
    ("创新联合体", "期末存量", "", "5个", "", "", "", "组建创新联合体5个"),
    ("单项冠军", "", "", "10家", "", "", "", "单项冠军10家"),
]
COUNTS = [
    *(("高新技术企业", "", "", f"{y}年底", f"{rule(y)}家", SYNTHETIC, "", "", "") for y in range(2015, 2025)),
    ("专精特新中小企业", "期末存量", "", "2024-12", "约100家", SYNTHETIC, "", "2025-03", "C"),
    ("国家科技型中小企业", "", "", "2024", "0.2万家", SYNTHETIC, "", "", ""),
]
POLICIES = [
    ("引导基金", "现行", "2018年", "", "1亿元", "", "synthetic: no document"),
    ("高企认定奖励", "现行", "2018年", "", "2000", "20万元", "synthetic: no document"),
    ("创新券", "规划", "2025年", "2027年底", "500万元", "", "synthetic: no document"),
]
SHEETS = {"目标": GOALS, "数据": COUNTS, "政策": POLICIES}


def filled(path: Path, city=CITY, **changed):
    """Fill the program's own template in Chinese; `changed` replaces the rows of a sheet by its name."""
    write_template(path, "zh")
    book = load_workbook(path)
    for row in book["城市"].iter_rows(min_col=1, max_col=2):
        row[1].value = city.get(row[0].value)
    for name, rows in (SHEETS | changed).items():
        for row in rows:
            book[name].append(row)
    book.save(path)
    return path


def own(path: Path, sheets):
    """Write a workbook of plain rows by sheet, as a city that has tables of its own would."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
