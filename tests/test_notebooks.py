"""Notebooks are short and carry no outputs; that they run is asked by `make test-all` too, through nbmake."""

import ast
import json
from pathlib import Path

import pytest

from peiyu.budget import VARIABLE, budget
from sim.inputs.errors import InputError

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
IDS = [path.stem for path in NOTEBOOKS]


def code_cells(path):
    return [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]


def test_there_are_notebooks():
    assert IDS[:3] == ["01_meet_the_city", "02_calibrate", "03_trust_the_fit"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_outputs_are_stripped(path):
    for cell in code_cells(path):
        assert cell["outputs"] == [] and cell["execution_count"] is None, f"{path.name}: clear all outputs"
    about = json.loads(path.read_text("utf8"))["metadata"]
    assert about["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_a_notebook_is_short(path):
    cells = code_cells(path)
    assert len(cells) <= 20
    for cell in cells:
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 10, node.name


def test_the_budget_is_full_unless_asked(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert budget(1, 2) == 2
    monkeypatch.setenv(VARIABLE, "small")
    assert budget(1, 2) == 1
    monkeypatch.setenv(VARIABLE, "tiny")
    with pytest.raises(InputError, match="small or full"):
        budget(1, 2)
