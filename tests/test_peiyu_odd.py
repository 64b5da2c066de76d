"""The model description reads the source: what it finds in code written for the test, and when a translation holds."""

import sys
import tomllib
from string import Formatter
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peiyu.odd import source, streams, translations
from peiyu.odd.translations import Translation, fingerprint, follow
from peiyu.odd.words import OddWords
from peiyu.words.loader import words

SOURCE = '''"""What the module is. It has two sentences.

And more.
"""

from enum import IntEnum

RATE = 0.5
"""How fast
it goes."""
PAIR: tuple[float, float] = (1.0, 2.0)
NAME = "no number"
FLAG = True
_HIDDEN = 3.0
TABLE = {"a": 1.0}


class Thing:
    """A thing.

    Its detail,
    over lines.
    """

    # the first group
    one: float = 1.0  # in 万元
    two: int = 2
    # the second group
    three: str
    _own: int = 0

    def __init__(self, p):
        self.seen = p.entry_rate
        self.kept, self.other = 1, 2
        self.seen = 3


class Colour(IntEnum):
    """Colours."""

    RED = 0  # like blood
    BLUE = 1


def first(s, e, p):
    """Do the first thing.

    With a detail.
    """
    u = s.draw("fate", e.slot)
    e.revenue[:] = u * p.entry_rate
    return second(s, p)


def second(s, p):
    v = s.streams.uniform(f"made:{s.kind}", s.quarter + 1, s.slots)
    helped = named(s, "given")
    rate = v * p.renewal
    rate += helped
    return rate


def named(s, decision):
    return s.draw(decision)


def _private():
    """Nobody sees this."""
'''


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    path = tmp_path_factory.mktemp("odd") / "written_for_a_test.py"
    path.write_text(SOURCE, "utf8")
    made = ModuleType(path.stem)
    made.__file__ = str(path)
    exec(compile(SOURCE, str(path), "exec"), made.__dict__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, path.stem, made)
        yield made


# what code says of itself


def test_a_docstring_is_a_summary_and_a_detail(module):
    assert source.summary(module) == "What the module is. It has two sentences." and source.detail(module) == "And more."
    assert source.summary(module.Thing) == "A thing." and source.detail(module.Thing) == "Its detail, over lines."
    assert source.summary(module.named) == "" == source.detail(module.named)
    assert source.name_of(module.Thing) == "written_for_a_test.Thing" and source.name_of(module) == "written_for_a_test"


def test_constants_are_public_numbers_with_what_stands_beneath(module):
    assert source.constants(module) == [("RATE", 0.5, "How fast it goes."), ("PAIR", (1.0, 2.0), ""), ("TABLE", {"a": 1.0}, "")]


def test_rules_are_public_functions_in_the_order_written(module):
    assert [f.__name__ for f in source.rules(module)] == ["first", "second", "named"]


def test_fields_come_with_their_comments_and_private_ones_do_not(module):
    assert [(f.name, f.kind, f.default, f.comment) for f in source.declared(module.Thing)] == [
        ("one", "float", "1.0", "in 万元"), ("two", "int", "2", ""), ("three", "str", "", ""),
    ]  # fmt: skip
    assert [(f.name, f.default, f.comment) for f in source.declared(module.Colour)] == [("RED", "0", "like blood"), ("BLUE", "1", "")]
    (first, two), (second, (three, *_)) = source.groups(module.Thing)
    assert (first, two, second, three) == ("the first group", ["one", "two"], "the second group", "three")
    assert source.attributes(module.Thing) == ["seen", "kept", "other"]


def test_what_a_function_touches_is_followed_through_its_helpers(module):
    found = source.uses(module, "first")
    assert found.parameters == tuple(sorted(("entry_rate", "renewal"), key=source.NAMES.index)) and found.columns == ("revenue",)
    assert source.uses(module, "second").parameters == ("renewal",) and source.uses(module, "second").columns == ()
    assert source.uses(module, "nowhere") == source.Uses((), (), ())
    assert source.parameters_of(module.Thing) == ("entry_rate",)


def test_lines_that_put_a_rate_together_are_found_in_order(module):
    assert source.sums(module, "second") == ["helped = named(s, 'given')", "rate = v * p.renewal", "rate += helped"]
    assert source.sums(module, "nowhere") == []


# draws


def test_every_draw_is_found_with_its_address(module, monkeypatch):
    monkeypatch.setattr(source, "sim_modules", lambda: [module])
    assert [(d.name, d.where.partition(".")[2], d.quarter, d.slots) for d in streams.decisions()] == [
        ("fate", "first", "s.quarter", "e.slot"),
        ("given", "named", "s.quarter", "e.slot"),  # named by the caller; without slots it is for every enterprise
        ("made:{s.kind}", "second", "s.quarter + 1", "s.slots"),
    ]


