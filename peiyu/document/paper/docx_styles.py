"""The styles of the Word document: those of GB/T 9704-2012 or of a statistical office, or the planner's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable

from peiyu.document.docx_template import read_template
from peiyu.document.paper.layout import SHEETS, Sheet

CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
LEFT, BOTH = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY
FANG, HEI, KAI, SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
TIMES, SANS, MONO = "Times New Roman", "Arial", "Consolas"
INSTEAD = {
    FANG: "仿宋,FangSong,Noto Serif CJK SC,Noto Serif SC", HEI: "SimHei,Noto Sans CJK SC,Noto Sans SC",
    KAI: "楷体,KaiTi,Noto Serif CJK SC,Noto Serif SC", SONG: "FZXiaoBiaoSong-B05S,Noto Serif CJK SC,Noto Serif SC",
    "宋体": "SimSun,Noto Serif CJK SC,Noto Serif SC", TIMES: "Liberation Serif", SANS: "Liberation Sans",
    MONO: "DejaVu Sans Mono",
}  # fmt: skip
"""What stands in where a font is not installed."""
OWN_SLACK = 1.15
"""Room for a word in our own letters, where others stand in for them: as much as the digits of DejaVu Serif need."""
SLACK = 1.2
"""Room for a word in a template's letters, which we do not know: as much as the widest usual ones, Verdana's, need."""
THREE_LINES = (
    '<w:style {} w:type="table" w:customStyle="1" w:styleId="{}"><w:name w:val="{}"/>'
    '<w:basedOn w:val="{}"/><w:uiPriority w:val="99"/><w:qFormat/><w:tblPr><w:tblBorders>'
    '<w:top w:val="single" w:sz="12" w:space="0" w:color="auto"/>'
    '<w:bottom w:val="single" w:sz="12" w:space="0" w:color="auto"/></w:tblBorders>'
    '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
    '<w:top w:val="single" w:sz="12" w:space="0" w:color="auto"/>'
    '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
)
"""Lines above and below, thick, and one below the heads, thin."""
BAR = '<w:pBdr {}><w:left w:val="single" w:sz="16" w:space="6" w:color="0072B2"/></w:pBdr>'
AFTER_BORDER = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct",
                "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid",
                "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:jc", "w:outlineLvl")  # fmt: skip
"""Properties of a paragraph that stand after its borders."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a role looks: the style's name, type, size, fonts, place, and what stands around it (points)."""

    name: str
    size: float
    font: str = FANG
    latin: str = TIMES
    place: Any = BOTH
    indent: int = 0  # letters of the first line
    line: float | None = None  # exact pitch
    before: float = 0.0
    after: float = 0.0
    follows: bool = False  # stays with the next
    bold: bool = False
    grey: bool = False
    bar: bool = False  # a line on the left


PITCH = 28.95
"""28 letters on each of 22 lines of a page."""
BRIEF = 24.0
"""The pitch of the summary, which has two pages."""
ZH = {
    "body": Form("Body Text", 16, indent=2, line=PITCH),
    "brief": Form("Appendix Brief", 14, indent=2, line=BRIEF),
    "answer": Form("Appendix Answer", 16, indent=2, line=PITCH),
    "note": Form("Appendix Note", 10.5, place=LEFT, after=6),
    "mark": Form("Appendix Mark", 16, HEI, place=LEFT, line=PITCH),
    "title": Form("Title", 22, SONG, place=CENTRE, line=34, before=PITCH),
    "subtitle": Form("Subtitle", 16, KAI, place=CENTRE, line=PITCH, after=PITCH),
    "heading1": Form("Heading 1", 16, HEI, indent=2, line=PITCH, follows=True),
    "heading2": Form("Heading 2", 16, KAI, indent=2, line=PITCH, follows=True),
    "heading3": Form("Heading 3", 16, FANG, indent=2, line=PITCH, follows=True),
    "heading4": Form("Heading 4", 16, FANG, indent=2, line=PITCH, follows=True),
    "caption": Form("Caption", 12, HEI, place=CENTRE, before=6, after=4),
    "figure": Form("Appendix Figure", 12, place=CENTRE, before=8, follows=True),
    "head": Form("Table Head", 10.5, HEI, place=LEFT, before=2, after=2, follows=True),
    "cell": Form("Table Text", 10.5, place=LEFT, before=1, after=1),
    "number": Form("Table Number", 10.5, place=RIGHT, before=1, after=1),
    "gap": Form("Appendix Gap", 4, line=8),
    "footer": Form("Footer", 14, "宋体", "宋体", LEFT),
}
EN = {
    "body": Form("Body Text", 10.5, place=LEFT, line=15, after=7),
    "brief": Form("Appendix Brief", 10, place=LEFT, line=13.5, after=5),
    "answer": Form("Appendix Answer", 10.5, place=LEFT, line=15, after=7, bar=True),
    "note": Form("Appendix Note", 8.5, place=LEFT, before=3, after=8, grey=True),
    "mark": Form("Appendix Mark", 11, HEI, SANS, LEFT, bold=True, after=10),
    "title": Form("Title", 21, HEI, SANS, LEFT, bold=True, after=6),
    "subtitle": Form("Subtitle", 11, HEI, SANS, LEFT, after=16, grey=True),
    "heading1": Form("Heading 1", 15, HEI, SANS, LEFT, before=20, after=7, follows=True, bold=True),
    "heading2": Form("Heading 2", 12, HEI, SANS, LEFT, before=14, after=6, follows=True, bold=True),
    "heading3": Form("Heading 3", 10.5, HEI, SANS, LEFT, before=10, after=5, follows=True, bold=True),
    "heading4": Form("Heading 4", 10.5, HEI, SANS, LEFT, before=10, after=5, follows=True),
    "caption": Form("Caption", 9.5, HEI, SANS, LEFT, before=8, after=5, bold=True),
    "figure": Form("Appendix Figure", 10, place=LEFT, before=8, follows=True),
    "head": Form("Table Head", 8.5, HEI, SANS, LEFT, before=2, after=2, follows=True, bold=True),
    "cell": Form("Table Text", 8.5, place=LEFT, before=1, after=1),
    "number": Form("Table Number", 8.5, place=RIGHT, before=1, after=1),
    "gap": Form("Appendix Gap", 4, line=8),
    "footer": Form("Footer", 8.5, HEI, SANS, LEFT, grey=True),
}
FORMS = {"zh": ZH, "en": EN}


