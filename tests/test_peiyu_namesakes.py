"""A user's own agents.py, sim/ or scenarios/ beside the notebook: it works, or one sentence says what is in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EDITABLE = f"""
import importlib.util, pathlib, sys
ROOT = pathlib.Path({str(ROOT)!r})
class Finder:
    def find_spec(name, path=None, target=None):
        if name in ("agents", "sim", "calibration", "scenarios", "peiyu"):
            at = ROOT / name
            return importlib.util.spec_from_file_location(name, at / "__init__.py", submodule_search_locations=[str(at)])
sys.meta_path = [m for m in sys.meta_path if "editable" not in repr(m)] + [Finder]
"""
"""What pip puts into an environment for an editable installation: a finder that Python asks last."""
LOADS = "import peiyu; print(peiyu.load_city('hangzhou').name)\n"


def in_folder(folder, *words, editable=False):
    """Run Python in a folder, with peiyu on the path behind it as in an environment, or found by a finder."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")} | ({} if editable else {"PYTHONPATH": str(ROOT)})
    done = subprocess.run([sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def laid_out(folder, name, text=LOADS):
    """A project of a user's with a file of that name, and a script."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('"""Mine."""\n', "utf8")
    (folder / "run.py").write_text(text, "utf8")
    return path


@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
@pytest.mark.parametrize("name", ["agents.py", "sim/__init__.py", "calibration/__init__.py", "scenarios.py"])
@pytest.mark.parametrize("first", ["", "import {module}\n"], ids=["not loaded", "loaded before"])
def test_a_module_of_the_users_is_named_in_one_sentence(tmp_path, name, editable, first):
    module = Path(name).parts[0].removesuffix(".py")
    mine = laid_out(tmp_path, name, (EDITABLE if editable else "") + first.format(module=module) + LOADS)
    code, out, err = in_folder(tmp_path, "run.py", editable=editable)
    assert (code, out) == (1, "")
    said = f'{mine}: is called "{module}" as a package of peiyu, which cannot be loaded beside it; rename yours, or run from another folder.'
    assert err.splitlines()[-1] == f"ImportError: {said}"


@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_a_folder_with_no_python_in_it_is_in_nobodys_way(tmp_path, editable):
    for name in ("scenarios/mine.toml", "sim/notes.txt", "agents/a.csv"):
        laid_out(tmp_path, name, (EDITABLE if editable else "") + LOADS)
    assert in_folder(tmp_path, "run.py", editable=editable) == (0, "hangzhou\n", "")


def test_the_command_line_does_not_look_into_the_folder_it_is_called_from(tmp_path):
    laid_out(tmp_path, "agents.py")
    laid_out(tmp_path, "sim/__init__.py")
    code, out, err = in_folder(tmp_path, "-m", "peiyu", "--version")
    assert (code, err) == (0, "") and out.strip()


def test_a_command_that_finds_the_users_file_first_says_so_and_ends_with_2(tmp_path):
    """As where PYTHONPATH names the project's folder."""
    mine = laid_out(tmp_path, "agents.py")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "peiyu").write_text(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom peiyu.__main__ import main\nmain()\n")
    code, out, err = in_folder(tmp_path, "bin/peiyu", "show")
    assert (code, out) == (2, "") and err.startswith(f"peiyu: {mine}: ") and err.count("\n") == 1
