"""Successive halving (Jamieson & Talwalkar 2016): at each rung the worse half of the trials stops.

They are compared by the figure of the validation split that also names the best checkpoint
(`validation/style_and_content`, lower is better), in the mean over seeds, never by anything measured on the
test split.
The figure is read from the run's own log at the rung's step, so that a resumed table decides as it did
before.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from gan_style.ablation.cells import Cell
from gan_style.system import disk
from gan_style.system.disk import read_json
from gan_style.tracking.metrics_file import read_metrics

FIGURE = "validation/style_and_content"


def rung_step(cell: Cell, share: float) -> int:
    return max(1, math.ceil(share * cell.steps))


def figure(cell: Cell, step: int) -> float | None:
    """The last validation figure up to a step, once the run has saved itself there; none if not finite."""
    if cell.step() < step:
        return None
    last = None
    for line in read_metrics(cell.run.folder / "metrics.jsonl"):
        if FIGURE in line and line["step"] <= step:
            last = line[FIGURE]
    return last if last is not None and math.isfinite(last) else None


@dataclass(frozen=True)
class Record:
    """The figures at each rung, beside the results: stopped trials leave no other trace."""

    path: Path
    seeds: int
    recipes: dict[str, str]  # hash of each trial's

    def _conditions(self) -> dict[str, Any]:
        return {"figure": FIGURE, "seeds": self.seeds, "recipes": self.recipes}

    def rungs(self) -> dict[str, dict[str, float]]:
        """Figures by trial, by share; none where they are of other trials, seeds or recipes."""
        try:
            told = read_json(self.path)
            conditions = {key: told[key] for key in self._conditions()}
            pairs = [(share, figures.items()) for share, figures in told["rungs"].items()]
            rungs = {share: {trial: float(value) for trial, value in some} for share, some in pairs}
        except (OSError, ValueError, OverflowError, LookupError, TypeError, AttributeError):
            return {}  # they are found again in the runs' logs
        return rungs if conditions == self._conditions() else {}

    def add(self, share: float, figures: Mapping[str, float]) -> None:
        rungs = self.rungs() | {str(share): figures}
        disk.write(self.path, json.dumps(self._conditions() | {"rungs": rungs}, indent=1) + "\n")


def figures(trials: Mapping[str, Sequence[Cell]], share: float) -> dict[str, float]:
    """The mean over seeds of every trial at a rung; one that failed has none."""
    found = {}
    for name, cells in trials.items():
        values = [figure(cell, rung_step(cell, share)) for cell in cells]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            found[name] = fmean(known)
    return found


def better_half(trials: Sequence[str], figures: Mapping[str, float]) -> list[str]:
    """The trials that go on, in their order."""
    ranked = sorted(figures, key=lambda name: (figures[name], name))
    kept = ranked[: math.ceil(len(trials) / 2)]
    return [name for name in trials if name in kept]
