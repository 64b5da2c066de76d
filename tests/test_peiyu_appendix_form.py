"""The four forms of the appendix, made from a small tree and opened by other programs."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, RGBColor
from fontTools.ttLib import TTCollection, TTFont
from matplotlib.font_manager import FontProperties, findfont

from peiyu.document import html as appendix_html
from peiyu.document import markdown
from peiyu.document import xlsx as appendix_xlsx
from peiyu.document.paper import docx as appendix_docx
from peiyu.document.paper import pdf as appendix_pdf
from peiyu.document.paper.layout import SHEETS, fit, groups
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
from peiyu.figures import fonts as appendix_fonts
from peiyu.words import breaks
from sim.inputs.errors import InputError

SIDE = {"zh": 26.0 * 72.0 / 25.4, "en": 25.0 * 72.0 / 25.4}
"""The right margins, in points."""
WRITERS = {"docx": appendix_docx, "pdf": appendix_pdf, "html": appendix_html, "xlsx": appendix_xlsx}

WORDS = {
    "zh": {
        "mark": "附件", "title": "杭州市未来产业培育目标达成预测", "subtitle": "情景：现行计划；数据截至2026年第三季度",
        "one": "一、各项目标的结论", "two": "（一）政策工具", "three": "1. 参数", "goal": "目标", "reading": "口径", "asked": "要求",
        "median": "中位数", "interval": "90%区间", "p": "达成概率", "error": "抽样误差", "grade": "证据等级", "when": "达到时间",
        "needed": "每季还需", "source": "来源（原文）", "value": "取值", "caption": "表{} {}", "figure": "图1 主口径的走势与要求",
        "prose": "到2026年底，“人工智能”与“低空经济”两条赛道合计新增高新技术企业不少于一千二百家，概率由集合成员计数得出；其余口径见下表。",
        "name": "高新技术企业净增数量", "long": "杭州市科学技术局关于印发《杭州市未来产业培育行动计划（2025—2026年）》的通知", "note": "证据等级：A为本指标已校准；B为依据替代指标；C为仅有先验。",
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
    columns = tuple(Column(w[h], right=h not in ("goal", "reading", "grade")) for h in heads)
    made = tuple(
        (
            (w["name"],), (Quote("★" + w["reading"]),), ("≥ ", number(i, 1200.0 * i + 1)), (number(i, 1234.5),),
            (Span(number(i, 12345.0), number(i, 23456.0)),), (number(i, 0.57, "chance"),), (number(i, 0.013, "error"),), ("B",),
            (Code("2026Q4"),), (number(i, -3.25, "points"),),
        )
        for i in range(rows)
    )  # fmt: skip
    return Table("goals", w["caption"].format(1, w["goal"]), columns, made, (w["note"], w["note"]))


def long(w, rows=60):
    """A table over pages, with sources, code and hashes."""
    columns = (
        Column(w["goal"]),
        Column(w["value"], "%", right=True),
        Column("id"),
        Column(w["source"]),
    )
    made = tuple(
        ((w["name"],), (number(i, 3.0 + i),), (Code(f"parameter_number_{i}_abcdef0123456789abcdef0123456789"),), (Quote((w["long"], WORDS["zh"]["long"], "assumption")[i % 3]),))
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
    return Document(lang, w["title"], blocks, w["mark"], w["subtitle"], "abc123", "2026-11-25")


def need(*names):
    """Return the first of some programs that is installed; the test is skipped, with what is missing, if none is."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or pytest.skip(f"{' or '.join(names)} is not installed")


