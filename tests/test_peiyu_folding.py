"""Sentences on a terminal: lines are full, no mark begins one, and nothing is lost."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from peiyu.screen import folding
from peiyu.screen.folding import folded

SENTENCE = "M11a、M11b 的证据也是先验 P19、P20 的来源,只检验接线是否正确。各矩的含义(和未达者的原因)见 docs/check.md;“范围外”的先看。"


def test_the_examples_hold():
    assert doctest.testmod(folding) == (0, 2)


@pytest.mark.parametrize("width", [24, 31, 40, 80])
def test_lines_are_full_and_no_mark_stands_alone(width):
    lines = folded(SENTENCE, width).split("\n")
    assert all(width - 14 <= cell_len(line) <= width for line in lines[:-1])  # the longest word: docs/check.md;
    assert not any(line[0] in ",、。;)”" or line[-1] in "(“" for line in lines), lines


@given(st.text("的先验证 据P1,。、(“”)\n", max_size=60), st.integers(4, 30))
def test_no_letter_is_lost(text, width):
    def bare(x):
        return "".join(x.split())

    assert bare(folded(text, width)) == bare(text)
    assert folded(text, 1000).split() == text.split()
