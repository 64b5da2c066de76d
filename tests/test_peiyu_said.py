"""Errors speak the language of the command: the catalogue holds every message, and a command prints it."""

import ast
import shutil
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from peiyu.__main__ import run
from peiyu.words.loader import FOLDER, words
from sim.inputs.errors import LONGEST_MESSAGE, InputError
from sim.inputs.said import Said

ROOT = Path(__file__).parent.parent
CHINESE = tomllib.loads((FOLDER / "zh" / "errors.toml").read_text("utf8"))
PLAIN = {
    "calibration/data/evidence.py",
    "calibration/data/observations.py",
    "calibration/data/opening.py",
    "calibration/fit/calibrate.py",
    "calibration/fit/fit.py",
    "calibration/fit/update.py",
    "calibration/panel/assumptions.py",
    "calibration/panel/data.py",
    "calibration/panel/prior.py",
    "peiyu/appendix/build.py",
    "peiyu/backtest/study.py",
    "peiyu/budget.py",
    "peiyu/cities/survey.py",
    "peiyu/cli/appendix.py",
    "peiyu/cli/calibrate.py",
    "peiyu/cli/city/add_observation.py",
    "peiyu/cli/city/new_city.py",
    "peiyu/cli/compare.py",
    "peiyu/cli/looking_back/backtest.py",
    "peiyu/cli/looking_back/check.py",
    "peiyu/cli/page.py",
    "peiyu/comparison/split.py",
    "peiyu/document/docx_template.py",
    "peiyu/document/kept.py",
    "peiyu/document/paper/pdf.py",
    "peiyu/fails_when/analysis.py",
    "peiyu/fails_when/cases.py",
    "peiyu/figures/fonts.py",
    "peiyu/fit/check.py",
    "peiyu/fit/report.py",
    "peiyu/forecasts/pipeline.py",
    "peiyu/new_city/template.py",
    "peiyu/observations/draft.py",
    "peiyu/observations/write.py",
    "peiyu/page/choice.py",
    "peiyu/page/desk.py",
    "peiyu/page/keeper.py",
    "peiyu/page/purse.py",
    "peiyu/page/rules.py",
    "peiyu/page/screens/watch.py",
    "peiyu/page/web/answers.py",
    "peiyu/page/web/files.py",
    "peiyu/page/web/forms.py",
    "peiyu/page/web/server.py",
    "peiyu/page/web/views.py",
    "peiyu/review/choice.py",
    "peiyu/runs/change.py",
    "peiyu/runs/complete.py",
    "peiyu/runs/ids.py",
    "peiyu/runs/reproduce.py",
    "peiyu/runs/stored.py",
    "peiyu/search/document.py",
    "peiyu/search/effort.py",
    "peiyu/search/question.py",
    "peiyu/search/search.py",
    "peiyu/sensitivity/question.py",
    "sim/city/city.py",
    "sim/city/files.py",
    "sim/city/history.py",
    "sim/city/readings.py",
    "sim/city/schema.py",
    "sim/city/series.py",
    "sim/city/shelf.py",
    "sim/city/template.py",
    "sim/cluster.py",
    "sim/files.py",
    "sim/inputs/csv.py",
    "sim/inputs/json_text.py",
    "sim/inputs/numbers.py",
    "sim/inputs/package.py",
    "sim/inputs/sheets.py",
    "sim/inputs/toml.py",
    "sim/inputs/toml_bounds.py",
    "sim/quarter.py",
    "sim/scenario/coalitions.py",
    "sim/scenario/levers.py",
    "sim/scenario/mixes.py",
    "sim/scenario/ranges.py",
    "sim/scenario/rule.py",
    "sim/scenario/rule_parser.py",
    "sim/scenario/scenario.py",
    "sim/scenario/top.py",
    "sim/store/database.py",
    "sim/store/keeping.py",
    "sim/store/reader.py",
    "sim/store/results.py",
}
"""Modules with messages that are English only so far: take one off when its messages are `Said`, add none."""


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
    assert all(isinstance(t, ast.Constant) or ast.unparse(t) == "_JOINED" for t, _ in found)
    return {t.value: names for t, names in found if isinstance(t, ast.Constant)}


def called(x, *names):
    return isinstance(x, ast.Call) and isinstance(x.func, ast.Name) and x.func.id in names


def has_plain(path):
    """Tell whether a module makes an error of what is not `Said`: made of it, whole or in pieces, or a name for it."""
    named = [n for n in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(n, ast.Assign)]
    names = {t.id for n in named if called(n.value, "Said", "meant") for t in n.targets if isinstance(t, ast.Name)}

    def is_said(x):
        if isinstance(x, ast.BinOp):
            return is_said(x.left) and is_said(x.right)
        return called(x, "Said", "meant") or (isinstance(x, ast.Name) and x.id in names)

    return not all(is_said(c.args[0]) for c in calls("InputError", path))


def test_every_message_has_its_chinese_with_the_same_fields_and_none_is_left_over():
    found = said()
    assert set(found) == set(CHINESE)
    for template, names in found.items():
        assert fields(template) == names == fields(CHINESE[template]), template


def test_modules_with_english_only_messages_become_fewer():
    assert {str(p.relative_to(ROOT)) for p in modules() if has_plain(p)} == PLAIN


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
