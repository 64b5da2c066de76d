"""Words of both languages: the same keys and placeholders, all of them used, and numbers written as they should be."""

import ast
import doctest
import re
import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peiyu.words import loader, numbers
from peiyu.words.loader import LANGUAGES, MissingWordsError, words

FILES = {lang: sorted(p.stem for p in (loader.FOLDER / lang).glob("*.toml")) for lang in LANGUAGES}
MEASURE_WORD = {("unit", "")}
"""Stands behind a count in Chinese; English has none."""
ENGLISH_ONLY, CHINESE_ONLY = {"indicators", "parameters"}, {"places", "errors", "vocabulary"}
"""The Chinese names of indicators and parameters stand in the code, with what they name; English names of regions,
and English messages of errors, are their keys; English words end at blanks."""
BOTH = sorted(set(FILES["zh"]) & set(FILES["en"]))
EVERY = [(part, lang) for lang in LANGUAGES for part in FILES[lang]]


def texts(part, lang):
    return tomllib.loads((loader.FOLDER / lang / f"{part}.toml").read_text("utf8"))


def fields(text):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_part_is_in_both_languages():
    assert set(FILES["en"]) - ENGLISH_ONLY == set(FILES["zh"]) - CHINESE_ONLY


@pytest.mark.parametrize("part", BOTH)
def test_languages_have_the_same_keys_in_the_same_order(part):
    assert list(texts(part, "zh")) == list(texts(part, "en"))


@pytest.mark.parametrize("part", BOTH)
def test_languages_have_the_same_placeholders(part):
    zh, en = texts(part, "zh"), texts(part, "en")
    assert {k: fields(x) - MEASURE_WORD for k, x in zh.items()} == {k: fields(x) - MEASURE_WORD for k, x in en.items()}


@pytest.mark.parametrize(("part", "lang"), EVERY)
def test_no_words_are_empty(part, lang):
    empty = [key for key, text in texts(part, lang).items() if text == ""]
    assert empty == (["gap"] if (part, lang) == ("punctuation", "zh") else [])
    assert all(isinstance(text, str) for text in texts(part, lang).values())


@pytest.mark.parametrize("part", FILES["zh"])
def test_chinese_is_chinese(part):
    """Four Latin words in a row that are no command are a sentence that somebody forgot to translate."""
    for key, text in texts(part, "zh").items():
        assert not re.search(r"(?:\b[A-Za-z]{2,}\b[ ,]+){3,}[A-Za-z]{2,}", re.sub(r"peiyu [\w -]+|\{\w+\}", "", text)), key


@pytest.mark.parametrize("part", FILES["en"])
def test_english_is_english(part):
    for key, text in texts(part, "en").items():
        assert not re.search(r"[\u3400-\u9fff]", re.sub("[万亿]元", "", text)), key


def test_a_missing_word_is_named_with_its_file():
    with pytest.raises(MissingWordsError, match=r'words/en/forecast.toml has no "gaol"'):
        words("forecast", "en")["gaol"]
    with pytest.raises(MissingWordsError, match=r"words/en/forcast.toml does not exist"):
        words("forcast", "en")
    assert words("forecast", "zh").get("gaol", "x") == "x" and "goal" in words("forecast", "zh")


def test_numbers_are_written_as_their_examples_say():
    found = doctest.testmod(numbers)
    assert found.attempted >= 14 and found.failed == 0


@pytest.mark.parametrize(
    ("write", "x", "text"),
    [
        (numbers.count, 9.96, "10"),
        (numbers.count, 10.4, "10"),
        (numbers.count, -0.25, "-0.25"),
        (numbers.count, 1e6, "1,000,000"),
        (numbers.signed_count, 0.04, "+0.04"),
        (numbers.chance, 0.004, "<1%"),
        (numbers.chance, 0.005, "<1%"),
        (numbers.chance, 2 / 400, "<1%"),
        (numbers.chance, 0.0051, "1%"),
        (numbers.chance, 0.9949, "99%"),
        (numbers.chance, 0.995, ">99%"),
        (numbers.chance, 398 / 400, ">99%"),
        (numbers.chance, 0.996, ">99%"),
        (numbers.percent, 0.0, "0%"),
        (numbers.percent, 1.0, "100%"),
        (numbers.deviations, -0.0, "+0.00"),
        (numbers.deviations, -0.0049, "+0.00"),
        (numbers.deviations, -0.0051, "-0.01"),
        (numbers.points, 0.0005, "0.0"),
        (numbers.points, -0.0006, "-0.1"),
        (numbers.digits, 999.4, "999"),
        (numbers.digits, -0.0, "0"),
        (numbers.level, 0.825, "82.5%"),
    ],
)
def test_numbers_at_the_ends_of_their_rules(write, x, text):
    assert write(x) == text


@given(st.floats(0.0, 1.0))
def test_no_chance_is_written_as_certain(p):
    assert numbers.chance(p) not in ("0%", "100%")


@pytest.mark.parametrize("write", [numbers.count, numbers.signed_count, numbers.digits, numbers.points, numbers.deviations])
@given(x=st.floats(-1e9, 1e9))
def test_a_number_of_either_sign_is_written_alike_and_nothing_has_none(write, x):
    """The sign aside, x and -x are the same text; what is written as zero is so from both sides."""
    there, back = write(x), write(-x)
    assert there.lstrip("+-") == back.lstrip("+-")
    if not any(c in "123456789" for c in there):
        assert there == back and "-" not in there


@given(st.floats(-1e12, 1e12))
def test_a_written_count_is_near_the_number(x):
    """Half a unit from ten on, half a tenth below, two digits below one."""
    back = float(numbers.count(x).replace(",", ""))
    room = 0.5 if abs(x) >= 10.0 else 0.05 if abs(x) >= 1.0 else max(0.05 * abs(x), 0.0005)
    assert abs(back - x) <= room * (1.0 + 1e-9)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-999.0, max_value=999.0))
