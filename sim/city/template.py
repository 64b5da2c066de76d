"""A new city: a copy of the template folder that already validates, ready to be edited."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from sim.city.city import load_city
from sim.city.files import CITIES, TEMPLATE, find_folder
from sim.city.shelf import SCENARIOS
from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import NOTHING, Said
from sim.inputs.text import opened
from sim.inputs.toml import parsed, toml_text
from sim.inputs.toml_bounds import MAX_TOML

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_LONGEST = 40


def write_city(name: str, parent: Path | str, source: Path | str = CITIES / TEMPLATE) -> Path:
    """Write a city folder from the template, or from another city, and return where it is.

    Parameters
    ----------
    name
        Lower-case ASCII words joined by "_", such as "ning_bo"; it becomes the folder's name.
    parent
        An existing folder.
    source
        A shipped city or a folder to copy; the copy keeps its region, so that its rows of `history.csv` stay its own.

    Raises
    ------
    InputError
        For another kind of name, a city that exists, or a folder that cannot be written.
    """

    def fill(draft: Path) -> None:
        _copy(find_folder(source), draft)
        if Path(source) != CITIES / TEMPLATE:
            _keep_region(load_city(source).region, draft)

    return _written(name, Path(parent), fill)


def write_folder(name: str, parent: Path, texts: Mapping[str, str], check: Callable[[Path], None]) -> Path:
    """Write a city folder of texts, by their place in it, over the template. Raises `InputError` as above.

    `check` reads the draft and raises where it cannot be used.
    """

    def fill(draft: Path) -> None:
        _copy(CITIES / TEMPLATE, draft)
        for place, text in texts.items():
            (draft / place).parent.mkdir(exist_ok=True)
            (draft / place).write_text(text, "utf8", newline="\n")
        check(draft)

    return _written(name, parent, fill)


def _written(name: str, parent: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder beside its place, check it there and move it in one step, so that nothing half-written is left."""
    target = checked_place(name, parent)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as scratch:
            draft = Path(scratch) / name
            fill(draft)
            load_city(draft)
            draft.rename(target)
    except OSError as error:
        said = Said(
            '"{folder}" cannot be written ({reason}); choose a folder you may write in.',
            folder=target,
            reason=foreign(error.strerror or error),
        )
        raise InputError(said) from error
    return target


def checked_place(name: str, parent: Path) -> Path:
    """Return where a new city will be. Raises `InputError` for a name or place that cannot be."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        tidy = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        near = _NAME.fullmatch(tidy) and len(tidy) <= _LONGEST
        said = Said(
            '"{name}" cannot name a city; allowed: a-z, 0-9 and single _, a letter first, at most {most}, such as'
            " mycity.",
            name=name[:60],
            most=_LONGEST,
        )
        raise InputError(said + (Said(' Did you mean "{word}"?', word=tidy) if near else NOTHING))
    if not parent.is_dir():
        raise InputError(Said('"{folder}" is not a folder; name an existing folder for the new city.', folder=parent))
    target = parent / name
    if target.exists() or target.is_symlink():
        raise InputError(
            Said('"{folder}" exists already and is not overwritten; choose another name or folder.', folder=target)
        )
    return target


def _copy(template: Path, folder: Path) -> None:
    """Copy the files of a folder, and its scenarios, without their permissions."""
    for source in (template, template / SCENARIOS):
        target = folder / source.relative_to(template)
        target.mkdir()
        for file in sorted(source.iterdir()) if source.is_dir() else ():
            if file.is_file():
                shutil.copyfile(file, target / file.name)


def _keep_region(region: str, folder: Path) -> None:
    """Say in the profile which region of the history the city is, unless it does or the folder does."""
    profile = opened(folder / "profile.toml", MAX_TOML)
    if "region" not in parsed(profile) and region != folder.name:
        profile.path.write_text(f"region = {toml_text(region)}\n{profile.text}", "utf8")
