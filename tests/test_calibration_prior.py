"""What other regions say of a city: its own rows never count, and without data the prior's own variances come out."""

import numpy as np
import pytest

from calibration.panel import panel, prior
from calibration.panel.data import FLOW, STOCK, Point
from calibration.panel.latent import Volatility
from sim.inputs.errors import InputError
from sim.streams import Streams

SOURCE = (Streams(1), "test")
YEARS = range(2013, 2031)


def flows(region, first, values, series=FLOW):
    kind = "flow" if series == FLOW else "stock"
    return [Point(series, region, kind, first + i, 12, float(np.log(v)), 0.01, "none") for i, v in enumerate(values)]


def test_without_data_of_its_own_or_around_it_a_city_moves_as_the_prior_says(monkeypatch):
    """Nation, province and city each shock and drift; a passing shock of the nation comes and goes."""
    monkeypatch.setattr(panel, "_multiples", lambda: [((1.0, 1.0, 1.0), 1.0)])
    monkeypatch.setattr(panel, "centre", lambda _file: Volatility(0.06, 0.12, 0.08, 0.10, 0.07, 1e-4, 0.08))
    made = prior.increments(flows("gansu", 2018, [1e6]), "hangzhou", YEARS, SOURCE, 20_000)
    assert made.shape == (20_000, 18)
    assert made.mean(axis=0) == pytest.approx(np.full(18, 0.08), abs=0.01)
    nation, province, city = 0.06**2 + 0.12**2 + 2 * 0.08**2, 0.10**2 + 0.07**2, 0.10**2 + 0.07**2
    assert made.var(axis=0) == pytest.approx(np.full(18, nation + province + city), rel=0.05)
    neighbours = [np.cov(made[:, t], made[:, t + 1])[0, 1] for t in range(17)]
    # four fifths of every drift go on, and what has passed comes back
    assert neighbours == pytest.approx([0.8 * (0.12**2 + 2 * 0.07**2) - 0.08**2] * 17, abs=0.002)


def test_a_citys_own_rows_and_its_districts_never_count():
    others = flows("hubei", 2016, [1000, 1200, 1500]) + flows("ningbo", 2018, [900, 1000], STOCK)
    own = flows("hangzhou", 2016, [10, 1000, 50_000]) + flows("hangzhou/xihu", 2016, [5, 50, 500], STOCK)
    own += flows("hangzhou", 2018, [5, 500], "label")
    labels = flows("nanjing", 2018, [100, 120], "label")
    for many in (others + labels, others + labels + own):
        made = prior.increments(many, "hangzhou", YEARS, SOURCE, 50)
        assert made.tobytes() == prior.increments(others, "hangzhou", YEARS, SOURCE, 50).tobytes()
        assert prior.volatilities(many, "hangzhou") == prior.volatilities(labels, "hangzhou")
    with pytest.raises(InputError, match="hangzhou: no high-tech count"):
        prior.increments(own, "hangzhou", YEARS, SOURCE, 50)


def test_what_the_province_did_is_expected_of_its_city():
    calm = flows("zhejiang", 2014, [1000 * 1.08**t for t in range(8)]) + flows("gansu", 2014, [200] * 8)
    boom = flows("zhejiang", 2014, [1000, 1080, 1170, 2500, 2800, 3300, 3700, 4600]) + flows("gansu", 2014, [200] * 8)
    one, two = (prior.increments(p, "hangzhou", range(2015, 2024), SOURCE, 600) for p in (calm, boom))
    assert two.mean(axis=0).argmax() == 2017 - 2015
    assert two[:, 2].mean() > one[:, 2].mean() + 0.4
    # what no region has seen yet is less sure
    assert two[:, -1].std() > 1.1 * two[:, 3].std()


def test_labels_that_jump_about_elsewhere_are_volatile_here():
    def everywhere(label, values):
        return [p for region in ("nanjing", "wuhan", "xian") for p in flows(region, 2015, values, label)]

    steady = everywhere("steady", [100 * 1.1**t for t in range(8)])
    jumps = everywhere("jumps", [100, 500, 90, 700, 60, 800, 50, 900])
    found = prior.volatilities(steady + jumps, "hangzhou")
    assert list(found) == ["jumps", "steady"]
    assert found["jumps"].shock > 2 * found["steady"].shock
    assert found["steady"].shock < panel.assumptions().movement.label.shock
