"""The planner's page: its numbers are those of the command line, its doors are shut, its links open what they opened."""

import asyncio
import json
import pickle
import re
import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the page extra is not installed")

from starlette.testclient import TestClient

from calibration.fit.fit import load_fit
from peiyu.forecasts import pipeline
from peiyu.page import desk as page_desk
from peiyu.page import worker
from peiyu.page.choice import MOVABLE, Choice, of_query
from peiyu.page.desk import Desk
from peiyu.page.hand import Hand
from peiyu.page.keeper import Keeper
from peiyu.page.pool import Pool
from peiyu.page.purse import planned
from peiyu.page.renewal import RenewedError
from peiyu.page.rules import PageRule
from peiyu.page.turns import LAST, Turns
from peiyu.page.web import answers
from peiyu.page.web.app import application
from peiyu.page.web.security import Guard
from peiyu.page.web.site import Site
from sim import quarter
from sim.city.city import load_city
from sim.ensemble.ensemble import series_of
from sim.ensemble.outcomes import OUTCOMES
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.store.reader import open_reader
from sim.store.store import open_store
from sim.workers import Workers

WEIGHT, MEMBERS = 200.0, 4
MOVED = "base=plan_as_written&set=fund_seedling.size:3&lang=en"
SCREENS = ["/", "/watch", "/evidence", "/export", "/compare", "/compare?with=baseline"]
USUAL = Choice("zh", "plan_as_written")
PAGE = Path(page_desk.__file__).parent


class Here(Hand):
    """Does at once, in this process, what the page's workers do in theirs."""

    def __init__(self, task):
        self.do_it = pickle.loads(task)

    def end(self):
        pass

    async def do(self, piece):
        await asyncio.sleep(0)  # others have their turn meanwhile, as they have while a process works
        return self.do_it(pickle.loads(piece))


@pytest.fixture(scope="module")
def question(city):
    fit = load_fit(city)
    as_of = quarter.parse(fit.provenance.as_of)
    plan = load_scenario("plan_as_written", city)
    return pipeline.Question(city, (plan,), fit, as_of, as_of + 8, 1, MEMBERS, 0.001, Workers(), WEIGHT)


@pytest.fixture(scope="module")
def site(question, tmp_path_factory):
    place = tmp_path_factory.mktemp("page")
    pool = Pool(question.experiment(question.scenarios), 1, MEMBERS)
    pool.start = partial(pool.start, Here)
    (place / "scenarios").mkdir()
    desk = Desk(question, pool, place / "scenarios")
    return Site(desk, Keeper(desk, place / "peiyu.db"), "zh")


@pytest.fixture(scope="module")
def client(site):
    with pytest.MonkeyPatch.context() as patch:
        for module in (page_desk, answers):
            patch.setattr(module, "STAGES", (2, MEMBERS))
        patch.setattr("peiyu.page.web.views.EVIDENCE_MEMBERS", 2)
        patch.setattr("peiyu.page.web.files.STAGES", (2, MEMBERS))
        patch.setattr("peiyu.page.web.site.STAGES", (2,))
        app = Guard(application(site), "127.0.0.1", 80)
        with TestClient(app, base_url="http://127.0.0.1:80", headers={"host": "127.0.0.1:80"}) as asked:
            yield asked


def streamed(response):
    events = [event.splitlines() for event in response.text.split("\n\n") if event.startswith("event: answer")]
    return [json.loads(data[6:]) for _, data in events]


def test_a_kept_state_runs_on_as_the_model_itself_to_the_bit(question, site):
    x, plan, member = question.experiment(question.scenarios), question.scenarios[0], question.fit.member(1, 1)
    straight = series_of(x.history_of(member).turn_to(plan).run_to(x.end))
    kept = worker.Shelf(x, 2)
    for _ in range(2):  # made, then read back
        assert np.array_equal(series_of(kept.state(member).turn_to(plan).run_to(x.end)), straight, equal_nan=True)


def test_the_first_members_stay_when_there_is_no_room(question):
    shelf = worker.Shelf(question.experiment(question.scenarios), 2)
    for i in (3, 0, 2, 1):
        shelf.state(question.fit.member(i, 1))
    assert sorted(shelf.packed) == [0, 1]


