"""The folder of a new city: every file written of what a form says, checked beside its place, then moved there."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from peiyu.new_city.cells import region_named
from peiyu.new_city.form import Cells
from peiyu.new_city.opening import NewOpening, opening_of
from peiyu.new_city.read import Form
from peiyu.new_city.scenarios import scenario_texts
from peiyu.words.names import Named, label
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES, TEMPLATE
from sim.city.history import HISTORY
from sim.city.labels import LabelEntry, labels
from sim.city.template import write_folder
from sim.inputs.text import read_text
from sim.inputs.toml import toml_text
from sim.inputs.toml_bounds import MAX_TOML
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

OWN_COUNTS = 3
"""Own counts of a label from which a reading of it is said to rest on data."""
PROVINCIAL, NATIONAL = "tech_sme", "tech_sme_nat"
"""The two labels of technology SMEs."""
_RULE = "[[recognition]]"
COUNTED = {"stock": "last", "net": "change"}
"""How a reading counts a measure; all others are sums."""


@dataclass(frozen=True, slots=True)
class NewFolder:
    """Where a city was written, and what of the form the model does not use."""

    path: Path
    left_out: tuple[str, ...]
    kept: tuple[str, ...]


def write_new_city(name: str, parent: Path, form: Form, lang: str) -> NewFolder:
    """Write the folder of a form, all files or none. Raises `InputError` for a name or place that cannot be."""
    city = form["city"][0]
    known, national = _labels(form)
    goals = [(row, known[row["label"]]) for row in form["goals"]]
    counted = [(row, entry) for row, entry in goals if _indicator(row, entry)]
    left_out = tuple(dict.fromkeys(_shown(row, entry, lang) for row, entry in goals if not _indicator(row, entry)))
    counts = [(row, known[row["label"]]) for row in form["counts"]]
    kept = tuple(dict.fromkeys(label(e, lang) for row, e in counts if not e.counted(row["measure"] or "stock")))
    start = opening_of(city, form["counts"], national)
    region = region_named(city["name_zh"]) or name
    texts = {
        "profile.toml": _profile(city, start, region, name, form),
        "goals.toml": _goals(counted, city, form),
        "series.toml": _series(counts),
        "history.csv": _history(counts, region),
        "recognitions.toml": _rules(national),
        "SOURCES.md": _sources(city, left_out, kept),
    }
    texts |= {f"scenarios/{file}": text for file, text in scenario_texts(form, city).items()}
    return NewFolder(write_folder(name, parent, texts, _check), left_out, kept)


def _labels(form: Form) -> tuple[dict[str, LabelEntry], bool]:
    """Return the labels by key, and whether the technology SMEs of the city are the national ones.

    The model holds one label of technology SMEs: the province's where the form names it, else the national one.
    """
    known = {x.key: x for x in labels().label}
    named = {row["label"] for row in (*form["goals"], *form["counts"])}
    if PROVINCIAL in named:
        known[NATIONAL] = known[NATIONAL].model_copy(update={"indicator": {}})
    return known, NATIONAL in named and PROVINCIAL not in named


def _rules(national: bool) -> str:
    """Write the template's rules; where the national rule of technology SMEs holds, without the provincial one."""
    head, *rules = read_text(CITIES / TEMPLATE / "recognitions.toml", MAX_TOML).split(_RULE)
    return _RULE.join([head, *(r for r in rules if not (national and f'key = "{PROVINCIAL}"' in r))])


def _check(folder: Path) -> None:
    """Read what was written as every command will."""
    city = load_city(folder, frozenset(NAMES))
    for path in sorted((folder / "scenarios").glob("*.toml")):
        load_scenario(path, city)


def _indicator(row: Cells, entry: LabelEntry) -> str | None:
    return entry.counted(row["measure"] or "stock", row["scope"] == "future")


def _shown(row: Cells, entry: LabelEntry, lang: str) -> str:
    return f"{label(entry, lang)} {label(_measure(row), lang)}"


def _measure(row: Cells) -> Named:
    return next(m for m in labels().measure if m.key == (row["measure"] or "stock"))


def _profile(city: Cells, start: NewOpening, region: str, name: str, form: Form) -> str:
    """Write the profile: one district, the template's tracks, the opening that the counts give."""
    began = quarter.parse(city["plan_start"]) <= max(quarter.period_end(r["period"]) or 0 for r in form["counts"])
    lines = [f'start = "{quarter.label(start.quarter)}"', f'in_force = "{"plan" if began else "history"}"']
    lines += [f"region = {toml_text(region)}"] if region != name else []
    lines += [f"province = {toml_text(city['province'])}"] if city["province"] not in ("", region) else []
    lines += ["", "[title]", f"zh = {toml_text(city['name_zh'])}", f"en = {toml_text(city['name_en'])}"]
    lines += ["", "[document]", f"zh = {toml_text(city['plan_zh'])}"]
    lines += [f"en = {toml_text(city['plan_en'] or city['plan_zh'])}", f"number = {toml_text(city['plan_source'])}"]
    lines += ["", "[[district]]", 'key = "whole"', f"zh = {toml_text(city['name_zh'])}"]
    lines += [
        f"en = {toml_text(city['name_en'])}",
        "share = 1.0",
        'source = "the city as a whole; split it when shares are known"',
    ]
    text = "\n".join(lines) + "\n" + _TRACKS + "\n[opening]\n"
    text += "".join(f"{key} = {round(value)}\n" for key, (value, _) in start.numbers.items())
    text += "".join(f"{key} = {value}\n" for key, (value, _) in _USUAL.items()) + "\n[opening.sources]\n"
    sources = start.numbers | _USUAL
    text += "".join(f"{key} = {toml_text(source)}\n" for key, (_, source) in sources.items())
    return text + _LEADER