# translations


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """An empty catalogue in a folder of its own."""
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    (tmp_path / "vocabulary.toml").write_text('share = "份额"\n"1/year" = "1/年"\n', "utf8")
    for kept in (translations.translations, translations.vocabulary):
        kept.cache_clear()
    yield tmp_path
    for kept in (translations.translations, translations.vocabulary):
        kept.cache_clear()


def write(**entries):
    translations.write({key.replace("__", "."): Translation(fingerprint(en), zh) for key, (en, zh) in entries.items()})
    translations.translations.cache_clear()


@given(st.text(), st.text())
def test_a_changed_text_has_another_hash(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@pytest.mark.parametrize("now", ["Say it!", "say it.", "Say it. ", "Say  it.", "Say it.\n"])
def test_the_smallest_change_of_the_english_is_noticed(catalogue, now):
    write(sim__a=("Say it.", "说吧。"))
    w = OddWords("zh", {})
    assert w.say("sim.a", "Say it.") == "说吧。" and w.outdated() == [] == w.missing()
    w = OddWords("zh", {})
    assert w.say("sim.a", now) == now and w.outdated() == ["sim.a"] and w.missing() == []


def test_what_was_never_translated_and_what_is_gone_are_told_apart(catalogue):
    write(sim__a=("One.", "一。"), sim__gone=("Gone.", "没有了。"))
    w = OddWords("zh", {})
    assert [w.say("sim.a", "One."), w.say("sim.b", "Two."), w.say("sim.c", "≥ 3")] == ["一。", "Two.", "≥ 3"]
    assert w.missing() == ["sim.b"]  # a text without a letter needs no translation
    assert w.outdated() == ["sim.gone"]


def test_a_single_word_is_looked_up_by_itself_wherever_it_stands(catalogue):
    w = OddWords("zh", {})
    assert w.say("sim.a", "share") == "份额" and w.word("share") == "份额" and w.word("1/year") == "1/年"
    assert w.missing() == [] and w.say("sim.b", "") == ""
    assert w.word("unheard") == "unheard" and w.missing() == ["unheard"]


def test_english_asks_for_nothing(catalogue):
    write(sim__a=("One.", "一。"))
    w = OddWords("en", {})
    assert w.say("sim.a", "One.") == "One." and w.say("sim.b", "Two.") == "Two." and w.word("share") == "share"
    assert w.asked == {} and w.either("a", "b") == "a" and OddWords("zh", {}).either("a", "b") == "b"


def test_a_catalogue_is_a_file_a_package_in_order_and_reads_back(catalogue):
    said = {"sim.b": ('Say "two".', '说"二"。\n还有'), "sim.a": ("One.", "一。"), "agents.x": ("X", "甲\\乙")}
    translations.write({k: Translation(fingerprint(en), zh) for k, (en, zh) in said.items()})
    translations.translations.cache_clear()
    assert sorted(p.name for p in catalogue.glob("*.toml")) == ["agents.toml", "sim.toml", "vocabulary.toml"]
    assert list(tomllib.loads((catalogue / "sim.toml").read_text("utf8"))) == ["sim.a", "sim.b"]
    assert {k: (t.of, t.zh) for k, t in translations.translations().items()} == {k: (fingerprint(en), zh) for k, (en, zh) in said.items()}


def test_a_file_without_entries_goes_and_the_vocabulary_stays(catalogue):
    write(sim__a=("One.", "一。"))
    translations.write({"agents.x": Translation(fingerprint("X"), "甲")})
    assert sorted(p.name for p in catalogue.glob("*.toml")) == ["agents.toml", "vocabulary.toml"]


def test_only_a_text_that_left_its_place_moves(catalogue):
    """The same English stands in two places: the one that is still asked for keeps its Chinese, nothing is taken from it."""
    write(sim__a=("Same.", "同。"), sim__b=("Other.", "另。"))
    assert follow({"sim.a": "Same.", "sim.c": "Same.", "sim.b": "Other."}) == {}
    assert follow({"sim.c": "Same.", "sim.b": "Other!"}) == {"sim.a": "sim.c"}
    assert set(translations.translations()) == {"sim.b", "sim.c"} and translations.translations()["sim.c"].zh == "同。"
    assert follow({"sim.c": "Same.", "sim.d": "Changed on the way."}) == {}


def test_a_fact_that_the_prose_names_must_be_given():
    named = next(key for key, text in words("odd", "en").items() if "{" in text)
    with pytest.raises(KeyError):
        OddWords("en", {}).prose(named)
    fields = {name for _, name, _, _ in Formatter().parse(words("odd", "en")[named]) if name}
    paragraphs = OddWords("en", dict.fromkeys(fields, "FACT")).prose(named)
    assert "FACT" in " ".join(paragraphs) and not any("\n\n" in p or "{" in p for p in paragraphs)
