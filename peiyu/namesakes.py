"""Files of a user that are called as peiyu's own packages: seen when peiyu is imported, and named in one sentence.

`agents`, `sim`, `calibration` and `scenarios` lie beside `peiyu` in the repository and in a wheel. Python takes the
first of a name that it finds, and where it looks first is the folder of the notebook, the script, or `python -m`.

They are not put under one name in the wheel instead. It would take another line in every file when a wheel is built, so
that what is shipped is not what was tested; the hash of the source, the pickles that workers exchange and the names in
CONTRIBUTING.md (`from sim.levers.base import lever`) would be others in a wheel than in a checkout; and of two versions
of one package in one process, one would be loaded by accident. Nor do ours silently win: the user's own `import agents`
would then find them.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

OURS = ("agents", "sim", "calibration", "scenarios")
ROOT = Path(__file__).resolve().parents[1]
"""Where peiyu and its other packages are: a checkout, or the packages of an environment."""


def look() -> None:
    """See to it that Python finds our packages under their names.

    Raises `ImportError` where a file of the user's stands in the way; the command line says so and ends with 2. The
    command line imports nothing of the user's, so that the folder from which `python -m peiyu` is called does not
    count. A folder without Python in it, such as `scenarios/` with files of one's own, stands in no way.
    """
    program = "".join(sys.orig_argv[1:3]) == "-mpeiyu"
    if program and sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd() != ROOT:
        del sys.path[0]
    for name in OURS:
        if (found := _found(name)) is None and str(ROOT) not in sys.path:
            # of an editable installation, which Python asks last; any package goes before a plain folder
            sys.path.append(str(ROOT))
            found = _found(name)
        if found is None or found.resolve() != ROOT / name / "__init__.py":
            said = f'{found or name}: is called "{name}" as a package of peiyu, which cannot be loaded beside it;'
            said += " rename yours, or run from another folder."
            if program or [Path(word).name for word in sys.argv[:1]] == ["peiyu"]:
                sys.stderr.write(f"peiyu: {said}\n")
                sys.exit(2)
            raise ImportError(said, name="peiyu")


def _found(name: str) -> Path | None:
    """Return the file that is loaded for a name, or would be; None for a plain folder and for nothing."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return Path(loaded.__file__ or next(iter(loaded.__path__)))
    spec = find_spec(name)
    return Path(spec.origin) if spec and spec.origin else None
