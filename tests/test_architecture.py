"""The shape of the code is a tested property of the code."""

import ast
import re
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


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


OURS = {name_of(p): p for p in MODULES}
FLOORS = [
    "agents",
    "sim.inputs", "sim", "sim.city", "sim.levers", "sim.state", "sim.scenario", "sim.model", "sim.ensemble", "sim.store",
    "calibration.data", "calibration.panel", "calibration.sampler", "calibration.fit", "calibration.backtest", "calibration.sensitivity",
    "calibration.proof", "calibration.moments", "calibration",
    "peiyu.words", "peiyu.screen", "peiyu.figures", "peiyu.document", "peiyu.document.paper", "peiyu.odd", "peiyu.new_city", "peiyu.observations", "peiyu.forecasts", "peiyu.comparison", "peiyu.runs",
    "peiyu.sensitivity", "peiyu.fails_when", "peiyu.search", "peiyu.cities", "peiyu.fit", "peiyu.city_check", "peiyu.backtest", "peiyu.review", "peiyu.appendix",
    "peiyu.page", "peiyu.page.screens", "peiyu.page.web", "peiyu.cli", "peiyu.cli.city", "peiyu.cli.looking_back",
    "peiyu",
]  # fmt: skip
"""Every folder, from the ground up: a file may import from its own folder and from those before it."""
MOST_FILES = 14
"""Files in a folder, beside `__init__`: as many as one reads in a listing at a glance."""


def strings_imported(path):
    """Names of our own modules that a call loads by string, whole or put together."""
    calls = [n for n in trees(path) if isinstance(n, ast.Call) and n.args]
    loads = [n for n in calls if ast.unparse(n.func).split(".")[-1] in ("import_module", "__import__")]
    texts = [c.value for n in loads for c in ast.walk(n.args[0]) if isinstance(c, ast.Constant)]
    return {t for t in texts if isinstance(t, str) and t.split(".")[0] in BELOW}


def names(path):
    """Every one of our files that a file imports: at its top, in a function, for types only, or by string."""
    out = strings_imported(path)
    for node in trees(path):
        if isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{a.name}" for a in node.names}
            out |= inside & OURS.keys() or {node.module}
    return (out & OURS.keys()) - {name_of(path)}


IMPORTS = {name: names(path) for name, path in OURS.items()}


def cycle(graph):
    """Return some way from a node back to itself, or nothing: leaves are cut off until none is left."""
    left = {node: set(ends) & graph.keys() for node, ends in graph.items()}
    while leaves := {node for node, ends in left.items() if not ends}:
        left = {node: ends - leaves for node, ends in left.items() if node not in leaves}
    way = sorted(left)[:1]
    while way and way[-1] not in way[:-1]:
        way.append(min(left[way[-1]]))
    return way[way.index(way[-1]) :] if way else []


def folder(name):
    return name_of(OURS[name].parent / "__init__.py")


def test_no_file_imports_itself_in_a_circle():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == ["b", "c", "b"]
    assert not cycle(IMPORTS)


def ups(path):
    """Pairs of folders where a file of the first imports from the second, which stands above it."""
    here = folder(name_of(path))
    above = set(FLOORS[FLOORS.index(here) + 1 :])
    return {(here, folder(x)) for x in IMPORTS[name_of(path)] if folder(x) in above}


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_a_file_imports_from_its_folder_and_those_below(path):
    assert not ups(path)


def test_every_folder_has_its_floor():
    assert sorted(FLOORS) == sorted({folder(name) for name in OURS})


@pytest.mark.parametrize("where", FLOORS)
def test_a_folder_is_read_at_a_glance(where):
    files = [p for p in OURS.values() if folder(name_of(p)) == where and p.name != "__init__.py"]
    assert len(files) <= MOST_FILES


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_none_of_our_modules_is_named_in_a_string(path):
    assert not strings_imported(path)


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


def sums(tree):
    """Lines where the built-in sum is not right inside `int(...)`, which says that it counts."""
    counts = {id(n.args[0]) for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "int" and n.args}
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "sum")
    return [n.lineno for n in calls if id(n) not in counts]


