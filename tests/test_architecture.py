"""The shape of the code is a tested property of the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BELOW = ["agents", "sim", "calibration", "peiyu"]
MAY_IMPORT = {top: {*BELOW[: i + 1], "scenarios"} for i, top in enumerate(BELOW)} | {"agents": {"agents"}}
MODULES = [p for top in BELOW for p in sorted((ROOT / top).rglob("*.py"))]
IDS = [str(p.relative_to(ROOT)) for p in MODULES]


def trees(path):
    return ast.walk(ast.parse(path.read_text("utf8")))


def imports(path):
    out = set()
    for node in trees(path):
        if isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            out.add(node.module)
    return out


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_imports_point_down(path):
    ours = {m.split(".")[0] for m in imports(path)} & {*BELOW, "scenarios", "tests"}
    assert ours <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("path", [p for p in MODULES if "agents" in p.parts], ids=lambda p: p.name)
def test_behaviour_never_draws_and_reads_no_file(path):
    text = path.read_text("utf8")
    assert not any(m.startswith(("numpy.random", "random", "pathlib", "tomllib", "pandas")) for m in imports(path))
    assert ".random" not in text and "open(" not in text


@pytest.mark.parametrize("path", [p for p in MODULES if "levers" in p.relative_to(ROOT).parts], ids=lambda p: p.name)
def test_levers_never_edit_an_enterprise(path):
    """No assignment, plain or augmented, to an attribute or item of `e`."""
    for node in trees(path):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            root = target
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            edits = isinstance(root, ast.Name) and root.id == "e" and root is not target
            assert not edits, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_is_one_idea(path):
    assert len(path.read_text("utf8").splitlines()) <= 380
    assert ast.get_docstring(ast.parse(path.read_text("utf8")))


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_no_global_random_state_and_no_print(path):
    for node in trees(path):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert not called.startswith(("np.random", "random.")), called
            assert called != "print"


def test_step_reads_as_the_table_of_contents():
    tree = ast.parse((ROOT / "sim/model/model.py").read_text("utf8"))
    step = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "step")
    calls = [ast.unparse(n.func) for n in ast.walk(step) if isinstance(n, ast.Call)]
    order = [
        "self.turn_the_calendar",
        "self.terms_in_force",
        "founding.found",
        "conduct.invest",
        "conduct.grow",
        "conduct.take_off",
        "conduct.raise_money",
        "rounds.recognise",
        "self.settle",
        "conduct.relocate",
        "conduct.leave",
        "institutions.run",
        "self.take_stock",
    ]
    assert [c for c in calls if c in order] == order
    assert len(step.body) <= 15
