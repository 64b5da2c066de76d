"""Numbers that a planner can argue about are data: read once, every one with its reason, refused at the door when wrong."""

import re

import pytest

import scenarios
from calibration.backtest import wrong
from calibration.data import evidence
from calibration.panel import assumptions
from sim.city import regions
from sim.inputs.errors import InputError
from sim.inputs.toml import read_model

COMMON = scenarios.FOLDER / "common"
CONTRACTS = {
    "panel.toml": assumptions.Assumptions,
    "backtest.toml": wrong.BacktestFile,
    "moments.toml": evidence.MomentsFile,
    "regions.toml": regions.Regions,
}


def refused(tmp_path, name, old, new):
    text = (COMMON / name).read_text("utf8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), "utf8")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / name, CONTRACTS[name])
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("panel.toml", "valid_share = 0.98", "valid_share = 98", "rounds > valid_share: Input should be less than or equal to 1"),
        ("panel.toml", "filed_error = 0.03", "filed_error = 0", "rounds > filed_error"),
        ("panel.toml", "window = 12", "window = 12.5", "window"),
        ("panel.toml", "known_by_month = 6", "known_by_month = 13", "publication > known_by_month"),
        ("panel.toml", "flow_error = 0.005", 'flow_error = "small"', "printed > flow_error"),
        ("panel.toml", "B = 0.015", "D = 0.015", "printed > grade_error"),
        ("panel.toml", "late_shares = [0.4, 0.6, 1.0]", "late_shares = [0.6, 0.4, 1.0]", "must rise from September's 0.27 to 1"),
        ("panel.toml", "late_shares = [0.4, 0.6, 1.0]", "late_shares = [0.2, 0.6, 1.0]", "must rise from September's 0.27 to 1"),
        ("panel.toml", "late_shares = [0.4, 0.6, 1.0]", "late_shares = [0.4, 0.6, 0.9]", "to 1"),
        ("panel.toml", "weight = 0.5", "weight = 0.6", "add up to 1.1; they must add up to 1"),
        ("panel.toml", "share = 0.8 ", "share = 1.0 ", "renewal 3 > share"),
        ("panel.toml", "degrees = 4.0", "degrees = 2.0", "movement > degrees"),
        ("panel.toml", "fade = 0.8", "fade = 1.0", "movement > fade"),
        ("panel.toml", "drift_multiples = [0.5, 1.5]", "drift_multiples = []", "movement > drift_multiples"),
        ("panel.toml", "nation_drift = 0.12", "nation_drfit = 0.12", 'Did you mean "nation_drift"?'),
        ("backtest.toml", "coverage_high = 0.95", "coverage_high = 95", "aims > coverage_high"),
        ("panel.toml", "base_error = 0.04 ", "", "goals > base_error: is missing"),
        ("moments.toml", 'indicator = "gazelle_rate"', 'indicator = "gazele_rate"', 'Did you mean "gazelle_rate"?'),
        ("moments.toml", "value = 0.0265", "value = 2.65", "moment 3 > value"),
        ("moments.toml", "error = 0.004", "error = -0.004", "moment 3 > error"),
        ("moments.toml", 'source = "A63, A64"', 'source = ""', "moment 3 > source"),
        ("moments.toml", "M4_high_growth_share", "M2_exit_rate", 'moment "M2_exit_rate" is there twice'),
        ("regions.toml", 'nation = "china"', 'nation = "China"', "nation"),
        ("regions.toml", "beijing = []", 'beijing = ["Miyun County"]', "province > beijing 1"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_refused_with_file_and_key(tmp_path, name, old, new, said):
    message = refused(tmp_path, name, old, new)
    assert message.startswith(f"{tmp_path.name}/{name}: ") and said in message


@pytest.mark.parametrize("name", ["observations.toml", "panel.toml", "moments.toml", "backtest.toml"])
def test_every_number_of_all_cities_says_why(name):
    """On its line; a table of grades in its first line; a moment's value by the rows of its source."""
    silent, grades = [], False
    for line in (COMMON / name).read_text("utf8").split("\n"):
        if line.startswith("["):
            grades = "grade_error]" in line and "#" in line
        elif re.match(r"\w+ = [-\d.\[]", line) and "#" not in line:
            silent += [] if grades or (name == "moments.toml" and line.startswith("value")) else [line]
    assert silent == []


def test_the_files_are_read_once_and_shared():
    assert assumptions.assumptions() is assumptions.assumptions()
    assert evidence.evidence() is evidence.evidence()
    assert regions.every_region() is regions.every_region()