def opened(template: Path | None, lang: str) -> Word:
    """Return an empty Word document in our layout, or one with a template's styles and page.

    Raises
    ------
    InputError
        If the template is not a Word file.
    """
    if template is None:
        return _page(docx.Document(), lang)
    word = read_template(template)
    if not len(word.sections):  # a document without a page of its own has ours
        word.element.body.get_or_add_sectPr()
        _paper(word.sections[0], lang)
    return word


def _paper(section: Any, lang: str) -> None:
    """Give a section our page and margins."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, bottom, left, right, foot = (37, 35, 28, 26, 24) if lang == "zh" else (26, 26, 25, 25, 14)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.footer_distance, section.header_distance, section.gutter = Mm(foot), Mm(15), Mm(0)


def _page(word: Word, lang: str) -> Word:
    """Lay out the page, number it, and let the default style be ours."""
    section = word.sections[0]
    _paper(section, lang)
    _dress(word.styles["Normal"], FORMS[lang]["cell"], fonts=True)
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    made = roles(word, lang, ours=True)
    settings = word.settings.element
    for key in settings.iter(qn("w:themeFontLang")):
        key.set(qn("w:eastAsia"), "zh-CN")
    for mode in settings.iter(qn("w:compatSetting")):
        if mode.get(qn("w:name")) == "compatibilityMode":
            mode.set(qn("w:val"), "15")  # Word 2013 and later
    word.settings.odd_and_even_pages_header_footer = lang == "zh"
    sides = ((section.footer, RIGHT), (section.even_page_footer, LEFT)) if lang == "zh" else ((section.footer, RIGHT),)
    for footer, place in sides:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = made["footer"], place
        if lang == "zh":  # one letter from the outer edge
            paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
        _said(paragraph, ("— ", "PAGE", " —") if lang == "zh" else ("", "PAGE", " / ", "NUMPAGES"))
    return word


def _said(paragraph: Any, parts: tuple[str, ...]) -> None:
    """Write text and fields in turn."""
    for i, part in enumerate(parts):
        run = paragraph.add_run("1" if i % 2 else part)
        if i % 2:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), f" {part} ")
            field.append(run._r)
            paragraph._p.append(field)


def sheet(word: Word, lang: str, slack: float = 1.0) -> Sheet:
    """Return the type area of the document's page, with some room for words of unknown width."""
    s, ours = word.sections[-1], replace(SHEETS[lang], slack=slack)
    width, left, right = (x or Mm(0) for x in (s.page_width, s.left_margin, s.right_margin))
    height, top, bottom = (x or Mm(0) for x in (s.page_height, s.top_margin, s.bottom_margin))
    across, along = width.pt - left.pt - right.pt, height.pt - top.pt - bottom.pt
    return replace(ours, width=across, height=along, letter=1.0) if min(across, along) > 0.0 else ours


