"""How earlier forecasts did: scores known in closed form, settled goals by hand, which forecasts are meant."""

import json
import shutil

import numpy as np
import pytest
from scipy.stats import norm
from stores import at, record, series, trajectory
from test_peiyu_runs import stated

from calibration.data.observations import target
from calibration.data.summaries import observed
from peiyu.__main__ import run
from peiyu.review import choice, scored
from peiyu.review.review import keep, missing, review
from peiyu.runs.change_document import ChangeDocument
from sim import quarter
from sim.city.city import load_city
from sim.ensemble.stated import Joint
from sim.inputs.errors import InputError
from sim.store.store import open_store

THEN, NOW = quarter.parse("2024Q4"), quarter.parse("2026Q1")
SINCE = {"little_giant_stock": 400.0, "unicorns": 60.0, "tech_sme_stock": 20000.0}
"""What every member has of what was published between the two: 476 and at least 478, 44, at least 34,000."""


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "peiyu.db") as made:
        yield made


def written(store, city, scenario, run_id, as_of=THEN, when="01:00", members=2, **said):
    """Keep a finished run whose members all have the numbers above in every quarter."""
    store.register(record(city, scenario, run_id, as_of=as_of))
    first = quarter.parse("2022Q1")
    for i in range(members):
        store.save_member([run_id], 1, [trajectory(i, values=series(first, **SINCE))], first, as_of - 3)
    goals = stated(city, **{"model_probability": 0.25, "record_rate": 0.75} | said)
    store.save_forecast(run_id, members, goals, Joint(0.25, {1: 0.75, 2: 0.25}))
    at(store, run_id, when)


@pytest.fixture
def two(store, city, scenario):
    """Two forecasts of the plan, of 2024Q4 and 2026Q1."""
    written(store, city, scenario("plan_as_written"), "then", probability=0.5)
    written(store, city, scenario("plan_as_written"), "now", as_of=NOW, when="02:00", probability=0.75)
    return store


def row(document, indicator, when):
    return next(r for r in document.numbers if (r.indicator, r.quarter) == (indicator, when))


def errors(city):
    """Return the errors of the numbers by name, as the fit has them."""
    every = [o for o in observed(city, NOW) if not o.share]
    return {o.name: float(np.sqrt(target([o]).covariance()[0, 0])) for o in every}


def test_a_number_is_scored_as_a_log_normal_forecast_in_closed_form(two, city):
    found = review(two).document
    for indicator, when, published, last in (("little_giant_stock", "2025Q1", 476.0, 321.0), ("unicorns", "2025Q2", 44.0, 39.0)):
        r, sd = row(found, indicator, when), errors(city)[f"{indicator}@{when}"]
        middle, y = np.log1p(SINCE[indicator]), np.log1p(published)
        z = (y - middle) / sd
        # the score of a normal distribution (Gneiting and Raftery 2007, equation 21)
        exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
        assert r.crps == pytest.approx(exact, rel=0.02)
        assert r.percentile == pytest.approx(norm.cdf(z), abs=0.02)
        assert r.carried == pytest.approx(last) and r.carried_crps == pytest.approx(abs(y - np.log1p(last)))
        assert (r.median, r.q05) == (pytest.approx(SINCE[indicator], rel=1e-6), pytest.approx(np.exp(middle - 1.645 * sd) - 1, rel=0.02))
        assert r.inside is bool(abs(z) < 1.645)


def test_a_bound_has_no_score_and_is_broken_only_from_its_own_side(two):
    found = review(two).document
    giants, firms = row(found, "little_giant_stock", "2025Q4"), row(found, "tech_sme_stock", "2025Q4")
    assert (giants.bound, giants.published, giants.crps, giants.percentile, giants.carried_crps) == ("lower", pytest.approx(478), None, None, None)
    assert giants.inside  # 400, with an error of a seventh
    assert not firms.inside  # 20,000, and at least 34,000 came


def test_what_was_known_or_is_not_forecast_is_told_and_not_scored(two, city):
    tally = review(two).document.tallies[0]
    assert (tally.run, tally.exact, tally.bounds, tally.bounds_inside) == ("then", 2, 2, 1)
    assert tally.exact_inside == 1 and tally.by_luck == pytest.approx(1 - 0.9**2)
    assert tally.older == 0 and tally.not_forecast == 0
    new = scored.since(city, THEN, NOW)
    assert {o.name for o in new.ahead} == {"little_giant_stock@2025Q1", "little_giant_stock@2025Q4", "tech_sme_stock@2025Q4", "unicorns@2025Q2"}
    earlier = scored.since(city, quarter.parse("2022Q4"), NOW)
    assert earlier.last["hnte_stock"].value == pytest.approx(10222)  # the bound of 2023 is no last value


def settled(place, target_value, hit):
    """Lay the outcome of the first goal into the file of a copied city."""
    common = load_city("hangzhou").settled
    one = common.iloc[[0]].assign(
        region="hangzhou", series="hnte", target_value=target_value, deadline=2026, target_set_period="2025", base_value=None,
        base_period="", outcome_value=500.0 if hit else 400.0, outcome_period="2026", hit=hit, scale="level",
    )  # fmt: skip
    one.to_csv(place / "settled_goals.csv", index=False)


