"""An invented city in another province, by rule, with everything that the program says of it: nothing may be another city's."""

import contextlib
import io
import re
import subprocess
import zipfile
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from helpers import save_fit
from workbooks import SYNTHETIC, filled, rule

from agents.parameters import NAMES, Parameters
from calibration.fit.fit import BASE, Fit, Provenance, draws_sha, rounded
from calibration.sensitivity.design import EFFORTS, SensitivityBudget
from peiyu.__main__ import run
from peiyu.forecasts import pipeline
from sim.city.city import City, load_city
from sim.city.readings import every_reading
from sim.store.store import open_store

CITY = {
    "中文名": "澄江(虚构)", "英文名": "Chengjiang (invented)", "省份": "江苏省", "规划名称": "澄江新兴产业发展规划",
    "规划英文名": "Plan of the invented city", "规划文号或网址": "synthetic: no document", "规划起始": "2025年", "规划截止": "2027年底",
}  # fmt: skip
GOALS = [
    ("高企", "期末存量", "", "1,700家", "", "", "", "高新技术企业达到1700家"),
    ("独角兽", "", "", "2家", "", "", "", "独角兽企业2家"),
]
COUNTS = [
    *(("高新技术企业", "", "", f"{y}年底", f"{rule(y)}家", SYNTHETIC, "", "", "") for y in range(2015, 2025)),
    ("国家科技型中小企业", "", "", "2024", "0.2万家", SYNTHETIC, "", "", ""),
]
POLICIES = [
    ("引导基金", "现行", "2018年", "", "1亿元", "", "synthetic: the fund of the invented city"),
    ("高企认定奖励", "规划", "2025年", "2027年底", "500万元", "20万元", "synthetic: the award of the invented city"),
    ("先导区", "规划", "2025年", "2027年底", "300万元", "", "synthetic: the zones of the invented city"),
]
DRAWS, MEMBERS, WEIGHT = 4, 4, 4.0
EARLIER = "2023Q4"
SCREENS = (
    "/", "/compare", "/watch", "/evidence", "/export", "/answer", "/answer.json", "/later", "/scenario.toml",
    "/appendix.html", "/appendix.docx", "/figure.svg",
)  # fmt: skip


@dataclass(frozen=True)
class Foreign:
    """The invented city and the texts that were written of it, by file or command."""

    city: City
    texts: dict[str, str]


def make_foreign(folder):
    """Build it from a workbook, lay a posterior of middling draws beside it, and ask everything that is quick."""
    book = filled(folder / "city.xlsx", city=CITY, 目标=GOALS, 数据=COUNTS, 政策=POLICIES)
    place, out = folder / "chengjiang", folder / "out"
    texts = {"new-city": said("new-city", place.name, "--from", book, "--parent", folder, "--lang", "zh")}
    _lay_posterior(place)
    usual = ["--members", MEMBERS, "--mc-error", "1e-9", "--workers", "1", "--out", out]
    with pytest.MonkeyPatch.context() as patch:
        real = pipeline.ask
        patch.setattr(pipeline, "ask", lambda *a, **k: replace(real(*a, **k), weight=WEIGHT))
        for lang in ("zh", "en"):
            for command in ("forecast", "compare"):
                texts[f"{command} {lang}"] = said(command, "--city", place, "--lang", lang, *usual)
            form = "html,docx,pdf" if lang == "zh" else "html,xlsx,docx,pdf"
            texts[f"appendix {lang}"] = said("appendix", "--city", place, "--lang", lang, "--format", form, "--out", out)
            texts[f"check {lang}"] = said("city-check", place, "--lang", lang)
        texts["json"] = said("compare", "--city", place, "--json", *usual)
        texts |= _analyses(place, out, patch) | pages(place, folder / "page", patch)
    texts |= {str(p.relative_to(out)): text_of(p) for p in out.rglob("*") if p.is_file() and p.suffix != ".db"}
    return Foreign(load_city(place), texts)


def _analyses(place, out, patch):
    """Ask what looks closer, backward or sideways, in both languages and as JSON."""
    few, once = ["--members", MEMBERS], ["--workers", "1", "--out", out]
    _quick_sensitivity(patch)
    patch.chdir(place.parent)  # an own city is found again by its name there
    said("forecast", "--city", place, *few, "--mc-error", "1e-9", "--seed", "2", *once)
    with open_store(out / "peiyu.db", must_exist=True) as store:
        (old,), (new,) = (
            next(store.db.execute("SELECT run_id FROM runs WHERE scenario = 'plan' AND seed = ?", (seed,))) for seed in (1, 2)
        )
    _lay_posterior(place, EARLIER)
    said("forecast", "--city", place, "--as-of", EARLIER, *few, "--mc-error", "1e-9", *once)
    search = ["--candidates", "8", "--screen", "2", "--members", "8", "--goal", "hnte_stock"]
    asked = {
        "change": ["change", old, new, *once],
        "review": ["review", "--city", place, "--out", out],
        "cities": ["cities", place, *few, *once],
        "fails-when": ["fails-when", old, "--city", place, *few, *once],
        "search": ["search", "--city", place, *search, *once],
        "sensitivity": ["sensitivity", "--city", place, "--effort", "small", *once],
        "city-check": ["city-check", place],
        "show": ["show", old, "--out", out],
    }
    told = {}
    for name, command in asked.items():
        for how in (["--lang", "zh"], ["--lang", "en"], ["--json"]):
            told[f"{name} {how[-1]}"] = said(*command, *how)
    return told


