"""What a table consists of, what of it is done, and how long the rest will take."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table

from gan_style.ablation import budget as budgets
from gan_style.ablation.budget import Timer
from gan_style.ablation.cells import Cell
from gan_style.cluster.kinds import Cluster, Local
from gan_style.cluster.progress import duration
from gan_style.evaluation.budget import FULL, Budget, read
from gan_style.experiment.find import Recipe, read_recipe
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.runs import Run
from gan_style.experiment.variants import ablation
from gan_style.features.backbones import Wavelets, backbone_named
from gan_style.system.progress import say

LOCAL = Local(kind="local")


@dataclass(frozen=True)
class Plan:
    """The command line of `gan-style ablate`."""

    experiment: str
    runs: Path
    results: Path
    seeds: int = 1
    only: tuple[str, ...] = ()
    cluster: Cluster = LOCAL
    minutes: float | None = None
    steps: int | None = None
    backbone: str | None = None
    fresh: bool = False

    def budget(self, variants: Sequence[str], timer: Timer | None) -> Budget:
        """Without a timer only what is frozen already."""
        if self.minutes is not None:
            path = budgets.budget_file(self.results, self.minutes)
            # Whatever steps the recipes have of their own: theirs are about to be replaced.
            recipes = {
                name: learned_hash(read_recipe(self.experiment, ablation(name), ("train.steps=1",)).config)
                for name in variants
            }
            if timer:
                return budgets.freeze(path, self.minutes, recipes, timer)
            return read(path, self.minutes).budget(recipes)
        return budgets.equal_steps(self.steps, variants) if self.steps else Budget(FULL)

    def untimed(self, variants: Sequence[str]) -> list[str]:
        """Those for whose minutes no steps are frozen yet."""
        known = self.budget(variants, None).steps if self.minutes is not None else variants
        return [name for name in variants if name not in known]

    def cells(self, variants: Sequence[str], budget: Budget) -> list[Cell]:
        """Every variant with the first seed, then with the next: half a table compares like with like."""
        count = self.cluster.threads()
        threads = (f"train.threads={count}",) if count else ()
        known = [variant for variant in variants if self.minutes is None or variant in budget.steps]
        changed = [(*budget.overrides(variant), *threads) for variant in known]
        pairs = zip(known, changed, strict=True)
        recipes = [read_recipe(self.experiment, ablation(variant), more) for variant, more in pairs]
        rows = list(zip(recipes, self.backbones(recipes), strict=True))
        return [self.cell(*row, seed, budget.label) for seed in range(self.seeds) for row in rows]

    def backbones(self, recipes: Sequence[Recipe]) -> list[dict[str, Any]]:
        """Each is opened once, before anything is trained: a missing file of weights shows at once."""
        if self.backbone:
            return [backbone_named(self.backbone)().described()] * len(recipes)
        chosen = [recipe.config.evaluation.backbone for recipe in recipes]
        opened = {backbone: (backbone or Wavelets)().described() for backbone in dict.fromkeys(chosen)}
        return [opened[backbone] for backbone in chosen]

    def cell(self, recipe: Recipe, backbone: dict[str, Any], seed: int, budget: str) -> Cell:
        place = recipe.folder_name()
        run = Run(self.runs / recipe.name / place / f"seed{seed}")
        # A recipe whose own steps are the budget's is one run, but has a row in both tables.
        name = place if recipe.changed or budget == FULL else f"{place}@{budget.replace(' ', '-')}"
        return Cell(recipe, seed, run, self.results / f"{name}-seed{seed}.json", budget, backbone)


def status(cell: Cell) -> str:
    if cell.is_finished():
        return "finished"
    if cell.other_recipe():
        return "another recipe's run is in its place"
    step = cell.step()
    if step >= cell.steps:
        return "trained, to be evaluated"
    return f"resume at step {step:,}" if step else "new"


def seconds_left(cell: Cell, table: Sequence[Cell], budget: Budget) -> float | None:
    """Of training, as the frozen timing, this run, other seeds of it, or else the table's other runs tell."""
    alike = [other for other in table if other.variant == cell.variant]
    ms = budget.ms_per_step.get(cell.variant) or _pace([cell]) or _pace(alike) or _pace(table)
    return None if ms is None else ms / 1000 * max(0, cell.steps - cell.step())


def _pace(cells: Sequence[Cell]) -> float | None:
    """The mean milliseconds of a step in those runs that have made any."""
    told = [cell.run.summary() for cell in cells]
    known = [(one["seconds"], one["step"]) for one in told if one.get("step") and one.get("seconds")]
    return fmean(1000 * seconds / step for seconds, step in known) if known else None


def print_table(table: Sequence[Cell], untimed: Sequence[str], plan: Plan, budget: Budget) -> None:
    """The cells with their status, steps and estimated time."""
    shown = Table(box=None, header_style="bold")
    for heading in ("variant", "seed", "status", "steps", "time left"):
        right = heading in ("seed", "steps", "time left")
        shown.add_column(heading, overflow="fold", justify="right" if right else "left")
    known, left = 0.0, 0
    for cell in table:
        told = status(cell)
        seconds = seconds_left(cell, table, budget) if told != "finished" else 0.0
        known, left = known + (seconds or 0.0), left + (told != "finished")
        time = "?" if seconds is None else duration(seconds) if seconds else ""
        shown.add_row(cell.variant, str(cell.seed), told, f"{cell.steps:,}", time)
    for seed in range(plan.seeds):
        for variant in untimed:
            shown.add_row(variant, str(seed), "new, to be timed", "?", f"{plan.minutes:g} min")
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(shown)
    known += 60 * (plan.minutes or 0.0) * len(untimed) * plan.seeds
    left += len(untimed) * plan.seeds
    count, training = len(table) + len(untimed) * plan.seeds, duration(known / plan.cluster.jobs)
    say(f"{left} of {count} cells to do, about {training} of training where it is known")