def test_page_json_and_command_line_say_the_same_numbers(client, question, tmp_path):
    said = client.get(f"/answer.json?members={MEMBERS}").json()
    (made,) = pipeline.answer(question, open_store(tmp_path / "own.db"))
    assert said == json.loads(json.dumps(made.document()))


def test_what_levers_change_is_what_compare_says(client, site):
    c = of_query(parse_qsl(MOVED), USUAL)
    scenario, base = site.desk.scenario(c), site.desk.base(c)
    assert {x.name: x.size for x in scenario.levers}["fund_seedling"] == 3.0

    async def both():
        with site.desk.pool.turns.taken() as turn:
            done = [pair async for pair in site.desk.pairs(scenario, base, range(MEMBERS), turn)]
            return site.desk.answer(scenario, base, done), await site.keeper.comparison((base, scenario), MEMBERS, turn)

    answer, compared = client.portal.call(both)
    assert len(compared.effects) == len(answer.moved)
    for e in compared.effects:
        m = answer.moved[e.goal, e.reading]
        ours, theirs = (m.chance, *m.chance_ci90, m.units, *m.units_ci90), (e.delta_probability, *e.ci90, e.net, *e.net_ci90)
        assert ours == pytest.approx(theirs, abs=1e-12)
    assert [g.probability for g in answer.forecast.goals] == [g.probability for g in compared.forecasts[1].goals]


def test_an_answer_grows_over_the_first_members_and_ends(client):
    made = streamed(client.get(f"/answer?{MOVED.replace(':3', ':2.5')}"))
    assert [(x["members"], x["last"]) for x in made] == [(2, False), (MEMBERS, True)]
    assert "coarse" in made[0]["html"] and "chip coarse" not in made[-1]["html"]
    shown = [float(x) for x in re.findall(r'class="value[^"]*" y="4" width="([\d.]+)"', re.sub(r"<details>.*?</details>", "", made[-1]["html"], flags=re.S))]
    assert len(shown) == 11 and shown == sorted(shown)  # risky goals first


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_opens_in_both_languages_and_loads_nothing_from_elsewhere(client, path, lang):
    told = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
    assert told.status_code == 200 and f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in told.text
    assert not re.search(r'(?:src|href|action)="(?!/|#|\?)', told.text)
    policy = told.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "http" not in policy and "unsafe" not in policy
    assert 'style="' not in told.text and " onclick" not in told.text  # the policy would drop them
    assert lang != "zh" or not re.search(r"CNY|million", told.text)
    assert path != "/evidence" or ("0.2" if lang == "en" else "20万元") in told.text  # the award for a first label


def test_nothing_in_the_scripts_and_sheets_names_another_host():
    for path in [*PAGE.glob("static/*"), *PAGE.glob("templates/*")]:
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", path.read_text("utf8"))
        assert set(found) <= {"http://www.w3.org/2000/svg"}, path.name


@pytest.mark.parametrize(
    ("method", "headers", "passes"),
    [
        ("GET", {"host": "127.0.0.1:80"}, True),
        ("GET", {"host": "localhost:80"}, True),
        ("GET", {"host": "evil.example"}, False),
        ("GET", {"host": "127.0.0.1:81"}, False),
        ("GET", {"host": "127.0.0.1:80", "origin": "http://evil.example"}, False),
        ("POST", {"host": "127.0.0.1:80"}, False),
        ("POST", {"host": "127.0.0.1:80", "origin": "null"}, False),
        ("POST", {"host": "127.0.0.1:80", "origin": "http://evil.example"}, False),
        ("POST", {"host": "127.0.0.1:80", "origin": "http://127.0.0.1:80"}, True),
    ],
)
def test_only_our_own_pages_are_answered(client, method, headers, passes):
    path = "/export" if method == "GET" else "/upload"
    assert (client.request(method, path, headers=headers, content=b"").status_code != 403) is passes


