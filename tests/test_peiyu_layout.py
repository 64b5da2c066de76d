"""How printed tables are laid out: nothing is lost, nothing is wider than the page, words stay whole while they can."""

import string
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peiyu.document.paper.cells import head_lines, printed
from peiyu.document.paper.layout import SHEETS, Sheet, fit, groups
from peiyu.document.tree import Bullets, Code, Column, Figure, Heading, Number, Paragraph, Span, Table, Verbatim, plain
from peiyu.words import breaks, letters
from peiyu.words.breaks import broken
from peiyu.words.letters import length

SMALL = Sheet(300.0, 500.0, (12.0, 11.0, 10.0, 9.0, 8.0))


def number(value):
    return Number("run/a/b", value)


def made(*rows, right=False, heads=None):
    columns = tuple(Column(head, right=right) for head in heads or ["c"] * len(rows[0]))
    return Table("t", "Table 1. T", columns, tuple(tuple((x,) for x in row) for row in rows))


# words


@given(st.text(string.ascii_letters + "_./,:=-–", max_size=60), st.integers(1, 40))
def test_a_broken_word_is_the_same_word_in_short_parts(word, most):
    parts = broken(word, most)
    assert "".join(parts) == word
    assert parts == [word] if len(word) <= most else all(0 < len(p) <= breaks.PIECE for p in parts)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("short_name", ["short_name"]),
        ("a_longer_name_of_it", ["a_", "longer_", "name_", "of_", "it"]),
        ("peiyu/document/tree.py", ["peiyu/", "document/", "tree.", "py"]),
        ("abcdefghijklmnopqrst", ["abcdefghijkl", "mnopqrst"]),
        ("2024Q4–2026Q4, then", ["2024Q4–", "2026Q4,", " then"]),
    ],
)
def test_a_long_word_breaks_after_its_marks(word, parts):
    assert broken(word) == parts


@pytest.mark.parametrize(("narrow", "wide"), [("ill", "mmm"), ("abc", "ABC"), ("ABC", "杭州市"), ("1.1", "111"), ("11", "1%")])
def test_letters_have_their_widths(narrow, wide):
    assert length(narrow) < length(wide)
    assert length(f"{narrow} {wide}") == pytest.approx(length(narrow) + length(" ") + length(wide))


@pytest.mark.parametrize(("together", "apart"), [("12亿元", ("12", "亿元")), ("未来AI", ("未来", "AI")), ("占9%以上", ("占", "9%", "以上"))])
def test_programs_set_white_space_between_a_number_and_its_chinese_unit(together, apart):
    assert length(together) == pytest.approx(sum(map(length, apart)) + letters.BETWEEN * (len(apart) - 1))


def test_a_number_stays_on_one_line_with_the_sign_before_it():
    def at(*cell):
        return printed(cell, 4.0, 1.0)

    assert [plain(p) for p in at("≥ ", number(1200.0))] == ["≥\N{NO-BREAK SPACE}", "1,200"]
    sentence = ("a sentence of some length with ", number(1.0))
    assert at(*sentence) == sentence and at(number(1.0)) == (number(1.0),)
    two = (number(1.0), " or ", number(2.0))
    assert at(*two) == two
    assert at(number(1.0), " / ", number(2.0))[1] == "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}"


# widths

cells = st.one_of(
    st.text(string.ascii_lowercase + " ", min_size=1, max_size=80),
    st.text("杭州市未来产业培育", min_size=1, max_size=40),
    st.floats(-1e6, 1e6).map(number),
    st.text(string.ascii_lowercase + "_", min_size=1, max_size=30).map(Code),
    st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)).map(lambda ends: Span(*map(number, ends))),
)
tables = st.integers(1, 7).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=3)).map(
    lambda rows: made(*rows)
)


@settings(max_examples=25)
@given(tables, st.sampled_from([*SHEETS.values(), SMALL]))
def test_a_table_is_never_wider_than_its_page_and_every_column_has_room(table, sheet):
    found = fit(table, sheet)
    assert len(found.widths) == len(table.columns) and found.size in sheet.sizes
    assert sum(found.widths) <= sheet.across(found.turned) * (1.0 + 1e-9)
    assert min(found.widths) > 0.0


@settings(max_examples=15)
@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=12), min_size=1, max_size=5))
def test_a_word_of_a_cell_is_never_broken_while_the_page_has_room(words):
    """Twelve letters in each of five columns fit on a page of any language."""
    for sheet in SHEETS.values():
        found = fit(made(words), sheet)
        assert found.narrow == sheet.letter * sheet.slack
        letters = found.size * sheet.letter
        assert all(w - found.gutter >= length(word) * letters - 1e-6 for w, word in zip(found.widths, words, strict=True))


def test_a_table_grows_with_its_words_and_shrinks_its_letters_before_it_turns():
    sizes = [fit(made(["word " * n] * 4), SHEETS["en"]) for n in (1, 5, 12, 25, 60, 160)]
    order = [(x.turned, -x.size) for x in sizes]
    assert order == sorted(order) and order[0] == (False, -9.5) and order[-1][0]
    assert len({x.size for x in sizes}) > 1


def test_more_rows_make_a_table_higher_and_no_narrower():
    few, many = (fit(made(*[["some words", "12"]] * n), SHEETS["zh"]) for n in (3, 30))
    assert many.widths == few.widths and many.height > 5.0 * few.height


