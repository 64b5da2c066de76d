"""What the long proofs ask and count, with stand-ins for the fits and runs that make them long."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents.parameters import NAMES
from calibration.data.observations import target
from calibration.data.summaries import observed
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import run_seed
from calibration.fit.fit import load_fit
from calibration.fit.outlook import draws_of
from calibration.fit.pooled import BY_MOMENTS, pooled_scores, shipped_fits
from calibration.proof import held_out as held
from calibration.proof import recovery
from calibration.proof.identify import scores
from calibration.sampler import smc
from sim import quarter
from sim.scenario.scenario import load_scenario
from sim.streams import Streams

DRAWS = 40


@pytest.fixture
def ran(monkeypatch):
    """Let a run give back its draw's size, so that no history is run; keep what was asked."""
    kept = []

    def run_summaries(history, seen, work):
        kept.append((history.city.name, history.weight, work[1]))
        return np.full(len(seen), np.log1p(work[0][0])) + np.arange(len(seen))

    monkeypatch.setattr(held, "run_summaries", run_summaries)
    return kept


def test_every_city_is_forecast_from_the_fits_of_the_others_and_from_none(ran):
    fits, heard = dict(list(shipped_fits().items())[:2]), []
    found = held.held_out(fits, draws=DRAWS, seed=3, progress=lambda done, of: heard.append((done, of)))
    assert heard == [(0, 2), (1, 2), (2, 2)] and len(ran) == 2 * 2 * DRAWS
    for name, fit in fits.items():
        mine = [x for x in ran if x[0] == name]
        assert {w for _, w, _ in mine} == {max(held.WEIGHT, fit.provenance.weight)}
        assert [seed for *_, seed in mine] == 2 * [run_seed(3, held.HELD_OUT, i) for i in range(DRAWS)]
        city = held.load_city(name)
        seen = [o for o in observed(city, quarter.parse(fit.provenance.as_of)) if not o.share]
        rows = found.rows[found.rows.city == name]
        counted = [(j, o) for j, o in enumerate(seen) if o.bound == "none"]
        assert rows.name.tolist() == [o.name for _, o in counted]
        assert rows.observed.tolist() == pytest.approx([np.log1p(o.value) for _, o in counted])
        told = pooled_scores([fits[other] for other in fits if other != name], leave=())
        sides = {"flat": {n: told[n] for n in BY_MOMENTS if n in told}, "pooled": told}
        z = smc.prior_scores(Streams(3), held.HELD_OUT, DRAWS, len(NAMES))
        noise = target(seen).noise(Streams(3), held.HELD_OUT, DRAWS)
        for side, pooled in sides.items():
            draws = draws_of(z, replace(fit.outlook, pooled=pooled))[:, 0]
            for row, (j, o) in zip(rows.to_dict("records"), counted, strict=True):
                said = np.log1p(draws) + j + noise[:, j]
                low, middle, high = np.quantile(said, [0.05, 0.5, 0.95])
                assert [row[f"{side}_{q}"] for q in ("q05", "q50", "q95")] == pytest.approx([low, middle, high])
                assert row[f"{side}_inside"] == (low <= np.log1p(o.value) <= high)
    assert {side: x.shape for side, x in found.worlds.items()} == dict.fromkeys(held.SIDES, (DRAWS, len(found.rows)))
    for x in found.worlds.values():
        assert (x.mean(axis=0) == pytest.approx(0.9, abs=0.02)) and x.dtype == bool


def test_a_world_takes_the_cities_in_orders_of_their_own(ran):
    fits = dict(list(shipped_fits().items())[:2])
    found = held.held_out(fits, draws=DRAWS, seed=3, progress=lambda *_: None)
    cities = found.rows.city.to_numpy()
    one, other = (found.worlds["flat"][:, cities == name] for name in fits)
    again = held.held_out(fits, draws=DRAWS, seed=4, progress=lambda *_: None).worlds["flat"]
    assert one.shape[0] == other.shape[0] == DRAWS and not np.array_equal(again, found.worlds["flat"])


def test_a_synthetic_city_is_fitted_anew_and_its_truth_looked_for(city, monkeypatch):
    fit, asked = load_fit(city), {}
    shifted = replace(fit, draws=fit.draws[:60], provenance=replace(fit.provenance, informed=list(NAMES[:3])))

    def calibrate(of, scenario, as_of, *, effort, watch, evidence):
        asked.update(of=of, scenario=scenario, as_of=as_of, effort=effort, watch=watch, evidence=evidence)
        return shifted

    monkeypatch.setattr(recovery, "calibrate", calibrate)
    monkeypatch.setattr(recovery, "synthetic", lambda history, of, seen, i: (history.weight, of is fit, len(seen), i))
    scenario, effort, watch = load_scenario(city.in_force, city), FitBudget(30, 60.0, seed=4), SimpleNamespace()
    found = recovery.recover(city, scenario, fit, 7, effort=effort, watch=watch)
    assert asked["effort"] == replace(effort, seed=107) and asked["watch"] is watch and asked["scenario"] is scenario
    assert asked["as_of"] == quarter.parse(fit.provenance.as_of) and asked["evidence"].outlook is fit.outlook
    assert asked["evidence"].seen == (60.0, True, len(observed(city, asked["as_of"])), 7)
    assert found.columns.tolist() == list(recovery.RECOVERED) and found.name.tolist() == list(NAMES[:3])
    truths, z = scores(fit)[7], scores(shifted)
    for j, row in enumerate(found.to_dict("records")):
        low, middle, high = np.quantile(z[:, j], [0.05, 0.5, 0.95])
        assert (row["city"], row["truth"]) == (7, pytest.approx(truths[j]))
        assert [row["q05"], row["q50"], row["q95"]] == pytest.approx([low, middle, high])
        assert row["inside"] == (low <= truths[j] <= high) and row["closer"] == (abs(middle - truths[j]) < abs(truths[j]))