def test_whoever_else_may_reach_the_page_needs_the_token(site):
    asked = TestClient(Guard(application(site), "10.0.0.5", 80, "secret", "zh"), base_url="http://10.0.0.5:80", headers={"host": "10.0.0.5:80"})
    assert asked.get("/export").status_code == 403 and asked.get("/export?token=secres").status_code == 403
    assert "网址缺少口令" in asked.get("/export").text and "lacks its token" in asked.get("/export?lang=en").text
    first = asked.get("/export?token=secret")
    assert first.status_code == 200 and "HttpOnly" in first.headers["set-cookie"] and "SameSite=Strict" in first.headers["set-cookie"]
    assert asked.get("/export", headers={"cookie": "peiyu=secret"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/?base=../../etc/passwd", "not the name of a scenario"),
        ("/?base=no_such_one", "hangzhou has no scenario"),
        ("/?lang=fr", "可用:zh, en"),
        ("/?set=fund_seedling.size:-1", "size = -1: write a number from 0 to 10"),
        ("/?set=fund_seedling.size:1e9", "write a number from 0 to 10 times"),
        ("/?set=fund_seedling.size:nan", "size = nan: write a number"),
        ("/?set=nobody.size:2", "no such lever"),
        ("/?set=fund_seedling.start:2019Q9", "2019Q9"),
        ("/?set=fund_seedling.source:x", "Allowed: size, budget"),
        ("/?decide=soon", "soon"),
        ("/?rule=rm -rf", "write a comparison and a change"),
        ("/?rule=nobody.knows < 3 by 2025Q4;fund_seed.size:2", "unknown indicator or reading"),
        ("/?rule=hnte.newly_recognised < 3 by 2025Q4;fund_seed.size:99", "write a number from 0 to 10"),
        ("/?cap=-1", "write a number of"),
        ("/watch?quarter=99999", "quarter: from"),
        ("/watch?slot=99999999", "not followed"),
        ("/watch?member=x", "whole number"),
        ("/answer.json?members=0", "from 1 to"),
        ("/appendix.exe", "unknown format"),
        ("/scenario.toml?base=%3Cscript%3E", "not the name of a scenario"),
    ],
)
def test_wrong_addresses_are_told_in_one_sentence(client, path, says):
    told = client.get(path if "lang=" in path else path + ("&" if "?" in path else "?") + "lang=en")
    assert told.status_code == 422 and says in told.text and "Traceback" not in told.text
    assert told.headers["content-type"].startswith("text/plain") or "<script>" not in told.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"title = ", "not valid TOML"),
        (b"\xff\xfe\x00", "text"),
        (b'title = "x"\nextends = "../secret"\n', "is not a name"),
        (b'title = "x"\n' + b"# " + b"x" * 5_000_000, "MB"),
        (b'title = "x"\nextends = "plan_as_written"\n[change]\nfund_seedling = { budget = -1 }\n', "budget = -1: write a number from 0"),
    ],
)
def test_a_bad_upload_is_refused_and_not_kept(client, site, content, says):
    before = sorted(site.desk.folder.iterdir())
    told = client.post("/upload?lang=en", content=content, headers={"origin": "http://127.0.0.1:80"})
    assert told.status_code == 422 and says in told.text
    assert sorted(site.desk.folder.iterdir()) == before


def test_a_scenario_goes_out_as_a_file_and_comes_back_the_same(client, site, tmp_path):
    file = client.get(f"/scenario.toml?{MOVED}")
    assert file.headers["content-disposition"] == 'attachment; filename="plan_as_written_moved.toml"'
    path = tmp_path / "mine.toml"
    path.write_bytes(file.content)
    levers = load_scenario(path, site.desk.question.city).levers  # as the command line reads it
    assert levers == site.desk.scenario(of_query(parse_qsl(MOVED), USUAL)).levers
    base = client.post("/upload", content=file.content, headers={"origin": "http://127.0.0.1:80"}).json()["base"]
    assert site.desk.named(base).levers == levers and base in client.get("/").text


