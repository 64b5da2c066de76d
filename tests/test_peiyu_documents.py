"""Every format says the same: cells, marks, strange letters and numbers of one tree, read back from each."""

import io
import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st

from peiyu.document import html as html_writer
from peiyu.document import kept, markdown, stable_zip
from peiyu.document import xlsx as xlsx_writer
from peiyu.document.paper import docx as docx_writer
from peiyu.document.paper import docx_styles as styles
from peiyu.document.paper import pdf
from peiyu.document.paper.layout import SHEETS, fit
from peiyu.document.prose import code, pieces, section, table
from peiyu.document.tree import (
    Bullets,
    Code,
    Column,
    Document,
    Figure,
    Heading,
    Link,
    Number,
    Paragraph,
    Quote,
    Span,
    Strong,
    Table,
    Verbatim,
    plain,
)
from peiyu.words.loader import words

HOSTILE = (
    "<script>alert(1)</script>", "R&D \"quoted\" & 'single'", "a | b || c", "=SUM(A1:A9)", "{{ 7 * 7 }} {% x %}", "C:\\temp\\new",
    "#not a heading", "100 % *not* _marked_", "杭州“未来”产业（2026）", "]]> &amp; <!-- -->", "+1-2@3", "$x_1$ #strong[typst]",
)  # fmt: skip
"""Text that means something to HTML, Markdown, Excel, Jinja, regular expressions or typst."""


def number(value, kind="count", path="x"):
    return Number(f"run/abc/{path}", value, "", kind)


def paper(*blocks, lang="en"):
    return Document(lang, "Title", blocks, "Annex", "Sub", "abc", "2026-11-25")


def strange():
    columns = (Column("what", "a & b"), Column("n | m", right=True))
    return Table("t", "Table 1. <caption>", columns, tuple(((text,), (text,)) for text in HOSTILE), ("A <note> & more.",))


# what each format says, read back


class Cells(HTMLParser):
    """The cells of a page's tables, and all its text."""

    def __init__(self):
        super().__init__()
        self.rows, self.text, self.inside, self.tags = [], [], False, []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th") or (self.inside and tag != "tr")
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        self.text.append(data)
        if self.inside:
            self.rows[-1][-1] += data


def read_html(content):
    found = Cells()
    found.feed(content.decode())
    return found


def html_rows(document):
    return [[cell.strip() for cell in row] for row in read_html(html_writer.written(document)).rows]


def docx_rows(document):
    word = docx.Document(io.BytesIO(docx_writer.written(document)))
    texts = (["".join(t.text or "" for t in cell._tc.iter(qn("w:t"))) for cell in row.cells] for row in word.tables[0].rows)
    return [[text.replace("\N{NO-BREAK SPACE}", " ") for text in row] for row in texts]


def markdown_rows(document):
    lines = [line for line in markdown.fragment(document.tables()).splitlines() if line.startswith("|")]
    cells = [re.split(r" (?<!\\)\| ", line[2:-2]) for line in lines]
    typed = [[re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell.strip()) for cell in row] for k, row in enumerate(cells) if k != 1]
    return [[unescape(cell) for cell in row] for row in typed]


def pdf_rows(document, tmp_path):
    (group,) = pdf.data(document, tmp_path)["groups"]
    (made,) = [b for b in group["blocks"] if b["type"] == "table"]
    return [[c["head"] for c in made["columns"]], *([typst_text(cell) for cell in row] for row in made["rows"])]


def typst_text(parts):
    """Put together what the template of the PDF prints: parts of words, words with blanks, the ends of spans."""
    out = []
    for kind, said in parts:
        if kind == "span":
            out.append("".join(said))
        elif kind == "text":
            out.append(said)
        else:
            out.append(" ".join("".join(word) for word in said))
    return "".join(out).replace("\N{NO-BREAK SPACE}", " ")


def xlsx_sheet(document, at=1):
    return openpyxl.load_workbook(io.BytesIO(xlsx_writer.written(document))).worksheets[at]


