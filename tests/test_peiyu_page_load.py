"""Many planners click at once, one of them kills the server: nobody meets an error, and the store is whole."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

import pytest

from tests.bench.page import LEVERS, Served, moved

pytestmark = [
    pytest.mark.slow,
    pytest.mark.longest,
    pytest.mark.skipif(find_spec("uvicorn") is None, reason="the page extra is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
USERS, SECONDS = 20, float(os.environ.get("PEIYU_PAGE_SECONDS", "20"))
CLICKS = ("/", "/export", "/compare", "/scenario.toml?set=fund_seedling.size:2", "/watch?member=1", "/stored.json", "/answer.json?members=4")
MOST_GROWTH = 1.25
"""Memory at the end against half-time: results of questions are kept up to a bound, states are not added to."""


@pytest.fixture
def start(tmp_path):
    """Start a page over one store, as often as asked."""
    begun = []

    def one():
        command = [sys.executable, "-m", "peiyu", "page", "--no-browser", "--port", "0", "--out", str(tmp_path), "--as-of", "2026Q1"]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return Served(begun[-1], begun[-1].stdout.readline().strip())

    yield one
    for process in begun:
        process.kill()
        process.communicate()


def coarse(page, path, members=20):
    """Ask until so many members have answered, then move on."""
    for kind, _, told in page.stream(path):
        if kind == "answer" and told["members"] >= members:
            return told
    raise AssertionError(f"{path} ended before {members} members")


def click(page, number, until, broken):
    """Click about: mostly move levers without waiting for the end, sometimes look at another screen."""
    chosen, deadline = random.Random(number), time.monotonic() + until
    while time.monotonic() < deadline:
        try:
            if chosen.random() < 0.5:
                asked = page.stream(moved(chosen.choice(LEVERS)))
                waiting = threading.Thread(target=lambda asked=asked: next(asked, None))
                waiting.start()
                waiting.join(chosen.choice((0.1, 1.0, 5.0)))
                if not waiting.is_alive():
                    asked.close()
            else:
                path = chosen.choice(CLICKS)
                status, told = page.get(path)
                if status != 200 and not (path == "/stored.json" and b"no finished run" in told):
                    broken.append((path, status, told[:200]))
        except OSError as error:
            broken.append(repr(error))
        time.sleep(chosen.random() * 0.3)


def whole(store):
    return sqlite3.connect(store).execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_twenty_users_click_at_once_and_nobody_meets_an_error(start, tmp_path):
    page, broken = start(), []
    coarse(page, "/answer?lang=en")
    users = [threading.Thread(target=click, args=(page, i, SECONDS, broken)) for i in range(USERS)]
    for user in users:
        user.start()
    time.sleep(SECONDS / 2)
    half = page.rss_mb()
    for user in users:
        user.join()
    grown = page.rss_mb()
    assert broken == [] and grown < max(MOST_GROWTH * half, half + 400) and grown < 3000
    assert coarse(page, moved())["members"] >= 20  # it still answers
    assert whole(tmp_path / "peiyu.db")


def test_two_users_who_ask_the_same_are_told_the_same_and_others_wait(start):
    page, told = start(), []
    coarse(page, "/answer?lang=en")
    asked = moved()
    both = [threading.Thread(target=lambda: told.append(coarse(page, asked))) for _ in range(2)]
    for user in both:
        user.start()
    for user in both:
        user.join()
    assert told[0] == told[1]
    seen = []
    busy = threading.Thread(target=lambda: coarse(page, moved()))
    busy.start()
    for kind, _, x in page.stream(moved("zones_municipal")):
        seen.append((kind, x.get("others")))
        if kind == "answer":
            break
    busy.join()
    assert ("waiting", 1) in seen and seen[-1][0] == "answer"


def test_a_server_killed_in_the_middle_leaves_a_store_that_the_next_one_opens(start, tmp_path):
    page = start()
    asked = page.stream("/compared?with=baseline&lang=en")  # writes members into the store
    waiting = threading.Thread(target=lambda: next(asked, None), daemon=True)
    waiting.start()
    store = tmp_path / "peiyu.db"
    end = time.monotonic() + 120
    while time.monotonic() < end and not (store.is_file() and members(store) >= 3):
        time.sleep(0.1)
    page.process.kill()
    page.process.wait()
    assert members(store) >= 3 and whole(store)
    again = start()
    assert coarse(again, "/compared?with=baseline&lang=en")["members"] == 20
    assert whole(store)


def members(store):
    try:
        return sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute("SELECT count(*) FROM members").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