@given(
    moved=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
                          st.dictionaries(st.sampled_from(MOVABLE[:2]), st.floats(0, 1e8).map(lambda x: str(int(x)) if x.is_integer() else repr(x)), min_size=1), max_size=4),
    lang=st.sampled_from(["zh", "en"]),
    against=st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True), max_size=3, unique=True),
    decide=st.sampled_from(["", "2026Q3"]),
    rules=st.lists(st.builds(PageRule, st.sampled_from(["hnte.newly_recognised < 250 by 2025Q4", "unicorns >= 1e3"]), st.just("fund_seed"),
                             st.sampled_from(["size", "budget"]), st.sampled_from(["2", "0.5"])), max_size=4),
    caps=st.dictionaries(st.sampled_from(["cap", "cap_all"]), st.floats(0, 1e9)),
)  # fmt: skip
def test_an_address_opens_the_choice_it_was_made_from(moved, lang, against, decide, rules, caps):
    c = Choice(lang, "zones_late", moved, tuple(against), decide, tuple(rules), caps)
    assert of_query(parse_qsl(c.query()), USUAL) == c


def test_an_address_cannot_set_without_end():
    with pytest.raises(InputError, match="more than 200"):
        of_query([("set", "a.size:1")] * 300, USUAL)


def test_the_same_member_is_run_once_for_two_planners(client, site, monkeypatch):
    ran = []
    real = Here.do

    async def seen(hand, piece):
        what, given = pickle.loads(piece)
        ran.extend((given[0].sha, given[1].index) for _ in range(what is worker.run))
        return await real(hand, piece)

    monkeypatch.setattr(Here, "do", seen)
    fresh = "/answer.json?members=2&set=fund_seedling.size:1.75"
    assert client.get(fresh).json() == client.get(fresh).json() and ran and len(ran) == len(set(ran))


def test_a_stored_forecast_is_read_and_nothing_runs(client, site, monkeypatch):
    said = client.get(f"/answer.json?members={MEMBERS}").json()
    client.portal.call(site.keeper.run, site.desk.question.scenarios[0], MEMBERS)
    monkeypatch.setattr(site.desk, "pairs", None)
    (made,) = streamed(client.get("/answer?lang=en"))
    assert made["members"] == MEMBERS and made["last"]
    assert client.get(f"/stored.json?run={said['run_id']}").json() == said
    with open_reader(site.keeper.path) as store:
        newest, told = store.newest_run()["run_id"], client.get("/stored.json")
    # another test's moved scenario may be newer: that is not one of the page's own, and is refused by name
    assert told.status_code == 200 or newest != said["run_id"]
    assert told.json()["run_id"] == newest if told.status_code == 200 else f"run {newest} answers another" in told.text
    assert client.get("/stored.json?run=nobody").status_code == 422


def test_who_asks_first_has_a_coarse_answer_first_and_finer_ones_wait():
    turns = Turns()
    with turns.taken() as first, turns.taken() as second, turns.taken(LAST) as nobody:
        assert [turns.before(x) for x in (first, second, nobody)] == [0, 1, 2]
        first.look = 1  # its coarse answer is there
        assert [turns.before(x) for x in (first, second, nobody)] == [1, 0, 2]
        with turns.taken() as third:
            assert turns.before(third) == 1 and turns.before(first) == 2


def test_what_nobody_waits_for_any_more_is_not_begun(question):
    """The first member is at work when both are cancelled; of the others only what a second planner waits for is run."""
    ran, go = [], asyncio.Event()

    class Slow(Here):
        async def do(self, piece):
            await go.wait()
            ran.append(pickle.loads(piece)[1][1].index)

    async def story():
        pool, plan = Pool(question.experiment(question.scenarios), 1, MEMBERS), question.scenarios[0]
        pool.start(Slow)
        with pool.turns.taken() as one, pool.turns.taken() as other:
            ours = [asyncio.create_task(pool.outcome(plan, question.fit.member(i, 1), one)) for i in range(4)]
            theirs = asyncio.create_task(pool.outcome(plan, question.fit.member(3, 1), other))
            await asyncio.sleep(0.01)
            for task in ours:
                task.cancel()
            await asyncio.sleep(0.01)
            go.set()
            await theirs
        pool.stop()

    asyncio.run(story())
    assert ran == [0, 3]


def test_the_appendix_of_the_page_is_that_of_its_run(client, site):
    said = client.get(f"/answer.json?members={MEMBERS}").json()
    text = client.get("/appendix.html?lang=en").text
    assert said["run_id"] in text
    for g in said["goals"]:
        stated = re.search(rf'<data value="([^"]+)" title="run/{said["run_id"]}/forecast/{g["goal"]}/{g["reading"]}/probability"', text)
        if stated:  # main readings are printed
            assert float(stated[1]) == g["probability"]
    assert text.count("/probability\"") >= 11


