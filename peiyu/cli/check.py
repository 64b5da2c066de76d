"""`peiyu check`: whether the fit lies inside the tolerance of every moment of the evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from calibration.fit.fit import Fit, load_fit
from calibration.moments.check import Check, Trial, check
from calibration.moments.moments import Result
from calibration.moments.rolling import rolling
from peiyu.cli.app import CORES, City, Cluster, Db, Json, Lang, Out, Processes, Seed, app, default_language
from peiyu.fit.check import frame, print_check, record, sorted_results
from peiyu.screen.progress import Bar
from sim import quarter
from sim.city.city import load_city
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.store.store import Analysis, open_store
from sim.versions import source_version
from sim.workers import Workers

MEMBERS, FEWEST = 100, 2
"""Members of the check, under two minutes on two cores; an interval needs two."""
KIND = "check"
"""Name of a stored check."""
YEARS = 8
"""Years of history the moments need: three years of growth, the next three, and the years around them."""


@app.command("check")
def check_command(
    city: City = "hangzhou",
    members: Annotated[int, typer.Option("--members", help="Members of the ensemble. 成员数")] = MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Check the fit against the validation moments M1-M12, misses first. 用验证矩检验拟合,未达者在前."""
    if members < FEWEST:
        raise InputError(f"--members {members}: write {FEWEST} or more; {MEMBERS} is the usual.")
    if workers < 1:
        raise InputError(f"--workers {workers}: write a number from 1 up.")
    place = load_city(city, known_indicators=frozenset(NAMES))
    fit = load_fit(place)
    origin = quarter.parse(fit.provenance.as_of)
    if origin < place.start + 4 * YEARS:
        begin = quarter.label(place.start)
        raise InputError(
            f"the fit of {place.name} is as of {fit.provenance.as_of} and its data begin in {begin}; the moments need"
            f" {YEARS} years: run peiyu calibrate --as-of {quarter.label(place.start + 4 * YEARS)} or later."
        )
    check_folder(out)
    store = open_store(db or out / "peiyu.db")
    pairs = backtested(out)
    trial = Trial(place, load_scenario(place.in_force, place), load_scenario("no_policy", place), origin)
    with Bar(f"{city} · check") as bar:
        found = check(trial, fit, members, seed, workers=Workers(workers, cluster), progress=bar.update)
    results = found.results + rolling(pairs)
    said = document(results, found, fit, members, seed)
    text = json.dumps(said, ensure_ascii=False, indent=1)
    write_whole(out / "check.json", text + "\n")
    write_whole(out / "check.csv", frame(results).to_csv(index=False))
    key = "_".join((place.sha[:8], fit.provenance.draws_sha, source_version(), str(members), str(seed)))
    store.keep_analysis(Analysis(KIND, key, place.name, [], json.loads(text)))
    if as_json:
        typer.echo(text)
    else:
        language = str(lang or default_language())
        print_check(results, place.title[language], members, language, out)


def document(results: list[Result], found: Check, fit: Fit, members: int, seed: int) -> dict[str, object]:
    """Return the JSON document: every moment, misses first, and the numbers that explain them."""
    about = fit.provenance
    rounded = {key: [float(f"{x:.6g}") for x in values] for key, values in found.context.items()}
    return {
        "city": about.city,
        "as_of": about.as_of,
        "draws": about.draws_sha,
        "members": members,
        "seed": seed,
        "moments": [record(r) for r in sorted_results(results)],
        "context": rounded,
    }


def backtested(out: Path) -> pd.DataFrame | None:
    """Return the pairs of a backtest that was written to the same folder, or none."""
    about = out / "backtest.json"
    if not about.is_file():
        return None
    try:
        return pd.DataFrame(json.loads(about.read_text("utf8"))["pairs"])
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"{about}: cannot be read ({error}); run peiyu backtest again, or remove it.") from None