# text is text


def test_text_that_means_something_to_a_format_is_printed_as_it_stands(tmp_path):
    document, asked = paper(strange()), [[text, text] for text in HOSTILE]
    assert html_rows(document)[1:] == asked
    assert docx_rows(document)[1:] == asked
    assert markdown_rows(document)[1:] == asked
    assert pdf_rows(document, tmp_path)[1:] == asked
    cells = xlsx_sheet(document)
    assert [[c.value for c in row] for row in cells.iter_rows(min_row=4, max_row=3 + len(HOSTILE), max_col=2)] == asked
    assert {c.data_type for row in cells.iter_rows(min_row=4, max_row=3 + len(HOSTILE), max_col=2) for c in row} == {"s"}


def test_headings_of_columns_and_captions_are_text_too(tmp_path):
    document = paper(strange())
    heads = ["what (a & b)", "n | m"]
    assert html_rows(document)[0] == docx_rows(document)[0] == markdown_rows(document)[0] == pdf_rows(document, tmp_path)[0] == heads
    cells = xlsx_sheet(document)
    assert (cells["A1"].value, cells["A2"].value, cells["A3"].value, cells["B3"].value) == ("Table 1. <caption>", "a & b", "what", "n | m")
    assert "A <note> & more." in [c.value for row in cells.iter_rows() for c in row]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_makes_no_element_of_text(text):
    """In a title, a heading, a paragraph, a list, code and a note, as in a table."""
    blocks = (Heading(1, text), Paragraph((text, Quote(text), Strong(text))), Bullets(((Code(text),),)), Verbatim(text))
    page = read_html(html_writer.written(replace(paper(*blocks), title=text, subtitle=text, mark=text)))
    assert "".join(page.text).count(text) >= 9
    assert not {"script", "b"} & {tag for tag, _ in page.tags}


def test_a_link_of_a_page_keeps_its_address_and_its_words():
    page = read_html(html_writer.written(paper(Paragraph((Link('a "b"', 'https://x.org/?a=1&b="2"'),)))))
    assert ("a", {"href": 'https://x.org/?a=1&b="2"'}) in page.tags and 'a "b"' in "".join(page.text)


words_of_a_cell = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp", "Zs", "Cf")), min_size=1, max_size=20)


@settings(max_examples=4)
@given(st.lists(words_of_a_cell, min_size=3, max_size=12))
def test_any_letters_come_back_from_word_page_and_markdown(texts):
    texts = [t.replace("\\", "/") for t in texts]
    made = Table("t", "Table 1. T", (Column("c"),), tuple(((t,),) for t in texts))
    document = paper(made)
    assert html_rows(document)[1:] == docx_rows(document)[1:] == markdown_rows(document)[1:] == [[t] for t in texts]


# numbers are the same


NUMBERS = [
    (number(1234.5), "1,234"), (number(-6.25), "−6.2"), (number(0.04), "0"), (number(0.57, "chance"), "57%"),
    (number(0.005, "chance"), "<1%"), (number(0.995, "chance"), ">99%"), (number(0.825, "level"), "82.5%"), (number(0.8, "level"), "80%"),
    (number(-0.0325, "points"), "−3.2"), (number(0.0002, "points"), "0.0"), (number(0.0125, "error"), "0.013"),
    (number(0.12345, "digits"), "0.123"), (number(123456.7, "digits"), "123,457"), (number(float("-inf"), "digits"), "−∞"),
]  # fmt: skip


def test_a_number_is_written_alike_in_every_printed_format(tmp_path):
    document = paper(Table("t", "Table 1. T", (Column("c", right=True),), tuple(((n,),) for n, _ in NUMBERS)))
    asked = [[text] for _, text in NUMBERS]
    assert [[n.text] for n, _ in NUMBERS] == asked
    assert html_rows(document)[1:] == docx_rows(document)[1:] == markdown_rows(document)[1:] == pdf_rows(document, tmp_path)[1:] == asked


