"""`python -m peiyu` is the same program as `peiyu`."""

from __future__ import annotations

import re
import shlex
import sqlite3
import sys
from typing import TYPE_CHECKING

from peiyu.screen.lines import tell
from peiyu.screen.streams import never_fail_over_a_letter
from peiyu.stopping import Stopped, leave_at_once, raise_when_stopped, wish
from sim.files import no_room
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.shown import visible
from sim.lost import LostClusterError, LostWorkersError
from sim.store.made import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peiyu.words.loader import Words

DONE, OUR_FAULT, YOUR_INPUT, INTERRUPTED = 0, 1, 2, 130
STORE = {
    sqlite3.SQLITE_CORRUPT: Said("it is damaged; name another one with --db, or a copy of it"),
    sqlite3.SQLITE_READONLY: Said("it cannot be written any more; name another one with --db"),
    sqlite3.SQLITE_CANTOPEN: Said("its folder cannot be written; name another one with --db"),
    sqlite3.SQLITE_BUSY: Said("another process holds it; run the same command again when that has ended"),
}
"""What to do when a store that was opened fails later, by SQLite's primary code."""


def main() -> None:
    """Run the command line; wrong input ends with one message and exit code 2, a full disk with 1."""
    leave_at_once()
    import peiyu.commands  # noqa: F401, PLC0415  loading takes a second, in which nothing is begun

    raise_when_stopped()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with the given words and return its exit code."""
    never_fail_over_a_letter()
    try:
        code = _answered(arguments)
    except Stopped as stop:
        code, stop.told = stop.code, True
    except KeyboardInterrupt:
        code = INTERRUPTED
    else:
        return code
    return _say(_words(arguments)["stopped"].format(command=_again(arguments)), code)


def _answered(arguments: list[str]) -> int:
    """Return the exit code of a command that nobody stopped, after one message where it cannot be answered."""
    try:
        code = _called(arguments)
    except InputError as error:
        return _say(f"peiyu: {error.told(_errors(arguments))}", YOUR_INPUT)
    except (LostWorkersError, LostClusterError) as error:
        return _say(_lost(error, arguments), OUR_FAULT)
    except (OSError, sqlite3.DatabaseError) as error:
        return _disk(error, arguments)
    except Exception as error:
        return _usage(error, arguments)
    return code if isinstance(code, int) else DONE


def _called(arguments: list[str]) -> object:
    """Call the command and return what it returns. Raises `Stopped` whatever a library made of it."""
    from peiyu.commands import app  # noqa: PLC0415  see `main`

    token = WORDS.set(arguments)
    try:
        made = app(arguments, standalone_mode=False)
    except BaseException:
        _heed()
        raise
    finally:
        WORDS.reset(token)
    if made == INTERRUPTED:  # typer turns a KeyboardInterrupt into this code
        _heed()
        raise KeyboardInterrupt
    return made


def _heed() -> None:
    """Raise the wish to stop, if one has come."""
    heard = wish()
    if heard is not None:
        raise heard from None


def _lost(error: LostWorkersError | LostClusterError, arguments: list[str]) -> str:
    """Say who is gone, and how to go on."""
    said, again = _words(arguments), _again(arguments)
    if isinstance(error, LostWorkersError):
        return said["lost_workers"].format(status=error.status, command=again)
    return said["lost_cluster"].format(address=error.address, command=again)


def _words(arguments: list[str]) -> Words:
    """Return the words for what ends a command, in the language it was to speak."""
    from peiyu.words.loader import words  # noqa: PLC0415  see `main`

    return words("stopped", _language(arguments))


def _errors(arguments: list[str]) -> Mapping[str, str]:
    """Return the catalogue of messages in the language a command was to speak; the English ones stand in the code."""
    from peiyu.words.messages import catalogue  # noqa: PLC0415  see `main`

    return catalogue(_language(arguments))


def _language(arguments: list[str]) -> str:
    """Return the language that a command was to speak."""
    from peiyu.cli.app import default_language  # noqa: PLC0415  see `main`
    from peiyu.words.loader import LANGUAGES  # noqa: PLC0415  as above

    asked = re.search(f"--lang[ =]({'|'.join(LANGUAGES)})", " ".join(arguments))
    return asked[1] if asked else str(default_language())


def _again(arguments: list[str]) -> str:
    """Return the command that goes on, as one writes it in a shell."""
    return visible(shlex.join(["peiyu", *arguments]))


def _disk(error: OSError | sqlite3.DatabaseError, arguments: list[str]) -> int:
    """Answer what the disk refuses; anything else is a fault of ours and keeps its traceback."""
    if isinstance(error, BrokenPipeError):
        return OUR_FAULT
    if isinstance(error, PermissionError):
        where = Said("{file}: cannot be written; choose another folder with --out or --db.", file=error.filename)
        return _say(f"peiyu: {where.told(_errors(arguments))}", YOUR_INPUT)
    if no_room(error):
        full = Said("no room left to write; what was finished is kept, make room and run again.")
        return _say(f"peiyu: {full.told(_errors(arguments))}", OUR_FAULT)
    if remedy := store_remedy(error):
        from sim.inputs.foreign import foreign  # noqa: PLC0415  see `main`

        fails = Said("the store fails ({reason}): {remedy}.", reason=foreign(error), remedy=remedy)
        return _say(f"peiyu: {fails.told(_errors(arguments))}", YOUR_INPUT)
    raise error


def store_remedy(error: BaseException) -> Said | None:
    """Return what to do about a store that fails while it is read; None where it is another fault."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.OperationalError) and "UTF-8" in str(error):
        code = sqlite3.SQLITE_CORRUPT  # of a text that is no UTF-8 SQLite itself knows nothing
    return None if code is None else STORE.get(code & 0xFF)  # the higher bits say more closely where


def _usage(error: Exception, arguments: list[str]) -> int:
    """Answer typer's own complaints like ours; anything else is a fault of ours and keeps its traceback."""
    if type(error).__name__ in ("Exit",):
        return int(getattr(error, "exit_code", 0))
    if type(error).__name__ == "Abort":
        raise KeyboardInterrupt from error
    if hasattr(error, "format_message"):
        from sim.inputs.foreign import foreign  # noqa: PLC0415  see `main`

        complaint = Said("{complaint} See peiyu --help.", complaint=foreign(error.format_message()))
        return _say(f"peiyu: {complaint.told(_errors(arguments))}", YOUR_INPUT)
    raise error


def _say(message: str, code: int) -> int:
    tell(message)
    return code


if __name__ == "__main__":
    main()
