"""A new city: a copy of the template folder that already validates, ready to be edited."""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from pathlib import Path

from sim.city.city import load_city
from sim.city.files import CITIES, TEMPLATE, find_folder
from sim.city.shelf import SCENARIOS
from sim.inputs.errors import InputError
from sim.inputs.toml import toml_text

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_LONGEST = 40


def write_city(name: str, parent: Path | str, source: Path | str = CITIES / TEMPLATE) -> Path:
    """Write a city folder from the template, or from another city, and return where it is.

    The files are written and checked beside the target first and then moved there in one step, so that
    nothing half-written is left.

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
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        tidy = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        meant = f' Did you mean "{tidy}"?' if _NAME.fullmatch(tidy) and len(tidy) <= _LONGEST else ""
        rule = f"allowed: a-z, 0-9 and single _, a letter first, at most {_LONGEST}, such as mycity"
        message = f'"{name[:60]}" cannot name a city; {rule}.{meant}'
        raise InputError(message)
    parent = Path(parent)
    target = parent / name
    if not parent.is_dir():
        message = f'"{parent}" is not a folder; name an existing folder for the new city.'
        raise InputError(message)
    if target.exists() or target.is_symlink():
        message = f'"{target}" exists already and is not overwritten; choose another name or folder.'
        raise InputError(message)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as scratch:
            draft = Path(scratch) / name
            _copy(find_folder(source), draft)
            if Path(source) != CITIES / TEMPLATE:
                _keep_region(load_city(source).region, draft)
            load_city(draft)
            draft.rename(target)
    except OSError as error:
        reason = error.strerror or error
        message = f'"{target}" cannot be written ({reason}); choose a folder you may write in.'
        raise InputError(message) from error
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
    profile = folder / "profile.toml"
    text = profile.read_text("utf8")
    if "region" not in tomllib.loads(text) and region != folder.name:
        profile.write_text(f"region = {toml_text(region)}\n{text}", "utf8")
