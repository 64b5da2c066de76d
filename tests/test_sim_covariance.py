"""The root of a covariance is one whatever signs an eigenvector has, so that a seed means the same on every processor."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from calibration.panel.latent import faded, walk
from sim.covariance import root

ROOT = Path(__file__).parents[1]
COVARIANCES = {
    "of two": np.array([[2.0, 1.0], [1.0, 2.0]]),
    "alone": np.array([[9.0]]),
    "walk from zero": walk(7),  # its first year does not move
    "drift": faded(9),
    "all the same": np.ones((4, 4)),
    "nothing": np.zeros((3, 3)),
}
KERNELS = """
import numpy as np
from threadpoolctl import threadpool_info
from calibration.fit.expected import expected_of
from calibration.panel.latent import faded, walk
from sim import quarter
from sim.city.city import load_city
print({x["architecture"] for x in threadpool_info() if x["internal_api"] == "openblas"})
print(float(np.linalg.eigh(walk(17) + faded(17))[1].sum()))
for kind, mean in sorted(expected_of(load_city("hangzhou"), quarter.parse("2024Q4")).mean.items()):
    print(kind, *(f"{x:.9f}" for x in mean))
"""
"""A program that says which kernels it has, how eigenvectors are turned, and what the panel draws for the city's drive."""


@pytest.mark.parametrize("covariance", COVARIANCES.values(), ids=COVARIANCES)
def test_a_root_is_symmetric_and_its_square_is_the_covariance(covariance):
    found = root(covariance)
    assert found == pytest.approx(found.T, abs=1e-12)
    assert found @ found == pytest.approx(covariance, abs=1e-12)


def test_an_eigenvalue_below_zero_by_rounding_is_none():
    assert root(np.diag([4.0, -1e-17])) == pytest.approx(np.diag([2.0, 0.0]))


@pytest.mark.parametrize("turned", [[1, -1, 1], [-1, -1, 1], [-1, -1, -1]])
def test_the_signs_of_eigenvectors_do_not_matter(monkeypatch, turned):
    covariance = walk(3) + 0.5
    before, eigh = root(covariance), np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda c: (eigh(c)[0], eigh(c)[1] * np.array(turned)))
    assert root(covariance) == pytest.approx(before, abs=1e-14)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names kernels of x86 processors")
@pytest.mark.skipif(not any(x["internal_api"] == "openblas" for x in threadpool_info()), reason="NumPy without OpenBLAS")
def test_what_is_expected_of_a_city_is_the_same_on_another_processor():
    """Nehalem's kernels run wherever newer ones do, and add in another order."""
    told = [
        subprocess.run(
            [sys.executable, "-c", KERNELS], capture_output=True, text=True, check=True, cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"} | {"PYTHONPATH": str(ROOT)} | more,
        ).stdout.splitlines()
        for more in ({}, {"OPENBLAS_CORETYPE": "Nehalem"})
    ]  # fmt: skip
    assert told[1][0] == "{'Nehalem'}" and told[0][0] != told[1][0]
    assert told[0][2:] == told[1][2:]
