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
    monkeypatch.setattr(files, "writable", lambda _: False)  # root may write everywhere
    with pytest.raises(InputError, match="cannot be written; choose another folder with --out"):
        check_folder(tmp_path)


def test_a_link_in_the_place_of_a_file_gives_way_and_its_target_stays(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "a.csv").symlink_to(precious)
    write_whole(tmp_path / "a.csv", "ours")
    assert precious.read_text() == "mine" and (tmp_path / "a.csv").read_text() == "ours" and not (tmp_path / "a.csv").is_symlink()


def test_a_temporary_file_is_never_one_that_was_there(tmp_path, monkeypatch):
    """Somebody who could foresee its name would lay a link there, and the link's target would be overwritten."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    made = set()
    for name in ("a", "b"):
        monkeypatch.setattr(files.Path, "replace", lambda part, _: made.add(part.name))
        write_whole(tmp_path / name, "ours")
    monkeypatch.undo()
    assert len(made) == 2 and all(len(name) > 16 for name in made)  # 64 bits that nobody knows
    monkeypatch.setattr(files.secrets, "token_hex", lambda n: "0" * 2 * n)  # and were it known:
    (tmp_path / f".{'0' * 16}.part").symlink_to(precious)
    with pytest.raises(InputError, match="cannot be written \\(File exists\\)"):
        write_whole(tmp_path / "a.csv", "ours")
    assert precious.read_text() == "mine" and not (tmp_path / "a.csv").exists()


def test_a_file_with_the_longest_name_that_there_is_can_be_written(tmp_path):
    write_whole(tmp_path / ("a" * 255), "x")
    with pytest.raises(InputError, match="File name too long"):
        write_whole(tmp_path / ("a" * 256), "x")
    with pytest.raises(InputError, match="cannot be made \\(File name too long\\)"):
        check_folder(tmp_path / ("a" * 256))


SCRATCH = {
    "peiyu/document/paper/pdf.py", "peiyu/runs/reproduce.py", "peiyu/observations/write.py", "peiyu/runs/archive.py", "peiyu/forecasts/fans.py",
    "peiyu/fit/gather.py", "peiyu/page/desk.py",
}  # fmt: skip
"""Files that write into a `TemporaryDirectory`, which is thrown away, and nowhere else."""
WRITES = {"write_text", "write_bytes", "symlink_to", "hardlink_to", "link_to", "rename", "copyfile", "copy", "copy2", "copytree", "move",
          "to_csv", "to_json", "to_excel", "to_parquet", "tofile", "savez", "savetxt", "savefig", "mkstemp", "NamedTemporaryFile"}  # fmt: skip
"""Ways to put a file somewhere."""


def target(call):
    """Where a call writes to, if it does: the source of its first argument, or of what it is called on."""
    return ast.unparse(call.args[0]) if call.args else ""


def written(path):
    """Give every call of a source file that makes, moves or overwrites a file."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        words = [x.value for x in [*node.args, *(k.value for k in node.keywords)] if isinstance(x, ast.Constant) and isinstance(x.value, str)]
        opens = name in ("open", "fdopen") and any(len(x) < 4 and set(x) & set("wxa+") for x in words)
        moves = name == "replace" and len(node.args) == 1 and not node.keywords
        if (name in WRITES and not _in_memory(name, node)) or opens or moves:
            yield f"{name} in line {node.lineno}"


def _in_memory(name, call):
    """Tables become text, figures a buffer, and a dictionary or a frame is copied: none of them a file."""
    first = target(call)
    from_shutil = ast.unparse(call.func).startswith("shutil.")
    return first in ("buffer", "drawn") or (name in ("to_csv", "rename") and not call.args) or (name == "copy" and not from_shutil)


def test_nothing_else_puts_a_file_into_its_place(tmp_path):
    """One way to write a file, `write_whole`: whatever writes otherwise does so into a folder that is thrown away."""
    found = {}
    for package in ("agents", "sim", "calibration", "peiyu"):
        for path in (ROOT / package).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if name != "sim/files.py" and (calls := list(written(path))):
                found[name] = calls
    mine = {"sim/city/template.py": "a new city beside its place, moved there in one step", "sim/store/database.py": "a copy to read"}
    assert {name: calls for name, calls in found.items() if name not in SCRATCH | mine.keys()} == {}
    for name in SCRATCH & found.keys() | mine.keys():
        assert "TemporaryDirectory" in (ROOT / name).read_text("utf8"), name


@pytest.mark.parametrize(
    "line", ["path.write_text(x)", "open(path, 'w')", "path.open('xb')", "part.replace(path)", "frame.to_csv(path)", "shutil.copyfile(a, b)", "a.savefig(path)"]
)
def test_a_file_put_into_its_place_otherwise_would_be_found(tmp_path, line):
    (tmp_path / "made.py").write_text(f"x = text.replace('a', 'b')\ny = frame.to_csv()\nz = path.open('rb')\n{line}\n")
    assert [x.split()[-1] for x in written(tmp_path / "made.py")] == ["4"]
