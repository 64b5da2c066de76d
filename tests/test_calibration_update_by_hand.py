"""What an update asks of the sampler and makes of what it finds: the model and the sampler stand in, so it takes no time."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents.parameters import NAMES
from calibration.data.observations import target
from calibration.data.summaries import observed
from calibration.fit import update
from calibration.fit.calibrate import run_seed
from calibration.fit.fit import load_fit
from calibration.fit.outlook import draws_of, scores_of
from calibration.fit.rates import rates_given_record
from calibration.sampler import smc
from sim import quarter
from sim.inputs.errors import InputError
from sim.workers import Workers

LATER = quarter.parse("2026Q1")


@pytest.fixture
def fit(city):
    """The shipped fit with forty of its draws, of which two are the same."""
    kept = load_fit(city)
    draws = kept.draws[:40].copy()
    draws[1] = draws[0]
    return replace(kept, draws=draws)


@pytest.fixture
def asked(monkeypatch, fit):
    """Let the sampler answer with what it was given, and keep what it was asked; nobody runs the model."""
    kept = SimpleNamespace(acceptance=update.AGREEMENT, informed=np.zeros(len(NAMES), bool), seeds=[], told=[])

    def posterior(simulate, seen, start, say):
        kept.__dict__.update(simulate=simulate, seen=seen, start=start, say=say)
        steps = [smc.Generation(n, 0.25, 4.0, 0.1, 9.0) for n in (1, 2)]
        steps.append(smc.Generation(3, 1.0, 0.0, kept.acceptance, 1 / 3))
        home = np.ones(len(start.z), bool)
        return smc.Posterior(start.z, np.zeros((len(start.z), 1)), kept.informed, home, tuple(steps))

    class History:
        def __init__(self, city, in_force, as_of, weight):
            self.city, self.in_force, self.as_of, self.weight = city, in_force, as_of, weight
            kept.history = self

        def series(self, parameters, seed):
            kept.seeds.append(seed)
            kept.told.append(parameters)
            return np.zeros((1, 1))

    monkeypatch.setattr(update.smc, "posterior", posterior)
    monkeypatch.setattr(update, "History", History)
    monkeypatch.setattr(update, "summaries", lambda seen, series, first: np.array([first + 0.5, len(seen)]))
    monkeypatch.setattr("calibration.fit.fit.Fit.stamped", lambda self, history, seen: (self, history, seen))
    return kept


def test_it_starts_from_the_fits_draws_and_runs_of_its_own(city, fit, scenario, asked):
    in_force = scenario("in_force")
    update.brought_forward(city, fit, in_force, LATER)
    z = scores_of(fit.draws, fit.outlook)
    assert np.array_equal(asked.start.z, z) and np.array_equal(asked.start.covariance, np.cov(z.T))
    assert (asked.start.min_generations, asked.start.refinements) == (update.MIN_GENERATIONS, update.REFINEMENTS)
    assert asked.start.streams.seed == run_seed(fit.provenance.seed, update.FIRST_SEED - 1, 0)
    assert (asked.history.as_of, asked.history.weight) == (LATER, max(6.0, fit.provenance.weight))
    assert asked.seen.value.tolist() == target(update.new_observations(city, quarter.parse("2024Q4"), LATER)).value.tolist()
    assert asked.history.in_force is in_force and asked.say is smc.quiet


@pytest.mark.parametrize(("own", "used"), [(2.0, update.WEIGHT), (9.0, 9.0)])
def test_rows_are_at_least_as_coarse_as_the_fits(city, fit, scenario, asked, own, used):
    fit = replace(fit, provenance=replace(fit.provenance, weight=own))
    update.brought_forward(city, fit, scenario("in_force"), LATER)
    assert asked.history.weight == used


def test_every_generation_has_seeds_that_no_other_run_has_and_says_how_far_it_is(city, fit, scenario, asked):
    said = []
    heard = lambda done, total: said.append((done, total))  # noqa: E731
    update.brought_forward(city, fit, scenario("in_force"), LATER, workers=Workers(1), progress=heard)
    found = asked.simulate(asked.start.z[:3], 4)
    assert asked.seeds == [run_seed(fit.provenance.seed, update.FIRST_SEED + 4, i) for i in range(3)]
    assert said == [(1, 3), (2, 3), (3, 3)] and found.tolist() == [[city.start + 1.5, len(asked.seen.value)]] * 3
    draws = draws_of(asked.start.z[:3], fit.outlook)
    assert [getattr(x, NAMES[5]) for x in asked.told] == pytest.approx(draws[:, 5].tolist())


def test_it_keeps_what_the_fit_was_and_adds_what_it_saw(city, fit, scenario, asked):
    known, unknown = fit.provenance.informed[0], next(n for n in NAMES if n not in fit.provenance.informed)
    asked.informed[NAMES.index(unknown)] = True
    made, history, seen = update.brought_forward(city, fit, scenario("in_force"), LATER)
    assert history is asked.history and {o.name for o in seen} == {o.name for o in observed(city, LATER)}
    p, was = made.provenance, fit.provenance
    assert (p.as_of, p.city, p.seed, p.outlook) == ("2026Q1", was.city, was.seed, was.outlook)
    assert set(p.informed) == {*was.informed, unknown} and p.informed == [n for n in NAMES if n in p.informed]
    assert known in p.informed
    new = [o.name for o in update.new_observations(city, quarter.parse("2024Q4"), LATER)]
    assert p.observations == sorted({*was.observations, *new})
    assert p.steps[: len(was.steps)] == was.steps
    assert p.steps[len(was.steps) :] == [
        *({"number": n, "done": 0.25, "tolerance": 4.0, "acceptance": 0.1, "effective": 9.0} for n in (1, 2)),
        {"number": 3, "done": 1.0, "tolerance": 0.0, "acceptance": round(update.AGREEMENT, 6), "effective": 0.333333},
    ]
    there = draws_of(scores_of(fit.draws, fit.outlook), fit.outlook)
    anew = rates_given_record(there, city, LATER, was.seed)
    assert made.draws == pytest.approx(anew, rel=1e-6) and p.draws_sha == update.draws_sha(made.draws)


@pytest.mark.parametrize(("part", "effective"), [(1.0, 39.0), (0.613, 23.9), (1.4, 39.0)])
def test_draws_that_agree_are_counted_once_each_and_never_more_than_there_are(city, fit, scenario, asked, part, effective):
    asked.acceptance = part * update.AGREEMENT
    made, *_ = update.brought_forward(city, fit, scenario("in_force"), LATER)
    assert made.provenance.effective == effective


def test_just_enough_are_enough(city, fit, scenario, asked, monkeypatch):
    asked.acceptance = 0.613 * update.AGREEMENT
    monkeypatch.setattr(update, "MIN_EFFECTIVE", asked.acceptance / update.AGREEMENT * 39)
    made, *_ = update.brought_forward(city, fit, scenario("in_force"), LATER)
    assert made.provenance.effective == round(update.MIN_EFFECTIVE, 1)


def test_too_few_are_refused_with_what_they_missed_and_what_to_do(city, fit, scenario, asked):
    asked.acceptance = 0.5 * update.AGREEMENT
    with pytest.raises(InputError) as refused:
        update.brought_forward(city, fit, scenario("in_force"), LATER)
    names = ", ".join(o.name for o in update.new_observations(city, quarter.parse("2024Q4"), LATER))
    assert str(refused.value) == (
        f"--as-of 2026Q1: 20 of 40 draws agree with what was published since 2024Q4 ({names}); fit again with: peiyu"
        " calibrate --city hangzhou --as-of 2026Q1"
    )


def test_where_nothing_is_new_only_the_record_speaks_again(city, fit, scenario, asked, monkeypatch):
    monkeypatch.setattr(update, "new_observations", lambda *_: [])
    made, history, seen = update.brought_forward(city, fit, scenario("in_force"), LATER)
    assert not hasattr(asked, "start") and (made.provenance.as_of, history.as_of) == ("2026Q1", LATER)
    assert [o.name for o in seen] == [o.name for o in observed(city, LATER)]
    anew = rates_given_record(fit.draws, city, LATER, fit.provenance.seed)
    assert made.draws == pytest.approx(anew, rel=1e-6) and made.provenance.draws_sha == update.draws_sha(made.draws)
    assert made.provenance.steps == fit.provenance.steps
