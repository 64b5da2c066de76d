"""One contagion among so many agents, by Mesa, Starsim or Covasim: `PYTHON contagion.py covasim 50000 60 5` prints JSON.

It needs nothing of peiyu, so that an interpreter which has only a rival can run it. Every model has its own defaults but for the
number of agents and steps, and is built before the clock starts. Seconds are the processor's.
"""

from __future__ import annotations

import json
import random
import sys
from importlib.metadata import version
from time import process_time

CONTACTS, SEEDS, CATCHES, RECOVERS = 4, 0.01, 0.05, 0.1
"""Of the contagion in Mesa: contacts a step, share infected at the start, chances of catching and of recovering."""


def mesa_sis(agents, steps):
    """Return a run of the susceptible-infected model, one `mesa.Agent` each."""
    import mesa

    class Person(mesa.Agent):
        def __init__(self, model):
            super().__init__(model)
            self.ill = model.dice() < SEEDS

        def step(self):
            if not self.ill:
                return
            dice, everyone = self.model.dice, self.model.everyone
            for _ in range(CONTACTS):
                other = everyone[int(dice() * len(everyone))]
                if not other.ill and dice() < CATCHES:
                    other.ill = True
            if dice() < RECOVERS:
                self.ill = False

    class Town(mesa.Model):
        def __init__(self):
            super().__init__(rng=1)
            self.dice = random.Random(1).random
            self.everyone = [Person(self) for _ in range(agents)]

        def step(self):
            self.agents.do("step")

    town = Town()

    def run():
        for _ in range(steps):
            town.step()
        assert any(p.ill for p in town.everyone)
        town.remove_all_agents()

    return run


def starsim(disease):
    """Return a function that builds a run of a disease of Starsim in its random network."""

    def made(agents, steps):
        import starsim as ss

        # it counts the start as a step too
        network = ss.RandomNet(n_contacts=CONTACTS)
        sim = ss.Sim(n_agents=agents, diseases=disease, networks=network, start=2000, dur=steps - 1, dt=1, rand_seed=1, verbose=0)
        sim.init()
        assert sim.t.npts == steps
        return sim.run

    return made


def covasim(agents, steps):
    """Return a run of Covasim with its random contacts; a step is a day, and it counts the start as one."""
    import covasim as cv

    few = round(agents * SEEDS)
    sim = cv.Sim(pop_size=agents, n_days=steps - 1, pop_infected=few, pop_type="random", rand_seed=1, verbose=0)
    sim.initialize()
    assert sim.npts == steps
    return sim.run


KINDS = {
    "mesa": ("mesa", mesa_sis),
    "starsim_sir": ("starsim", starsim("sir")),
    "starsim_sis": ("starsim", starsim("sis")),
    "covasim": ("covasim", covasim),
}
"""The distribution that is installed, and how a run is built."""


def seconds(build, agents, steps, repeats):
    """Return processor seconds of so many runs; a first one, in which loops are compiled, is left out."""
    found = []
    for _ in range(repeats + 1):
        run = build(agents, steps)
        began = process_time()
        run()
        found.append(process_time() - began)
    return found[1:]


def main(name, agents, steps, repeats):
    """Print what was measured, or why nothing was, as the last line."""
    package, build = KINDS[name]
    try:
        __import__(package)
    except ImportError as error:
        print(json.dumps({"skipped": f"{package} cannot be imported ({error})"}))
        return
    found = seconds(build, agents, steps, repeats)
    print(json.dumps({"version": version(package), "agents": agents, "steps": steps, "seconds": found}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
