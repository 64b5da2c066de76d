"""The four forms of the appendix, made from a small tree and opened by other programs."""

import io
from dataclasses import replace

import pytest

from peiyu.appendix_tree import (
    Code,
    Column,
    Document,
    Figure,
    Heading,
    Number,
    Paragraph,
    Quote,
    Span,
    Table,
)

WORDS = {
    "zh": {
        "mark": "附件", "title": "杭州市未来产业培育目标达成预测", "subtitle": "情景:现行计划;数据截至2026年第三季度",
        "one": "一、各项目标的结论", "two": "(一)政策工具", "three": "1. 参数", "goal": "目标", "reading": "口径", "asked": "要求",
        "median": "中位数", "interval": "90%区间", "p": "达成概率", "error": "抽样误差", "grade": "证据等级", "when": "达到时间",
        "needed": "每季还需", "source": "来源(原文)", "value": "取值", "caption": "表{} {}", "figure": "图1 主口径的走势与要求",
        "prose": "到2026年底,“人工智能”与“低空经济”两条赛道合计新增高新技术企业不少于一千二百家,概率由集合成员计数得出;其余口径见下表。",
        "name": "高新技术企业净增数量", "long": "杭州市科学技术局关于印发《杭州市未来产业培育行动计划(2025—2026年)》的通知", "note": "证据等级:A为本指标已校准;B为依据替代指标;C为仅有先验。",
    },
    "en": {
        "mark": "Annex", "title": "Hangzhou: forecast of the goals for future industries", "subtitle": "Scenario: current plan. Data to 2026 Q3",
        "one": "1. Answer per goal", "two": "1.1 Levers", "three": "1.1.1 Parameters", "goal": "Goal", "reading": "Reading", "asked": "Asked",
        "median": "Median", "interval": "90 % interval", "p": "P(reached)", "error": "Sampling error", "grade": "Evidence", "when": "Reached",
        "needed": "Needed per quarter", "source": "Source (as quoted)", "value": "Value", "caption": "Table {}. {}", "figure": "Figure 1. Main readings over time and what is asked",
        "prose": "By the end of 2026, the two tracks together add at least twelve hundred high and new technology enterprises; probabilities are shares of members of the ensemble, and the other readings are in the table below.",
        "name": "Net increase of high and new technology enterprises", "long": "Notice of the bureau on the action plan for the cultivation of future industries, with the amendments of the following year", "note": "Evidence: A the series itself is calibrated; B a proxy is; C prior only.",
    },
}  # fmt: skip


def number(i, value, kind="count"):
    return Number(f"run/abc123/forecast/goal_{i}/reading/{kind}", value, "", kind)


def wide(w, rows=12):
    """The table of readings: ten columns."""
    heads = ("goal", "reading", "asked", "median", "interval", "p", "error", "grade", "when", "needed")
    columns = tuple(Column(w[h], 1.0, right=h not in ("goal", "reading", "grade")) for h in heads)
    made = tuple(
        (
            (w["name"],), (Quote("★" + w["reading"]),), ("≥ ", number(i, 1200.0 * i + 1)), (number(i, 1234.5),),
            (Span(number(i, 12345.0), number(i, 23456.0)),), (number(i, 0.57, "chance"),), (number(i, 0.013, "error"),), ("B",),
            (Code("2026Q4"),), (number(i, -3.25, "points"),),
        )
        for i in range(rows)
    )  # fmt: skip
    return Table("goals", w["caption"].format(1, w["goal"]), columns, made, (w["note"], w["note"]))


def long(w, rows=90):
    """A table over pages, with sources, code and hashes."""
    columns = Column(w["goal"], 2.0), Column(w["value"], 1.0, "%", right=True), Column("id", 2.0), Column(w["source"], 4.0)
    made = tuple(
        ((w["name"],), (number(i, 3.0 + i),), (Code(f"parameter_number_{i}_abcdef0123456789abcdef0123456789"),), (Quote(w["long"] if i % 3 else "assumption"),))
        for i in range(rows)
    )  # fmt: skip
    return Table("levers", w["caption"].format(2, w["value"]), columns, made)


def picture(w):
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(6.3, 2.0))
    canvas.subplots().plot([1, 3, 2])
    svg, png = io.BytesIO(), io.BytesIO()
    canvas.savefig(svg, format="svg", metadata={"Date": None})
    canvas.savefig(png, format="png", dpi=100)
    return Figure("goals_1", w["figure"], w["prose"], svg.getvalue(), png.getvalue(), 2.0 / 6.3)


def sample(lang):
    w = WORDS[lang]
    blocks = (
        Heading(1, w["one"]), Paragraph((w["prose"], number(1, 0.994, "chance"), "。" if lang == "zh" else "."), "answer"),
        Paragraph((w["prose"] * 3,)), wide(w), picture(w), Heading(2, w["two"]), Paragraph((w["prose"], Code("peiyu forecast --city hangzhou --scenario plan --members 2000"))),
        Heading(3, w["three"]), Heading(4, w["three"]), Paragraph((w["prose"],), "note"), long(w), Paragraph((Quote(w["long"]), " ", Span(number(2, 1.5, "digits"), number(3, 2.5, "digits")))),
    )  # fmt: skip
    return Document(lang, w["mark"], w["title"], w["subtitle"], "abc123", "2026-11-25", blocks)


@pytest.fixture(scope="module", params=["zh", "en"])
def document(request):
    return sample(request.param)


def test_same_document_same_bytes(document):
    from peiyu import appendix_html, appendix_pdf, appendix_xlsx

    for form in (appendix_html, appendix_pdf, appendix_xlsx):
        assert form.written(document, None) == form.written(replace(document), None), form.__name__
