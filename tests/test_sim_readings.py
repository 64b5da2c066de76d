"""`--goal` is read in one place: goals and readings of the city, in the order named, and two refusals."""

import ast
from pathlib import Path

import pytest

from sim.city.readings import every_reading, main_readings, readings_named
from sim.inputs.errors import InputError

ROOT = Path(__file__).parents[1]


def keys(found):
    return [f"{g.key}/{r.key}" for g, r in found]


def test_a_goal_alone_means_its_main_reading_and_the_order_is_the_user_s(city):
    words = ["platform", "hnte/valid_stock", "hnte", "hnte/newly_recognised", "platform"]
    assert keys(readings_named(city, words)) == ["platform/built", "hnte/valid_stock", "hnte/newly_recognised"]
    assert readings_named(city, []) == []


def test_every_goal_has_one_main_reading(city):
    assert [g.key for g, _ in main_readings(city)] == [g.key for g in city.goals]
    assert all(r.primary for _, r in main_readings(city))
    assert set(keys(main_readings(city))) < set(keys(every_reading(city)))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hnt", '--goal hnt: no such goal of hangzhou. Did you mean "hnte"? Goals: '),
        ("hnt/valid_stock", 'Did you mean "hnte"?'),
        ("", "write GOAL or GOAL/READING."),
        ("hnte/", "--goal hnte/: no such reading."),
        ("hnte/valid_stok", 'no such reading. Did you mean "hnte/valid_stock"? hnte has newly_recognised, '),
        ("hnte/valid_stock/q05", "no such reading."),
    ],
)
def test_what_the_city_does_not_have_is_refused_in_one_sentence(city, word, said):
    with pytest.raises(InputError) as refused:
        readings_named(city, ["platform", word])
    assert said in str(refused.value)


def test_no_command_reads_a_goal_by_itself():
    """The words of the refusal stand once in the code."""
    texts = {p: p.read_text("utf8") for top in ("sim", "calibration", "peiyu") for p in (ROOT / top).rglob("*.py")}
    said = [p for p, text in texts.items() if any("--goal {word}:" in n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str))]
    assert [p.name for p in said] == ["readings.py"]
