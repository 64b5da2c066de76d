"""A fit is known by what the model does and by what it was fitted to: a rename keeps it, another rule does not."""

import re
import shutil

import pandas as pd
import pytest
from helpers import AS_OF

import agents.parameters
from agents import growth
from agents.priors import Beta
from calibration.data.summaries import observed
from calibration.fit import basis, probes
from calibration.fit.fit import Fit, load_fit
from calibration.fit.history import History
from calibration.sampler import smc
from sim.city.city import load_city
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario
from sim.workers import Workers


@pytest.fixture
def folder(city, tmp_path):
    """A copy of the shipped city, whose files tests may change."""
    return shutil.copytree(city.folder, tmp_path / "hangzhou")


@pytest.fixture
def forgotten(monkeypatch, tmp_path):
    """Nothing is remembered of probes: what the model does is asked again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(probes, "_repeated", set())
    return tmp_path / "cache"


def edit(path, before, after):
    text = path.read_text("utf8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf8")


def refusal(city):
    with pytest.raises(InputError) as refused:
        load_fit(city)
    said = str(refused.value)
    place = "hangzhou" if city.folder.parent.name == "cities" else city.folder
    assert "\n" not in said and said.endswith(f"run: peiyu calibrate --city {place} --as-of 2024Q4")
    return said


def test_other_source_that_does_the_same_keeps_the_fit(city, forgotten, monkeypatch):
    monkeypatch.setattr(probes, "source_version", lambda: "renamed and moved")
    assert load_fit(city).provenance.probes
    assert len(list((forgotten / "peiyu" / "probes").iterdir())) == 1
    monkeypatch.setattr(probes, "_repeated", set())
    monkeypatch.setattr(probes, "_run", lambda *_: 1 / 0)
    assert load_fit(city)  # remembered by another process: nothing is run


def test_a_changed_error_scale_is_named(folder):
    edit(folder / "series.toml", "offset = 0.20\nroll_out_error = 0.15", "offset = 0.20\nroll_out_error = 0.25")
    assert "the observations changed (srdi_stock@2021Q4: error 0.1" in refusal(load_city(folder))


def test_a_changed_offset_is_named(folder):
    edit(folder / "series.toml", "offset = 0.05", "offset = 0.15")
    assert re.search(r"the observations changed \(hnte_certified@\S+: offset 0\.\d+ → 0\.1\d+\)", refusal(load_city(folder)))


def test_a_changed_prior_is_named(city, monkeypatch):
    monkeypatch.setitem(agents.parameters.PRIORS, "renewal", Beta(2, 2))
    assert "the priors changed (renewal: q05 " in refusal(city)


def test_a_changed_rule_is_named(folder):
    edit(folder / "recognitions.toml", "min_age_quarters = 4", "min_age_quarters = 8")
    assert "the city's rules changed (recognitions.toml)" in refusal(load_city(folder))


def test_words_for_readers_change_nothing(folder):
    edit(folder / "recognitions.toml", 'source = "', 'source = "see also: ')
    edit(folder / "profile.toml", 'source = "', 'source = "see also: ')
    assert load_fit(load_city(folder)).draws.any()


def test_a_number_that_came_later_changes_nothing(folder):
    path = folder / "events.csv"
    events = pd.read_csv(path, dtype=str, keep_default_na=False)
    later = events.tail(1).assign(quarter="2026Q1", as_of="2026-06")
    pd.concat([events, later]).to_csv(path, index=False)
    assert load_fit(load_city(folder)).draws.any()


def test_another_way_to_read_a_run_is_named(city, monkeypatch):
    real = basis.summary
    monkeypatch.setattr(basis, "summary", lambda o, *run: real(o, *run) + (o.name == "hnte_first@2018Q4"))
    assert "the observations changed (hnte_first@2018Q4: read_as " in refusal(city)


def test_changed_settings_of_the_sampler_are_named(city, monkeypatch):
    monkeypatch.setattr(smc, "NEAREST", 0.4)
    assert "the sampler's settings changed (nearest 0.5 → 0.4)" in refusal(city)


def test_changed_behaviour_is_named_with_its_first_number(city, forgotten, monkeypatch):
    real = growth.shock_table
    monkeypatch.setattr(growth, "shock_table", lambda shape: 1.001 * real(shape))
    said = refusal(city)
    assert "the model's behaviour changed (probe of draw 0: " in said and " → " in said
    assert not (forgotten / "peiyu" / "probes").exists()  # what does not repeat is not remembered


def test_a_fit_of_an_earlier_version_asks_for_a_new_one(city, folder):
    fit = Fit.read((folder / "fitted.csv").read_text(), (folder / "fitted.json").read_text())
    old = (folder / "fitted.json").read_text().split(' "basis"')[0].rstrip(",\n") + ', "code": "0123456789abcdef"}'
    (folder / "fitted.json").write_text(old)
    assert "was saved by an earlier version" in refusal(load_city(folder))
    assert Fit.read((folder / "fitted.csv").read_text(), old).provenance.steps == fit.provenance.steps


def test_draws_changed_by_hand_are_refused(folder):
    edit(folder / "fitted.csv", "0.1", "0.2")
    with pytest.raises(InputError, match="was changed after the fit"):
        load_fit(load_city(folder))


def test_probes_repeat_in_another_process(city):
    fit = load_fit(city)
    history = History(city, load_scenario(city.in_force, city), AS_OF, 1.0)
    work = [(history, fit, len(fit.draws))] * 2
    assert list(Workers(2).spread(_probed, work)) == [fit.provenance.probes] * 2


def _probed(work):
    history, fit, n = work
    return probes.probe(history, fit.parameters, n)


@pytest.mark.parametrize("home", ["file", "locked"])
def test_a_cache_that_cannot_be_written_is_done_without(city, forgotten, monkeypatch, tmp_path, home):
    blocked = tmp_path / home
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert load_fit(city).draws.any()
    assert blocked.read_text() == "not a folder"


def test_a_fit_is_read_back_as_written(city):
    fit = load_fit(city)
    assert Fit.read(*fit.written()).provenance == fit.provenance
    assert fit.written()[1] == (city.folder / "fitted.json").read_text("utf8")


def test_every_observation_and_prior_is_kept(city):
    seen = observed(city, AS_OF)
    made = basis.basis_of(History(city, load_scenario(city.in_force, city), AS_OF, 1.0), seen)
    assert set(made.observations) == {o.name for o in seen} and set(made.priors) == set(agents.parameters.NAMES)
    assert made.change_to(made) is None and basis.same(float("nan"), float("nan")) and not basis.same(1.0, 1.0 + 1e-8)
