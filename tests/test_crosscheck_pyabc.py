"""One fit of the reduced model by our sampler and by pyABC, which accepts with the exact observation noise."""

import logging
from functools import partial

import numpy as np
import pytest

from calibration.data.target import Target
from calibration.proof import reduced
from calibration.sampler import smc

pyabc = pytest.importorskip("pyabc", reason="needs the dev extra: pip install -e '.[dev]'")

FREE = [reduced.NAMES.index(name) for name in ("entry_growth", "hnte_apply", "drive_hnte_2013", "drive_hnte_2016")]


def city(seed):
    """Return truth and target of a city whose other parameters are known."""
    truth = 0.5 * smc.prior_scores(smc.Streams(seed), 0, 1, len(reduced.NAMES))[0]
    return truth, reduced.observed(truth, seed)


def simulated(truth, inner, key, generation):
    z = np.repeat(truth[None, :], len(inner), axis=0)
    z[:, FREE] = inner
    return reduced.simulate(z, key, generation)


def by_pyabc(truth, target: Target, tmp_path):
    """pyABC at one worker with a stochastic acceptor; it draws from NumPy's global generator, so that is seeded."""
    np.random.seed(7)  # noqa: NPY002
    names = [f"p{j}" for j in FREE]
    runs = iter(range(10**9))

    def model(p):
        inner = np.array([[p[n] for n in names]])
        return {"s": simulated(truth, inner, 77, next(runs))[0]}

    prior = pyabc.Distribution(**{n: pyabc.RV("norm", 0, 1) for n in names})
    fit = pyabc.ABCSMC(
        model,
        prior,
        distance_function=pyabc.IndependentNormalKernel(var=list(target.error**2)),
        population_size=400,
        sampler=pyabc.SingleCoreSampler(),
        eps=pyabc.Temperature(),
        acceptor=pyabc.StochasticAcceptor(),
    )
    fit.new(f"sqlite:///{tmp_path}/pyabc.db", {"s": target.value})
    frame, weight = fit.run(max_nr_populations=8, minimum_epsilon=1).get_distribution()
    values = frame[names].to_numpy()
    mean = weight @ values
    return mean, np.sqrt(weight @ (values - mean) ** 2)


@pytest.mark.slow
def test_pyabc_finds_the_same_posterior(tmp_path):
    logging.getLogger("ABC").setLevel(logging.ERROR)
    truth, target = city(11)
    ours = smc.posterior(
        partial(lambda key, z, g: simulated(truth, z, key, g), 5), target, smc.Start.prior(len(FREE), 2000, 1)
    )
    mean, sd = by_pyabc(truth, target, tmp_path)
    # 400 weighted particles, about 200 effective: the standard error of a mean is 0.07 sd, of an sd 5 %
    assert np.abs(ours.z.mean(axis=0) - mean).max() / sd.max() < 0.35
    assert np.abs(ours.z.std(axis=0) / sd - 1).max() < 0.3
