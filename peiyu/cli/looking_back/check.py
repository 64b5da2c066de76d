"""`peiyu check`: whether the fit lies inside the tolerance of every moment of the evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import CORES, City, Cluster, Db, Json, Lang, Out, Processes, Seed, app, bar_title, default_language
from peiyu.screen.lines import say_document
from sim import quarter
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError
from sim.inputs.numbers import Limits
from sim.inputs.said import Said
from sim.workers import Workers

if TYPE_CHECKING:
    from calibration.fit.fit import Fit
    from calibration.moments.check import Trial

MEMBERS = 100
"""Members of the check, under two minutes on two cores."""
ALLOWED = Limits(2, 100_000, "", Said("{usual} is the usual", usual=MEMBERS))
"""An interval needs two."""
YEARS = 8
"""Years of history the moments need: three years of growth, the next three, and the years around them."""


@app.command("check")
def check_command(
    city: City = "hangzhou",
    members: Annotated[
        int, typer.Option("--members", callback=ALLOWED.option("--members"), help="Members of the ensemble. 成员数")
    ] = MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Check the fit against the validation moments M1-M12, misses first. 用验证矩检验拟合,未达者在前."""
    from calibration.moments.check import check
    from calibration.moments.rolling import rolling
    from peiyu.document.csv import write_csv
    from peiyu.fit.check import backtested, document, frame, print_check
    from peiyu.screen.progress import Bar
    from sim.store.store import open_store
    from sim.versions import source_version

    everyone = Workers(workers, cluster)
    everyone.check()
    trial, fit = _asked(city)
    language = str(lang or default_language())
    check_folder(out)
    with open_store(db or out / "peiyu.db") as store:
        pairs = backtested(out)
        with Bar(bar_title(lang, trial.city), language, members) as bar:
            found = check(trial, fit, members, seed, workers=everyone, progress=bar.update)
        results = found.results + rolling(pairs)
        said = document(results, found, fit, members, seed)
        text = json.dumps(said.plain(), ensure_ascii=False, indent=1)
        write_whole(out / "check.json", text + "\n")
        write_csv(out / "check.csv", frame(results))
        key = "_".join((trial.city.sha[:8], fit.provenance.draws_sha, source_version(), str(members), str(seed)))
        store.keep(said, key, trial.city.name, [])
    if as_json:
        say_document(said.plain())
    else:
        print_check(results, trial.city.title[language], members, language, out)


def _asked(city: str) -> tuple[Trial, Fit]:
    """Load what is checked. Raises `InputError` for a history that is too short for the moments."""
    from calibration.fit.fit import load_fit
    from calibration.moments.check import Trial
    from sim.city.city import load_city
    from sim.scenario.scenario import load_scenario
    from sim.state.indicators import NAMES

    place = load_city(city, known_indicators=frozenset(NAMES))
    fit = load_fit(place)
    origin = quarter.parse(fit.provenance.as_of)
    if origin < place.start + 4 * YEARS:
        raise InputError(
            Said(
                "the fit of {city} is as of {as_of} and its data begin in {begin}; the moments need {years} years: run"
                " peiyu calibrate --as-of {enough} or later.",
                city=place.name,
                as_of=fit.provenance.as_of,
                begin=quarter.label(place.start),
                years=YEARS,
                enough=quarter.label(place.start + 4 * YEARS),
            )
        )
    return Trial(place, load_scenario(place.in_force, place), load_scenario("no_policy", place), origin), fit
