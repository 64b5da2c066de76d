"""What only answers a question about the program, or looks something up, loads no model: modules are counted, not time."""

import json
import subprocess
import sys

import pytest

import peiyu
from sim.store.database import connect

HEAVY = {
    "SALib", "altair", "cloudpickle", "matplotlib", "mesa", "networkx", "numba", "numpy", "optuna", "pandas", "pandera",
    "scipy", "solara", "statsmodels",
}  # fmt: skip
COUNT = """
import json, sys
from peiyu.__main__ import run
code = run(sys.argv[1:])
print(json.dumps([code, len(sys.modules), sorted({m.split(".")[0] for m in sys.modules})]))
"""


def loaded(*words):
    """Return the exit code of a command, how many modules it loaded, and which packages."""
    done = subprocess.run([sys.executable, "-c", COUNT, *words], capture_output=True, text=True, check=True)
    code, modules, packages = json.loads(done.stdout.splitlines()[-1])
    return code, modules, set(packages)


@pytest.mark.parametrize(("words", "most"), [(["--help"], 325), (["--version"], 325), (["forecast", "--help"], 383)])
def test_help_and_version_load_no_model(words, most):
    code, modules, packages = loaded(*words)
    assert code == 0
    assert not packages & HEAVY
    assert modules <= most


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_look_into_the_store_loads_no_model(tmp_path, form):
    connect(tmp_path / "a.db").close()
    code, modules, packages = loaded("show", "--db", str(tmp_path / "a.db"), *form)
    assert code == 0
    assert not packages & HEAVY
    assert modules <= 450


def test_the_public_names_are_there_when_asked_for():
    assert set(peiyu.__all__) <= set(dir(peiyu))
    assert all(callable(getattr(peiyu, name)) for name in peiyu.__all__)
    with pytest.raises(AttributeError, match="'peiyu' has no attribute 'forcast'"):
        peiyu.forcast  # noqa: B018


def test_importing_the_library_loads_nothing_yet():
    code = "import peiyu, sys; print(len({'numba', 'pandas', 'mesa'} & sys.modules.keys())); peiyu.load_city; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True"]
