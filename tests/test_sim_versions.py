"""The hash of the source: words for readers do not count, what Python runs does."""

import pytest

from sim import versions
from sim.versions import normalised_source, source_version

BASE = 'def f(x):\n    """Say."""\n    return x + 1  # why\n'


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x + 1\n",
        'def f(x):\n    """Say\n    more."""\n\n    # why not\n    return x + 1\n',
        '"""A module."""\n\n\ndef f(x):\n    return x + 1   \n',
    ],
)
def test_comments_docstrings_and_blank_lines_do_not_count(other):
    assert normalised_source(other) == normalised_source(BASE)


@pytest.mark.parametrize("other", [BASE.replace("1", "2"), BASE.replace("return x", "return '#' and x")])
def test_what_python_runs_counts(other):
    assert normalised_source(other) != normalised_source(BASE)


def test_it_is_remembered_by_the_files_as_they_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = source_version.__wrapped__()
    assert len(list((tmp_path / "peiyu" / "source").iterdir())) == 1
    monkeypatch.setattr(versions, "normalised_source", lambda _text: 1 / 0)
    assert source_version.__wrapped__() == said
    monkeypatch.setattr(versions, "recall", lambda *_: None)
    with pytest.raises(ZeroDivisionError):
        source_version.__wrapped__()


def test_without_a_cache_it_is_worked_out(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert source_version.__wrapped__() == source_version()