def shown(value, form):
    """Write a number as Excel does with the few formats that the workbook uses; rounded half away from zero."""
    if form.startswith("["):
        low, high, rest = form.split(";")
        if value <= float(re.match(r"\[<=(.*?)\]", low)[1]):
            return low.split('"')[1]
        if value >= float(re.match(r"\[>=(.*?)\]", high)[1]):
            return high.split('"')[1]
        form = rest
    parts = form.split(";")
    form = parts[2] if len(parts) > 2 and value == 0.0 else parts[1] if len(parts) > 1 and value < 0.0 else parts[0]
    sign, value = "", abs(value) if len(parts) > 1 else value
    if form[0] in "+-":
        sign, form = form[0], form[1:]
    percent = form.endswith("%")
    body = form.rstrip("%").replace("#,##", "")
    decimals = body.partition(".")[2]
    text = f"{abs(value) * (100.0 if percent else 1.0) + 1e-12:{',' if '#,##' in form else ''}.{len(decimals)}f}"
    if "#" in decimals:
        text = text.rstrip("0")
    return ("−" if value < 0.0 or sign == "-" else sign) + text + "%" * percent


CELLS = [
    (1234.0, "count", "1,234"), (6.3, "count", "6.3"), (0.04, "count", "0"), (0.043, "spread", "4.3"), (0.0, "share", "0%"), (8.6, "whole", "9"), (-41.2, "count", "−41"), (0.0, "count", "0"),
    (0.574, "chance", "57%"), (0.005, "chance", "<1%"), (0.0051, "chance", "1%"), (0.995, "chance", ">99%"), (1.0, "chance", ">99%"),
    (0.825, "level", "82.5%"), (0.999, "level", "99.9%"), (0.8, "level", "80%"), (0.0321, "points", "+3.2"), (-0.5, "points", "−50.0"),
    (0.0126, "error", "0.013"), (0.1234, "digits", "0.123"), (98765.0, "digits", "98,765"), (12.0, "digits", "12."),
]  # fmt: skip


def test_a_workbook_shows_what_the_printed_formats_write():
    """The format of a cell, applied to its value, gives the text of the other formats; a bare point aside."""
    numbers = [number(value, kind) for value, kind, _ in CELLS]
    sheet = xlsx_sheet(paper(Table("t", "Table 1. T", (Column("c", right=True),), tuple(((n,),) for n in numbers))))
    found = [sheet.cell(row, 1) for row in range(4, 4 + len(CELLS))]
    assert [shown(c.value, c.number_format) for c in found] == [text for *_, text in CELLS]
    assert [n.text for n in numbers] == [text.rstrip(".") for *_, text in CELLS]


def interval_text(low, high, kind="count", lang="en"):
    low, high = (Number("run/a/x", x, "", kind, lang) for x in (low, high))
    return Span(low, high).even().text


def test_an_interval_is_written_alike_at_both_ends():
    assert interval_text(4.97, 36.2) == "5–36" and interval_text(4.1, 12.0) == "4–12"
    assert interval_text(0.89, 1.5) == "0.9–1.5"
    assert interval_text(4.0, 4.0) == "4" and interval_text(10.2, 10.4) == "10"
    assert interval_text(-4.25, 17.6) == "\u22124 to 18" and interval_text(-4.25, 17.6, lang="zh") == "\u22124至18"


