"""Errors speak the language of the command: the catalogue holds every message, and a command prints it."""

import ast
import shutil
import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from peiyu.__main__ import run
from peiyu.words.loader import FOLDER, words
from sim.inputs.errors import LONGEST_MESSAGE, InputError
from sim.inputs.foreign import REASONS
from sim.inputs.said import Said

ROOT = Path(__file__).parent.parent
CHINESE = tomllib.loads((FOLDER / "zh" / "errors.toml").read_text("utf8"))


def calls(name, path):
    tree = ast.parse(path.read_text("utf8"))
    return [x for x in ast.walk(tree) if isinstance(x, ast.Call) and isinstance(x.func, ast.Name) and x.func.id == name]


def modules():
    return [p for folder in ("sim", "calibration", "peiyu") for p in (ROOT / folder).rglob("*.py")]


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def said():
    """Return every literal template of the sources with the names that it is filled by."""
    found = [(c.args[0], {k.arg for k in c.keywords}) for p in modules() for c in calls("Said", p)]
    assert all(isinstance(t, ast.Constant) or ast.unparse(t) in ("_JOINED", "template") for t, _ in found)
    return {t: fields(t) for t in REASONS} | {t.value: names for t, names in found if isinstance(t, ast.Constant)}


@cache
def speaking():
    """Return the names of the functions that return what is `Said`, which mypy holds them to."""
    defined = [n for p in modules() for n in ast.walk(ast.parse(p.read_text("utf8"))) if isinstance(n, ast.FunctionDef)]
    return {"Said", *(n.name for n in defined if n.returns and ast.unparse(n.returns) in ("Said", "Said | None"))}


def names_of(tree):
    """Give the names that a module gives to something, each with what it is."""
    for n in ast.walk(tree):
        if isinstance(n, ast.Assign):
            yield from ((t.id, n.value) for t in n.targets if isinstance(t, ast.Name))
        elif isinstance(n, ast.NamedExpr):
            yield n.target.id, n.value


def has_plain(path):
    """Tell whether a module makes an error of what is not `Said`: made of it, whole or in pieces, or a name for it."""
    tree = ast.parse(path.read_text("utf8"))
    typed = [n for n in ast.walk(tree) if isinstance(n, ast.arg) and n.annotation]
    given, named = {n.arg for n in typed if "Said" in ast.unparse(n.annotation)} | {"NOTHING"}, list(names_of(tree))

    def is_said(x):
        if isinstance(x, ast.BinOp):
            return is_said(x.left) and is_said(x.right)
        if isinstance(x, ast.IfExp):
            return is_said(x.body) and is_said(x.orelse)
        if isinstance(x, ast.BoolOp):
            return all(map(is_said, x.values))
        if isinstance(x, ast.Name):
            values = [value for name, value in named if name == x.id]
            return all(map(is_said, values)) if values else x.id in given
        if isinstance(x, ast.Attribute):
            return x.attr == "said"
        return isinstance(x, ast.Call) and last_name(x) in speaking()

    made = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and last_name(n) in ("InputError", "refuse")]
    return not all(is_said(n.args[-1]) for n in made)


def last_name(call):
    return ast.unparse(call.func).split(".")[-1]


def test_every_message_has_its_chinese_with_the_same_fields_and_none_is_left_over():
    found = said()
    assert set(found) == set(CHINESE)
    for template, names in found.items():
        chinese = fields(CHINESE[template])
        assert fields(template) == names and (chinese == names or (template in REASONS and chinese < names)), template


def test_no_module_has_a_message_that_is_english_only():
    assert [str(p.relative_to(ROOT)) for p in modules() if has_plain(p)] == []


def test_a_message_is_english_as_text_and_holds_its_length_and_escapes_in_chinese():
    chinese = words("errors", "zh").texts
    error = InputError(
        Said("{place}: there is no such file.", place="{x}\x1b[2J") + Said(' Did you mean "{word}"?', word="y")
    )
    assert str(error) == '{x}\\u001b[2J: there is no such file. Did you mean "y"?'
    told = error.told(chinese)
    assert told.startswith("{x}\\u001b[2J") and "没有这个文件" in told and "there" not in told
    assert len(InputError(Said("{place}: there is no such file.", place="a b " * 999)).told(chinese)) <= LONGEST_MESSAGE
    assert InputError("not yet").told(chinese) == "not yet"


@pytest.mark.parametrize("how", ["option", "locale"])
@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (",22.0,firms", ",22k,firms", ("history.csv:第 2 行:value 的值为", "22k", "应为数字")),
        ("series,region", "serie,region", ("第 1 行:没有名为“serie”的列", "是否为“series”", "应有的列")),
    ],
)
def test_a_bad_table_is_answered_in_one_chinese_line(old, new, wanted, how, tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "scenarios" / "cities" / "hangzhou", tmp_path / "hangzhou")
    table = tmp_path / "hangzhou" / "history.csv"
    table.write_text(table.read_text("utf8").replace(old, new, 1), "utf8")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if how == "locale" else "en_US.UTF-8")
    asked = ["--lang", "zh"] if how == "option" else []
    assert run(["check", "--city", str(tmp_path / "hangzhou"), *asked]) == 2
    told = capsys.readouterr().err.strip()
    assert told.count("\n") == 0 and all(x in told for x in wanted), told
