"""`peiyu calibrate`: fit a city's parameters to its history."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calibration.fit.budget import PARTICLES, QUICK_PARTICLES, FitBudget, weight_for
from peiyu.cli.app import CORES, AsOf, City, Cluster, Out, Processes, Seed, app, bar_title, default_language
from peiyu.screen.lines import say, tell
from peiyu.words.numbers import count, digits, rate
from sim import quarter
from sim.files import check_folder
from sim.inputs import numbers
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.workers import Workers

if TYPE_CHECKING:
    from calibration.fit.fit import Fit
    from calibration.sampler import smc
    from peiyu.screen.progress import Bar
    from peiyu.words.loader import Words
    from sim.city.city import City as PlannedCity

USUAL = 23
"""Generations that a fit usually takes, for the time that is left."""
YEARS = 3
"""Years of history a fit needs before its last quarter."""


class PriorOf(StrEnum):
    """Where the prior of a fit comes from."""

    POOLED = "pooled"
    FLAT = "flat"


@app.command("calibrate")
def calibrate_command(
    city: City = "hangzhou",
    as_of: AsOf = None,
    particles: Annotated[
        int | None,
        typer.Option(
            "--particles",
            callback=numbers.PARTICLES.option("--particles"),
            help=f"Simulations per generation, {PARTICLES} or with --quick {QUICK_PARTICLES}. 每代粒子数",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="A coarser fit in minutes, for a city with few counts. 数分钟的粗校准,用于数据不多的城市"
        ),
    ] = False,
    prior: Annotated[
        PriorOf | None,
        typer.Option(
            "--prior",
            help="`pooled`: what the fits of the shipped cities have learned (usual for a city that is none of them);"
            " `flat`: the prior of any city. 先验来源",
        ),
    ] = None,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    forward: Annotated[
        bool, typer.Option("--forward", help="Move the city's fit to what is known by --as-of. 用新数据更新已有后验")
    ] = False,
    out: Out = Path("out"),
) -> None:
    """Fit the city's parameters to its history and save the posterior beside it. 用历史数据校准并保存后验."""
    from calibration.data.observations import usual_origin
    from calibration.fit.fit import BASE
    from peiyu.city_check.grades import tell_grades
    from peiyu.screen.console import stdout
    from peiyu.screen.next import print_next
    from peiyu.words.loader import words

    place, origin = _asked(city, as_of)
    w = words("calibrate", str(default_language()))
    tell_grades(place, str(default_language()))
    who = Workers(workers, cluster)
    who.check()
    check_folder(place.folder)
    check_folder(out)
    usual = QUICK_PARTICLES if quick else PARTICLES
    effort = FitBudget(particles or usual, weight_for(place.opening.enterprises, quick=quick), who, seed)
    fit = (
        _forward(place, origin, effort) if forward else _fitted(place, origin, effort, (prior, out / "calibration"))
    )
    stem = BASE if origin == usual_origin(place) else f"{BASE}-{quarter.label(origin)}"
    fit.save(place.folder, stem)
    if not any("@" in name for name in fit.provenance.observations):
        tell(w["no_counts"].format(city=place.name))
    _say_fit(fit, place.folder / f"{stem}.csv", w)
    print_next(stdout(str(default_language())), ("forecast",), place, out)


def _say_fit(fit: Fit, path: Path, w: Words) -> None:
    """Say what was fitted, from what, and where it is."""
    about, outlook = fit.provenance, fit.outlook
    if outlook.cities:
        say(w["borrowed"].format(n=len(outlook.pooled), lenders=", ".join(outlook.cities)))
    say(
        w["fitted"].format(
            draws=len(fit.draws), as_of=about.as_of, informed=len(about.informed), parameters=fit.draws.shape[1],
            observations=len(about.observations), sha=about.draws_sha, file=path,
        )
    )  # fmt: skip
    if about.effective:
        say(w["agree"].format(n=count(round(about.effective)), draws=len(fit.draws)))


def _asked(city: str, as_of: str | None) -> tuple[PlannedCity, int]:
    """Return the city and the quarter to fit it as of, checked."""
    from calibration.data.observations import refuse_future, usual_origin
    from calibration.data.opening import refuse_short_opening
    from sim.city.city import load_city
    from sim.state.indicators import NAMES

    place = load_city(city, known_indicators=frozenset(NAMES))
    origin = usual_origin(place) if as_of is None else quarter.parse_named("--as-of", as_of)
    if origin <= place.start + 4 * YEARS:
        raise InputError(
            Said(
                "--as-of {asked}: the data of {city} begin in {begin}; write {enough} or later.",
                asked=quarter.label(origin),
                city=place.name,
                begin=quarter.label(place.start),
                enough=quarter.label(place.start + 4 * YEARS + 1),
            )
        )
    if as_of is not None:
        refuse_future(place, origin)
    refuse_short_opening(place)
    return place, origin


def _fitted(place: PlannedCity, origin: int, effort: FitBudget, how: tuple[PriorOf | None, Path]) -> Fit:
    """Fit a city; generations are kept until the fit is there."""
    from calibration.fit.calibrate import FitProgress, calibrate, evidence_of
    from peiyu.screen.progress import Bar
    from sim.scenario.scenario import load_scenario

    prior, kept = how
    evidence = evidence_of(place, origin, borrow=None if prior is None else prior is PriorOf.POOLED)
    with Bar(bar_title(None, place), str(default_language())) as bar:
        watch = _Telling(bar, effort.particles)
        told = FitProgress(watch.simulated, watch.finished, kept)
        policy = load_scenario(place.in_force, place)
        fit = calibrate(place, policy, origin, effort=effort, watch=told, evidence=evidence)
    shutil.rmtree(kept, ignore_errors=True)
    return fit


def _forward(place: PlannedCity, origin: int, effort: FitBudget) -> Fit:
    """Move the city's newest earlier fit to what is known by a quarter."""
    from calibration.fit.fit import load_fit
    from calibration.fit.update import brought_forward
    from peiyu.screen.progress import Bar
    from sim.scenario.scenario import load_scenario

    in_force = load_scenario(place.in_force, place)
    with Bar(f"{bar_title(None, place)} · {quarter.label(origin)}", str(default_language())) as bar:
        return brought_forward(
            place, load_fit(place), in_force, origin, workers=effort.workers, progress=bar.update
        )


class _Telling:
    """Tells the bar how far the fit is, over all generations, and says how each generation went."""

    def __init__(self, bar: Bar, particles: int) -> None:
        self.bar, self.particles, self.generations = bar, particles, 0

    def simulated(self, done: int, total: int) -> None:
        """Count simulations of the generation at work."""
        expected = max(USUAL, self.generations + 2)
        self.bar.update(self.generations * total + done, expected * total)

    def finished(self, g: smc.Generation) -> None:
        """Say how a generation went."""
        from peiyu.words.loader import words

        self.generations = g.number + 1
        self.bar.say(
            words("calibrate", str(default_language()))["generation"].format(
                n=g.number, data=rate(g.done), tolerance=digits(g.tolerance), acceptance=rate(g.acceptance),
                effective=digits(g.effective), particles=self.particles,
            )
        )  # fmt: skip