def test_each_language_writes_money_and_the_ends_of_a_chance_its_own_way():
    for lang, sum_, low, high in (("zh", "4.02亿元", "不足1%", "99%以上"), ("en", "CNY 402 million", "<1%", ">99%")):
        assert Number("run/a/x", 40184.0, "", "money", lang).text == sum_
        assert [Number("run/a/x", p, "", "chance", lang).text for p in (0.003, 0.999)] == [low, high]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_interval_takes_two_columns_of_a_workbook_and_one_of_the_others(lang, tmp_path):
    span, w = Span(number(12.0, path="low"), number(34.0, path="high")), words("appendix", lang)
    columns = (Column("区间" if lang == "zh" else "interval", right=True), Column("x"))
    document = paper(Table("t", "表1 区间" if lang == "zh" else "Table 1. T", columns, (((span,), ("a",)), (("–",), ("b",)))), lang=lang)
    for rows in (html_rows(document), docx_rows(document), markdown_rows(document), pdf_rows(document, tmp_path)):
        assert rows[1:] == [["12–34", "a"], ["–", "b"]]
    cells = xlsx_sheet(document)
    assert [c.value for c in cells[3]] == [f"{columns[0].title} {w['low']}", f"{columns[0].title} {w['high']}", "x"]
    assert [c.value for c in cells[4]] == [12.0, 34.0, "a"] and [c.value for c in cells[5]][::2] == ["–", "b"]


def test_a_sign_before_a_number_leaves_it_a_number_in_the_workbook(tmp_path):
    document = paper(Table("t", "Table 1. T", (Column("c", right=True),), ((("≥ ", number(1200.0)),), (("about ", number(3.0)),))))
    signed, said = (xlsx_sheet(document)[place] for place in ("A4", "A5"))
    assert signed.value == 1200.0 and signed.number_format == '"≥ "#,##0'
    assert said.value == "about 3"
    assert [row[0] for row in docx_rows(document)[1:]] == ["≥ 1,200", "about 3"] == [row[0] for row in pdf_rows(document, tmp_path)[1:]]


def test_every_number_of_text_lists_and_tables_is_on_the_sheet_of_ids_where_it_stands():
    blocks = (
        Paragraph(("Before ", number(1.0, path="a"))), Heading(1, "1. First"), Bullets(((number(2.0, path="b"),), (Span(number(3.0, path="c"), number(4.0, path="d")),))),
        Table("t", "Table 1. T", (Column("n"),), (((number(5.0, path="e"),),), (("about ", number(6.0, path="f"), " or ", number(7.0, path="g")),))),
    )  # fmt: skip
    sheet = xlsx_sheet(paper(*blocks), -1)
    found = {row[0].value: (row[1].value, row[2].value) for row in sheet.iter_rows(min_row=2)}
    place = {"a": "Title", "b": "1. First", "c": "1. First", "d": "1. First", "e": "!A4", "f": "!A5", "g": "!A5"}
    assert {k.split("/")[-1] for k in found} == set(place)
    for k, (where, value) in found.items():
        assert where.endswith(place[k.split("/")[-1]]) and value == "abcdefg".index(k.split("/")[-1]) + 1.0


@pytest.mark.parametrize(("head", "text"), [(("钱", "万元"), "钱（万元）"), (("money", "CNY"), "money (CNY)"), (("bare", ""), "bare")])
def test_a_unit_stands_in_the_brackets_of_its_language(head, text):
    assert Column(*head).head == text


# Markdown


def test_contents_name_two_levels_and_lead_to_their_headings():
    blocks = (Paragraph(("lead",)), Heading(1, "One & two"), Heading(2, "Two (b)"), Heading(3, "Deep"), Heading(1, "一、结论"))
    page = markdown.page(Document("en", "T", blocks))
    assert page.startswith("# T\n\nlead\n\n- [One & two](#one--two)\n  - [Two (b)](#two-b)\n- [一、结论](#一结论)\n\n## One & two\n")
    assert "#### Deep" in page and "[Deep]" not in page


def test_a_pipe_table_has_one_line_a_row_and_as_many_bars_in_each():
    made = Table("t", "", (Column("a"), Column("b", right=True)), ((("one\ntwo",), ()), (("x|y",), (Code("p|q"),))))
    lines = markdown.fragment([made]).splitlines()
    assert lines == ["| a | b |", "| --- | ---: |", "| one two |   |", "| x\\|y | `p\\|q` |"]