RULED = "set=fund_seedling.size:2&decide=2025Q3&rule=hnte.newly_recognised < 250 by 2025Q4;fund_seed.budget:90000"


def test_a_date_and_a_rule_made_on_the_page_are_those_of_a_file(client, site, tmp_path):
    path = tmp_path / "by_hand.toml"
    path.write_text("""title = "x"
extends = "plan_as_written"
decide = "2025Q3"
[change]
fund_seedling = { size = 2, source = "assumption: moved on the page" }
[[rule]]
name = "plan_as_written_moved:1"
when = "hnte.newly_recognised < 250 by 2025Q4"
then = { fund_seed = { budget = 90000, source = "assumption: a rule made on the page" } }
""", "utf8")
    ours, theirs = site.desk.scenario(of_query(parse_qsl(RULED), USUAL)), load_scenario(path, site.desk.question.city)
    assert (ours.levers, ours.before, ours.rules) == (theirs.levers, theirs.before, theirs.rules)
    html = streamed(client.get(f"/answer?lang=en&{RULED}"))[-1]["html"]
    said = client.get(f"/answer.json?members={MEMBERS}&{RULED}").json()
    assert all(f"acted in {x['share']:.0%}" in html or x["share"] in (0, 1) for x in said["rules"])


def test_rules_of_the_page_are_counted_as_the_command_line_counts_them(client, site, question, tmp_path):
    scenario = site.desk.scenario(of_query(parse_qsl(RULED.replace("250", "5000")), USUAL))
    (made,) = pipeline.answer(replace(question, scenarios=(scenario,)), open_store(tmp_path / "own.db"))
    said = client.get(f"/answer.json?members={MEMBERS}&{RULED.replace('250', '5000')}").json()
    assert said["rules"] and said == json.loads(json.dumps(made.document()))


def test_what_may_be_spent_is_the_pools_of_the_years_and_is_held_to_the_cap(client, site):
    scenario = site.desk.scenario(of_query(parse_qsl("set=fund_seedling.size:2"), USUAL))
    most = planned(scenario, site.desk.question.as_of)
    by_hand = sum(x.pool(q) for q in range(8100, 8104) for x in scenario.levers if x.start <= q <= x.end)
    assert most[2025] == pytest.approx(by_hand) and most[2025] > 0
    asked = "/answer.json?members=1&set=fund_seedling.size:2&cap={}"
    assert client.get(asked.format(max(most.values()) + 1)).status_code == 200
    told = client.get(asked.format(most[2026] - 1) + "&lang=en")
    assert told.status_code == 422 and "over the cap" in told.text
    assert client.get(asked.format(1e9) + f"&cap_all={sum(most.values()) - 1}").status_code == 422
    assert client.get("/?cap=1").status_code == 200  # the levers stay there to be moved back
    dearer = "rule=hnte.newly_recognised < 250 by 2025Q4;fund_seed.size:3"
    assert planned(site.desk.scenario(of_query(parse_qsl(dearer), USUAL)), site.desk.question.as_of)[2026] > planned(site.desk.named("plan_as_written"), site.desk.question.as_of)[2026]


def sent(client, path, **fields):
    return client.post(path, content=urlencode(fields), headers={"origin": "http://127.0.0.1:80"})


def test_a_scenario_is_saved_once_and_can_be_built_upon(client, site):
    assert sent(client, "/save?set=fund_seedling.size:3", name="more seed", title="多投").json() == {"base": "more seed"}
    again = sent(client, "/save?base=more seed&set=fund_seed.size:2", name="second")
    assert again.status_code == 200
    sizes = {x.name: x.size for x in site.desk.scenario(of_query(parse_qsl("base=second&set=fund_angel.size:2"), USUAL)).levers}
    assert (sizes["fund_seedling"], sizes["fund_seed"], sizes["fund_angel"]) == (3.0, 2.0, 2.0)
    copy = sent(client, "/save?base=more seed", name="a copy")
    assert copy.status_code == 200 and site.desk.named("a copy").levers == site.desk.named("more seed").levers
    before = {path: path.read_bytes() for path in site.desk.folder.iterdir()}
    for name in ("second", "baseline", "../evil", "a/b", "", "x" * 90):
        assert sent(client, "/save", name=name).status_code == 422, name
    assert {path: path.read_bytes() for path in site.desk.folder.iterdir()} == before


