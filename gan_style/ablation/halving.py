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

FIGURE = "validation/style_and_content"


def rung_step(cell: Cell, share: float) -> int:
    return max(1, math.ceil(share * cell.steps))


def figure(cell: Cell, step: int) -> float | None:
    """The last validation figure up to a step, once the run has saved itself there; none if not finite."""
    path: Path = cell.run.folder / "metrics.jsonl"
    if cell.step() < step or not path.exists():
        return None
    last = None
    for text in path.read_text().splitlines():
        line = json.loads(text) if text.endswith("}") else {}  # a crash may have cut the last one
        if FIGURE in line and line["step"] <= step:
            last = float(line[FIGURE])
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
            told = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        conditions = {key: told.get(key) for key in self._conditions()}
        return told["rungs"] if conditions == self._conditions() else {}

    def add(self, share: float, figures: Mapping[str, float]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f".{self.path.name}.partial")
        rungs = self.rungs() | {str(share): figures}
        partial.write_text(json.dumps(self._conditions() | {"rungs": rungs}, indent=1) + "\n")
        partial.replace(self.path)


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
