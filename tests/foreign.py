"""An invented city in another province, by rule, with everything that the program says of it: nothing may be another city's."""

import contextlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from helpers import save_fit
from workbooks import SYNTHETIC, filled, rule

from agents.parameters import NAMES, Parameters
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from peiyu.__main__ import run
from peiyu.forecasts import pipeline
from sim.city.city import City, load_city

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
            form = "html" if lang == "zh" else "html,xlsx"
            texts[f"appendix {lang}"] = said("appendix", "--city", place, "--lang", lang, "--format", form, "--out", out)
            texts[f"check {lang}"] = said("city-check", place, "--lang", lang)
        texts["json"] = said("compare", "--city", place, "--json", *usual)
    texts |= {str(p.relative_to(out)): text_of(p) for p in out.rglob("*") if p.is_file() and p.suffix != ".db"}
    return Foreign(load_city(place), texts)


def said(*words):
    """Run a command that must succeed and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.redirect_stderr(told):
        code = run([str(w) for w in words])
    assert code == 0, told.getvalue()
    return told.getvalue()


def _lay_posterior(place):
    """Save draws from the middle of the priors, with a pool of the city's own size."""
    city, u = load_city(place), np.random.default_rng(7).uniform(0.4, 0.6, (DRAWS, len(NAMES)))
    about = Parameters.__dataclass_fields__
    draws = np.column_stack([about[n].metadata["prior"].value(u[:, i]) for i, n in enumerate(NAMES)])
    draws[:, NAMES.index("opening_pool")] = city.opening.enterprises
    kept = rounded(draws)
    save_fit(Fit(kept, Provenance(city.name, "2024Q4", 1, DRAWS, 2, WEIGHT, "d", draws_sha(kept), ["hte_stock"])), place)


def text_of(path: Path):
    """Return what a file says, a workbook or document as the text of its parts."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("utf8", "ignore")
    with zipfile.ZipFile(path) as parts:
        return "\n".join(parts.read(name).decode("utf8", "ignore") for name in parts.namelist() if name.endswith(".xml"))
