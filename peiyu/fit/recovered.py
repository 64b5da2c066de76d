"""Synthetic cities of the calibration report, fitted one by one, each kept once done: hours can be cut up."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from calibration.data.summaries import observed
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import FitProgress
from calibration.fit.fit import Fit
from calibration.proof.recovery import RECOVERED, recover
from calibration.sampler import smc
from peiyu.document.csv import write_csv
from peiyu.words.numbers import count
from sim import quarter
from sim.city.city import City
from sim.files import check_folder
from sim.inputs.errors import InputError
from sim.inputs.text import read_text
from sim.scenario.scenario import Scenario

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SyntheticCities:
    """Cities made from the draws of a fit and fitted again, and where those that are done stay."""

    city: City
    scenario: Scenario
    fit: Fit
    effort: FitBudget
    folder: Path | None = None

    def fitted(self, cities: int, tell: Tell) -> pd.DataFrame:
        """Return what was found of so many cities, and of all others that are kept; fit those that are not kept."""
        if self.folder is not None:
            check_folder(self.folder)
        asked = sorted({*range(cities), *self._kept()})
        tell(f"recovery, {len(asked)} synthetic cities")
        found = [self._one(i, tell) for i in asked]
        # an empty frame would turn truth and lie into objects
        return pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)

    def _one(self, i: int, tell: Tell) -> pd.DataFrame:
        if self.folder is None:
            return self._new(i, FitProgress(), tell)
        path = self.folder / f"city-{i:03d}-{self._mark()}.csv"
        # what is there but cannot be read is fitted again
        with suppress(InputError, ValueError):
            found = pd.read_csv(io.StringIO(read_text(path)))
            if tuple(found.columns) == RECOVERED:
                return found
        generations = self.folder / f"city-{i:03d}-generations"
        found = self._new(i, FitProgress(kept=generations), tell)
        write_csv(path, found)
        shutil.rmtree(generations, ignore_errors=True)
        return found

    def _new(self, i: int, watch: FitProgress, tell: Tell) -> pd.DataFrame:
        """Fit a city; one whose fit is refused is told and leaves no row."""
        began = time.monotonic()
        try:
            found = recover(self.city, self.scenario, self.fit, i, effort=self.effort, watch=watch)
        except InputError as error:
            tell(f"  city {i}: refused. {error}")
            return pd.DataFrame(columns=list(RECOVERED))
        took = time.monotonic() - began
        inside = f"{int(found.inside.sum())} of {len(found)} truths inside their 90 % interval"
        tell(f"  city {i}: {inside}, {count(took)} s")
        return found

    def _kept(self) -> set[int]:
        if self.folder is None:
            return set()
        names = (re.fullmatch(rf"city-(\d+)-{self._mark()}\.csv", path.name) for path in self.folder.iterdir())
        return {int(name[1]) for name in names if name}

    def _mark(self) -> str:
        """Name everything that decides a city: the fit it is drawn from, what is seen of it, how it is fitted.

        The code of the model does not count: a fit is read only by a model that repeats its probes.
        """
        made, effort = self.fit.provenance, self.effort
        seen = observed(self.city, quarter.parse(made.as_of))
        parts = (made.draws_sha, seen, effort.particles, effort.weight, smc.SAMPLER_VERSION, smc.settings())
        return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()