def roles(word: Word, lang: str, ours: bool = False) -> dict[str, Any]:
    """Return the style of every role; one that the document lacks is made, in the document's own fonts."""
    found: dict[str, Any] = {}
    kinds = {s.name: s.type for s in word.styles}
    for role, form in FORMS[lang].items():
        name, known = _named(kinds, form.name, WD_STYLE_TYPE.PARAGRAPH)
        if not known:
            made = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            made.base_style = word.styles.default(WD_STYLE_TYPE.PARAGRAPH)
            made.quick_style = True
        found[role] = word.styles[name]
        if ours or not known:
            _dress(found[role], form, fonts=ours)
    name, known = _named(kinds, "Three-Line Table", WD_STYLE_TYPE.TABLE)
    if not known:
        base = word.styles.default(WD_STYLE_TYPE.TABLE)
        key = name.replace("-", "").replace(" ", "")
        lines = THREE_LINES.format(nsdecls("w"), key, name, base.style_id if base else "TableNormal")
        word.styles.element.append(parse_xml(lines))
    found["table"] = word.styles[name]
    name, known = _named(kinds, "Appendix Code", WD_STYLE_TYPE.CHARACTER)
    if not known:
        code = word.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        _faces(code, MONO, HEI)
        code.font.size = Pt(FORMS[lang]["body"].size * 0.88)
    found["code"] = word.styles[name]
    return found


def _named(kinds: dict[str, Any], name: str, kind: Any) -> tuple[str, bool]:
    """Return a style's name, and whether the document has it; one of another kind may be in the way of its name."""
    while kinds.get(name, kind) != kind:
        name = f"Peiyu {name}"
    return name, name in kinds


def _dress(style: Any, form: Form, fonts: bool) -> None:
    """Give a style the look of a role."""
    shape, letters = style.paragraph_format, style.font
    letters.size, letters.bold, letters.italic = Pt(form.size), form.bold, False
    if fonts:
        _faces(style, form.latin, form.font)
        letters.color.rgb = RGBColor(0x4D, 0x4D, 0x4D) if form.grey else RGBColor(0, 0, 0)
    shape.alignment, shape.keep_with_next = form.place, form.follows
    shape.space_before, shape.space_after = Pt(form.before), Pt(form.after)
    shape.first_line_indent = Pt(form.size * form.indent)
    if form.indent:
        style.element.pPr.ind.set(qn("w:firstLineChars"), str(100 * form.indent))
    shape.widow_control = True
    if form.line is None:
        shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(form.line)
    for border in style.element.pPr.findall(qn("w:pBdr")):  # Word's title has a line below
        style.element.pPr.remove(border)
    hang = OxmlElement("w:overflowPunct")  # Word's default; LibreOffice loses marks at line ends unless it is said
    hang.set(qn("w:val"), "1")
    style.element.pPr.insert_element_before(hang, *AFTER_BORDER[AFTER_BORDER.index("w:topLinePunct") :])
    if form.bar:
        shape.left_indent = Pt(8)
        style.element.pPr.insert_element_before(parse_xml(BAR.format(nsdecls("w"))), *AFTER_BORDER)


def _faces(style: Any, latin: str, east: str) -> None:
    """Set a style's fonts for Latin and for Chinese letters, in place of a theme's."""
    style.font.name = latin
    fonts = style.element.rPr.rFonts
    for key in list(fonts.attrib):
        if key.endswith("Theme"):
            del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{key}"), latin)
    fonts.set(qn("w:eastAsia"), east)


def counts(style: Any) -> bool:
    """Say whether a heading style numbers its headings itself."""
    properties = style.element.pPr
    return properties is not None and properties.numPr is not None


def dress(table: WordTable, widths: tuple[float, ...], gutter: float, caption: str) -> None:
    """Fix the widths of a table's columns and the white inside (points), and name it for those who cannot see it."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(20.0 * gutter / 2.0)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        look.attrib.clear()
        for key, value in (("val", "0020"), ("firstRow", "1"), ("noHBand", "1"), ("noVBand", "1")):
            look.set(qn(f"w:{key}"), value)
    words = OxmlElement("w:tblCaption")
    words.set(qn("w:val"), caption)
    properties.append(words)


def repeat(row: Any) -> None:
    """Let a row stand at the head of every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def fonts(template: Path | None) -> dict[str, bytes] | None:
    """Return the part that says which font stands in for one that is not installed; a template keeps its own."""
    if template is not None:
        return None
    each = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in INSTEAD.items())
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return {"word/fontTable.xml": f"{head}<w:fonts {nsdecls('w')}>{each}</w:fonts>".encode()}
