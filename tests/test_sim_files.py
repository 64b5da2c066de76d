"""Files are there whole or not at all, and a folder that cannot be written is refused in one sentence."""

import ast
from multiprocessing import get_context
from pathlib import Path

import pytest

from sim import files
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("content", ["数字\r\n一行\n", b"\x00\xff\r\n"])
def test_text_and_bytes_are_kept_to_the_byte(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text("an older and longer text that must go altogether")
    write_whole(path, content)
    assert path.read_bytes() == (content.encode("utf8") if isinstance(content, str) else content)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_what_stops_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    write_whole(path, "old")

    def full(self, target):
        raise OSError(28, "no space left")

    monkeypatch.setattr(files.Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "new")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def again_and_again(path, letter):
    for _ in range(200):
        write_whole(path, letter * 100_000)


def test_two_processes_that_write_one_file_do_not_meet(tmp_path):
    path = tmp_path / "a.txt"
    context = get_context("spawn")
    both = [context.Process(target=again_and_again, args=(path, letter)) for letter in "ab"]
    for p in both:
        p.start()
    while any(p.is_alive() for p in both):
        if path.exists():
            text = path.read_text()
            assert len(text) == 100_000 and len(set(text)) == 1
    assert [p.exitcode for p in both] == [0, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_has_the_permissions_that_the_user_wants(tmp_path):
    write_whole(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_folder_is_made_and_what_is_none_is_refused(tmp_path):
    check_folder(tmp_path / "one" / "two")
    assert (tmp_path / "one" / "two").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file: is a file; --out names a folder\."):
        check_folder(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be made"):
        check_folder(tmp_path / "file" / "below")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(InputError, match="cannot be written; choose another folder with --out"):
        check_folder(tmp_path)


def test_nothing_else_moves_a_file_into_place():
    """One way to write a file whole: `replace` of a path, with one argument, is called nowhere else."""
    found = []
    for package in ("agents", "sim", "calibration", "peiyu"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    moves = node.func.attr == "replace" and len(node.args) == 1 and not node.keywords
                    if moves or node.func.attr in ("write_text", "write_bytes"):
                        found.append(str(path.relative_to(ROOT)))
    scratch = {"peiyu/document/pdf.py", "peiyu/runs/reproduce.py", "peiyu/observations/write.py"}  # folders that are thrown away
    assert set(found) <= {"sim/files.py", *scratch, "calibration/fit/fit.py"}
