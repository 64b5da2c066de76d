"""Posteriors of the reduced model by a neural network beside ours: `python -m tests.crosscheck_sbi`.

Neural posterior estimation (NPE of the package `sbi`) learns from draws of the prior and their histories what any history
says of the parameters. It shares nothing with our sampler but the model, and it has no step that could be too straight.
Cities are drawn from the prior, fitted by both, and compared parameter by parameter; that the network itself is right is
told by the ranks of many truths among its draws.

It needs the extra `crosscheck` (PyTorch, hundreds of MB; its build for CPUs is enough), takes half an hour and so
runs by hand: what it finds is kept in docs/data/crosscheck_sbi.json, from which `make report` writes its part of the page.
"""

import argparse
import json
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pandas as pd

from calibration.proof import reduced
from calibration.proof.sbc import PARTICLES, Ranks
from calibration.sampler import smc
from peiyu.fit.neural import KEPT
from sim.files import write_whole
from sim.streams import Streams

TRAINING, CITIES, RANKED, DRAWS, BATCH = 40_000, 40, 400, 99, 500
"""Histories the network learns from; cities fitted by both; truths ranked among how many draws; histories a step."""
KEY = 31_000_000
"""Of the draws here, apart from those of simulation-based calibration."""
PACKAGES = ("sbi", "torch")


def known(i):
    """A city of the reduced model: truth, and what it would have published."""
    truth = smc.prior_scores(Streams(KEY + i), 10_000, 1, len(reduced.NAMES))[0]
    return truth, reduced.observed(truth, KEY + i)


def lessons(n):
    """Draws of the prior and what each of their histories would have published, with the error of observation."""
    z = smc.prior_scores(Streams(KEY - 1), 20_000, n, len(reduced.NAMES))
    s = reduced.simulate(z, KEY - 1, 20_000)
    error = smc.prior_scores(Streams(KEY - 2), 20_000, n, s.shape[1])
    return z, s + reduced.ERROR * error


def learn(z, x, seed=1):
    """Train the network; return what draws posteriors, (cities, draws, parameters), and epochs taken."""
    import torch
    from sbi.inference import NPE

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    d = z.shape[1]
    prior = torch.distributions.MultivariateNormal(torch.zeros(d), torch.eye(d))
    # it would keep its own log in a folder where it is run
    network = NPE(prior=prior, density_estimator="nsf", tracker=Mock(), show_progress_bars=False)
    asked = network.append_simulations(torch.as_tensor(z).float(), torch.as_tensor(x).float())
    asked.train(training_batch_size=BATCH, stop_after_epochs=10, max_num_epochs=100)
    posterior = network.build_posterior()

    def draw(seen, n):
        drawn = posterior.sample_batched((n,), x=torch.as_tensor(seen).float(), show_progress_bars=False)
        return np.asarray(drawn).transpose(1, 0, 2)

    return draw, len(network.summary["validation_loss"])


def moments(draws):
    """Mean and sd over draws, (…, draws, parameters), each (…, parameters)."""
    return draws.mean(axis=-2), draws.std(axis=-2)


def ours(i, particles):
    """Our posterior of a city, (particles, parameters)."""
    key = KEY + i
    simulate = partial(lambda k, z, g: reduced.simulate(z, k, g), key + 500_000)
    return smc.posterior(simulate, known(i)[1], smc.Start.prior(len(reduced.NAMES), particles, key)).z


def compared(our, their, names):
    """One row per parameter: how our means lie to theirs over the cities, in their sds, and how wide ours are.

    `difference` is the mean over cities, `error` its standard error, `apart` the root mean square, `width` the ratio of
    root mean square sds; `our` and `their` are pairs of (cities, parameters).
    """
    off = (our[0] - their[0]) / their[1]
    return pd.DataFrame(
        {
            "name": list(names),
            "difference": off.mean(axis=0),
            "error": off.std(axis=0, ddof=1) / np.sqrt(len(off)),
            "apart": np.sqrt((off**2).mean(axis=0)),
            "width": np.sqrt((our[1] ** 2).mean(axis=0) / (their[1] ** 2).mean(axis=0)),
        }
    )


def ranked(truths, draws, names):
    """Ranks of truths, (cities, parameters), among draws, (cities, draws, parameters)."""
    return Ranks((draws < truths[:, None]).sum(axis=1), draws.shape[1] + 1, tuple(names))


def main():
    """Train, draw, fit, compare, keep."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--training", type=int, default=TRAINING)
    asked.add_argument("--cities", type=int, default=CITIES)
    asked.add_argument("--out", type=Path, default=KEPT)
    a = asked.parse_args()
    began = time.monotonic()
    draw, epochs = learn(*lessons(a.training))
    trained = time.monotonic() - began
    print(f"trained: {trained:.0f} s, {epochs} epochs", flush=True)
    cities = [known(i) for i in range(max(RANKED, a.cities))]
    truths, seen = np.array([t for t, _ in cities]), np.array([t.value for _, t in cities])
    ranks = ranked(truths[:RANKED], draw(seen[:RANKED], DRAWS), reduced.NAMES)
    their = moments(draw(seen[: a.cities], 2000))
    # one by one: particles that did not come home are left out, so cities differ in how many there are
    our = np.array([moments(ours(i, PARTICLES)) for i in range(a.cities)]).swapaxes(0, 1)
    table = compared((our[0], our[1]), their, reduced.NAMES).assign(p=ranks.p_values(), coverage=ranks.coverage(0.9))
    kept = {
        "command": "python -m tests.crosscheck_sbi",
        "versions": {name: version(name) for name in PACKAGES},
        "seconds": round(time.monotonic() - began),
        "training": a.training,
        "epochs": epochs,
        "sampler_version": smc.SAMPLER_VERSION,
        "particles": PARTICLES,
        "cities": a.cities,
        "ranked": len(ranks.ranks),
        "rows": table.round(6).to_dict("records"),
    }
    write_whole(a.out, json.dumps(kept, indent=1) + "\n")
    print(table.to_string())


if __name__ == "__main__":
    main()
