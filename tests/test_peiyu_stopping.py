"""How many members a question gets: the stopping rule with known answers, who is run, what is gone on with, what names a run."""

from dataclasses import replace

import numpy as np
import pytest
from stores import series, trajectory

from calibration.fit.fit import load_fit
from peiyu.forecasts import pipeline
from peiyu.forecasts.precision import Precision
from sim import quarter
from sim.ensemble.forecast import model_error
from sim.inputs.errors import InputError
from sim.store.store import open_store
from sim.workers import Workers

ERROR, BATCH = 0.04, 5
"""With these, a chance that no member disagrees about takes 15 members, one in five 30, and one in two 40: errors of readings
that nothing informs count half."""


@pytest.fixture(scope="module")
def fit(city):
    return load_fit(city)


@pytest.fixture
def asked(city, scenario, fit, monkeypatch):
    """Return a question, and make members of it that meet the stock of labels or the consortia when a test says so."""
    monkeypatch.setattr(pipeline, "BATCH", BATCH)
    as_of = quarter.parse(fit.provenance.as_of)

    def question(*names, members=60, mc_error=ERROR):
        scenarios = tuple(scenario(n) for n in names or ("plan_as_written",))
        return pipeline.Question(city, scenarios, fit, as_of, as_of + 8, 1, members, mc_error, Workers())

    return question


@pytest.fixture
def run_by_hand(city, monkeypatch):
    """Say by scenario which members meet a reading; returns the indices of those that were run, look by look."""

    def says(indicator, meets):
        looks = []

        def run(x, members, *, workers):
            looks.append([m.index for m in members])
            for m in members:
                said = [{indicator: 600.0 * meets(s.name, m.index)} for s in x.scenarios]
                yield [
                    trajectory(m.index, s.name, values=series(city.start + 1, **v), leaks={"tenants": 0.0})
                    for s, v in zip(x.scenarios, said, strict=True)
                ]

        monkeypatch.setattr(pipeline, "run_members", run)
        return looks

    return says


STOCK, CONSORTIA = "future_hnte_stock", "consortia"
WHEN_TO_STOP = {
    "all agree": (STOCK, lambda _, i: True, 15),
    "nobody reaches it": (STOCK, lambda _, i: False, 15),
    "one in five": (STOCK, lambda _, i: i % 5 == 0, 30),
    "every other one": (STOCK, lambda _, i: i % 2 == 0, 40),
    "every other one, of another reading": (CONSORTIA, lambda _, i: i % 2 == 0, 40),
    "nobody at first, all later": (STOCK, lambda _, i: i >= 15, 15),
    "one of the first few": (STOCK, lambda _, i: i == 2, 20),
}


@pytest.mark.parametrize(("indicator", "meets", "members"), WHEN_TO_STOP.values(), ids=WHEN_TO_STOP)
def test_members_are_added_until_the_worst_error_is_small_enough(asked, run_by_hand, tmp_path, indicator, meets, members):
    looks = run_by_hand(indicator, meets)
    (f,) = pipeline.answer(asked(), open_store(tmp_path / "a.db"))
    assert f.members == members == sum(map(len, looks))
    assert [i for look in looks for i in look] == list(range(members))  # each once, in order
    assert max(model_error(g, members) for g in f.goals) <= ERROR
    assert all(len(look) % BATCH == 0 for look in looks)


def test_the_scenario_that_is_least_sure_decides_for_all(asked, run_by_hand, tmp_path):
    run_by_hand(STOCK, lambda name, i: name == "plan_as_written" and i % 5 == 0)
    forecasts = pipeline.answer(asked("baseline", "plan_as_written"), open_store(tmp_path / "a.db"))
    assert [f.members for f in forecasts] == [30, 30]


@pytest.mark.parametrize("members", [1, 3, 7, 23])
def test_never_more_members_than_were_allowed(asked, run_by_hand, tmp_path, members):
    looks = run_by_hand(STOCK, lambda _, i: i % 2 == 0)
    (f,) = pipeline.answer(asked(members=members, mc_error=1e-9), open_store(tmp_path / "a.db"))
    assert f.members == members and [i for look in looks for i in look] == list(range(members))


def test_where_no_error_can_be_small_enough_nobody_waits_for_looks(asked, run_by_hand, tmp_path):
    looks = run_by_hand(STOCK, lambda _, i: i % 2 == 0)
    pipeline.answer(asked(mc_error=1e-9), open_store(tmp_path / "a.db"))
    assert [len(look) for look in looks] == [5, 55]