@pytest.mark.parametrize("hit", [0, 1])
def test_a_goal_that_has_settled_is_scored_by_brier(store, scenario, tmp_path, hit):
    place = tmp_path / "hangzhou"
    shutil.copytree(load_city("hangzhou").folder, place)
    settled(place, 500, hit)
    city = load_city(str(place))
    written(store, city, scenario("plan_as_written"), "then", probability=0.5)
    written(store, city, scenario("plan_as_written"), "now", as_of=NOW, when="02:00")
    found = review(store, place=str(place)).document
    told = [(r.goal, r.reading, r.reached) for r in found.settled]
    assert told == [("hnte", "newly_recognised", bool(hit))]
    (mean,) = found.briers
    assert (mean.brier, mean.record_brier, mean.model_brier) == (0.25, (0.75 - hit) ** 2, (0.25 - hit) ** 2)
    assert found.open == len(city.goals) - 1 and all(g.goal != "hnte" for g in found.goals)


def test_open_goals_show_every_forecast_and_what_moved_them(two):
    part = {"goal": "hnte", "reading": "newly_recognised", "old": 0.5, "model": 0.0, "data": 0.25, "policy": 0.0, "luck": 0.0, "new": 0.75}
    change = {"old": "then", "new": "now", "parts": ["model", "data", "policy", "luck"], "goals": [part]}
    two.keep(ChangeDocument.model_validate(change), "change0", "hangzhou", ["then", "now"])
    found = review(two).document
    assert [g.probabilities for g in found.goals] == [[0.5, 0.75]] * len(found.goals)
    assert [(g.part, g.points) for g in found.goals if g.goal == "hnte"] == [("data", 0.25)]
    assert {(g.part, g.points) for g in found.goals if g.goal != "hnte"} == {(None, None)}


def test_the_earliest_the_last_before_now_and_now_are_compared(two, city, scenario):
    for i, label in enumerate(("2025Q1", "2025Q4")):
        written(two, city, scenario("plan_as_written"), f"mid{i}", as_of=quarter.parse(label), when="03:00")
    written(two, city, scenario("plan_as_written"), "more", as_of=quarter.parse("2025Q4"), when="04:00", members=3)
    written(two, city, scenario("baseline"), "other", as_of=quarter.parse("2022Q4"), when="05:00")
    assert [f.id for f in choice.chosen(two, [], None)[1]] == ["then", "more", "now"]
    assert [f.id for f in choice.chosen(two, ["now"], None)[1]] == ["then", "more", "now"]
    assert [f.id for f in choice.chosen(two, ["now", "mid0"], None)[1]] == ["mid0", "now"]


def test_what_cannot_be_compared_is_refused_with_what_to_do(store, city, scenario, tmp_path):
    plan = scenario("plan_as_written")
    with pytest.raises(InputError, match="peiyu forecast"):
        review(store)
    written(store, city, plan, "now", as_of=NOW)
    with pytest.raises(InputError, match=r"two origins.*run peiyu forecast .*--as-of 2024Q4 for another"):
        review(store)
    written(store, city, plan, "again", as_of=NOW, when="02:00")
    with pytest.raises(InputError, match="both start from 2026Q1"):
        review(store, ["now", "again"])
    store.register(record(city, plan, "half"))
    with pytest.raises(InputError, match="was not finished"):
        review(store, ["half", "now"])
    with pytest.raises(InputError, match=r"\"nwo\".*[Dd]id you mean \"?now"):
        review(store, ["nwo"])
    with pytest.raises(InputError, match="is a forecast of hangzhou and not of wuhan"):
        review(store, ["now"], "wuhan")
    with pytest.raises(InputError, match="no finished forecast of wuhan"):
        review(store, [], "wuhan")


def test_of_two_cities_one_is_to_be_named(two, scenario):
    wuhan = load_city("wuhan")
    written(two, wuhan, scenario("baseline"), "w")
    with pytest.raises(InputError, match="which city"):
        review(two)
    assert review(two, place="hangzhou").runs == ["then", "now"]


def test_the_appendix_adds_a_review_once_and_only_where_there_is_an_earlier_origin(two, city):
    made = missing(two, "now", city)
    assert made is not None and made.runs == ["then", "now"]
    keep(made, two)
    assert missing(two, "now", city) is None
    assert missing(two, "then", city) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_keeps_and_writes_the_page(two, tmp_path, capsys, lang):
    common = ["--out", str(tmp_path), "--lang", lang]
    assert run(["review", *common, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [f["run"] for f in told["forecasts"]] == ["then", "now"] and len(told["numbers"]) == 4
    page = (tmp_path / f"review_{lang}.md").read_text("utf8")
    assert run(["review", *common]) == 0
    screen = capsys.readouterr().out
    for text in (page, screen):
        assert "476" in text and "{" not in text.replace("{#", "")
    (kept,) = two.db.execute("SELECT key FROM analyses WHERE kind = 'review'").fetchone()
    assert run(["reproduce", f"analysis/review/{kept}/numbers/0/published", "--out", str(tmp_path)]) == 0


def test_a_refusal_is_one_message_and_nothing_is_written(store, city, scenario, tmp_path, capsys):
    written(store, city, scenario("plan_as_written"), "now", as_of=NOW)
    assert run(["review", "--out", str(tmp_path), "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "Traceback" not in said.err and "two origins" in said.err
    assert [p.name for p in tmp_path.glob("*.md")] == []
    assert store.db.execute("SELECT count(*) FROM analyses").fetchone() == (0,)
