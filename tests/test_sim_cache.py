"""What is remembered between processes, and what decides a number besides data: losing the one costs nothing, the other is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import cache, quarter, versions
from sim.cache import recall, remember
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.versions import installed, source_version


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


def test_what_is_remembered_is_recalled_by_kind_and_key(home):
    remember("probe", "k", "净 1\n")
    remember("source", "k", "2")
    remember("source", "k", "3")
    assert recall("probe", "k") == "净 1\n" and recall("source", "k") == "3"
    assert recall("probe", "other") is None and recall("other", "k") is None
    assert sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()) == ["peiyu/probe/k", "peiyu/source/k"]


@pytest.mark.parametrize("unset", ["", None], ids=["empty", "unset"])
def test_without_a_cache_folder_named_it_is_the_one_at_home(tmp_path, monkeypatch, unset):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if unset is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
    monkeypatch.setenv("HOME", str(tmp_path))
    remember("probe", "k", "x")
    assert (tmp_path / ".cache" / "peiyu" / "probe" / "k").read_text() == "x"


def test_what_cannot_be_read_is_not_remembered_and_no_fault(home):
    folder = home / "peiyu" / "probe"
    folder.mkdir(parents=True)
    (folder / "bytes").write_bytes(b"\xff\xfe\x00")
    (folder / "folder").mkdir()
    assert recall("probe", "bytes") is None and recall("probe", "folder") is None


def test_what_cannot_be_written_is_forgotten_without_a_word(home, capsys):
    home.write_text("a file is in the way")
    remember("probe", "k", "x")
    assert recall("probe", "k") is None and home.read_text() == "a file is in the way"
    assert capsys.readouterr() == ("", "")


def test_who_has_no_home_remembers_nothing(monkeypatch):
    def homeless(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache.Path, "expanduser", homeless)
    remember("probe", "k", "x")
    assert recall("probe", "k") is None


# Files ---------------------------------------------------------------------------------------------------------------


def test_a_text_that_cannot_be_written_leaves_the_old_file(tmp_path):
    write_whole(tmp_path / "a.csv", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a.csv", "half of a pair: \ud800")
    assert (tmp_path / "a.csv").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none/a\.csv: cannot be written \(No such file or directory\); choose another folder\.$"):
        write_whole(tmp_path / "none" / "a.csv", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_stays(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=r"a: cannot be written \(Is a directory\)"):
        write_whole(tmp_path / "a", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").is_dir()


# Versions ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def code(tmp_path, monkeypatch, home):
    """A tree of source that stands for agents/ and sim/; returns its hash."""
    for package in ("agents", "sim"):
        folder = tmp_path / package
        (folder / "deep").mkdir(parents=True)
        (folder / "a.py").write_text('"""Say."""\nX = 1\n')
        (folder / "deep" / "b.py").write_text("Y = 2\n")
        monkeypatch.setattr(getattr(versions, package), "__path__", [str(folder)])
    return source_version.__wrapped__


def test_the_version_of_the_source_is_that_of_every_file_of_both_packages(code, tmp_path):
    seen = {code()}
    for package, name in (("agents", "a.py"), ("agents", "deep/b.py"), ("sim", "a.py"), ("sim", "deep/b.py")):
        path = tmp_path / package / name
        path.write_text(path.read_text() + "Z = 3\n")
        seen.add(code())
    (tmp_path / "sim" / "new.py").write_text("N = 1\n")
    seen.add(code())
    assert len(seen) == 6 and all(len(x) == 16 for x in seen)


def test_words_data_and_names_of_files_are_no_other_source(code, tmp_path):
    before = code()
    (tmp_path / "agents" / "a.py").write_text('"""Say it better."""\n\n\nX = 1  # because\n')
    (tmp_path / "sim" / "notes.md").write_text("no source")
    (tmp_path / "sim" / "deep" / "b.py").rename(tmp_path / "sim" / "deep" / "c.py")
    assert code() == before


def test_a_hash_remembered_of_other_files_is_not_taken(code, tmp_path, home):
    before = code()
    (tmp_path / "sim" / "a.py").write_text("X = 2\n")
    assert code() != before and len(list((home / "peiyu" / "source").iterdir())) == 2
    (tmp_path / "sim" / "a.py").write_text('"""Say."""\nX = 1\n')
    assert code() == before


def test_every_package_that_computes_is_told_with_its_version_or_that_it_is_not_there(monkeypatch):
    monkeypatch.setattr(versions, "COMPUTING", ("numpy", "surely_no_such_package"))
    found = versions.versions()
    assert list(found) == ["python", "machine", "numpy", "surely_no_such_package"]
    assert found["surely_no_such_package"] == "not installed" and found["numpy"][0].isdigit()


def test_what_is_installed_can_be_given_to_pip_again():
    lines = installed()
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names)) and "numpy" in names and "peiyu" not in names
    assert all(line == line.lower().split("==")[0] + "==" + line.split("==")[1] and line.count("==") == 1 for line in lines)


# Quarters ------------------------------------------------------------------------------------------------------------


@given(st.integers(4 * 1000, 4 * 9999 + 3), st.integers(4 * 1000, 4 * 9999 + 3))
def test_quarters_sort_as_texts_as_they_do_in_time(a, b):
    """The store orders series by the text of the quarter."""
    assert (quarter.label(a) < quarter.label(b)) == (a < b)


@given(st.dates())
def test_a_day_and_its_month_lie_in_the_quarter_of_the_calendar(day):
    text, at = day.isoformat(), 4 * day.year + (day.month + 2) // 3 - 1
    assert quarter.period_end(text) == quarter.period_end(text[:7]) == at
    half = f"{text[:4]}-H{1 if day.month <= 6 else 2}"
    assert at <= quarter.period_end(half) <= quarter.period_end(text[:4]) == 4 * day.year + 3



def test_where_nothing_can_be_kept_on_disk_a_loop_is_compiled_all_the_same(monkeypatch):
    """A shared installation that nobody may write, and a user without a home: Numba finds no place for what it compiled."""
    from numba.core import caching

    from agents.compiled import compiled

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    def doubled(x):
        return x + x

    assert compiled(doubled)(np.array([1.0, 2.5])).tolist() == [2.0, 5.0]
