"""What a fit says to a history it cannot use: one message with file and row, what is wrong, what is allowed."""

import shutil

import pandas as pd
import pytest
from helpers import AS_OF

from calibration.data.observations import counts_of
from calibration.data.summaries import observed
from peiyu.__main__ import run
from sim import quarter
from sim.city.city import load_city
from sim.inputs.errors import InputError


@pytest.fixture
def folder(city, tmp_path):
    """A copy of the city whose history tests may spoil."""
    return shutil.copytree(city.folder, tmp_path / "hangzhou")


def rewrite(folder, change):
    path = folder / "history.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
    return load_city(folder)


def own(frame, *series):
    return frame[(frame.region == "hangzhou") & frame.series.isin(series)]


def test_a_history_of_one_row_is_enough_to_observe_one_number(folder):
    place = rewrite(folder, lambda f: own(f, "tech_sme_prov_stock").head(1))
    assert [o.name for o in observed(place, AS_OF) if not o.share and "future" not in o.name] == ["tech_sme_stock@2015Q4"]


def test_all_bounds_are_refused(folder):
    place = rewrite(folder, lambda f: own(f, "hte_stock")[own(f, "hte_stock").observation == "lower_bound"])
    with pytest.raises(InputError, match=r"hangzhou/history.csv: all \d usable rows of hangzhou are bounds"):
        counts_of(place, AS_OF)


def test_conflicting_exact_values_widen_the_error(folder):
    def conflict(f):
        row = own(f, "tech_sme_prov_stock").query("period == '2015'")
        return pd.concat([f, row.assign(value="9000", url="https://example.org/other")])

    before = {o.name: o for o in observed(load_city(folder), AS_OF)}["tech_sme_stock@2015Q4"]
    after = {o.name: o for o in observed(rewrite(folder, conflict), AS_OF)}["tech_sme_stock@2015Q4"]
    assert after.error > 3 * before.error and before.value < after.value < 9000


def test_a_misspelt_series_is_named_with_its_row(folder):
    place = rewrite(folder, lambda f: own(f, "hte_stock").assign(series="hte_stok"))
    with pytest.raises(InputError, match=r'row 2: unknown series "hte_stok". Did you mean "hte_stock"'):
        observed(place, AS_OF)


def test_nothing_known_yet_says_which_quarter(folder):
    place = rewrite(folder, lambda f: own(f, "hte_stock").assign(as_of="2026-03"))
    with pytest.raises(InputError, match="give --as-of a later quarter"):
        observed(place, quarter.parse("2020Q4"))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda f: f.assign(value=f.value.where(f.index != 3, "-5")), "row 5"),
        (lambda f: f.assign(value=f.value.where(f.index != 3, "nan")), "row 5"),
        (lambda f: f.assign(period=f.period.where(f.index != 3, "next year")), "row 5"),
        (lambda f: pd.concat([f, f.iloc[[7]]]), "row"),
        (lambda f: f.drop(columns="value"), "value"),
    ],
)
def test_a_spoilt_history_is_one_message(folder, spoil, word, capsys, monkeypatch, tmp_path):
    path = folder / "history.csv"
    spoil(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    before = (folder / "fitted.csv").read_bytes()
    assert run(["calibrate", "--city", str(folder)]) == 2
    said = capsys.readouterr()
    assert word in said.err and said.err.count("\n") == 1 and "Traceback" not in said.err
    assert (folder / "fitted.csv").read_bytes() == before


