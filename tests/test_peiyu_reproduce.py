"""Numbers computed again: the same, or what differs; and what is not a number."""

import json
import shutil

import pytest
from review import MEMBERS, light

from peiyu.__main__ import run
from peiyu.runs import reproduce
from peiyu.runs.ids import leaves, of_run, parse
from peiyu.runs.stored import read_run
from sim.inputs.errors import InputError


def ask(capsys, ident, db, city, *words):
    code = run(["reproduce", ident, "--db", str(db), "--out", str(db.parent), "--city", str(city), "--workers", "1", "--json", *words])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else said.err


def test_from_scratch_and_from_the_store_give_the_published_number(review, tmp_path, capsys):
    ident = f"run/{review.plan}/forecast/hnte/newly_recognised/median"
    db = tmp_path / "a.db"
    review.copy(db)
    ((median,),) = review.store().db.execute(
        "SELECT median FROM forecasts WHERE run_id = ? AND goal = 'hnte' AND reading = 'newly_recognised'", (review.plan,)
    )
    for words, how in (([], "all members run again"), (["--from-store"], "from the stored series")):
        code, said = ask(capsys, ident, db, review.city, *words)
        assert code == 0 and said["same"] and said["again"] == said["printed"] == median
        assert said["how"] == how and said["differs"] == []
    assert not list(tmp_path.glob("reproduce_*"))


def test_every_statement_of_a_run_comes_out_again_from_its_series(review, tmp_path, capsys):
    store = review.copy(tmp_path / "z.db")
    code, said = ask(capsys, review.plan, tmp_path / "z.db", review.city, "--from-store")
    assert code == 0 and all(x["same"] for x in said)
    stored = read_run(store, review.plan, str(review.city))
    assert {x["id"] for x in said} == {f"run/{review.plan}/{k}" for k in of_run(stored) if k.startswith(("forecast/", "joint/"))}
    store.db.execute("UPDATE joints SET probability = 0.5 WHERE at_least = 3 AND run_id = ?", (review.plan,))
    words = ["reproduce", review.plan, "--db", str(tmp_path / "z.db"), "--out", str(tmp_path), "--city", str(review.city)]
    assert run([*words, "--from-store", "--lang", "en"]) == 1
    text = capsys.readouterr().out
    assert f"{len(said) - 1} of {len(said)} numbers are the same" in text and f"run/{review.plan}/joint/3\ndifferent" in text


def test_a_number_changed_by_hand_is_found(review, tmp_path, capsys):
    store = review.copy(tmp_path / "b.db")
    store.db.execute("UPDATE forecasts SET probability = probability + 0.01 WHERE goal = 'platform'")
    ident = f"run/{review.plan}/forecast/platform/built/probability"
    code, said = ask(capsys, ident, tmp_path / "b.db", review.city, "--from-store")
    assert code == 1 and not said["same"] and said["printed"] == pytest.approx(said["again"] + 0.01)
    assert run(["reproduce", ident, "--db", str(tmp_path / "b.db"), "--out", str(tmp_path), "--city", str(review.city), "--from-store",
                "--lang", "en"]) == 1  # fmt: skip
    assert "Nothing has changed and yet the number differs" in capsys.readouterr().out


def test_what_has_changed_is_named(review, tmp_path, capsys, monkeypatch):
    db, place = tmp_path / "c.db", tmp_path / "hangzhou"
    store = review.copy(db)
    shutil.copytree(review.city, place)
    goals = (place / "goals.toml").read_text("utf8")
    (place / "goals.toml").write_text(goals.replace("value = 500", "value = 501"), "utf8")
    monkeypatch.setattr(reproduce, "versions", lambda: {"numpy": "9.9", "python": "3.99"})
    store.db.execute("UPDATE runs SET code = 'of_then'")
    code, said = ask(capsys, f"run/{review.plan}/forecast/hnte/valid_stock/value", db, place, "--from-store")
    assert code == 1 and (said["printed"], said["again"]) == (500.0, 501.0)
    assert {d["what"] for d in said["differs"]} == {"data", "code", "numpy", "python"}
    assert {d["what"]: d["now"] for d in said["differs"]}["numpy"] == "9.9"
    assert next(d["then"] for d in said["differs"] if d["what"] == "code") == "of_then"
    code, said = ask(capsys, f"run/{review.plan}/data/rows", db, place)
    assert code == 2 and "the data changed after the run" in said