def run(*command, timeout=120):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True).stdout


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def document(lang):
    return sample(lang)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every form in both languages, and what LibreOffice and Chromium make of them, as PDF."""
    folder = tmp_path_factory.mktemp("appendix")
    for word in ("zh", "en"):
        for form, writer in WRITERS.items():
            (folder / f"{word}.{form}").write_bytes(writer.written(sample(word), None))
    return folder


@pytest.fixture(scope="module")
def office(files):
    """The folder with what LibreOffice makes of the Word and Excel files, in one go."""
    program, out = need("soffice", "libreoffice"), files / "office"
    for form in ("docx", "xlsx"):
        these = [str(files / f"{word}.{form}") for word in ("zh", "en")]
        profile = f"-env:UserInstallation=file://{files / 'profile'}"
        run(program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(out / form), *these, timeout=300)
    return out


def letters(text):
    """Count letters other than blanks; a dash is a dash, however a program writes it."""
    return Counter(re.sub(r"\s", "", text.replace("\N{NO-BREAK SPACE}", "")))


def said(document):
    """All words of a document, as they are written."""
    return "".join(
        plain(piece)
        for piece in document.inlines()
        if piece not in {b.alt for b in document.blocks if isinstance(b, Figure)}
    )


def words_of(pdf):
    """Pages of a PDF: width, height, and boxes of words."""
    text = run(need("pdftotext"), "-bbox", str(pdf), "-")
    pages = []
    for page in re.split(r"<page ", text)[1:]:
        width, height = (float(x) for x in re.match(r'width="([\d.]+)" height="([\d.]+)"', page).groups())
        boxes = re.findall(
            r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', page
        )
        pages.append((width, height, [(*map(float, box[:4]), box[4]) for box in boxes]))
    return pages


def ink(box):
    """The part of a word's box that is not white: a full-width mark at either end is half white."""
    half = 0.5 * (box[3] - box[1])
    return box[0] + half * (box[4][0] in "（《“‘"), box[2] - half * (box[4][-1] in "，。；：、）》”’")


