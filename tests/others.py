"""Looking at other processes: what they started, whether they are there, and waiting until something is so."""

import time
from pathlib import Path


def waited_until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def shared_memory():
    return {path.name for path in Path("/dev/shm").iterdir()}


def runs(pid):
    """Whether a process is there and no mere entry of a dead one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    """The processes that a process started, whichever of its threads did."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            found += map(int, (thread / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):  # the thread has ended
            continue
    return found
