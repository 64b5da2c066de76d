"""A forecast draws itself: fans as in the appendix, probabilities with their errors, in both languages."""

import matplotlib as mpl
import numpy as np
import pytest
from helpers import shown

import peiyu
from peiyu.figures import files as figure_files
from peiyu.figures import fonts as appendix_fonts
from peiyu.figures.style import panels, wrapped
from peiyu.forecasts import fans as figures_appendix
from peiyu.words.messages import told
from sim.ensemble.forecast import path

mpl.use("Agg")


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    return peiyu.forecast(scenario="plan_as_written", members=3, db=tmp_path_factory.mktemp("figures") / "a.db")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", ["plot", "plot_chances"])
def test_it_speaks_both_languages_without_a_missing_letter(forecast, kind, lang):
    words = shown(getattr(forecast, kind), lang)
    for goal in forecast.city.goals:
        assert getattr(goal, lang).split()[0] in words


def test_a_fan_ends_where_the_forecast_says(forecast):
    for goal in forecast.city.goals:
        r = next(r for r in goal.readings if r.primary)
        fan = figures_appendix.goal_fan("x", (goal, r), forecast.ensemble, forecast.as_of, {"y": forecast.ensemble})
        stated = next(g for g in forecast.goals if (g.goal, g.reading) == (goal.key, r.key))
        assert fan.years[-1] == goal.deadline // 4 + 0.0 and fan.years[0] == (forecast.as_of + 1) / 4 - 1
        # the paths are the model's alone: what is published is pooled with the record
        assert np.mean(fan.values[:, -1] >= r.value) == stated.model_probability and fan.asked == r.value
        assert fan.others[0][0] == "y" and np.array_equal(fan.others[0][1], np.median(fan.values, axis=0))
        assert fan.values.shape[1] == goal.deadline - forecast.as_of + 1
        assert np.array_equal(fan.values[:, -1], path(r, forecast.ensemble)[:, goal.deadline - forecast.ensemble.start])


def test_a_dot_stands_at_its_probability(forecast):
    axes = forecast.plot_chances().axes[0]
    drawn = [float(c.get_offsets()[0][0]) for c in axes.collections if isinstance(c, mpl.collections.PathCollection)]
    assert sorted(drawn) == sorted(g.probability for g in forecast.goals)


def test_without_a_chinese_font_a_file_is_in_english_and_that_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(figure_files, "sans", lambda: None)
    asked = []
    made = figure_files.write({tmp_path / "a.svg": lambda lang: asked.append(lang) or panels()[0]}, "zh")
    assert made == ["a.svg"] and asked == ["en"] and (tmp_path / "a.svg").exists()
    assert told(appendix_fonts.HOW, "zh") in capsys.readouterr().err
    assert figure_files.write({}, "zh") == [] and capsys.readouterr().err == ""


def test_a_long_text_is_broken_where_its_language_allows():
    assert wrapped("one two three", 8) == "one two\nthree"
    assert wrapped("一二三四，五六", 8) == "一二三四，\n五六"  # no line begins with a comma
    assert wrapped("unbreakable", 4) == "unbreakable"


def test_one_verb_draws_any_result(forecast):
    assert shown(lambda lang: peiyu.draw(forecast, lang), "zh") == shown(forecast.plot, "zh")
