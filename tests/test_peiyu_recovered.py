"""Synthetic cities of the report: what is done stays, what is not is done, and the page counts what there is."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from calibration.fit.budget import FitBudget
from calibration.fit.fit import load_fit
from calibration.proof.recovery import RECOVERED
from peiyu.fit import recovered, report
from peiyu.fit.gather import FULL, synthetic_cities
from peiyu.fit.recovered import SyntheticCities
from sim.inputs.errors import InputError
from sim.workers import Workers


def found(i):
    rows = [(i, "drift", 0.1 / 3, -0.5, 0.2, 0.9, True, False), (i, "renewal", -2.0, -1.0, 0.0, 1.0, False, True)]
    return pd.DataFrame(rows, columns=list(RECOVERED))


@pytest.fixture
def fits(monkeypatch):
    """Which cities were fitted, in order; city 2 is refused, and one named in `broken` stops everything."""
    done, broken = [], set()

    def recover(_city, _scenario, _fit, i, *, effort, watch):
        if watch.kept is not None:
            (watch.kept / "key").mkdir(parents=True)
        if i in broken:
            raise KeyboardInterrupt
        done.append(i)
        if i == 2:
            raise InputError("only 3% of the draws give back all 28 observations")
        return found(i)

    monkeypatch.setattr(recovered, "recover", recover)
    return done, broken


@pytest.fixture
def made(city, scenario, tmp_path):
    return lambda particles=60: SyntheticCities(
        city, scenario("history"), load_fit(city), FitBudget(particles, 60.0), tmp_path / "kept"
    )


def test_an_interrupted_run_goes_on_where_it_stopped_and_ends_with_the_same_numbers(fits, made, tmp_path):
    (done, broken), told = fits, []
    broken.add(1)
    with pytest.raises(KeyboardInterrupt):
        made().fitted(4, told.append)
    # the finished city is there, and of the other the generations that it has done
    assert [p.name[:8] for p in sorted((tmp_path / "kept").glob("*.csv"))] == ["city-000"]
    assert (tmp_path / "kept" / "city-001-generations" / "key").is_dir()
    (tmp_path / "kept" / "city-001-generations" / "key").rmdir()
    broken.clear()
    whole = made().fitted(4, told.append)
    assert done == [0, 1, 2, 3] and not list((tmp_path / "kept").glob("*-generations"))
    assert list(whole.city) == [0, 0, 1, 1, 3, 3] and any("city 2: refused. only 3%" in line for line in told)
    again = made().fitted(4, told.append)
    assert done == [0, 1, 2, 3]
    pd.testing.assert_frame_equal(again, whole, check_exact=True)
    assert again.inside.dtype == bool and again.truth[0] == 0.1 / 3


def test_cities_that_are_kept_count_even_if_fewer_are_asked_for(fits, made):
    assert set(made().fitted(4, lambda _line: None).city) == {0, 1, 3}
    assert set(made().fitted(1, lambda _line: None).city) == {0, 1, 3} and fits[0] == [0, 1, 2, 3]


def test_cities_fitted_in_another_way_or_cut_short_do_not_count(fits, made, tmp_path):
    made().fitted(1, lambda _line: None)
    made(particles=80).fitted(1, lambda _line: None)
    assert fits[0] == [0, 0]
    (path, _other) = sorted((tmp_path / "kept").glob("*.csv"))
    path.write_text("city,name\n0,drift\n")
    made().fitted(1, lambda _line: None)
    made(particles=80).fitted(1, lambda _line: None)
    assert fits[0] == [0, 0, 0]


def asked(*words):
    import typer

    app = typer.Typer()
    app.command()(report.main)
    return CliRunner().invoke(app, list(words))


def test_recovery_runs_alone_and_writes_no_page(fits, tmp_path):
    answer = asked("--only", "recovery", "--small", "--cities", "2", "--keep", str(tmp_path / "k"), "--docs", str(tmp_path / "d"))
    assert answer.exit_code == 0 and "2 cities: 50% of 4 truths inside" in answer.stdout
    assert not (tmp_path / "d").exists() and len(list((tmp_path / "k").glob("*.csv"))) == 2


def test_recovery_alone_asks_where_its_cities_stay(fits):
    answer = asked("--only", "recovery", "--small")
    assert answer.exit_code == 2 and "name a folder for the finished cities with --keep" in answer.stderr and not fits[0]


def test_the_cities_that_are_kept_are_of_the_fit_that_is_shipped(city, fits):
    kept = report.FOLDER / report.KEPT
    made = synthetic_cities(city, load_fit(city), FULL, Workers(1), kept).fitted(0, lambda _line: None)
    assert made.city.nunique() == len(list(kept.iterdir())) >= 5 and not fits[0]
    share = f"{made.city.nunique()} synthetic cities"
    assert share in (report.FOLDER / report.PAGE).read_text("utf8")
