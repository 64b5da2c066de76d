"""Rates of institutional events given the record: against closed forms and against importance sampling."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from agents.parameters import NAMES, PRIORS
from calibration.fit.rates import rates_given_record
from sim import quarter
from sim.city.series import CoveredEntry
from sim.model.institutions import RATE_OF

N = 1500
SHORT = quarter.parse("2025Q4")


def covered(event, since, to, **more):
    return CoveredEntry.model_validate({"event": event, "since": since, "to": to, "why": "test"} | more)


def with_record(city, entries, facts):
    """Return the city with nothing on record but these events, covered by these entries."""
    rows = [{"quarter": quarter.parse(q), "kind": kind, "count": n, "district": "", "track": ""} for q, kind, n in facts]
    events = pd.DataFrame(rows, columns=["quarter", "kind", "count", "district", "track"])
    return replace(city, events=events, series=replace(city.series, covered=tuple(entries)))


@pytest.fixture(scope="module")
def draws():
    """Draws from the priors of everything."""
    u = np.random.default_rng(7).uniform(size=(N, len(NAMES)))
    return np.column_stack([PRIORS[name].value(u[:, i]) for i, name in enumerate(NAMES)])


def of(table, name):
    return table[:, NAMES.index(name)]


def fits(sample, distribution):
    """Tell whether a sample may come from a distribution; a false alarm in a million."""
    return stats.kstest(sample, distribution.cdf).pvalue > 1e-6


def test_municipal_zones_are_the_textbook_conjugate(city, draws):
    """Sixteen zones in the one batch of 2025 on a Gamma prior of mean 13: Gamma(shape + 16, 1 / (1 / scale + 1))."""
    known = with_record(city, [covered("zone_designated", "2025Q1", "2025Q4")], [("2025Q2", "zone_designated", 16)])
    prior = PRIORS["zone_candidates"]
    found = of(rates_given_record(draws, known, SHORT, 1), "zone_candidates")
    assert fits(found, stats.gamma(prior.shape + 16, scale=1.0 / (1.0 / prior.scale + 1.0)))
    assert not fits(of(draws, "zone_candidates"), stats.gamma(prior.shape + 16, scale=1.0 / (1.0 / prior.scale + 1.0)))


def test_an_incomplete_list_exposes_its_part_of_the_rate(city, draws):
    """37 projects in 2025, ramped 1/4 to 1: 0.625 of a year, of which each draw holds that the record shows a part."""
    known = with_record(
        city,
        [covered("key_project_listed", "2025Q1", "2025Q4", complete=False)],
        [("2025Q4", "key_project_listed", 37)],
    )
    half = draws.copy()
    half[:, NAMES.index("record_seen")] = 0.5
    prior = PRIORS["projects_rate"]
    found = of(rates_given_record(half, known, SHORT, 1), "projects_rate")
    assert fits(found, stats.gamma(prior.shape + 37, scale=1.0 / (1.0 / prior.scale + 0.625 * 0.5)))


def test_a_list_in_batches_tells_as_much_as_so_many_fewer_events(city, draws):
    known = with_record(
        city, [covered("key_project_listed", "2025Q1", "2025Q4", batch=10.0)], [("2025Q4", "key_project_listed", 30)]
    )
    prior = PRIORS["projects_rate"]
    found = of(rates_given_record(draws, known, SHORT, 1), "projects_rate")
    assert fits(found, stats.gamma(prior.shape + 3, scale=1.0 / (1.0 / prior.scale + 0.0625)))


def test_what_the_record_does_not_speak_of_keeps_its_prior(city, draws):
    """Silence without coverage is no evidence, nor is what comes after the origin."""
    entries = [covered("sample_made", "2025Q1", None), covered("platform_built", "2026Q1", "2026Q4")]
    found = rates_given_record(draws, with_record(city, entries, []), SHORT, 1)
    for name in ("samples_rate", "platforms_rate", "spontaneous_samples"):
        prior = PRIORS[name]
        assert fits(prior.rank(of(found, name)), stats.uniform())
    others = [i for i, name in enumerate(NAMES) if "rate" not in name and "spontaneous" not in name and "zone" not in name]
    assert np.array_equal(found[:, others], draws[:, others])


def test_one_list_of_several_quarters_is_nothing_before_it_is_out(city, draws):
    entry = covered("scene_need_listed", "2025Q1", "2026Q1", at_once=True)
    known = with_record(city, [entry], [("2026Q1", "scene_need_listed", 40)])
    early = of(rates_given_record(draws, known, SHORT, 1), "scenes_rate")
    assert fits(PRIORS["scenes_rate"].rank(early), stats.uniform())
    late = of(rates_given_record(draws, known, quarter.parse("2026Q1"), 1), "scenes_rate")
    assert np.quantile(late, 0.95) < np.median(early)


def test_events_before_the_plan_tell_how_many_come_without_it(city, draws):
    """Against prior draws weighed by the probability of the same counts: two in 2024 without, three in 2025 with policy."""
    entries = [covered("zone_provincial", "2024Q1", "2025Q4")]
    facts = [("2024Q2", "zone_provincial", 2), ("2025Q3", "zone_provincial", 3)]
    found = rates_given_record(draws, with_record(city, entries, facts), SHORT, 1)
    rng = np.random.default_rng(2)
    rate = PRIORS["provincial_zones"].value(rng.uniform(size=200_000))
    share = PRIORS["spontaneous_provincial"].value(rng.uniform(size=200_000))
    weight = stats.poisson.pmf(2, rate * share) * stats.poisson.pmf(3, rate)  # a year each, policy at full push in 2025
    for name, sample in (("provincial_zones", rate), ("spontaneous_provincial", share)):
        exact = np.average(sample, weights=weight)
        spread = np.sqrt(np.average((sample - exact) ** 2, weights=weight))
        assert abs(of(found, name).mean() - exact) < 5.0 * spread / np.sqrt(N)
        assert of(found, name).std() == pytest.approx(spread, rel=0.08)
    both = np.corrcoef(of(found, "provincial_zones"), of(found, "spontaneous_provincial"))[0, 1]
    exact = np.cov(rate, share, aweights=weight)
    assert both == pytest.approx(exact[0, 1] / np.sqrt(exact[0, 0] * exact[1, 1]), abs=0.06)


def test_a_further_event_raises_its_rate_and_no_other(city, draws):
    as_of = quarter.parse("2026Q1")
    more = pd.concat([city.events, city.events[city.events.kind == "consortium_formed"]], ignore_index=True)
    before, after = (rates_given_record(draws, c, as_of, 1) for c in (city, replace(city, events=more)))
    moved = {name for i, name in enumerate(NAMES) if not np.array_equal(before[:, i], after[:, i])}
    assert moved == {"consortia_rate", "spontaneous_consortia"}
    assert of(after, "consortia_rate").mean() > 1.2 * of(before, "consortia_rate").mean()


def test_without_a_record_a_city_of_three_times_the_enterprises_has_three_times_the_events(city, draws):
    bare = with_record(city, (), ())
    large = replace(bare, opening=replace(bare.opening, enterprises=3 * bare.opening.enterprises))
    a, b = (rates_given_record(draws, place, SHORT, 1) for place in (bare, large))
    for rate in RATE_OF.values():
        np.testing.assert_allclose(of(b, rate), 3.0 * of(a, rate), rtol=1e-9)