def test_inputs_are_read_again(review, tmp_path, capsys):
    review.copy(tmp_path / "d.db")
    code, said = ask(capsys, f"run/{review.plan}/members", tmp_path / "d.db", review.city)
    assert code == 0 and said["again"] == MEMBERS
    code, said = ask(capsys, f"run/{review.plan}/lever/fund_seed/budget", tmp_path / "d.db", review.city)
    assert code == 0 and said["again"] == 30000.0


def test_a_difference_is_two_numbers(review, tmp_path, capsys):
    review.copy(tmp_path / "e.db")
    ident = " - ".join(f"run/{r}/joint/2" for r in (review.plan, review.old))
    code, said = ask(capsys, ident, tmp_path / "e.db", review.city, "--from-store")
    assert code == 0 and [x["id"] for x in said] == ident.split(" - ")


@pytest.mark.parametrize("words", [[], ["--from-store"]])
def test_an_analysis_is_made_again_by_its_own_command(review, tmp_path, capsys, monkeypatch, words):
    store = review.copy(tmp_path / "f.db")
    (compared,) = store.analyses("compare")
    light(monkeypatch)
    code, said = ask(capsys, f"analysis/compare/{compared.key}/effects/0/net", tmp_path / "f.db", review.city, *words)
    assert code == 0 and said["again"] == compared.document["effects"][0]["net"]
    assert said["how"].startswith("peiyu compare baseline plan_as_written") and "--db" not in said["how"]
    assert ("empty store" in said["how"]) == (not words)
    assert len(store.analyses("compare")) == 1


def test_what_is_not_a_number_is_refused_with_what_was_meant(review, tmp_path, capsys):
    store = review.copy(tmp_path / "g.db")
    (compared,) = store.analyses("compare")
    run_id, key = review.plan, compared.key
    for ident, message in (
        ("42", 'no run "42"'),
        ("what/is/this", "is not the id of a number; ids read run/RUN"),
        (f"run/{run_id}/forecast/hnte/newly_recognised/medain", 'Did you mean "forecast/hnte/newly_recognised/median"?'),
        ("run/nothing/joint/1", 'no run "nothing"'),
        (f"analysis/compare/{key}/effects/0/nett", 'Did you mean "effects/0/net"?'),
        (f"analysis/compare/{key}/scenario", "no number stands there"),
        (f"analysis/compare/{key[:-1]}/effects/0/net", f'Did you mean "compare/{key}"?'),
        ("analysis/search/search0/tried", "was not made by a command"),
    ):
        code, said = ask(capsys, ident, tmp_path / "g.db", review.city)
        assert code == 2 and message in said and said.strip().count("\n") == 0, said


def test_ids_are_taken_apart():
    a, r = parse("analysis/check/x_1/moments/0/median"), parse("run/ab/joint/3")
    assert (a.run, a.kind, a.key, a.path) == (None, "check", "x_1", "moments/0/median")
    assert (r.run, r.path) == ("ab", "joint/3")
    for wrong in ("run/ab", "analysis/check/x", "", "ruin/a/b"):
        with pytest.raises(InputError):
            parse(wrong)


def test_leaves_are_the_numbers_of_a_document():
    assert leaves({"a": [1, {"b": 2.5}], "c": "x", "d": None, "e": True}) == {"a/0": 1.0, "a/1/b": 2.5}


def test_options_that_do_not_decide_numbers_are_dropped():
    words = ["check", "--db", "a", "--members", "3", "--json", "--out=b", "--workers", "2", "--seed", "1", "--lang", "zh"]
    assert reproduce.plain(words) == ["check", "--members", "3", "--seed", "1"]
