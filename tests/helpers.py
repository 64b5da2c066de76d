"""What several tests need: the dates of the fork, a statistical assertion, the words of a figure."""

import warnings

import numpy as np
import pytest
from scipy.special import betainc

from calibration.data.summaries import observed
from calibration.fit.fit import BASE
from calibration.fit.history import History
from sim import quarter
from sim.city.city import load_city
from sim.scenario.scenario import load_scenario

AS_OF, END = quarter.parse("2024Q4"), quarter.parse("2026Q4")


def share_is(hits, n, expected, *, false_alarm=1e-6):
    """Tell whether `hits` of `n` fit a chance `expected`: a two-sided binomial test with this false-alarm rate."""
    below = betainc(n - hits, hits + 1, 1 - expected) if hits < n else 1.0
    above = betainc(hits, n - hits + 1, expected) if hits > 0 else 1.0
    return min(below, above) > false_alarm / 2


def save_fit(fit, folder, stem=BASE):
    """Save a fit made by hand into a city folder, known by what the model does with it today."""
    city, as_of = load_city(folder), quarter.parse(fit.provenance.as_of)
    history = History(city, load_scenario(city.in_force, city), as_of, fit.provenance.weight)
    fit.stamped(history, observed(city, as_of)).save(folder, stem)


def shown(draw, lang):
    """Return every word of the figure that `draw` gives in a language, none of them with a letter missing."""
    import matplotlib.pyplot as plt  # few tests need it
    from matplotlib.text import Text

    from peiyu.figures.fonts import sans

    if lang == "zh" and sans() is None:
        pytest.skip("no open Chinese font: pip install 'peiyu[appendix]'")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that its font does not have
        figure = draw(lang)
        figure.canvas.draw()
    plt.close(figure)
    return " ".join(t.get_text() for t in figure.findobj(Text)).replace("\n", "" if lang == "zh" else " ")


class SaidDraws:
    """Draws that a test says: one number for a decision, or one for each slot; 0.5 for every other decision."""

    def __init__(self, said):
        self.said = said

    def uniform(self, decision, _quarter, slot):
        number = np.asarray(self.said.get(decision, 0.5), float)
        return np.full(len(slot), number) if number.ndim == 0 else number[np.asarray(slot) % 2**32]