def test_a_probability_is_that_of_its_first_members_though_more_are_stored(asked, run_by_hand, tmp_path):
    store = open_store(tmp_path / "a.db")
    run_by_hand(STOCK, lambda _, i: i < 3)
    shares = {}
    for members in (10, 4):
        (f,) = pipeline.answer(asked(members=members, mc_error=1e-9), store)
        shares[members] = next(g.probability for g in f.goals if (g.goal, g.reading) == ("hnte", "valid_stock"))
    assert shares == {10: 0.3, 4: 0.75}
    assert store.last_forecast(f.run_id)[0]["members"] == 10


def test_what_is_missing_is_run_and_nothing_else_and_progress_counts_what_was_there(asked, run_by_hand, tmp_path):
    store, q, told = open_store(tmp_path / "a.db"), asked(members=8, mc_error=1e-9), []
    looks = run_by_hand(STOCK, lambda _, i: True)
    pipeline.answer(q, store)
    run_id = q.run_id(q.scenarios[0])
    for table in ("series", "ledger", "leaks", "ladder", "members"):
        store.db.execute(f"DELETE FROM {table} WHERE member IN (1, 6)")
    looks.clear()
    pipeline.answer(q, store, lambda done, total: told.append((done, total)))
    assert [look for look in looks if look] == [[1], [6]] and store.members_done([run_id]) == set(range(8))
    assert told == [(5, 8), (8, 8), (8, 8)]


def test_the_end_is_the_same_when_it_is_reached_in_two_goes(asked, run_by_hand, tmp_path):
    meets = lambda _, i: i % 5 == 0  # noqa: E731
    store = open_store(tmp_path / "a.db")
    run_by_hand(STOCK, meets)
    pipeline.answer(asked(members=17), store)
    looks = run_by_hand(STOCK, meets)
    (f,) = pipeline.answer(asked(), store)
    assert [i for look in looks for i in look] == list(range(17, 30))
    (at_once,) = pipeline.answer(asked(), open_store(tmp_path / "b.db"))
    assert f.document() == at_once.document() and f.members == 30


def test_a_stopped_run_keeps_the_members_it_has_and_no_forecast(asked, run_by_hand, tmp_path):
    store, q = open_store(tmp_path / "a.db"), asked("baseline", "plan_as_written")

    def stops(name, i):
        if i == 4 and name == "plan_as_written":
            raise KeyboardInterrupt
        return True

    run_by_hand(STOCK, stops)
    with pytest.raises(KeyboardInterrupt):
        pipeline.answer(q, store)
    runs = [q.run_id(s) for s in q.scenarios]
    assert store.members_done(runs) == {0, 1, 2, 3}
    with pytest.raises(InputError, match="was not finished"):
        store.last_forecast(runs[1])
    assert [row["members"] for row in store.run_listing()] == [4, 4]


def test_a_finished_run_says_with_what_it_was_made(asked, run_by_hand, tmp_path):
    store = open_store(tmp_path / "a.db")
    run_by_hand(STOCK, lambda *_: True)
    (f,) = pipeline.answer(asked(), store)
    made = store.pieces(f"run/{f.run_id}")["made"]["versions"]
    assert made["numpy"] == np.__version__ and made["python"].startswith("3.")


# The name of a run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "other"), [("as_of", -1), ("end", 1), ("seed", 1), ("weight", 0.5)])
def test_what_decides_numbers_is_in_the_name_of_a_run(asked, field, other):
    q = asked()
    changed = replace(q, **{field: getattr(q, field) + other})
    assert changed.run_id(q.scenarios[0]) != q.run_id(q.scenarios[0])


def test_city_scenario_posterior_and_code_are_in_the_name_of_a_run(asked, city, fit, scenario, monkeypatch):
    q = asked()
    plan = q.scenarios[0]
    provenance = replace(fit.provenance, draws_sha="x")
    names = [q.run_id(plan), replace(q, city=replace(city, sha="x")).run_id(plan), q.run_id(scenario("baseline")),
             replace(q, fit=replace(fit, provenance=provenance)).run_id(plan)]  # fmt: skip
    monkeypatch.setattr(pipeline, "source_version", lambda: "x")
    names.append(q.run_id(plan))
    assert len(set(names)) == 5 and all(len(name) == 12 and int(name, 16) >= 0 for name in names)


def test_how_precisely_and_by_whom_is_not(asked):
    q = asked()
    name = q.run_id(q.scenarios[0])
    for same in (replace(q, members=9), replace(q, mc_error=0.5), replace(q, workers=Workers(4))):
        assert same.run_id(q.scenarios[0]) == name
    assert replace(q, scenarios=(*q.scenarios, *q.scenarios)).run_id(q.scenarios[0]) == name  # compared or alone


