import numpy as np

from sim.streams import Streams, key_of, uniform_at

SLOTS = np.arange(200_000)


def test_a_draw_depends_on_its_address_only():
    whole = Streams(7).uniform("growth", 8000, SLOTS)
    assert (Streams(7).uniform("growth", 8000, SLOTS[::-7]) == whole[::-7]).all()
    assert Streams(7).uniform("growth", 8000, np.array([12345]))[0] == whole[12345]


def test_other_seed_decision_or_quarter_is_another_stream():
    one = Streams(7).uniform("growth", 8000, SLOTS)
    for other in (Streams(8).uniform("growth", 8000, SLOTS), Streams(7).uniform("exit", 8000, SLOTS)):
        assert abs(np.corrcoef(one, other)[0, 1]) < 6 / np.sqrt(len(SLOTS))
    assert (Streams(7).uniform("growth", 8001, SLOTS) != one).mean() > 0.999


def test_draws_are_uniform_and_never_zero_or_one():
    u = uniform_at(key_of(1, "x", 1), SLOTS)
    assert u.min() > 0 and u.max() < 1
    counts = np.bincount((u * 100).astype(int), minlength=100)
    chi2 = ((counts - len(u) / 100) ** 2 / (len(u) / 100)).sum()
    assert chi2 < 180  # 99 degrees of freedom: false alarm below 1e-6
    lagged = np.corrcoef(u[:-1], u[1:])[0, 1]
    assert abs(lagged) < 6 / np.sqrt(len(u))


def test_slots_far_apart_differ_too():
    u = uniform_at(key_of(1, "x", 1), np.arange(50_000, dtype=np.int64) << 32)
    assert len(np.unique(u)) == 50_000
    assert abs(u.mean() - 0.5) < 6 * np.sqrt(1 / 12 / len(u))


def test_a_draw_is_splitmix64_at_its_slot():
    key, word = int(key_of(3, "exit", 8051)), 2**64 - 1
    for slot in (0, 1, 12345, (17 << 32) + 99):
        x = (slot * 0x9E3779B97F4A7C15 + key) & word
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & word
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & word
        x = (x ^ (x >> 31)) >> 12
        assert Streams(3).uniform("exit", 8051, np.array([slot]))[0] == (x + 0.5) / 2**52
