"""The two commands of the README in a fresh clone with an empty home, as a new user: by hand, it takes minutes.

PEIYU_FRESH_CLONE=1 make test-all TESTS=tests/test_fresh_clone.py
"""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
asked = pytest.mark.skipif(
    not os.environ.get("PEIYU_FRESH_CLONE"), reason="takes minutes; set PEIYU_FRESH_CLONE=1 to run it"
)


@asked
@pytest.mark.slow
def test_the_two_commands_work_in_a_fresh_clone(tmp_path):
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    keep = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PEIYU_FRESH_CLONE")}
    for target, word in (("forecast", "2024Q4"), ("test", " passed")):
        done = subprocess.run(
            ["make", target],
            cwd=clone,
            env=keep | {"HOME": str(home), "PIP_NO_CACHE_DIR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert word in done.stdout
    left = subprocess.run(["git", "status", "--short"], cwd=clone, capture_output=True, text=True, check=True)
    assert left.stdout == ""