def _goals(counted: list[tuple[Cells, LabelEntry]], city: Cells, form: Form) -> str:
    """Write a goal for each row, with the reading that its measure is."""
    texts, seen = [], dict[str, int]()
    for row, entry in counted:
        measure, scope = row["measure"] or "stock", "_future" if row["scope"] == "future" else ""
        key = f"{entry.key}{scope}_{measure}"
        seen[key] = seen.get(key, 0) + 1
        named = _measure(row)
        own = sum(
            c["label"] == entry.key and (c["measure"] or "stock") == measure for c in form["counts"] if not c["region"]
        )
        grade = "A" if own >= OWN_COUNTS and not scope else "C"
        value = row["value"].split()[0]
        lines = [
            "[[goal]]",
            f"key = {toml_text(key if seen[key] == 1 else f'{key}_{seen[key]}')}",
            f"zh = {toml_text(entry.zh)}",
            f"en = {toml_text(entry.en)}",
            f"article = {toml_text(row['article'] or city['plan_zh'])}",
            f"quote = {toml_text(row['quote'])}",
            f"source = {toml_text(city['plan_source'])}",
            f"deadline = {toml_text(row['deadline'] or city['deadline'])}",
            f"kind = {toml_text(entry.kind)}",
            f"decided_by = {toml_text(entry.decided_by)}",
            "",
            "[[goal.reading]]",
            f"key = {toml_text(measure)}",
            f"zh = {toml_text(named.zh)}",
            f"en = {toml_text(named.en.capitalize())}",
            f"indicator = {toml_text(_indicator(row, entry) or '')}",
            f"count = {toml_text(COUNTED.get(measure, 'sum'))}",
            *([f"since = {toml_text(row['since'] or city['plan_start'])}"] if measure != "stock" else []),
            'operator = ">="',
            f"value = {value}",
            f'evidence = "{grade}"',
            "primary = true",
            f"why = {toml_text(f'the count the plan names; declared by the city, {own} own counts of the label')}",
            "",
        ]
        texts.append("\n".join(lines))
    return "\n".join(texts)


def _series(counts: list[tuple[Cells, LabelEntry]]) -> str:
    """Write the template's series with those of the form that it has not."""
    text = read_text(CITIES / TEMPLATE / "series.toml", MAX_TOML)
    more = []
    for row, entry in counts:
        measure = row["measure"] or "stock"
        series, indicator = entry.printed(measure), entry.counted(measure)
        if series and indicator and f'name = "{series}"' not in text and series not in more:
            more.append(series)
            text += f"\n[[series]]\nname = {toml_text(series)}\nindicator = {toml_text(indicator)}\n"
    return text


def _history(counts: list[tuple[Cells, LabelEntry]], region: str) -> str:
    """Write the rows of the form."""
    out = io.StringIO()
    table = csv.DictWriter(out, list(HISTORY.columns), lineterminator="\n")
    table.writeheader()
    for row, entry in counts:
        measure = row["measure"] or "stock"
        value, seen = row["value"].split()
        series = entry.printed(measure) or f"{entry.key}_{measure}"
        published = row["published"][:7] if len(row["published"]) > len("2024Q4") else ""
        note = "" if published else "[as_of assumed]"
        cells = {
            "series": series, "region": row["region"] or region, "period": row["period"], "value": value,
            "unit": "firms", "kind": "stock" if measure == "stock" else "flow", "source_title": row["source"],
            "publisher": "", "url": row["url"], "quote": "", "grade": row["grade"] or "B", "note": note,
            "observation": seen, "dated": "stated", "as_of": published or f"{int(row['period'][:4]) + 1}-03",
        }  # fmt: skip
        table.writerow(cells)
    return out.getvalue()


def _sources(city: Cells, left_out: tuple[str, ...], kept: tuple[str, ...]) -> str:
    lines = [f"# {city['name_zh']}: 数据来源与取舍 / {city['name_en']}: sources and choices", ""]
    lines += [f"{city['plan_zh']}, {city['plan_source']}", ""]
    lines += [
        "Written by `peiyu new-city`; every number names its source, what no source gives says `assumption:`.",
        "",
    ]
    lines += [f"- 模型不计算的目标 / goals that the model does not count: {', '.join(left_out)}"] if left_out else []
    lines += [f"- 模型不使用的数据 / counts that the model does not use: {', '.join(kept)}"] if kept else []
    return "\n".join(lines) + "\n"


_TRACKS = """
[[track]]
key = "future"
zh = "未来产业"
en = "Future industries"
share = 0.05
entry_share = 0.08
future = true
compute_heavy = true
rd_multiplier = 2.0
source = "assumption: no share of the plan's tracks was given"

[[track]]
key = "other"
zh = "其他科技产业"
en = "Other technology"
share = 0.95
entry_share = 0.92
future = false
compute_heavy = false
rd_multiplier = 1.0
source = "assumption: the rest"
"""
_USUAL: dict[str, tuple[float, str]] = {
    "employees_median": (12.0, "assumption: no size distribution was given"),
    "employees_sigma": (1.3, "assumption: no size distribution was given"),
    "revenue_per_employee": (60.0, "assumption: 万元 a year, no average was given"),
    "age_growth": (0.08, "assumption: inside the 6-10 % a year that national survival rates need"),
}
_LEADER = """
[leader]
unicorn_valuation = 700000.0
revenue_tier = 500000.0

[leader.sources]
unicorn_valuation = "assumption: 1 bn USD at 7 CNY per USD"
revenue_tier = "assumption: 5 bn CNY a year"
"""