def test_a_page_written_by_hand_keeps_everything_but_what_is_between_its_marks():
    page = "top \\1\n<!-- x -->\nold\nold\n<!-- /x -->\nmiddle\n<!-- y -->\nkept\n<!-- /y -->\nend"
    made = markdown.filled(page, "x", [Paragraph((r"new \1 \g<2>",))])
    assert made == page.replace("old\nold", r"new \1 \g<2>")
    assert markdown.filled(made, "x", [Paragraph(("old\nold",))]) == page  # as often as one likes
    assert markdown.filled(page, "z", [Paragraph(("new",))]) == page


def test_a_figure_of_a_page_names_its_file_and_says_what_it_shows():
    text = markdown.fragment([Figure("name", "The caption.", "What it shows")])
    assert text == "![What it shows](figures/name.svg)\n\n*The caption.*"


# sentences


MARKED = st.lists(
    st.one_of(
        st.from_regex(r"\A[a-z ,.()]{1,12}\Z"),
        st.from_regex(r"\A[a-z_.]{1,8}\Z").map(Code),
        st.from_regex(r"\A[a-z ]{1,8}\Z").map(Strong),
        st.builds(Link, st.from_regex(r"\A[a-z ]{1,8}\Z"), st.from_regex(r"\A[a-z.#/]{1,8}\Z")),
    ),
    max_size=6,
)


@settings(max_examples=40)
@given(MARKED)
def test_a_sentence_with_marks_comes_back_from_its_pieces(parts):
    """Two stretches of bare text in a row are one: that aside, pieces and Markdown are each other's inverse."""
    joined = []
    for p in parts:
        if joined and isinstance(p, str) and isinstance(joined[-1], str):
            joined[-1] += p
        else:
            joined.append(p)
    assert pieces(markdown.fragment([Paragraph(tuple(joined))])) == tuple(joined)


def test_a_section_leaves_out_tables_without_rows():
    empty, full = table("a", ("x",), ()), table("b", ("x",), [("`1`",)])
    assert section(2, "H", ("said", empty), (empty, full)) == [Heading(2, "H"), Paragraph(("said",)), empty, full]
    assert full.rows == (((Code("1"),),),) and code("") == "" and code("x") == "`x`"


# Word


def test_word_marks_what_stands_out_and_what_is_code():
    word = docx.Document(io.BytesIO(docx_writer.written(paper(Paragraph(("a ", Strong("b"), " ", Code("c"), Quote("d")))))))
    runs = next(p for p in word.paragraphs if p.text == "a b cd").runs
    assert [(r.text, bool(r.bold), r.style.name) for r in runs if r.text.strip()] == [
        ("a ", False, "Default Paragraph Font"), ("b", True, "Default Paragraph Font"), ("c", False, "Appendix Code"), ("d", False, "Default Paragraph Font"),
    ]  # fmt: skip


@pytest.mark.parametrize(("others", "head"), [(0, "概率变化（百分点）"), (6, "概率变化\n（百分点）")])
def test_a_unit_is_not_torn_apart_in_the_head_of_a_word_table(others, head):
    heads = (Column("概率变化", "百分点", right=True), Column("change", "points", right=True), *[Column("bare")] * others)
    rows = ((("1",), ("2",), *[("words in a row of some length",)] * others),)
    made = Document("zh", "t", (Table("t", "表1 c", heads, rows),), date="2026-01-01")
    (row, *_) = docx.Document(io.BytesIO(docx_writer.written(made))).tables[0].rows
    assert [c.text.replace("\n(", " (") for c in row.cells] == [head, "change (points)", *["bare"] * others]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_columns_of_a_word_table_are_as_wide_as_the_layout_says(lang):
    made = Table("t", "Table 1. T", (Column("a"), Column("b", right=True)), ((("word " * 40,), (number(12.0),)),) * 3)
    document = paper(made, lang=lang)
    (found,) = docx.Document(io.BytesIO(docx_writer.written(document))).tables
    page = styles.sheet(styles.opened(None, lang), lang, styles.OWN_SLACK)  # the letters of Word are as wide as the layout's widest
    asked = fit(made, page).widths
    assert sum(asked) <= SHEETS[lang].width + 0.1
    assert [c.width.pt for c in found.columns] == pytest.approx(asked, abs=0.1)  # Word counts in twentieths of a point
    assert all(cell.width.pt == pytest.approx(w, abs=0.1) for row in found.rows for cell, w in zip(row.cells, asked, strict=True))
    dressed = [[c.paragraphs[0].style.name for c in row.cells] for row in found.rows]
    assert dressed == [["Table Head"] * 2, *[["Table Text", "Table Number"]] * 3]


