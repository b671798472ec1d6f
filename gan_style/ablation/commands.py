"""The commands that cells are made of; each runs in a process of its own."""

import sys
from dataclasses import dataclass

from gan_style.ablation.cells import Cell
from gan_style.experiment.variants import ablation


@dataclass(frozen=True)
class Commands:
    """What to run for the cells of one experiment."""

    experiment: str
    runs: str
    backbone: str | None = None

    def train(self, cell: Cell, until: int | None = None) -> list[str]:
        name = ablation(cell.variant)
        chosen = ["--ablation", name] if name else []
        end = ["--until", str(until)] if until else []
        where = ["--seed", str(cell.seed), "--runs", self.runs]
        return [*_gan_style("train"), self.experiment, *chosen, *where, *end, *cell.recipe.overrides]

    def evaluate(self, cell: Cell) -> list[str]:
        backbone = ["--backbone", self.backbone] if self.backbone else []
        options = ["--output", str(cell.result), "--budget", cell.budget, *backbone]
        return [*_gan_style("evaluate"), str(cell.run.folder), *options]

    def time(self, variant: str) -> list[str]:
        return [sys.executable, "-m", "gan_style.ablation.timing", self.experiment, variant]


def _gan_style(command: str) -> list[str]:
    return [sys.executable, "-m", "gan_style", command]