# A later origin ------------------------------------------------------------------------------------------------------


def test_a_fit_is_brought_forward_once_and_then_read(asked, fit, tmp_path, monkeypatch):
    store, made = open_store(tmp_path / "a.db"), []

    def brought(city, old, in_force, origin, *, workers, progress):
        made.append((in_force.name, quarter.label(origin)))
        return replace(old, provenance=replace(old.provenance, as_of=quarter.label(origin)))

    monkeypatch.setattr(pipeline, "brought_forward", brought)
    q = asked()
    assert pipeline.up_to_date(q, store) is q and made == []
    later = replace(q, as_of=q.as_of + 2)
    first, second = pipeline.up_to_date(later, store), pipeline.up_to_date(later, store)
    assert made == [(q.city.in_force, quarter.label(q.as_of + 2))]
    assert first.fit.provenance == second.fit.provenance and np.array_equal(first.fit.draws, second.fit.draws)
    pipeline.up_to_date(replace(later, as_of=q.as_of + 3), store)
    monkeypatch.setattr(pipeline, "source_version", lambda: "x")  # other code may bring it elsewhere
    pipeline.up_to_date(later, store)
    assert [when for _, when in made] == [quarter.label(q.as_of + n) for n in (2, 3, 2)]


# Refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"members": 0}, "--members 0: write a number from 1 to 100,000; 400 is the usual."),
        ({"members": -3}, "--members -3: write a number from 1 to 100,000; 400 is the usual."),
        ({"mc_error": 0.0}, "--mc-error 0: write a number between 0 and 1."),
        ({"mc_error": 1.0}, "--mc-error 1: write a number between 0 and 1."),
        ({"mc_error": float("nan")}, "--mc-error nan: write a number between 0 and 1."),
        ({"workers": Workers(0)}, "--workers 0: write a number from 1 to 256; --cluster has more machines."),
    ],
    ids=str,
)
def test_a_precision_that_no_run_can_have_is_refused(wrong, words):
    with pytest.raises(InputError) as refused:
        Precision(**wrong).checked()
    assert str(refused.value) == words
    assert Precision(1, 0.999, workers=Workers(1)).checked() == Precision(1, 0.999, workers=Workers(1))


RANGE = (
    "write a quarter from 2026Q4, when the last goal of hangzhou falls due, to 2040Q4, as far as what is learnt from the"
    " past carries."
)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"scenarios": ["baseline", "plan_as_written", "baseline"]},
         "scenarios baseline, plan_as_written, baseline: each may be named once."),
        ({"end": "2026Q3"}, f"--end 2026Q3: {RANGE}"),
        ({"end": "2041Q1"}, f"--end 2041Q1: {RANGE}"),
        ({"end": "2030"}, f'--end: "2030" is not a quarter; write year, Q and 1 to 4 in quotes, like "2026Q3". Here, {RANGE}'),
        ({"end": "2030q4"},
         '--end: "2030q4" is not a quarter; write year, Q and 1 to 4 in quotes, like "2026Q3". Did you mean "2030Q4"?'
         f" Here, {RANGE}"),
        ({"as_of": "2015Q4"},
         "--as-of 2015Q4: the data of hangzhou begin in 2012Q4, and three years are needed before a forecast; write 2016Q1 or later."),
    ],
    ids=["named twice", "horizon before the goals", "a quarter too far", "a year", "a small letter", "origin too early"],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused_in_one_sentence(how, words):
    with pytest.raises(InputError) as refused:
        pipeline.ask("hangzhou", how.pop("scenarios", ["baseline"]), **how)
    assert str(refused.value) == words


def test_a_farther_horizon_adds_years_to_fans_and_outcomes_and_moves_no_goal(tmp_path):
    store = open_store(tmp_path / "a.db")
    near, far = (
        pipeline.answer(replace(pipeline.ask("hangzhou", ["plan_as_written"], end=end), weight=60.0, members=2, workers=Workers(1)), store)[0]
        for end in (None, "2040Q4")
    )
    assert far.goals == near.goals and far.joint == near.joint
    same = near.ensemble.values.shape[1]
    assert far.ensemble.values.shape[1] == same + 14 * 4
    assert np.array_equal(far.ensemble.values[:, :same], near.ensemble.values, equal_nan=True)
    assert np.isfinite(far.ensemble.values[:, same:]).all()
    years = [max(row["year"] for row in f.document()["outcomes"]) for f in (near, far)]
    assert years == [2026, 2040]