@pytest.mark.parametrize(("rows", "kept_with_next"), [(3, [True] * 3 + [False]), (20, [False] * 21)])
def test_a_short_table_stays_on_one_page_and_a_long_one_may_not(rows, kept_with_next):
    made = Table("t", "Table 1. T", (Column("a"),), (((number(1.0),),),) * rows)
    (found,) = docx.Document(io.BytesIO(docx_writer.written(paper(made)))).tables
    said = [row.cells[0].paragraphs[0]._p.pPr.find(qn("w:keepNext")) is not None for row in found.rows]
    assert said == kept_with_next
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in found.rows)


def test_a_turned_page_has_the_paper_and_the_margins_turned_and_the_next_is_upright():
    broad = Table("t", "Table 1. T", tuple(Column(f"c{i}", right=True) for i in range(10)), ((("1,234,567.89",),) * 10,) * 3)
    word = docx.Document(io.BytesIO(docx_writer.written(paper(Paragraph(("before",)), broad, Paragraph(("after",)), lang="zh"))))
    first, turned, last = word.sections
    assert (turned.page_width, turned.page_height) == (first.page_height, first.page_width)
    assert (turned.top_margin, turned.left_margin) == (first.left_margin, first.bottom_margin)
    assert (last.page_width, last.top_margin, last.left_margin) == (first.page_width, first.top_margin, first.left_margin)
    area = turned.page_width - turned.left_margin - turned.right_margin
    assert sum(c.width for c in word.tables[0].columns) <= area + Pt(0.5)


def test_a_caption_without_a_number_has_no_field_to_count():
    made = [Table("t", caption, (Column("a"),), ((("x",),),)) for caption in ("Table 12. T", "Bare")]
    word = docx.Document(io.BytesIO(docx_writer.written(paper(*made))))
    numbered, bare = (p for p in word.paragraphs if p.style.name == "Caption")
    (field,) = numbered._p.iter(qn("w:fldSimple"))
    assert field.get(qn("w:instr")) == " SEQ Table \\* ARABIC " and "".join(t.text for t in field.iter(qn("w:t"))) == "12"
    assert bare.text == "Bare" and not list(bare._p.iter(qn("w:fldSimple")))


# workbook


def test_a_workbook_opens_with_links_to_its_sheets():
    blocks = [Table(key, f"Table {i}. {key}", (Column("a"),), ((("x",),),)) for i, key in enumerate("pq", 1)]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_writer.written(paper(*blocks))))
    cover = book.worksheets[0]
    links = {c.value: c.hyperlink.location or c.hyperlink.target for row in cover.iter_rows() for c in row if c.hyperlink}
    assert set(links) == {"Table 1. p", "Table 2. q"}
    for caption, place in links.items():
        name = place.lstrip("#").split("!")[0].strip("'")
        assert book[name]["A1"].value == caption
    assert [cover.cell(i, 1).value for i in range(1, 5)] == ["Annex", "Title", "Sub", "abc"]


def test_a_column_of_a_workbook_is_as_wide_as_its_words_up_to_a_limit_and_then_higher():
    rows = ((("ab",), ("x" * 30,), ("word " * 60,)),)
    sheet = xlsx_sheet(paper(Table("t", "Table 1. T", tuple(map(Column, "abc")), rows)))
    narrow, fitting, widest = (sheet.column_dimensions[c].width for c in "ABC")
    assert narrow < fitting < widest and (fitting, widest) == pytest.approx((32.0, 60.0))
    assert sheet.row_dimensions[4].height >= 15.0 * 300 / 60
    assert xlsx_sheet(paper(Table("t", "T", (Column("a"),), ((("杭" * 20,),),)))).column_dimensions["A"].width == pytest.approx(42.0)


