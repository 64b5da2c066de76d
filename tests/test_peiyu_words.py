"""Words of both languages: the same keys and placeholders, all of them used, and numbers written as they should be."""

import doctest
import re
import tomllib
from string import Formatter

import pytest

from peiyu.words import loader, numbers
from peiyu.words.loader import LANGUAGES, MissingWordsError, words

FILES = {lang: sorted(p.stem for p in (loader.FOLDER / lang).glob("*.toml")) for lang in LANGUAGES}
MEASURE_WORD = {("unit", "")}
"""Stands behind a count in Chinese; English has none."""
ENGLISH_ONLY = set()
"""Parts whose Chinese words stand with what they name."""
BOTH = sorted(set(FILES["zh"]) & set(FILES["en"]))
EVERY = [(part, lang) for lang in LANGUAGES for part in FILES[lang]]


def texts(part, lang):
    return tomllib.loads((loader.FOLDER / lang / f"{part}.toml").read_text("utf8"))


def fields(text):
    return {(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_part_is_in_both_languages():
    assert set(FILES["en"]) - ENGLISH_ONLY == set(FILES["zh"])


@pytest.mark.parametrize("part", BOTH)
def test_languages_have_the_same_keys_in_the_same_order(part):
    assert list(texts(part, "zh")) == list(texts(part, "en"))


@pytest.mark.parametrize("part", BOTH)
def test_languages_have_the_same_placeholders(part):
    zh, en = texts(part, "zh"), texts(part, "en")
    assert {k: fields(x) - MEASURE_WORD for k, x in zh.items()} == {k: fields(x) - MEASURE_WORD for k, x in en.items()}


@pytest.mark.parametrize(("part", "lang"), EVERY)
def test_no_words_are_empty(part, lang):
    assert all(isinstance(x, str) and x for x in texts(part, lang).values())


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
        (numbers.count, 9.96, "10.0"),
        (numbers.count, 10.4, "10"),
        (numbers.count, -0.25, "-0.25"),
        (numbers.count, 1e6, "1,000,000"),
        (numbers.signed_count, 0.04, "+0.04"),
        (numbers.chance, 0.0049, "<1%"),
        (numbers.chance, 0.9951, ">99%"),
        (numbers.points, 0.0005, "0.0"),
        (numbers.points, -0.0006, "-0.1"),
        (numbers.digits, 999.4, "999"),
        (numbers.digits, -0.0, "0"),
        (numbers.level, 0.825, "82.5%"),
    ],
)
def test_numbers_at_the_ends_of_their_rules(write, x, text):
    assert write(x) == text
