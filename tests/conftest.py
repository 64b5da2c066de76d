"""Small city runs shared by the tests; divisions by zero and overflows are errors everywhere."""

from dataclasses import replace

import mesa
import numpy as np
import pytest
from helpers import AS_OF, SaidDraws
from hypothesis import settings

import agents
from agents.enterprises import Enterprises
from agents.parameters import Parameters
from sim import quarter
from sim.city.city import load_city
from sim.model import institutions
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.state.state import State

assert agents.__file__.endswith("agents/__init__.py")
settings.register_profile("untimed", deadline=None)  # loops are compiled in the first example that calls them
settings.load_profile("untimed")
np.seterr(divide="raise", over="raise", invalid="raise")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep what tests remember of probes apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def in_english():
    """Speak English wherever a test asks for no language: it compares refusals with the templates of the code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "en_US.UTF-8")
        yield


@pytest.fixture(scope="session")
def city():
    return load_city("hangzhou", known_indicators=frozenset(NAMES))


@pytest.fixture(scope="session")
def scenario(city):
    return lambda name: load_scenario(name, city)


@pytest.fixture(scope="session")
def plan(scenario):
    return scenario("plan_as_written")


@pytest.fixture(scope="session")
def root(city, scenario):
    """A model at the fork; tests fork it and never step it itself."""
    made = IndustryModel(city, scenario("history"), Parameters(hnte_apply=0.2), seed=3, as_of=AS_OF, weight=10.0)
    return made.run_to(AS_OF)


@pytest.fixture
def by_hand(city):
    """Return a state of a few equal enterprises, with draws that are said: everything else falls in the middle."""

    def made(n, *, now="2020Q1", draws=None, parameters=None, **columns):
        alone = replace(city, known=())  # the enterprises that a test names are all there are
        s = State.unpeopled(mesa.Model(), alone, parameters or Parameters(), seed=1, as_of=AS_OF, weight=1.0)
        s.quarter, s.streams, s.enterprises = quarter.parse(now), SaidDraws(draws or {}), Enterprises.blank(n)
        institutions.gather(s)
        e = s.enterprises
        e.slot[:], e.closes[:] = np.arange(n), np.arange(n) % 4
        e.born[:], e.employees[:], e.revenue[:], e.rd_spend[:], e.knowledge[:] = s.quarter - 40, 20.0, 1000.0, 50.0, 200.0
        e.rd_intensity[:], e.rd_reported[:] = 0.05, 50.0
        for name, values in columns.items():
            getattr(e, name)[:] = values
        e.future[:] = s.constants.future[e.track]
        s.opening_stock = s.stock_by_cell()
        return s

    return made


@pytest.fixture
def with_levers(scenario):
    """Return a scenario with its levers changed by name."""

    def change(name, **levers):
        base = scenario(name)
        made = tuple(replace(x, **levers[x.name]) if x.name in levers else x for x in base.levers)
        return replace(base, levers=made)

    return change


@pytest.fixture(scope="session")
def review(tmp_path_factory):
    """A stored review: two scenarios of a few members, an earlier run, and every kind of analysis."""
    from review import make_review  # it loads the whole program, which few tests need

    return make_review(tmp_path_factory.mktemp("review"))
