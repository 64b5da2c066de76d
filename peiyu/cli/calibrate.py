"""`peiyu calibrate`: fit a city's parameters to its history."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calibration.fit.budget import PARTICLES, FitBudget, weight_for
from peiyu.cli.app import CORES, AsOf, City, Cluster, Out, Processes, Seed, app
from peiyu.screen.lines import say, tell
from peiyu.words.numbers import count, digits, rate
from sim import quarter
from sim.files import check_folder
from sim.inputs import numbers
from sim.inputs.errors import InputError
from sim.workers import Workers

if TYPE_CHECKING:
    from calibration.fit import smc
    from calibration.fit.fit import Fit
    from peiyu.screen.progress import Bar
    from sim.city.city import City as PlannedCity

USUAL = 23
"""Generations that a fit usually takes, for the time that is left."""
YEARS = 3
"""Years of history a fit needs before its last quarter."""


@app.command("calibrate")
def calibrate_command(
    city: City = "hangzhou",
    as_of: AsOf = None,
    particles: Annotated[
        int,
        typer.Option(
            "--particles",
            callback=numbers.PARTICLES.option("--particles"),
            help="Simulations per generation. 每代粒子数",
        ),
    ] = PARTICLES,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    forward: Annotated[
        bool, typer.Option("--forward", help="Move the city's fit to what is known by --as-of. 用新数据更新已有后验")
    ] = False,
    out: Out = Path("out"),
) -> None:
    """Fit the city's parameters to its history and save the posterior beside it. 用历史数据校准并保存后验."""
    from calibration.data.observations import refuse_future, usual_origin
    from calibration.data.opening import refuse_short_opening
    from calibration.fit.fit import BASE
    from sim.city.city import load_city
    from sim.state.indicators import NAMES

    place = load_city(city, known_indicators=frozenset(NAMES))
    origin = usual_origin(place) if as_of is None else quarter.parse(as_of)
    if origin <= place.start + 4 * YEARS:
        begin, enough = quarter.label(place.start), quarter.label(place.start + 4 * YEARS + 1)
        raise InputError(
            f"--as-of {quarter.label(origin)}: the data of {place.name} begin in {begin}; write {enough} or later."
        )
    if as_of is not None:
        refuse_future(place, origin)
    refuse_short_opening(place)
    who = Workers(workers, cluster)
    who.check()
    check_folder(place.folder)
    check_folder(out)
    effort = FitBudget(particles, weight_for(place.opening.enterprises), who, seed)
    fit = _forward(place, origin, effort) if forward else _fitted(place, origin, effort, out / "calibration")
    stem = BASE if origin == usual_origin(place) else f"{BASE}-{quarter.label(origin)}"
    fit.save(place.folder, stem)
    if not any("@" in name for name in fit.provenance.observations):
        tell(f"peiyu: {place.name} has no dated count of its own yet; the fit is the prior and three moments.")
    about = fit.provenance
    say(
        f"{len(fit.draws)} draws, as of {about.as_of}, {len(about.informed)} of {fit.draws.shape[1]} parameters"
        f" informed by {len(about.observations)} observations, {about.draws_sha}: {place.folder / f'{stem}.csv'}"
    )
    if about.effective:
        agree = count(round(about.effective))
        say(f"{agree} of {len(fit.draws)} draws agree with all that was published since.")


def _fitted(place: PlannedCity, origin: int, effort: FitBudget, kept: Path) -> Fit:
    """Fit a city; generations are kept until the fit is there."""
    from calibration.fit.calibrate import FitProgress, calibrate
    from peiyu.screen.progress import Bar
    from sim.scenario.scenario import load_scenario

    with Bar(f"{place.name} · calibrate") as bar:
        watch = _Telling(bar, effort.particles)
        told = FitProgress(watch.simulated, watch.finished, kept)
        fit = calibrate(place, load_scenario(place.in_force, place), origin, effort=effort, watch=told)
    shutil.rmtree(kept, ignore_errors=True)
    return fit


def _forward(place: PlannedCity, origin: int, effort: FitBudget) -> Fit:
    """Move the city's newest earlier fit to what is known by a quarter."""
    from calibration.fit.fit import load_fit
    from calibration.fit.update import brought_forward
    from peiyu.screen.progress import Bar
    from sim.scenario.scenario import load_scenario

    in_force = load_scenario(place.in_force, place)
    with Bar(f"{place.name} · {quarter.label(origin)}") as bar:
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
        self.generations = g.number + 1
        self.bar.say(
            f"generation {g.number}: {rate(g.done)} of the data used, tolerance {digits(g.tolerance)},"
            f" acceptance {rate(g.acceptance)}, effective sample {digits(g.effective)} of {self.particles}"
        )
