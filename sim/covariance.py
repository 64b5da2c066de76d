"""The root of a covariance: what turns independent normal numbers into ones that hang together."""

from __future__ import annotations

import numpy as np

from agents.table import Floats


def root(covariance: Floats) -> Floats:
    """Return the symmetric square root R of a covariance, R R = covariance, (k, k); it may be singular.

    Roots differ by a rotation, and an eigenvector's sign is the linear algebra's choice, by the processor's kernels.
    The symmetric root is one whatever the signs, so that a seed gives the same numbers on every processor.
    """
    values, vectors = np.linalg.eigh(covariance)
    # rounding may leave an eigenvalue just below zero
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