def overfull(pages, margin):
    """Words that leave the type area to the right, or lie over another word."""
    bad = []
    for width, _, boxes in pages:
        bad += [box for box in boxes if ink(box)[1] > width - margin + 1.0]
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                across = min(ink(one)[1], ink(other)[1]) - max(ink(one)[0], ink(other)[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                if across > 2.0 and down > 0.6 * min(one[3] - one[1], other[3] - other[1]):
                    bad.append((one, other))
    return bad


# the same bytes


@pytest.mark.parametrize("form", WRITERS)
def test_same_document_same_bytes(document, form):
    assert WRITERS[form].written(document, None) == WRITERS[form].written(replace(document), None)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_office_files_hold_no_time_but_the_documents(document, form):
    content = zipfile.ZipFile(io.BytesIO(WRITERS[form].written(document, None)))
    assert {info.date_time for info in content.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = content.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-11-25T00:00:00Z"}


def test_pdf_holds_no_time_but_the_documents(files, lang):
    about = run(need("pdfinfo"), "-isodates", str(files / f"{lang}.pdf"))
    assert re.search(r"CreationDate: +2026-11-25T00:00:00Z", about)
    assert re.search(r"ModDate: +2026-11-25T00:00:00Z", about)


# PDF


def test_pdf_is_tagged_and_its_fonts_are_inside(files, lang):
    about = run(need("pdfinfo"), str(files / f"{lang}.pdf"))
    assert re.search(r"Tagged: +yes", about) and re.search(r"Page size: +595.\d+ x 841.\d+ pts \(A4\)", about)
    fonts = run(need("pdffonts"), str(files / f"{lang}.pdf")).splitlines()[2:]
    assert fonts
    assert all(re.search(r"\s(yes) (yes) (yes)\s", line) for line in fonts), fonts  # embedded, subset, readable
    assert any("Noto" in line or "SourceHan" in line for line in fonts)  # the Chinese, in English for sources


def test_every_letter_of_the_document_is_in_the_pdf(files, document, lang):
    """A glyph that no font has is printed as nothing, and is then missing here."""
    text = letters(run(need("pdftotext"), "-raw", str(files / f"{lang}.pdf"), "-"))
    missing = letters(said(document)) - text
    assert not missing


def test_a_letter_without_a_glyph_is_refused_in_one_sentence():
    strange = replace(sample("en"), blocks=(Paragraph(("A \U00012000 here.",)),))
    with pytest.raises(InputError, match=r"could not be displayed.*PEIYU_FONTS") as error:
        appendix_pdf.written(strange, None)
    assert "\n" not in str(error.value)


def test_every_letter_has_a_glyph_in_the_fonts(document):
    known = set()
    for path in (appendix_fonts.sans(), appendix_fonts.serif()):
        if path is None:
            pytest.skip(appendix_fonts.HOW)
        for font in TTCollection(path).fonts if path.suffix == ".ttc" else [TTFont(path)]:
            known |= set(font.getBestCmap())
    assert not {c for c in said(document) if not c.isspace() and ord(c) not in known}


def test_no_table_of_the_pdf_is_overfull(files, lang):
    assert overfull(words_of(files / f"{lang}.pdf"), SIDE[lang]) == []


def test_an_overfull_cell_would_be_found(monkeypatch, tmp_path):
    """The check above sees a word that is wider than its column."""
    monkeypatch.setattr(breaks, "PIECE", 1000)
    words = Table("t", "Table 1. Wide", tuple(Column(f"c{i}") for i in range(9)), ((("x" * 60,),) * 9,) * 2)
    (tmp_path / "a.pdf").write_bytes(appendix_pdf.written(replace(sample("en"), blocks=(words,)), None))
    assert overfull(words_of(tmp_path / "a.pdf"), SIDE["en"])


def test_pdf_pages_have_numbers_and_words(files, lang):
    for n, (_, _, boxes) in enumerate(words_of(files / f"{lang}.pdf"), 1):
        assert len(boxes) > 8, f"page {n} is all but empty"
        lowest = max(box[3] for box in boxes)
        foot = "".join(box[4] for box in boxes if box[3] > lowest - 3.0)
        assert f"—{n}—" in foot if lang == "zh" else f"{n}/" in foot


def test_heads_of_a_long_table_stand_on_every_page_of_it(files, lang):
    pages = [" ".join(box[4] for box in boxes) for _, _, boxes in words_of(files / f"{lang}.pdf")]
    inside = [p for p in pages if "parameter_" in p]
    assert len(inside) > 2
    assert all(
        re.sub(r"\s", "", WORDS[lang]["source"].split(" (")[0].split("（")[0]) in re.sub(r"\s", "", p) for p in inside
    )


def test_without_a_chinese_font_the_message_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(appendix_fonts, "folders", list)
    with pytest.raises(InputError, match="fonts-noto-cjk"):
        appendix_pdf.written(sample("zh"), None)
    plain_english = replace(sample("en"), blocks=(Heading(1, "1. Answers"), Paragraph(("Nothing in Chinese here.",))))
    assert appendix_pdf.written(plain_english, None).startswith(b"%PDF")


# Word


def opened(content):
    return docx.Document(io.BytesIO(content))


def test_word_has_styles_tables_captions_and_words_for_figures(document, lang):
    word = opened(appendix_docx.written(document, None))
    heads = [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert heads == [(f"Heading {b.level}", b.text) for b in document.blocks if isinstance(b, Heading)]
    captions = [p for p in word.paragraphs if p.style.name == "Caption"]
    fields = [f.get(qn("w:instr")) for p in captions for f in p._p.iter(qn("w:fldSimple"))]
    assert len(fields) == len(captions) == 3 and all(" SEQ " in f for f in fields)
    assert len(word.tables) == len(document.tables())
    for made, table in zip(word.tables, document.tables(), strict=True):
        assert made.style.name == "Three-Line Table"
        assert len(made.rows) == len(table.rows) + 1
        assert made.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    (picture,) = word.inline_shapes
    assert picture._inline.docPr.get("descr") == next(b.alt for b in document.blocks if isinstance(b, Figure))


def test_every_number_in_word_shows_its_id(document):
    word = opened(appendix_docx.written(document, None))
    links = [(x.get(qn("w:tooltip")), x.get(qn("w:anchor"))) for x in word.element.body.iter(qn("w:hyperlink"))]
    assert [tip for tip, _ in links] == [n.id for n in document.numbers()]
    marks = [x.get(qn("w:name")) for x in word.element.body.iter(qn("w:bookmarkStart"))]
    assert marks == [anchor for _, anchor in links] and len(set(marks)) == len(marks)
    assert all(len(mark) <= 40 for mark in marks)  # Word's limit


def test_chinese_word_page_is_that_of_official_documents():
    word = opened(appendix_docx.written(sample("zh"), None))
    section = word.sections[0]
    area = (
        section.page_width - section.left_margin - section.right_margin,
        section.page_height - section.top_margin - section.bottom_margin,
    )
    assert [
        round(x.mm) for x in (section.page_width, section.page_height, section.top_margin, section.left_margin)
    ] == [210, 297, 37, 28]
    assert [round(x / Mm(1)) for x in area] == [156, 225]
    fonts = {
        name: word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Body Text")
    }
    assert fonts == {
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
        "Heading 3": "仿宋_GB2312",
        "Body Text": "仿宋_GB2312",
    }
    assert [word.styles[x].font.size.pt for x in ("Title", "Body Text", "Heading 1")] == [22.0, 16.0, 16.0]
    assert word.settings.odd_and_even_pages_header_footer
    assert (
        "".join(t.text for t in section.footer._element.iter(qn("w:t"))) == "— 1 —"
        and " PAGE " in section.footer._element.xml
    )


def test_word_opens_in_libreoffice(office, document, lang):
    pdf = office / "docx" / f"{lang}.pdf"
    missing = letters(said(document)) - letters(run(need("pdftotext"), "-raw", str(pdf), "-"))
    assert not missing
    assert overfull(words_of(pdf), SIDE[lang]) == []


def template(path, numbered=False):
    """A planner's own: other margins, a red heading, something in it that must go."""
    word = docx.Document()
    word.sections[0].left_margin = Mm(40)
    word.styles["Heading 1"].font.color.rgb = RGBColor(0xC0, 0, 0)
    if numbered:
        word.styles["Heading 1"].element.get_or_add_pPr().get_or_add_numPr()
    word.add_paragraph("replace me")
    word.save(str(path))
    return path


def test_no_number_of_a_table_is_broken_in_libreoffice(lang, tmp_path):
    program, file = need("soffice", "libreoffice"), tmp_path / "crowded.docx"
    file.write_bytes(appendix_docx.written(crowded(lang), None))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    run(program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file), timeout=300)
    lines = re.sub(r"[^\S\n]", "", run(need("pdftotext"), "-layout", str(tmp_path / "crowded.pdf"), "-"))
    for cell in crowded(lang).tables()[0].rows[0][1:]:
        words = "".join(re.sub(r"\s", "", plain(p)) for p in cell)
        assert lines.count(words) >= 4, words


def test_a_template_gives_its_page_and_styles(tmp_path, document):
    word = opened(appendix_docx.written(document, template(tmp_path / "own.docx")))
    assert round(word.sections[0].left_margin.mm) == 40
    assert word.styles["Heading 1"].font.color.rgb == RGBColor(0xC0, 0, 0)
    assert "replace me" not in [p.text for p in word.paragraphs]
    assert word.tables[0].style.name == "Three-Line Table"


def test_a_template_that_counts_its_headings_gets_them_without_numbers(tmp_path):
    word = opened(appendix_docx.written(sample("zh"), template(tmp_path / "own.docx", numbered=True)))
    assert [p.text for p in word.paragraphs if p.style.name == "Heading 1"] == ["各项目标的结论"]


def wide_letters(bold):
    """Return how wide a text is in DejaVu Sans, which is as wide as Verdana and comes with matplotlib."""
    font = TTFont(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    letter, glyphs, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    return lambda text: sum(glyphs[letter[ord(c)]][0] if ord(c) in letter else em for c in text) / em


def margins(table):
    """Return the white space inside the columns of a Word table, in points."""
    return sum(int(side.get(qn("w:w"))) for side in table._tbl.tblPr.find(qn("w:tblCellMar"))) / 20.0


def test_words_and_numbers_stay_whole_in_a_template_with_wide_letters(tmp_path, document):
    head, cell = wide_letters(bold=True), wide_letters(bold=False)
    table = opened(appendix_docx.written(document, template(tmp_path / "own.docx"))).tables[0]
    for row in table.rows:
        at = [(c, c.paragraphs[0]) for c in row.cells]
        wide = head if at[0][1].style.name == "Table Head" else cell
        for c, paragraph in at:
            size = next(paragraph._p.iter(qn("w:sz"))).get(qn("w:val"))  # in half points
            text = "".join(t.text or "\n" for t in paragraph._p.iter(qn("w:t"), qn("w:br")))
            whole = [w for w in re.split("[ /\n\u00ad]", text) if not any(c > "\u3000" for c in w)]  # Chinese breaks anywhere
            assert all(wide(word) * int(size) / 2.0 <= c.width.pt - margins(table) for word in whole), text


def crowded(lang):
    """A table with so much text that its columns of numbers are as narrow as they may be."""
    money = [Number("run/a/b", x, "", "money", lang) for x in (46450000.0, 53990000.0, 8400.0)]
    row = ((WORDS[lang]["long"] * 3,), (money[0],), (Span(*money[:2]),), (number(1, 0.57, "chance"), " / ", number(2, 0.3, "chance")), (number(3, 1234567.0),))  # fmt: skip
    heads = tuple(Column(x, right=i > 0) for i, x in enumerate(("c", "m", "s", "p", "n")))
    return replace(sample(lang), blocks=(Table("t", WORDS[lang]["caption"].format(1, "c"), heads, (row,) * 4),))


def test_numbers_stay_whole_where_wider_letters_stand_in_for_ours(lang):
    """Without Times New Roman, LibreOffice prints in DejaVu Serif, and white between a number and a Chinese unit."""
    font = TTFont(findfont(FontProperties(family="DejaVu Serif")))
    letter, glyphs, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    table = opened(appendix_docx.written(crowded(lang), None)).tables[0]
    for row in table.rows[1:]:
        for c in row.cells[1:]:
            size = int(next(c.paragraphs[0]._p.iter(qn("w:sz"))).get(qn("w:val"))) / 2.0
            text = "".join(t.text for t in c.paragraphs[0]._p.iter(qn("w:t")))
            for word in text.split(" "):  # not at a no-break space
                wide = sum(glyphs[letter[ord(x)]][0] / em if ord(x) < 0x3000 else 1.0 for x in word)
                wide += 0.25 * len(re.findall(r"(?<=[0-9])(?=[亿万元])|(?<=元)(?=[0-9])", word))
                assert wide * size <= c.width.pt - margins(table), text


def test_a_word_template_file_is_taken_too(tmp_path):
    path = template(tmp_path / "own.docx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "own.dotx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"document.main+xml", b"template.main+xml"))
    word = opened(appendix_docx.written(sample("en"), tmp_path / "own.dotx"))
    assert round(word.sections[0].left_margin.mm) == 40


@pytest.mark.parametrize("content", [None, b"no Word file", "xlsx"])
def test_a_broken_template_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "broken.docx"
    if content == "xlsx":
        path.write_bytes(appendix_xlsx.written(sample("en"), None))
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"--template .*broken\.docx") as error:
        appendix_docx.written(sample("en"), path)
    assert "\n" not in str(error.value)


# workbook


def test_workbook_has_a_sheet_a_table_with_typed_cells(document, lang):
    book = openpyxl.load_workbook(io.BytesIO(appendix_xlsx.written(document, None)))
    sheets = book.worksheets[1:-1]
    assert [s["A1"].value for s in sheets] == [t.caption for t in document.tables()]
    goals, levers = sheets
    first = [goals.cell(4, i).value for i in range(1, 12)]  # the interval takes two columns
    assert first[2:9] == [1, 1234.5, 12345, 23456, 0.57, 0.013, "B"]
    assert goals.cell(4, 3).number_format == '"≥ "#,##0' and "0%" in goals.cell(4, 7).number_format
    assert first[10] == -325.0  # percentage points, as printed
    assert levers.cell(2, 2).value == "%"
    notes = [c.value for row in goals.iter_rows(min_row=17) for c in row if c.value]
    assert notes == list(document.tables()[0].notes)


def test_workbook_lists_every_number_with_its_unrounded_value(document):
    book = openpyxl.load_workbook(io.BytesIO(appendix_xlsx.written(document, None)))
    rows = [tuple(c.value for c in row[:3]) for row in book.worksheets[-1].iter_rows(min_row=2)]
    assert sorted((name, value) for name, _, value in rows) == sorted((n.id, n.value) for n in document.numbers())
    places = [where for _, where, _ in rows if "!" in where]
    assert len(set(places)) == len(places)


def test_words_that_look_like_a_formula_or_a_date_are_what_they_are(document):
    columns = Column("a"), Column("b"), Column("n", right=True)
    table = Table("t", "Table 1. T", columns, ((("=1+1",), (Code("2025-03-31"),), ("1,234",)),))
    book = openpyxl.load_workbook(io.BytesIO(appendix_xlsx.written(replace(document, blocks=(table,)), None)))
    words, day, count = (book.worksheets[1].cell(4, i) for i in (1, 2, 3))
    assert words.data_type == "s" and day.is_date and count.value == 1234


def test_workbook_opens_in_libreoffice(office, document, lang):
    text = letters(run(need("pdftotext"), "-raw", str(office / "xlsx" / f"{lang}.pdf"), "-"))
    tables = "".join(
        t.caption + "".join(plain(p) for row in t.rows for cell in row for p in cell if isinstance(p, Quote | Code))
        for t in document.tables()
    )
    assert not letters(tables) - text


# web page


class Reader(HTMLParser):
    """What a page would load, its text, and the ids of its numbers."""

    def __init__(self):
        super().__init__()
        self.loads, self.ids, self.tags = [], [], Counter()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags[tag] += 1
        self.loads += [found[k] for k in ("src", "href", "srcset", "data", "action") if k in found]
        if tag == "data":
            self.ids.append((found["title"], float(found["value"])))


def test_page_loads_nothing_and_numbers_show_their_ids(document):
    page = appendix_html.written(document, None).decode()
    reader = Reader()
    reader.feed(page)
    assert all(x.startswith(("data:image/svg+xml;base64,", "#")) for x in reader.loads)
    assert "url(" not in page and "@import" not in page
    assert not {"script", "link", "iframe", "object", "embed"} & set(reader.tags)
    assert reader.ids == [(n.id, n.value) for n in document.numbers()]
    assert reader.tags["table"] == len(document.tables()) and reader.tags["img"] == reader.tags["figcaption"] == 1


def test_page_opens_in_chromium_with_the_network_closed(files, document, lang, tmp_path):
    program, pdf = need("chromium", "chromium-browser", "google-chrome"), tmp_path / "page.pdf"
    if not run(need("fc-list"), ":lang=zh").strip():
        pytest.skip("no font with Chinese letters is installed, and a page brings none")
    closed = ("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--disable-background-networking")
    head = (program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", *closed)
    run(*head, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{files / f'{lang}.html'}")
    missing = letters(said(document)) - letters(run(need("pdftotext"), "-raw", str(pdf), "-"))
    assert not missing


def test_lists_links_and_lines_of_code_are_in_every_format(tmp_path):
    said = ("one ", Strong("two"), " ", Link("three", "https://example.org"))
    document = replace(sample("en"), blocks=(Heading(1, "1. A"), Bullets((said, (number(1, 4.0),))), Verbatim("x = 1\ny = 2")))
    page = appendix_html.written(document, None).decode()
    assert '<li>one <strong>two</strong> <a href="https://example.org">three</a></li>' in page.replace("\n", "")
    assert "<pre>x = 1\ny = 2</pre>" in page
    word = opened(appendix_docx.written(document, None))
    assert [p.text for p in word.paragraphs][-4:] == ["• one two three", "• 4", "x = 1", "y = 2"]
    assert [r.text for p in word.paragraphs for r in p.runs if r.bold] == ["two"]
    book = openpyxl.load_workbook(io.BytesIO(appendix_xlsx.written(document, None)))
    assert [c.value for c in book.worksheets[-1][2]][:2] == [number(1, 4.0).id, "1. A"]
    assert appendix_pdf.written(document, None).startswith(b"%PDF")
    assert markdown.fragment(document.blocks).endswith("- one **two** [three](https://example.org)\n- 4\n\n```text\nx = 1\ny = 2\n```")


# widths


def table_of(texts, right=False):
    columns = tuple(Column(f"c{i}", right=right) for i in range(len(texts)))
    return Table("t", "Table 1. T", columns, (tuple((x,) for x in texts),) * 3)


def test_a_small_table_keeps_the_large_type_and_does_not_fill_the_page():
    found = fit(table_of(["one", "2"]), SHEETS["zh"])
    assert found.size == 12.0 and not found.turned
    assert sum(found.widths) == pytest.approx(SHEETS["zh"].width / 2.0)


def test_many_numbers_turn_the_page():
    found = fit(table_of(["1,234,567.89"] * 10, right=True), SHEETS["zh"])
    assert found.turned
    assert sum(found.widths) <= SHEETS["zh"].height + 1e-6


def test_room_for_words_is_given_up_before_words_are_broken():
    tight = table_of(["1,234,567.89"] * 10, right=True)
    found = fit(tight, replace(SHEETS["zh"], slack=1.5))
    assert found == fit(tight, SHEETS["zh"]) and found.height > 0.0  # no height where nothing fits


def test_long_words_get_the_room_that_short_ones_leave():
    found = fit(table_of(["yes", "word " * 60]), SHEETS["en"])
    assert found.widths[1] > 5.0 * found.widths[0]
    assert sum(found.widths) == pytest.approx(SHEETS["en"].width)


def test_what_stands_between_two_turned_tables_is_turned_with_them():
    broad = table_of(["1,234,567.89"] * 10, right=True)
    text = Paragraph(("text",))
    found = [
        (turned, len(group))
        for turned, group in groups((text, broad, Heading(2, "h"), text, broad, text), SHEETS["zh"])
    ]
    assert found == [(False, 1), (True, 4), (False, 1)]


def test_a_heading_goes_with_the_turned_table_that_follows_it():
    broad, text = table_of(["1,234,567.89"] * 10, right=True), Paragraph(("text",))
    found = list(groups((text, Heading(1, "a"), Heading(2, "b"), text, broad), SHEETS["zh"]))
    assert [(turned, [type(b).__name__ for b, _ in group]) for turned, group in found] == [
        (False, ["Paragraph"]),
        (True, ["Heading", "Heading", "Paragraph", "Table"]),
    ]