@pytest.mark.parametrize("brief", ["丙 记录", "AI企业"])
def test_a_brief_cell_leaves_no_letter_alone_on_the_next_line(brief):
    crowd = [*["a few words of some length and more of them"] * 6, brief]
    found = fit(made(crowd, crowd), SHEETS["zh"])
    said = printed((brief,), found.rooms[-1], found.narrow)
    assert all(len(line) > 1 and length(line) <= found.rooms[-1] for line in said[0].split("\n"))


def test_a_remark_on_a_number_has_lines_of_its_own_where_both_do_not_fit_one():
    cell = (number(2800.0), " (whole city, ", "2021)")
    assert [plain(p) for p in printed(cell, 20.0, 1.0)] == ["2,800", "\N{NO-BREAK SPACE}(whole\N{NO-BREAK SPACE}city,\N{NO-BREAK SPACE}", "2021)"]
    assert "".join(map(plain, printed(cell, 6.0, 1.0))) == "2,800\n(whole\ncity, 2021)"
    ends = (number(524.0), "（", Span(number(310.0), number(935.0)), "）")
    assert "".join(map(plain, printed(ends, 6.0, 1.0))) == "524\n（310–935）"


def test_a_number_is_never_narrower_than_its_column():
    cells = [(number(1234567.0),), ("≥ ", number(34000.0)), (Span(number(34600.0), number(50870.0)),), (number(-0.25),)]
    columns = tuple(Column(head, right=True) for head in "abcd")
    words = ("a sentence that takes what room there is and more of it " * 9,)
    table = Table("t", "Table 1. T", (*columns, Column("words")), ((*cells, words),))
    found = fit(table, SHEETS["en"])
    for cell, room in zip(cells, found.rooms, strict=False):
        assert length("".join(map(plain, cell)), found.narrow) <= room + 1e-6


def test_a_word_too_long_for_its_column_is_hyphenated_and_one_that_fits_is_not():
    assert printed(("a demonstration",), 6.0, 1.0) == ("a demonstra\N{SOFT HYPHEN}tion",)
    assert printed(("a demonstration",), 12.0, 1.0) == ("a demonstration",)


@pytest.mark.parametrize(("head", "lines"), [("Relative to the best", ["Relative", "to the", "best"]), ("历史达成率", ["历史", "达成率"])])
def test_a_heading_breaks_at_words_in_a_column_of_short_numbers(head, lines):
    cells = [*["a few words of some length and more of them"] * 8, "12"]
    found = fit(made(cells, cells, heads=[*["c"] * 8, head]), SHEETS["zh"])
    assert head_lines(Column(head), found.rooms[-1], found.narrow).split("\n") == lines


def test_a_table_stands_in_small_letters_before_it_lies_on_its_side():
    ten = made(["1,234,567"] * 10, right=True)
    assert not fit(ten, SHEETS["zh"]).turned and fit(ten, replace(SHEETS["zh"], sizes=SHEETS["zh"].sizes[:1])).turned


def test_columns_of_one_kind_are_of_one_width():
    found = fit(made(["12,345"] * 5, right=True), SHEETS["zh"])
    assert np.ptp(found.widths) == pytest.approx(0.0)


def test_a_long_heading_does_not_squeeze_the_words_below_it():
    found = fit(made(["x", "word " * 30], heads=["a rather long heading", "c"]), SHEETS["en"])
    assert found.widths[1] > 2.0 * found.widths[0]


def test_a_table_that_fits_no_page_has_equal_columns():
    found = fit(made(["abcdefghijkl"] * 40), SMALL)
    assert found.turned and found.size == SMALL.sizes[-1]
    assert found.widths == pytest.approx((500.0 / 40,) * 40)


def test_wider_letters_want_a_wider_or_smaller_table():
    table = made(["words in it", "1,234,567"], ["more", "12"])
    usual, wide = (fit(table, replace(SHEETS["en"], letter=x)) for x in (0.88, 1.3))
    assert sum(wide.widths) > sum(usual.widths) or wide.size < usual.size


# pages


blocks = st.one_of(
    st.just(Heading(1, "h")), st.just(Paragraph(("text",))), st.just(Figure("f", "Figure 1. F", "alt")),
    st.just(made(["a", "b"])), st.just(made(["1,234,567.89"] * 10, right=True)),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(blocks, max_size=9))
def test_pages_keep_every_block_in_order_and_turn_only_for_wide_tables(document):
    found = list(groups(tuple(document), SHEETS["zh"]))
    assert [b for _, group in found for b, _ in group] == document
    assert all(group for _, group in found)
    assert all(one != two for (one, _), (two, _) in pairwise(found))  # a page is not cut for nothing
    for turned, group in found:
        wide = [f.turned for b, f in group if isinstance(b, Table)]
        assert all(x == turned for x in wide) or turned
        assert any(wide) == turned
    assert not any(isinstance(b, Figure) for turned, group in found for b, _ in group if turned)


def test_paper_shows_a_list_as_paragraphs_and_code_line_by_line():
    ((turned, group),) = groups((Bullets((("one",), ("two", Code("x")))), Verbatim("a\n  b")), SHEETS["en"])
    said = ["".join(map(plain, b.parts)) for b, _ in group]
    assert not turned and said == ["• one", "• twox", "a", "  b"]
