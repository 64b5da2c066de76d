"""Why a forecast changed: the four parts add up, and each is nothing where nothing of its kind changed."""

import shutil
from dataclasses import replace

import pytest

from peiyu.forecasts import pipeline
from peiyu.runs import change
from sim.city.files import CITIES
from sim.inputs.errors import InputError
from sim.store.store import open_store
from sim.workers import Workers


@pytest.fixture
def small(monkeypatch):
    """Make every question a small one: a row for forty enterprises."""
    real = pipeline.ask
    monkeypatch.setattr(pipeline, "ask", lambda *a, **k: replace(real(*a, **k), weight=40.0))
    monkeypatch.setattr("calibration.fit.update.WEIGHT", 60.0)
    monkeypatch.setattr("calibration.fit.update.MIN_EFFECTIVE", 0.0)


def run(store, scenario="plan_as_written", **how):
    precision = pipeline.Precision(how.get("members", 4), 1e-9, how.get("seed", 1), Workers())
    q = pipeline.ask("hangzhou", [scenario], as_of=how.get("as_of"), precision=precision)
    return pipeline.answer(q, store)[0]


def test_parts_add_up_and_a_pure_change_has_one_part(small, tmp_path):
    store = open_store(tmp_path / "a.db")
    old = run(store, "no_policy")
    luck = change.explain(store, old.run_id, run(store, "no_policy", seed=2).run_id)
    policy = change.explain(store, old.run_id, run(store).run_id)
    for made, part in ((luck, "luck"), (policy, "policy")):
        others = [p for p in change.PARTS if p != part]
        assert len(made.rows) == sum(len(g.readings) for g in old.city.goals)
        for row in made.rows:
            assert row.old + sum(getattr(row, p) for p in change.PARTS) == pytest.approx(row.new)
            assert all(getattr(row, p) == 0 for p in others)
        assert any(getattr(row, part) != 0 for row in made.rows)
    assert policy.document().parts == list(change.PARTS)


def test_runs_that_cannot_be_compared_are_refused(small, tmp_path):
    store = open_store(tmp_path / "a.db")
    old = run(store, "baseline", members=2)
    with pytest.raises(InputError, match="peiyu show lists"):
        change.explain(store, old.run_id, "nothing")
    store.db.execute("DELETE FROM forecasts")
    with pytest.raises(InputError, match="was not finished"):
        change.explain(store, old.run_id, old.run_id)


def test_a_change_of_a_city_of_ones_own_is_asked_in_its_folder(small, tmp_path):
    store, own = open_store(tmp_path / "a.db"), tmp_path / "mycity"
    shutil.copytree(CITIES / "hangzhou", own)
    profile = own / "profile.toml"
    profile.write_text('region = "hangzhou"\n' + profile.read_text("utf8"), "utf8")
    precision = pipeline.Precision(2, 1e-9, 1, Workers())
    made = [
        pipeline.answer(pipeline.ask(own, [name], precision=precision), store)[0].run_id
        for name in ("no_policy", "baseline")
    ]
    with pytest.raises(InputError, match='there is no city "mycity"'):
        change.explain(store, *made)
    with pytest.raises(InputError, match="is a forecast of mycity, and --city names hangzhou"):
        change.explain(store, *made, city="hangzhou")
    found = change.explain(store, *made, city=str(own))
    assert found.old.city == "mycity" and {row.main_part for row in found.rows if row.old != row.new} <= {"policy"}
