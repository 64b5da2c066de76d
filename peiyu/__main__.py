"""`python -m peiyu` is the same program as `peiyu`."""

from __future__ import annotations

import sqlite3
import sys

from peiyu.cli import (  # noqa: F401  each registers its command
    appendix,
    backtest,
    calibrate,
    change,
    check,
    compare,
    fails_when,
    forecast,
    reproduce,
    search,
    sensitivity,
    show,
)
from peiyu.cli.app import app
from peiyu.cli.city import add_observation, new_city  # noqa: F401
from peiyu.screen.streams import never_fail_over_a_letter
from sim.inputs.errors import InputError
from sim.store.made import WORDS

DONE, OUR_FAULT, YOUR_INPUT, INTERRUPTED = 0, 1, 2, 130


def main() -> None:
    """Run the command line; wrong input ends with one message and exit code 2, a full disk with 1."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with the given words and return its exit code."""
    never_fail_over_a_letter()
    try:
        token = WORDS.set(arguments)
        try:
            code = app(arguments, standalone_mode=False)
        finally:
            WORDS.reset(token)
    except InputError as error:
        return _say(f"peiyu: {error}", YOUR_INPUT)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except (OSError, sqlite3.OperationalError) as error:
        return _disk(error)
    except Exception as error:
        code = _usage(error)
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code
        return _say("peiyu: stopped; what was finished is kept, run the same command again to go on.", INTERRUPTED)
    return code if isinstance(code, int) else DONE


def _disk(error: OSError | sqlite3.OperationalError) -> int:
    """Answer what the disk refuses; anything else is a fault of ours and keeps its traceback."""
    if isinstance(error, BrokenPipeError):
        return OUR_FAULT
    if isinstance(error, PermissionError):
        where = f"{error.filename}: cannot be written; choose another folder with --out or --db."
        return _say(f"peiyu: {where}", YOUR_INPUT)
    if _is_full(error):
        return _say("peiyu: no room left to write; what was finished is kept, make room and run again.", OUR_FAULT)
    raise error


def _is_full(error: Exception) -> bool:
    no_space, file_too_large = 28, 27
    # only SQLite says it in words; another message may have them in the name of a file
    said = str(error) if isinstance(error, sqlite3.Error) else ""
    return getattr(error, "errno", None) in (no_space, file_too_large) or "full" in said or "disk I/O error" in said


def _usage(error: Exception) -> int:
    """Answer typer's own complaints like ours; anything else is a fault of ours and keeps its traceback."""
    if type(error).__name__ in ("Exit",):
        return int(getattr(error, "exit_code", 0))
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    if hasattr(error, "format_message"):
        return _say(f"peiyu: {error.format_message()} See peiyu --help.", YOUR_INPUT)
    raise error


def _say(message: str, code: int) -> int:
    sys.stderr.write(message + "\n")
    return code


if __name__ == "__main__":
    main()
