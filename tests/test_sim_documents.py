"""A stored analysis is what its model declares: kept to the byte, and refused by name when it is something else."""

import json

import pytest
from review import MODELS

from peiyu.backtest.document import BacktestDocument
from peiyu.fit.check_document import CheckDocument
from peiyu.runs.change_document import ChangeDocument, ChangeRow
from peiyu.sensitivity.document import ReadingRow, SensitivityDocument
from sim.inputs.errors import InputError
from sim.store.store import open_store

ROW = ChangeRow(goal="hnte", reading="built", old=0.25, model=0.0, data=0.5, policy=-0.125, luck=0.0, new=0.625)
MADE = ChangeDocument(old="a", new="b", parts=["model", "data", "policy", "luck"], goals=[ROW])


def test_what_is_kept_is_read_back_with_the_same_json(tmp_path):
    store = open_store(tmp_path / "a.db")
    store.keep(MADE, "a_b", "hangzhou", ["a", "b"])
    (found,) = store.kept(ChangeDocument, "b")
    assert found.document == MADE and (found.kind, found.key, found.city, found.runs) == ("change", "a_b", "hangzhou", ["a", "b"])
    (raw,) = store.analyses("change")
    assert json.dumps(raw.document) == json.dumps(found.document.plain()) == json.dumps(MADE.plain())
    assert list(raw.document) == ["old", "new", "parts", "goals"]
    assert store.kept(ChangeDocument, "c") == [] and store.kept(CheckDocument) == []


@pytest.mark.parametrize(
    ("spoilt", "where"),
    [
        ({"new": None}, "new: "),
        ({"goals": [{"goal": "hnte"}]}, "goals/0/reading: "),
        ({"goals": [ROW.plain() | {"luck": "0.5"}]}, "goals/0/luck: "),
        ({"further": 1}, "further: "),
    ],
)
def test_a_document_of_another_shape_is_refused_by_the_name_of_its_analysis(tmp_path, spoilt, where):
    store = open_store(tmp_path / "a.db")
    store.keep(MADE, "a_b", "hangzhou", ["a", "b"])
    text = json.dumps(MADE.plain() | spoilt)
    store.db.execute("UPDATE analyses SET document = ?", (text,))
    with pytest.raises(InputError) as refused:
        store.kept(ChangeDocument)
    assert "analysis change/a_b does not fit this version" in str(refused.value) and where in str(refused.value)


def test_the_words_from_and_to_stay_the_names_of_a_band_in_json(review):
    (found,) = review.store().kept(BacktestDocument)
    (band,) = found.document.goals_summary["all"].reliability
    assert band.low == 0.6 and list(band.plain())[:2] == ["from", "to"]
    (raw,) = review.store().analyses("backtest")
    assert json.dumps(found.document.plain()) == json.dumps(raw.document)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_kind_is_read_back_with_the_bytes_that_were_kept(review, model):
    store = review.store()
    (found,) = store.kept(model)
    (text,) = store.db.execute("SELECT document FROM analyses WHERE kind = ?", (model.kind,)).fetchone()
    assert json.dumps(found.document.plain(), ensure_ascii=False) == text
    assert store.kept(model, "no run") == []


@pytest.mark.parametrize(
    "names", [("best", "best_by_luck", "soon", "soon_by_luck"), ("best", "soon", "best_by_luck", "soon_by_luck")]
)
def test_data_that_tell_nothing_keep_the_order_they_were_written_in(review, names):
    (found,) = review.store().kept(SensitivityDocument)
    row = found.document.readings[0].plain() | {"information": dict.fromkeys(names)}
    again = ReadingRow.model_validate(row)
    assert list(again.plain()["information"]) == list(names) and again.best_soon is None
