"""The commands that cells are made of; each runs in a process of its own."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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

    def time(self, variant: str, threads: int | None = None) -> list[str]:
        counted = [f"train.threads={threads}"] if threads else []
        return [sys.executable, "-m", "gan_style.ablation.timing", self.experiment, variant, *counted]

    def freeze(self, variants: Sequence[str], minutes: float, results: Path, threads: int) -> list[str]:
        """Times all of these on one machine, and writes down their steps."""
        places = ["--runs", self.runs, "--results", str(results)]
        chosen = ["--only", ",".join(variants), "--minutes", f"{minutes:g}", "--time-only"]
        chosen += ["--threads", str(threads)]
        return [*_gan_style("ablate"), self.experiment, *chosen, *places]


def _gan_style(command: str) -> list[str]:
    return [sys.executable, "-m", "gan_style", command]
