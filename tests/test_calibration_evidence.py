"""Particles count by how likely the data are around them: what randomised maximum likelihood leaves out."""

import numpy as np
import pytest

from calibration.data.target import Target
from calibration.sampler import smc
from calibration.sampler.evidence import resampled


def test_places_that_answer_strongly_are_not_found_too_often():
    """Six zeros seen through answers of strength exp(0.15 z): each costs a place exp(-0.15 z), so its mean is -0.45.

    z itself is seen as 0 with error 1: without the six its posterior is N(0, 1/2), and exp(-0.9 z) moves that by -0.45.
    """
    k, seen = 0.15, 6
    target = Target.plain(np.zeros(seen + 1), np.array([1.0, *[0.05] * seen]))

    def simulate(z, _generation):
        return np.column_stack((z[:, 0], np.exp(k * z[:, :1]) * z[:, 1:]))

    found = smc.posterior(simulate, target, smc.Start.prior(seen + 1, 4000, 1))
    assert found.z[:, 0].mean() == pytest.approx(-0.45, abs=0.12)
    assert found.z[:, 0].std() == pytest.approx(np.sqrt(0.5), rel=0.12)


def test_a_particle_is_kept_as_often_as_it_counts():
    kept = resampled(np.log([4.0, 1.0, 1.0, 2.0]), 0.6)
    assert kept.tolist() == [0, 0, 2, 3]  # at 0.15, 0.4, 0.65, 0.9 of the cumulated 1/2, 5/8, 3/4, 1
    assert resampled(np.zeros(5), 0.3).tolist() == [0, 1, 2, 3, 4]


def test_weights_that_would_leave_a_few_particles_are_flattened():
    kept = resampled(np.linspace(0.0, 2000.0, 400), 0.5)
    assert len(np.unique(kept)) >= 100 and kept[-1] == 399
