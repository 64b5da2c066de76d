import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import quarter
from sim.inputs.errors import InputError


def test_parse_counts_quarters_since_year_0():
    assert quarter.parse("2026Q3") == 4 * 2026 + 2


def test_next_quarter_crosses_the_year():
    assert quarter.label(quarter.parse("2025Q4") + 1) == "2026Q1"


@given(st.integers(4 * 1949, 4 * 2060 + 3))
def test_label_and_parse_are_inverse(q):
    assert quarter.parse(quarter.label(q)) == q


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2206Q4", ' Did you mean "2026Q4"?'), ("0226Q1", ' Did you mean "2026Q1"?'), ("9999Q1", ""), ("1800Q4", "")],
)
def test_a_year_nobody_lives_to_see_is_refused_and_the_one_meant_is_named(text, meant):
    with pytest.raises(InputError) as refused:
        quarter.parse(text)
    assert str(refused.value) == f'"{text}": a year from 1949 to 2060 is expected.{meant}'


@pytest.mark.parametrize("text", ["2026Q5", "2026Q0", "26Q1", "", "2026", "2026Q3 ", "２026Q3", 20263, None])
def test_other_texts_are_refused_and_told_how_to_write(text):
    with pytest.raises(InputError, match='like "2026Q3"'):
        quarter.parse(text)


@pytest.mark.parametrize("text", ["2026q3", "2026-Q3", "2026年3季度", "2026年第3季度", "2026 Q3"])
def test_near_misses_get_a_suggestion(text):
    with pytest.raises(InputError, match='Did you mean "2026Q3"'):
        quarter.parse(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2024", "2024Q4"),
        ("2015-11", "2015Q4"),
        ("2015-03", "2015Q1"),
        ("2015-04", "2015Q2"),
        ("2023-H2", "2023Q4"),
        ("2023-H1", "2023Q2"),
        ("2024Q2", "2024Q2"),
        ("2024-05-12", "2024Q2"),
    ],
)
def test_period_end(text, end):
    assert quarter.period_end(text) == quarter.parse(end)


@pytest.mark.parametrize("text", ["2021-2026", "2024-13", "2024-00", "2024-1", "early 2022", "", "2023-H3"])
def test_periods_without_one_end(text):
    assert quarter.period_end(text) is None


@given(st.text())
def test_any_text_parses_or_is_refused(text):
    try:
        parsed = quarter.parse(text)
    except InputError as error:
        if "\n" in str(error):
            pytest.fail("a complaint of several lines")
    else:
        assert quarter.label(parsed) == text