# files


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in parts.items():
            made.writestr(zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6)), data)
    return buffer.getvalue()


CORE = b'<a><dcterms:created x="1">2001-01-01T01:02:03Z</dcterms:created><dcterms:modified>now</dcterms:modified></a>'


def test_an_office_file_loses_the_clock_and_the_order_of_its_parts():
    core = {"docProps/core.xml": CORE}
    one = stable_zip.normal(zipped(**{"b.xml": b"b", "[Content_Types].xml": b"t"} | core), "2026-11-25")
    two = stable_zip.normal(zipped(**core | {"[Content_Types].xml": b"t", "b.xml": b"b"}), "2026-11-25")
    assert one == two
    inside = zipfile.ZipFile(io.BytesIO(one))
    assert inside.namelist() == ["[Content_Types].xml", "b.xml", "docProps/core.xml"]
    stamp = b"2026-11-25T00:00:00Z"
    assert inside.read("docProps/core.xml") == CORE.replace(b"2001-01-01T01:02:03Z", stamp).replace(b"now", stamp)


def test_a_part_of_an_office_file_can_be_replaced():
    made = stable_zip.normal(zipped(a=b"old", b=b"same"), "2026-11-25", {"a": b"new"})
    inside = zipfile.ZipFile(io.BytesIO(made))
    assert (inside.read("a"), inside.read("b")) == (b"new", b"same")


def test_a_page_is_written_from_what_was_kept_and_again_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "DOCS", tmp_path)
    monkeypatch.setattr(kept, "DATA", tmp_path / "data")
    (tmp_path / "x.md").write_text("# 题\n\n<!-- x-output -->\n<!-- /x-output -->\n", "utf8")
    (tmp_path / "found.json").write_text(json.dumps({"a": "杭州", "b": 2}), "utf8")
    kept.keep("x", tmp_path / "found.json", "")

    def results(document):
        return [Paragraph((document["a"], str(document["b"])))]

    kept.write("x", results)
    assert (tmp_path / "x.md").read_text("utf8") == "# 题\n\n<!-- x-output -->\n杭州2\n<!-- /x-output -->\n" == kept.page("x", results)
    assert "杭州" in (tmp_path / "data" / "x.json").read_text("utf8")  # readable in the repository


def test_reading_order_is_that_of_the_page():
    blocks = (
        Heading(1, "h"), Paragraph(("p", number(1.0))), Bullets((("i",), (Code("j"),))), Verbatim("v"),
        Table("t", "cap", (Column("c"),), (((Span(number(2.0), number(3.0)),),),), ("note",)), Figure("f", "fig", "alt"),
    )  # fmt: skip
    document = paper(*blocks)
    assert [plain(p) for p in document.inlines()] == ["Annex", "Title", "Sub", "h", "p", "1", "i", "j", "v", "cap", "c", "2–3", "note", "fig", "alt"]
    assert [n.value for n in document.numbers()] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("lang", "low", "high", "text"),
    [
        ("en", 30948500.0, 54002900.0, "CNY 309,485–540,029 million"),
        ("zh", 40184.0, 53000.0, "4.02–5.3亿元"),
        ("zh", 640.0, 53000.0, "640万元–5.3亿元"),
        ("en", -30000.0, 54000.0, "CNY −300 to 540 million"),
        ("zh", 40184.0, 40184.0, "4.02亿元"),
    ],
)
def test_an_interval_of_money_says_its_unit_once_where_both_ends_have_it(lang, low, high, text):
    told = Span(*(Number("", x, kind="money", lang=lang) for x in (low, high))).even()
    assert told.text == text
    if isinstance(told, Span):
        assert (told.low.value, told.high.value) == (low, high)
