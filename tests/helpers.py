"""What several tests need: the dates of the fork, and a statistical assertion with a stated false-alarm rate."""

from scipy.special import betainc

from sim import quarter

AS_OF, END = quarter.parse("2024Q4"), quarter.parse("2026Q4")


def share_is(hits, n, expected, *, false_alarm=1e-6):
    """Tell whether `hits` of `n` fit a chance `expected`: a two-sided binomial test with this false-alarm rate."""
    below = betainc(n - hits, hits + 1, 1 - expected) if hits < n else 1.0
    above = betainc(hits, n - hits + 1, expected) if hits > 0 else 1.0
    return min(below, above) > false_alarm / 2
