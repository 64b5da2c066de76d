"""Lines of narrow columns: they end between words in both languages, and no letter stands alone on one."""

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peiyu.words import breaks
from peiyu.words.breaks import HAN, is_name, lines, narrowest, pieces, syllables
from peiyu.words.indicators import indicator_label
from peiyu.words.letters import length
from peiyu.words.loader import words
from sim.city.city import load_city
from sim.state.indicators import NAMES

texts = st.text("杭州市未来产业数的区间，、（）★·%90 abcWM", max_size=24)


def names():
    """Give Chinese names that the tables of an appendix hold."""
    city = load_city("hangzhou")
    yield from (x.zh for goal in city.goals for x in (goal, *goal.readings))
    yield from (indicator_label(name, "zh") for name in NAMES)
    for part in ("series", "methods", "lever_names"):
        yield from words(part, "zh").values()


def test_the_examples_hold():
    found = doctest.testmod(breaks)
    assert found.attempted >= 6 and found.failed == 0


@given(texts)
def test_pieces_are_the_text(text):
    assert "".join(pieces(text)) == text


@given(texts, st.floats(1.0, 30.0))
def test_lines_are_the_text_and_as_few_as_fit(text, room):
    made = lines(text, room)
    assert "".join(made).replace(" ", "") == text.replace(" ", "")
    longest = max((length(part.rstrip()) for part in pieces(text)), default=0.0)
    assert max(map(length, made)) <= max(room, longest) + 1e-6
    wider = lines(text, room + 2.0)
    assert len(wider) <= len(made)


@given(texts, st.integers(1, 4))
def test_the_narrowest_column_has_so_many_lines_and_a_narrower_one_has_more_or_breaks_a_word(text, most):
    width = narrowest(text, most)
    assert len(lines(text, width)) <= most
    if width > 1.0:
        longest = max(length(part.rstrip()) for part in pieces(text))
        assert len(lines(text, width - 0.01)) > most or longest > width - 0.01


@pytest.mark.parametrize("room", [4.0, 5.0, 6.0, 8.0])
def test_no_name_of_a_table_has_a_letter_alone_on_a_line(room):
    every = sorted(set(names()))
    assert len(every) > 150
    for name in every:
        made = lines(name, room)
        alone = [line for line in made if len(line.strip("，、（）· ")) < 2]
        assert len(made) == 1 or not alone, made
        for before, after in pairwise(made):
            assert before[-1] not in "（“★" and after[0] not in "，、）”%", made


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("历史达成率", ["历史", "达成率"]), ("90%区间", ["90%", "区间"]), ("省科技型中小企业", ["省科技型", "中小企业"]),
        ("后验中位数", ["后验", "中位数"]), ("2024年底", ["2024年底"]), ("净效应", ["净效应"]),
    ],
)  # fmt: skip
def test_a_chinese_heading_ends_its_lines_at_words(head, said):
    assert lines(head, 4.0) == said


@pytest.mark.parametrize(
    ("text", "name"),
    [("未来产业高企数", True), ("假设：规划下的联合体", False), ("words only", False), ("没有定义。", False), ("字" * 25, False)],
)
def test_a_sentence_flows_and_a_name_is_set_line_by_line(text, name):
    assert is_name(text) is name


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_a_hyphenated_word_is_the_same_word_in_two_parts_of_some_length(word):
    parts = syllables(word)
    assert "".join(parts) == word and len(parts) <= 2
    assert len(parts) == 1 or (len(word) > breaks.PIECE and min(map(len, parts)) > 2)


def test_every_word_of_the_vocabulary_is_chinese_and_stands_once():
    known = words("vocabulary", "zh")["words"].split()
    assert len(known) == len(set(known)) > 200
    assert all(len(HAN.findall(word)) == len(word) > 1 for word in known)
