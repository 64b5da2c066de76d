"""A forecast draws itself: fans as in the appendix, probabilities with their errors, in both languages."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest

import peiyu
from peiyu import figures_appendix
from peiyu.appendix_fonts import sans
from sim.forecast import path

mpl.use("Agg")


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    return peiyu.forecast(scenario="plan_as_written", members=3, db=tmp_path_factory.mktemp("figures") / "a.db")


def shown(figure):
    """Every visible word of a figure."""
    figure.canvas.draw()
    return " ".join(t.get_text() for t in figure.findobj(mpl.text.Text))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", ["plot", "plot_chances"])
def test_it_speaks_both_languages_without_a_missing_letter(forecast, kind, lang):
    if lang == "zh" and sans() is None:
        pytest.skip("no open Chinese font: pip install 'peiyu[appendix]'")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that its font does not have
        words = shown(getattr(forecast, kind)(lang))
    for goal in forecast.city.goals:
        assert getattr(goal, lang).split()[0] in words.replace("\n", " ")


def test_a_fan_ends_where_the_forecast_says(forecast):
    for goal in forecast.city.goals:
        r = next(r for r in goal.readings if r.primary)
        fan = figures_appendix.goal_fan("x", (goal, r), forecast.ensemble, forecast.as_of, {"y": forecast.ensemble})
        stated = next(g for g in forecast.goals if (g.goal, g.reading) == (goal.key, r.key))
        assert fan.years[-1] == goal.deadline // 4 + 0.0 and fan.years[0] == (forecast.as_of + 1) / 4 - 1
        assert np.median(fan.values[:, -1]) == stated.median and fan.asked == r.value
        assert fan.others[0][0] == "y" and np.array_equal(fan.others[0][1], np.median(fan.values, axis=0))
        assert fan.values.shape[1] == goal.deadline - forecast.as_of + 1
        assert np.array_equal(fan.values[:, -1], path(r, forecast.ensemble)[:, goal.deadline - forecast.ensemble.start])


def test_a_dot_stands_at_its_probability(forecast):
    axes = forecast.plot_chances().axes[0]
    drawn = [float(c.get_offsets()[0][0]) for c in axes.collections if isinstance(c, mpl.collections.PathCollection)]
    assert sorted(drawn) == sorted(g.probability for g in forecast.goals)
