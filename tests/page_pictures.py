"""Pictures of every screen of the planner's page, for the READMEs: `make page-pictures`."""

import argparse
import io
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SCREENS = {
    "answer": "/?set=zones_municipal.size:2",
    "compare": "/compare?with=baseline&with=zones_late",
    "watch": "/watch?quarter=8107",
    "evidence": "/evidence?",
    "export": "/export?",
}
"""A screen's name, and what is chosen on it; 8107 is 2026Q4."""
WIDE, PHONE = (1280, 800), (390, 844)
VIEWS = [*((name, path, WIDE, "light") for name, path in SCREENS.items()),
         ("answer_dark", SCREENS["answer"], WIDE, "dark"), ("answer_phone", SCREENS["answer"], PHONE, "light")]  # fmt: skip
QUALITY = 80
WAIT = 900_000
"""Milliseconds; a machine that does other work too takes its time."""
WHOLE = "[data-stream][aria-busy=false] :not(.working), .ready"
"""What stands on a screen when all that was asked is there."""


def main() -> None:
    """Serve the page as it was at the plan's start, and take its pictures in both languages."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--at", help="the address of a page that is served already")
    asked.add_argument("--only", nargs="*", help="names of pictures, as answer_phone")
    told = asked.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    views = [view for view in VIEWS if not told.only or view[0] in told.only]
    if told.at:
        take(told.at.rstrip("/"), views)
        return
    with served() as address:
        take(address, views)


@contextmanager
def served():
    """Serve the page over a store of its own; it tells its address when its data are read."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "peiyu", "page", "--no-browser", "--port", "0", "--as-of", "2024Q4", "--out", out]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            address = process.stdout.readline().strip().rstrip("/")
            if not urlsplit(address).port:
                sys.exit("peiyu page told no address; it said why on stderr.")
            try:
                yield address
            finally:
                process.send_signal(signal.SIGTERM)


def take(address, views):
    """Open every screen, wait until it is whole, and write what is seen first."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, path, (width, height), scheme in views:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            tab = context.new_page()
            for lang in ("zh", "en"):
                tab.goto(f"{address}{path}&lang={lang}".replace("?&", "?"), timeout=WAIT, wait_until="load")
                tab.wait_for_selector(WHOLE, state="attached", timeout=WAIT)
                file = FOLDER / f"{name}.{lang}.webp"
                with Image.open(io.BytesIO(tab.screenshot())) as seen:
                    seen.convert("RGB").save(file, quality=QUALITY, method=6)
                print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB", flush=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