@pytest.mark.parametrize("path", [p for p in MODULES if "peiyu" not in p.relative_to(ROOT).parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_real_numbers_are_added_alike_on_every_python(path):
    """From Python 3.12 on the built-in sum rounds otherwise; `agents.table.added` does not."""
    assert not sums(ast.parse(path.read_text("utf8")))


def test_a_sum_that_rounds_otherwise_would_be_found():
    assert sums(ast.parse("a = int(sum(x))\nb = sum(y)\nc = np.sum(z) + z.sum()")) == [2]


def test_a_class_has_one_name_and_a_name_one_class():
    """But for the parts of stored documents, which are named as their JSON names them, each in its own module."""
    where = {}
    for path in MODULES:
        kept = path.stem.endswith("document")
        for node in ast.parse(path.read_text("utf8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not kept:
                where.setdefault(node.name, []).append(name_of(path))
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


MACHINES = {
    "peiyu/words/numbers.py": "the one writer",
    "peiyu/page/charts.py": "places in a picture, which a browser reads",
    "peiyu/search/document.py": "sizes in a scenario file, which a program reads again",
    "peiyu/search/question.py": "an answer that repeats what the user wrote",
}
"""Files of `peiyu` that may write a number with a format of their own, and why."""
FORMAT = re.compile(r"\{?[\w.]*:?[+]?[,]?\d*(\.\d+)?[eEfFgG%]\}?|\{?\w*:?,d?\}?|[+]d?")
"""What a format of a number looks like, alone or in braces."""


def formats(path):
    """Give the formats of numbers that a file writes with; a number cut to six digits for a document is no text."""
    nodes = list(trees(path))
    cuts = [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) == "float"]
    cut = {x for n in cuts for x in ast.walk(n)}
    for node in nodes:
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None and node not in cut:
            yield ast.unparse(node.format_spec)[2:-1]
        elif isinstance(node, ast.Attribute) and node.attr == "format" and isinstance(node.value, ast.Constant):
            yield node.value.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("StrMethodFormatter"):
            yield node.args[0].value


@pytest.mark.parametrize("path", [p for p in MODULES if "peiyu" in p.relative_to(ROOT).parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_numbers_are_written_in_one_place(path):
    """A reader sees a kind of number in one way, because one function writes it."""
    if str(path.relative_to(ROOT)) not in MACHINES:
        assert [x for x in formats(path) if FORMAT.fullmatch(x)] == []


def test_a_format_of_a_number_would_be_found(tmp_path):
    made = tmp_path / "made.py"
    made.write_text('a = f"{x:.3g} {x:,.0f} {x:+.1f} {x:.0%} {x:,} {y:>8} {d:%Y-%m}"\nb = "{:.2f}".format\nc = float(f"{x:.6g}")\n')
    assert {x for x in formats(made) if FORMAT.fullmatch(x)} == {".3g", ",.0f", "+.1f", ".0%", ",", "{:.2f}"}


def test_step_reads_as_the_table_of_contents():
    tree = ast.parse((ROOT / "sim/model/model.py").read_text("utf8"))
    step = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "step")
    calls = [ast.unparse(n.func) for n in ast.walk(step) if isinstance(n, ast.Call)]
    order = [
        "self.turn_the_calendar",
        "self.terms_in_force",
        "founding.found",
        "business.invest",
        "business.grow",
        "business.take_off",
        "business.raise_money",
        "recognition.recognise",
        "self.settle",
        "mobility.relocate",
        "mobility.leave",
        "institutions.run",
        "self.take_stock",
    ]
    assert [c for c in calls if c in order] == order
    assert len(step.body) <= 15


@pytest.mark.parametrize("path", [p for p in MODULES if "store" not in p.relative_to(ROOT).parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_store_speaks_sql(path):
    """A question asked of the tables is a method of the store, so that it is asked in one way."""
    for node in trees(path):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("execute", "executemany", "read_sql_query"), f"{path.name}:{node.lineno}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.startswith(("SELECT ", "INSERT ", "DELETE ", "UPDATE ")), f"{path.name}:{node.lineno}"