def test_an_observation_is_checked_then_entered_and_says_what_it_moves(client, site, monkeypatch, tmp_path):
    folder = tmp_path / "copied"
    shutil.copytree(site.desk.question.city.folder, folder)
    # the folder of a city may have any name: its rows are its region's
    profile = folder / "profile.toml"
    profile.write_text('region = "hangzhou"\n' + profile.read_text("utf8"), "utf8")
    mine = replace(site.desk.question.city, folder=folder, name="copied")
    monkeypatch.setattr(site.desk, "question", replace(site.desk.question, city=mine))
    before = (folder / "history.csv").read_bytes()
    number = {"series": "hte_stock", "period": "2025", "value": "17000", "source": "<b>公报</b>", "published": "2026-02"}
    checked = sent(client, "/observation?lang=en", **number)
    assert checked.status_code == 200 and "nothing written" in checked.text and "newly_recognised" in checked.text
    assert (folder / "history.csv").read_bytes() == before and "<b>" not in checked.text
    for wrong in ({"value": "many"}, {"series": "nobody"}, {"period": "2999"}, {"source": ""}):
        assert sent(client, "/observation", **number | wrong | {"write": "yes"}).status_code == 422
    assert (folder / "history.csv").read_bytes() == before
    monkeypatch.setattr(Site, "renew", lambda self: None)  # another test's
    assert "Written" in sent(client, "/observation?lang=en", **number, write="yes").text
    assert (folder / "history.csv").read_bytes().startswith(before.rstrip()) and b"17000" in (folder / "history.csv").read_bytes()[len(before) - 2 :]
    event = {"event": "consortium_formed", "quarter": "2026Q1", "count": "1", "source": "x", "covered_to": "2026Q1"}
    assert "nothing written" in sent(client, "/observation?lang=en", **event).text


def test_a_comparison_that_fewer_runs_suffice_for_ends_all_the_same(client, site, monkeypatch):
    monkeypatch.setattr("peiyu.page.keeper.STAGES", (2, MEMBERS))
    monkeypatch.setattr(pipeline, "BATCH", 1)
    monkeypatch.setattr(site.desk, "question", replace(site.desk.question, mc_error=1.0))
    made = streamed(client.get("/compared?with=no_policy&lang=en"))
    assert [(x["members"], x["last"]) for x in made] == [(1, False), (1, True)]
    assert "chip coarse" in made[0]["html"] and "chip coarse" not in made[1]["html"]


def test_a_number_that_is_entered_moves_the_page_to_the_forecast_that_knows_it(question, tmp_path, monkeypatch):
    folder, moved = tmp_path / "hangzhou", []
    shutil.copytree(question.city.folder, folder)
    q = replace(question, city=load_city(str(folder), frozenset(NAMES)))
    pool, start = Pool(q.experiment(q.scenarios), 1, MEMBERS), Pool.start
    pool.start = partial(start, pool, Here)
    (tmp_path / "scenarios").mkdir()
    desk = Desk(q, pool, tmp_path / "scenarios")
    place = Site(desk, Keeper(desk, tmp_path / "peiyu.db"), "zh", newest=True)
    monkeypatch.setattr(Pool, "start", lambda self: start(self, Here))
    monkeypatch.setattr(Site, "_warmed", lambda self: asyncio.sleep(0))

    def forward(asked, store, progress):  # takes minutes
        progress(3, 10)
        moved.append((asked.fit.provenance.as_of, quarter.label(asked.as_of)))
        while len(moved) == 1:
            time.sleep(0.01)
        return asked

    monkeypatch.setattr(pipeline, "up_to_date", forward)
    number = {"series": "hte_stock", "period": "2025", "value": "17000", "source": "公报", "published": "2026-02", "write": "yes"}
    with TestClient(Guard(application(place), "127.0.0.1", 80), base_url="http://127.0.0.1:80", headers={"host": "127.0.0.1:80"}) as asked:
        before = asked.get("/answer.json?members=1").json()
        assert 'data-follow="/renewed?lang=en"' in sent(asked, "/observation?lang=en", **number).text
        while place.renewal.of == 0:
            time.sleep(0.01)
        assert asked.get("/answer.json?members=1").json() == before  # it goes on as it was
        moved.append("let it go on")
        told = asked.get("/renewed").text
        assert 'event: progress\ndata: {"done": 3, "of": 10}' in told and told.endswith("event: renewed\ndata: {}\n\n")
        after = asked.get("/answer.json?members=1").json()
    # the shipped fit of 2026Q1 does not know the number: the one of the plan's start is brought there anew
    assert moved[0] == ("2024Q4", "2026Q1") and place.desk is not desk
    assert (before["as_of"], after["as_of"]) == ("2024Q4", "2026Q1") and before["run_id"] != after["run_id"]
    assert 17000.0 in set(place.desk.question.city.history.query("series == 'hte_stock'").value)