def test_digits_keep_three_of_them(x):
    assert abs(float(numbers.digits(x)) - x) <= 0.005 * abs(x)


@pytest.mark.parametrize(
    ("low", "high", "write", "text"),
    [
        (0.005, 0.995, numbers.chance, "<1% – >99%"),
        (0.102, 0.167, numbers.rate, "10.2 % – 16.7 %"),
        (float("-inf"), float("inf"), numbers.digits, "-∞ – ∞"),
        (26, 57, numbers.count, "26 – 57"),
    ],
)
def test_an_interval_writes_both_ends_alike(low, high, write, text):
    assert numbers.interval(low, high, write) == text


ROOT = Path(loader.__file__).parents[2]
PRODUCERS = {
    "appendix": ["peiyu/appendix", "peiyu/document", "peiyu/templates", "peiyu/fails_when", "calibration/backtest",
                 "calibration/moments", "calibration/sensitivity", "sim/levers", "sim/city/schema.py"],
    "backtest": ["calibration/backtest", "peiyu/backtest"],
    "change": ["peiyu/runs"],
    "check": ["calibration/moments"],
    "city_check": ["peiyu/city_check"],
    "comparison": ["sim/scenario", "sim/ensemble", "peiyu/comparison"],
    "fails_when": ["peiyu/fails_when", "peiyu/words"],
    "forecast": ["peiyu/runs"],
    "ladder": ["sim/ensemble"],
    "levers": ["sim/levers"],
    "likelihood": ["sim/city/settled.py", "sim/city/city.py", "sim/city/schema.py", "scenarios/common/pool.toml"],
    "new_city": ["peiyu/new_city"],
    "odd": ["peiyu/odd"],
    "odd_heads": ["peiyu/odd"],
    "page": ["peiyu/page"],
    "punctuation": ["peiyu/appendix"],
    "reproduce": ["peiyu/runs"],
    "review": ["peiyu/review"],
    "sensitivity": ["peiyu/sensitivity", "calibration/sensitivity", "sim/levers", "agents/parameters.py"],
    "units": ["agents/parameters.py", "sim/state/indicators.py"],
}
"""Folders and files that say by which key words are looked up, beside the modules that ask for the part."""
CATALOGUES = {"errors", "lever_names", "lever_settings", "indicators", "methods", "parameters", "places", "series", "vocabulary"}
"""Parts whose keys are names of other files; tests of those compare them."""


def sources(part):
    asking = [p for p in (ROOT / "peiyu").rglob("*.py") if f'words("{part}"' in p.read_text("utf8")]
    more = [ROOT / x for x in PRODUCERS.get(part, [])]
    return {*asking, *(q for p in more for q in ([p] if p.is_file() else p.rglob("*.*")) if q.suffix in (".py", ".j2", ".typ", ".toml"))}


@cache
def said_by(path):
    """Return the strings of a file, and its f-strings as patterns in which anything stands for what is put in."""
    text = path.read_text("utf8")
    if path.suffix != ".py":
        return frozenset(re.findall(r"\w+", text)), frozenset()
    plain, patterns = {path.stem}, set()  # families of levers are modules
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60:
            plain |= {node.value, *re.split("[/:]", node.value)}
        elif isinstance(node, ast.JoinedStr) and any(isinstance(v, ast.Constant) and v.value.strip() for v in node.values):
            parts = (re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in node.values)
            patterns.add("".join(parts))
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            plain.add(node.arg)
    return frozenset(plain), frozenset(patterns)


@pytest.mark.parametrize("part", sorted(set(FILES["zh"] + FILES["en"]) - CATALOGUES))
def test_no_words_are_unused(part):
    said = [said_by(p) for p in sources(part)]
    plain, patterns = (set().union(*x) for x in zip(*said, strict=True))
    left = texts(part, "en").keys() - plain
    assert not [k for k in left if not any(re.fullmatch(x, k) for x in patterns)]


def lookups(path):
    """Give (part, key) of every key that a module writes out where it looks words up."""
    pages = "review" if path.parent.name == "review" else "appendix"
    for function in (n for n in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(n, ast.FunctionDef)):
        nodes, bound = list(ast.walk(function)), {}
        for node in (n for n in nodes if isinstance(n, ast.Assign)):
            ends = (x.elts if isinstance(x, ast.Tuple) else [x] for x in (node.targets[0], node.value))
            for name, value in zip(*ends, strict=False):
                if isinstance(name, ast.Name):
                    says = isinstance(value, ast.Attribute) and value.attr == "say"
                    bound[name.id] = pages if says else part_of(value)
        for node in nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                part, key = part_of(node.value) or bound.get(getattr(node.value, "id", "")), node.slice.value
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                says = isinstance(node.func, ast.Attribute) and node.func.attr in ("say", "told")
                part, key = pages if says else bound.get(getattr(node.func, "id", "")), node.args[0].value
            else:
                continue
            if part:
                yield part, key


def part_of(node):
    """Return the part that an expression loads, if it loads one."""
    loads = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "words" and isinstance(node.args[0], ast.Constant)
    return node.args[0].value if loads else None


def test_no_words_are_missing():
    found = {x for p in (ROOT / "peiyu").rglob("*.py") for x in lookups(p)}
    assert len(found) > 300 and {part for part, _ in found} >= {"appendix", "comparison", "forecast", "search", "sensitivity"}
    assert [(part, key) for part, key in sorted(found) if key not in texts(part, "en" if part in FILES["en"] else "zh")] == []
