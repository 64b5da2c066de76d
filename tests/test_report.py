"""The calibration report is of the shipped fit, its figures are there, and its words come from what was run."""

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from calibration.fit.fit import load_fit
from peiyu.figures.style import style
from peiyu.fit import gather as report_evidence
from peiyu.fit import pages as report_words
from peiyu.fit.evidence import kind, predictive_table
from peiyu.fit.recovered import SyntheticCities
from peiyu.fit.report import write_figures
from sim.workers import Workers

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "calibration.md"


def test_the_page_is_of_the_shipped_fit(city):
    made = load_fit(city).provenance
    assert f"`{made.draws_sha}`" in PAGE.read_text("utf8"), "docs/calibration.md is stale; run make report"


def test_the_page_is_of_the_full_budget():
    text = PAGE.read_text("utf8")
    assert "at the full budget" in text, "docs/calibration.md is of a trial run; run make report"


def test_every_figure_of_the_page_is_there_and_described():
    shown = re.findall(r"!\[(.+?)\]\((figures/[\w-]+\.svg)\)", PAGE.read_text("utf8"))
    assert len(shown) == 8
    assert all(words and (DOCS / path).stat().st_size > 2000 for words, path in shown)


@pytest.fixture(scope="module")
def evidence(city):
    """Everything the report states at the least budget; pyABC and recovery have tests of their own."""
    tiny = replace(report_evidence.SMALL, members=4, weight=60.0, replicates=20, particles=50, bias_draws=2)
    patched = pytest.MonkeyPatch()
    patched.setattr(report_evidence, "crosscheck", _same)
    patched.setattr(SyntheticCities, "fitted", _recovered)
    yield report_evidence.gather(city, load_fit(city), tiny, Workers(), lambda _line: None)
    patched.undo()


def _same():
    row = {"name": "entry_growth", "truth": 0.1, "our_mean": 0.2, "our_sd": 0.5, "pyabc_mean": 0.1, "pyabc_sd": 0.5}
    return pd.DataFrame([row])


def _recovered(*_city, **_how):
    rows = [(0, name, 0.1, -0.5, 0.2, 0.9, True, False) for name in ("entry_growth", "hnte_apply")]
    return pd.DataFrame(rows, columns=["city", "name", "truth", "q05", "q50", "q95", "inside", "closer"])


def test_the_page_states_every_observation_and_every_informed_parameter(evidence):
    text = report_words.page(evidence)
    assert all(f"`{o.name}`" in text for o in evidence.seen)
    assert all(f"`{name}`" in text for name in evidence.fit.provenance.informed)
    assert "at the small budget" in text and "nan" not in text.lower().split("`")[0::2]


def test_figures_are_the_same_bytes_twice(evidence, tmp_path):
    names = write_figures(evidence, tmp_path / "a")
    assert names == write_figures(evidence, tmp_path / "b")
    assert all((tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in names)


def test_a_number_that_no_run_gives_is_named(evidence):
    seen = [replace(o, value=o.value * 9.0) if o.name == "hnte_stock@2017Q4" else o for o in evidence.seen]
    table = predictive_table(evidence.runs, seen)
    assert table.inside.is_monotonic_increasing  # misses first
    text = report_words.page(replace(evidence, predictive=table))
    (line,) = re.findall("Outside even with their own error: ([^.]*)", text)
    assert "`hnte_stock@2017Q4`" in line


def test_a_bound_that_holds_is_inside(evidence):
    (o,) = [o for o in evidence.seen if o.name == "hnte_stock@2019Q4"]
    (row,) = predictive_table(evidence.runs, [replace(o, value=1.0)]).to_dict("records")
    assert row["in_runs"] and row["apart"] == 0.0 and row["high"] == float("inf")
    assert not predictive_table(evidence.runs, [replace(o, value=1e6)]).inside.any()


def test_every_kind_of_number_is_told_apart(evidence):
    found = {o.name: kind(o) for o in evidence.seen}
    assert found["hnte_stock@2024Q4"] == "rounded" and found["hnte_stock@2015Q4"] == "exact"
    assert found["hnte_stock@2019Q4"] == "bound" and found["hnte_certified@2020Q4"] == "derived"
    assert found["M2_exit_rate"] == "moment"


def test_a_figure_leaves_the_interactive_mode_of_a_notebook():
    """The backend of a notebook turns it on when the first figure is made; without it the second is not shown."""
    before = mpl.is_interactive()
    with style():
        mpl.interactive(True)
    assert mpl.is_interactive()
    mpl.interactive(before)