def test_a_number_that_needs_a_new_fit_says_so_and_the_page_goes_on(question, tmp_path, monkeypatch):
    folder = tmp_path / "hangzhou"
    shutil.copytree(question.city.folder, folder)
    q = replace(question, city=load_city(str(folder), frozenset(NAMES)))
    pool = Pool(q.experiment(q.scenarios), 1, MEMBERS)
    (tmp_path / "scenarios").mkdir()
    place = Site(desk := Desk(q, pool, tmp_path / "scenarios"), Keeper(desk, tmp_path / "peiyu.db"), "zh")
    pool.start = partial(pool.start, Here)
    monkeypatch.setattr(Site, "_warmed", lambda self: asyncio.sleep(0))
    number = {"series": "hte_stock", "period": "2021", "value": "9999", "source": "公报", "published": "2022-02", "write": "yes"}
    with TestClient(Guard(application(place), "127.0.0.1", 80), base_url="http://127.0.0.1:80", headers={"host": "127.0.0.1:80"}) as asked:
        sent(asked, "/observation?lang=en", **number)
        told = asked.get("/renewed?lang=en").text
        assert "event: refused" in told and "run: peiyu calibrate" in told and place.desk is desk
        assert asked.get("/answer.json?members=1").json()["as_of"] == "2024Q4"


def test_who_waits_while_another_desk_takes_over_is_told_to_ask_there(client, site):
    async def cut():
        async def waits():
            with site.one_desk():
                await asyncio.get_running_loop().create_future()

        task, desk = asyncio.create_task(waits()), site.desk
        await asyncio.sleep(0)
        site.desk = replace(desk)
        task.cancel()
        try:
            await task
        except RenewedError:
            return True
        finally:
            site.desk = desk

    assert client.portal.call(cut)


def test_the_years_after_the_deadline_go_on_from_the_same_runs(client, site):
    none = "lang=en&" + "&".join(f"set={x.name}.size:0" for x in site.desk.named("plan_as_written").levers)
    c = of_query(parse_qsl(none), USUAL)
    ours, theirs = client.portal.call(site.desk.later, site.desk.scenario(c), site.desk.base(c))
    short = client.portal.call(worker_run, site, c)
    assert ours.ensemble.of("unicorns")[0, : len(short)].tolist() == short.tolist()
    text = client.get(f"/later?{none}").text
    assert '<th scope="col">2030</th>' in text and "Change in 2030" in text
    changed = [(ours.ensemble.of(name) - theirs.ensemble.of(name))[:, -1] for name in OUTCOMES]
    assert text.count("<b>") == sum(x.any() for x in changed) > 0
    assert text.count("0 of 2 runs changed") == sum(not x.any() for x in changed)
    most = max((float(x.mean()) for x in changed), key=abs)
    assert abs(most) > 10 and f"<b>{most:+,.0f}</b>" in text


async def worker_run(site, c):
    q = site.desk.question
    with site.desk.pool.turns.taken() as turn:
        ran = await site.desk.pool.outcome(site.desk.scenario(c), q.fit.member(0, q.seed), turn)
    return ran.series[:, NAMES.index("unicorns")]
