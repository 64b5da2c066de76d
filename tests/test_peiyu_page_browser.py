"""A planner's story in a real browser, from the first screen to the exported appendix, in both languages; nothing is inaccessible."""

import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from others import children, runs, waited_until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(find_spec("playwright") is None, reason="playwright is not installed"),
    pytest.mark.skipif(find_spec("uvicorn") is None, reason="the page extra is not installed"),
]
COARSE = """
from dataclasses import replace
from peiyu.__main__ import main
from peiyu.forecasts import pipeline
asked = pipeline.ask
pipeline.ask = lambda *a, **k: replace(asked(*a, **k), weight=40.0)
main()
"""
"""The program with a row for forty enterprises: here it is asked what stands on a screen, and of no number how large."""
SCREENS = ("/", "/compare?with=baseline", "/watch", "/evidence", "/export")
WAIT = 300_000  # ms: a loaded machine is slow, and a test of what stands there is not one of speed


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    """Serve the page and return its address; the workers end with it."""
    out = tmp_path_factory.mktemp("out")
    command = [sys.executable, "-c", COARSE, "page", "--no-browser", "--port", "0", "--out", str(out), "--as-of", "2024Q4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"LANG": "C.UTF-8"}) as served:
        yield served.stdout.readline().strip().rstrip("/")
        served.send_signal(signal.SIGTERM)
        served.wait(30)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def tab(browser, page_of):
    """A tab that may load from the page alone; what else it asks for, and what breaks in it, is kept."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    opened = context.new_page()
    opened.elsewhere, opened.broken = [], []
    opened.on("request", lambda r: None if r.url.startswith((page_of, "data:", "blob:")) else opened.elsewhere.append(r.url))
    opened.on("pageerror", lambda e: opened.broken.append(str(e)))
    opened.on("console", lambda m: opened.broken.append(m.text) if m.type == "error" else None)
    yield opened
    assert not opened.elsewhere and not opened.broken
    context.close()


def ready(tab):
    tab.wait_for_selector("[data-members], .ready", state="attached", timeout=WAIT)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_planner_moves_a_lever_compares_and_takes_the_appendix(tab, page_of, lang):
    tab.goto(f"{page_of}/?lang={lang}", timeout=WAIT)
    ready(tab)
    assert tab.locator(".goal").count() == 11 and tab.locator(".moved").count() == 0
    slider = tab.locator("[data-lever=fund_seedling] .size")
    slider.focus()
    for _ in range(8):
        tab.keyboard.press("ArrowRight")
    tab.wait_for_selector(".moved", timeout=WAIT)
    assert "fund_seedling.size%3A3" in tab.url and tab.locator("[data-lever=fund_seedling] .flag").is_visible()
    tab.reload()
    assert slider.input_value() == "3"  # the address is all of the state
    tab.fill("#cap", "1000")
    assert tab.locator("#over").is_visible()  # the plan itself is dearer: it is said, and nothing runs
    tab.fill("#cap", "990000")
    tab.wait_for_url(re.compile("cap=990000"), wait_until="commit")
    planned = [float(x.replace(",", "")) for x in tab.locator("#years li > :last-child").all_inner_texts()]
    slider.focus()
    tab.keyboard.press("End")
    tab.locator("[data-lever=zones_municipal] .size").focus()
    tab.keyboard.press("End")
    held = [float(x.replace(",", "")) for x in tab.locator("#years li > :last-child").all_inner_texts()]
    assert max(planned) <= max(held) <= 990_000 and tab.locator("#over").is_hidden()
    tab.locator("#keep summary").click()
    tab.fill("#name", f"mine {lang}")
    tab.click("#save")
    tab.wait_for_url(re.compile("base=mine"), timeout=WAIT)
    ready(tab)
    assert tab.locator("#base").input_value() == f"mine {lang}" and tab.locator("#save").text_content() in ("Duplicate", "复制")
    tab.locator("#when summary").click()
    tab.click("#add-rule")
    tab.fill("#rules [data-rule=value]", "400")
    tab.wait_for_url(re.compile("rule="), wait_until="commit")
    tab.reload()
    assert tab.locator("#rules .rule").count() == 1 and tab.locator("#rules [data-rule=value]").input_value() == "400"
    tab.wait_for_selector("[data-members]", timeout=WAIT)
    tab.click("#reset")
    tab.click('nav a[href*="/export"]')
    with tab.expect_download(timeout=WAIT) as got:
        tab.click('a[href^="/scenario.toml"]')
    assert "plan" in Path(got.value.path()).read_text("utf8") or got.value.suggested_filename == "plan_as_written.toml"
    with tab.expect_download(timeout=WAIT * 3) as got:
        tab.click('a[href^="/appendix.html"]')
    text = Path(got.value.path()).read_text("utf8")
    assert ("预测" if lang == "zh" else "forecast") in text and "</html>" in text


HOLD = "window.EventSource = class extends EventTarget { constructor() { super(); window.line = this; } close() {} };"
"""The server's own events are another test's: with this they come when a test wants."""
SAY = "told => window.line.dispatchEvent(new MessageEvent(told[0], {data: told[1]}))"


def test_a_screen_says_behind_how_many_others_it_waits(tab, page_of):
    tab.add_init_script(HOLD)
    tab.goto(f"{page_of}/?lang=en", timeout=WAIT)
    assert tab.locator("#answer .working").inner_text() == "working …"
    tab.evaluate(SAY, ["waiting", '{"others": 2}'])
    assert tab.locator("#answer .working").inner_text() == "waiting for others: 2"
    tab.evaluate(SAY, ["answer", '{"html": "<h1>here</h1>", "members": 20, "last": false}'])
    assert tab.locator(".queue").inner_text() == "" and tab.locator("#answer").inner_text() == "here"
    tab.locator(".size").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url(re.compile("set="), wait_until="commit")
    assert tab.locator(".queue").inner_text() == "working …" and tab.locator("#answer").inner_text() == "here"
    tab.evaluate(SAY, ["waiting", '{"others": 1}'])
    assert tab.locator(".queue").inner_text() == "waiting for others: 1"
    tab.evaluate(SAY, ["waiting", '{"others": 0}'])
    assert tab.locator(".queue").inner_text() == "working …"


def test_how_far_a_renewal_is_stays_when_the_next_entry_is_refused_or_only_checked(tab, page_of):
    answers = [
        (200, '<p>Written.</p><p class="working" data-follow="/renewed">renewing <span class="progress"></span></p>'),
        (422, "value: what is no number"), (200, "<p>nothing written</p>"),
    ]  # fmt: skip
    tab.add_init_script(HOLD)
    tab.route("**/observation?*", lambda r: r.fulfill(status=answers[0][0], body=answers.pop(0)[1], content_type="text/html"))
    tab.goto(f"{page_of}/evidence?lang=en", timeout=WAIT)
    tab.locator("#enter summary").click()
    form = tab.locator("form[data-send]").first
    form.evaluate("f => { f.noValidate = true; }")  # its fields are empty
    told = form.locator(".told")
    for said, far in (("Written.", "3 / 10"), ("value: what is no number", "4 / 10"), ("nothing written", "5 / 10")):
        form.evaluate("f => f.requestSubmit()")
        tab.wait_for_function("([e, said]) => e.textContent.includes(said)", arg=[told.element_handle(), said])
        done, of = far.split(" / ")
        tab.evaluate(SAY, ["progress", f'{{"done": {done}, "of": {of}}}'])
        assert told.locator(".working").inner_text().endswith(far)
    tab.broken.clear()  # the browser writes down that one answer was a refusal
    tab.evaluate(SAY, ["refused", '{"why": "no fit"}'])
    assert told.locator(".working").count() == 0 and "no fit" in told.inner_text()


@pytest.mark.longest
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", SCREENS)
def test_no_screen_has_a_fault_of_accessibility(tab, page_of, path, lang):
    tab.goto(page_of + path + ("&" if "?" in path else "?") + f"lang={lang}", timeout=WAIT)
    ready(tab)
    if tab.locator("#levers").count():
        tab.evaluate("document.getElementById('when').open = true")
        tab.click("#add-rule")
        tab.fill("#cap", "1")  # over it: said, not run
        tab.locator(".size").first.focus()
        tab.keyboard.press("End")
    tab.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")  # forms and tables too
    axe = Path(find_spec("axe_core_python").submodule_search_locations[0])
    tab.evaluate(next(axe.rglob("axe.min.js")).read_text("utf8"))
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")["violations"]
        assert [(f["id"], f["nodes"][0]["html"][:200]) for f in found] == []


@pytest.mark.parametrize("path", SCREENS[:2])
def test_a_phone_needs_no_sideways_scrolling(tab, page_of, path):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(page_of + path, timeout=WAIT)
    ready(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_workers_end_with_a_server_that_is_killed(tmp_path):
    command = [sys.executable, "-m", "peiyu", "page", "--no-browser", "--port", "0", "--out", str(tmp_path), "--as-of", "2024Q4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", served.stdout.readline())
        assert waited_until(lambda: len(children(served.pid)) >= 2, 20)
        workers = children(served.pid)
        served.kill()
    assert waited_until(lambda: not any(map(runs, workers)), 60)