def _quick_sensitivity(patch):
    """Let runs of a sensitivity analysis be made of their seed: thousands are asked for, and only its words are looked at."""

    def answer(bench, task):
        first = np.random.default_rng(task.seed).normal(1700.0, 300.0, len(every_reading(bench.city)))
        return [[*first, *(np.arange(len(bench.data)) + task.seed % 977.0), *(0.0 for _ in bench.past)] for _ in task.sizes]

    patch.setitem(EFFORTS, "small", SensitivityBudget("few", 64, 8, 16, 2, 4, 40.0, 40.0))
    patch.setattr("calibration.sensitivity.runs.perform", answer)
    for name in ("indices.RESAMPLES", "variance_budget.RESAMPLES", "information.OUTCOME_PERMUTATIONS"):
        patch.setattr(f"calibration.sensitivity.{name}", 8)


def said(*words):
    """Run a command that must succeed and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.redirect_stderr(told):
        code = run([str(w) for w in words])
    assert code == 0, told.getvalue()
    return told.getvalue()


def pages(place, folder, patch):
    """Return every screen of the planner's page, what it streams and what it exports; nothing without the page extra."""
    if find_spec("starlette") is None:
        return {}
    from starlette.testclient import TestClient
    from test_peiyu_page import Here

    from peiyu.page import desk
    from peiyu.page.desk import Desk
    from peiyu.page.keeper import Keeper
    from peiyu.page.pool import Pool
    from peiyu.page.web import answers, files, views
    from peiyu.page.web.app import application
    from peiyu.page.web.security import Guard
    from peiyu.page.web.site import Site

    for module in (desk, answers, files):
        patch.setattr(module, "STAGES", (2, MEMBERS))
    patch.setattr(views, "EVIDENCE_MEMBERS", 2)
    patch.setattr("peiyu.page.web.site.STAGES", (2,))
    asked = pipeline.ask(str(place), [])
    pool = Pool(asked.experiment(asked.scenarios), 1, MEMBERS)
    pool.start = partial(pool.start, Here)
    (folder / "scenarios").mkdir(parents=True)
    kept = Desk(asked, pool, folder / "scenarios")
    guarded = Guard(application(Site(kept, Keeper(kept, folder / "peiyu.db"), "zh")), "127.0.0.1", 80)
    told = {}
    with TestClient(guarded, base_url="http://127.0.0.1:80", headers={"host": "127.0.0.1:80"}) as client:
        for path in SCREENS:
            for lang in ("zh", "en"):
                got = client.get(path, params=dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair) | {"lang": lang})
                assert got.status_code == 200, (path, got.text)
                told[f"page {path} {lang}"] = readable(got.content)
    return told


def _lay_posterior(place, as_of="2024Q4"):
    """Save draws from the middle of the priors, with a pool of the city's own size."""
    city, u = load_city(place), np.random.default_rng(7).uniform(0.4, 0.6, (DRAWS, len(NAMES)))
    about = Parameters.__dataclass_fields__
    draws = np.column_stack([about[n].metadata["prior"].value(u[:, i]) for i, n in enumerate(NAMES)])
    draws[:, NAMES.index("opening_pool")] = city.opening.enterprises
    kept = rounded(draws)
    stem = BASE if as_of == "2024Q4" else f"{BASE}-{as_of}"
    save_fit(Fit(kept, Provenance(city.name, as_of, 1, DRAWS, 2, WEIGHT, "d", draws_sha(kept), ["hte_stock"])), place, stem)


def text_of(path: Path):
    """Return what a file says, a workbook or document as the text of its parts."""
    return readable(path.read_bytes())


def readable(made: bytes):
    """Return the text of a file's content; of a PDF nothing where `pdftotext` is missing."""
    if made.startswith(b"%PDF"):
        found = subprocess.run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True).stdout if which("pdftotext") else b""
        return found.decode("utf8").replace("\n", "")
    if not zipfile.is_zipfile(io.BytesIO(made)):
        return made.decode("utf8", "ignore")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        whole = "\n".join(parts.read(name).decode("utf8", "ignore") for name in parts.namelist() if name.endswith(".xml"))
    return whole + re.sub(r"</w:p>|<[^>]*>", lambda m: "\n" if m[0] == "</w:p>" else "", whole)  # words that runs divide too
