"""What a table consists of, what of it is done, and how long the rest will take."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table

from gan_style.ablation import budget as budgets
from gan_style.ablation.budget import FULL, Budget, Timer
from gan_style.ablation.cells import Cell, ablation
from gan_style.ablation.progress import duration
from gan_style.experiment.find import Recipe, read_recipe
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.runs import Run
from gan_style.features.backbones import Wavelets, backbone_named
from gan_style.system.hardware import cores
from gan_style.system.progress import say


@dataclass(frozen=True)
class Plan:
    """The command line of `gan-style ablate`."""

    experiment: str
    runs: Path
    results: Path
    seeds: int = 1
    only: tuple[str, ...] = ()
    jobs: int = 1
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
            return (
                budgets.freeze(path, self.minutes, recipes, timer)
                if timer
                else budgets.read(path, self.minutes).budget(recipes)
            )
        return budgets.equal_steps(self.steps, variants) if self.steps else Budget(FULL)

    def cells(self, variants: Sequence[str], budget: Budget) -> list[Cell]:
        """Every variant with the first seed, then with the next, so that a table under way compares like with like."""
        threads = (f"train.threads={cores() // self.jobs}",) if self.jobs > 1 else ()
        known = [variant for variant in variants if self.minutes is None or variant in budget.steps]
        recipes = [
            read_recipe(self.experiment, ablation(variant), (*budget.overrides(variant), *threads))
            for variant in known
        ]
        backbones = self.backbones(recipes)
        return [
            self.cell(*two, seed, budget.label)
            for seed in range(self.seeds)
            for two in zip(recipes, backbones, strict=True)
        ]

    def backbones(self, recipes: Sequence[Recipe]) -> list[dict[str, Any]]:
        """Each is opened once, before anything is trained, so that a missing file of weights shows at once."""
        if self.backbone:
            return [backbone_named(self.backbone)().described()] * len(recipes)
        evaluations = {recipe.config.evaluation.backbone: recipe.config.evaluation for recipe in recipes}
        opened = {
            backbone: (evaluation.backbone or Wavelets)().described()
            for backbone, evaluation in evaluations.items()
        }
        return [opened[recipe.config.evaluation.backbone] for recipe in recipes]

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
    ms = (
        budget.ms_per_step.get(cell.variant)
        or _pace([cell])
        or _pace([other for other in table if other.variant == cell.variant])
    )
    ms = ms or _pace(table)
    return None if ms is None else ms / 1000 * max(0, cell.steps - cell.step())


def _pace(cells: Sequence[Cell]) -> float | None:
    """The mean milliseconds of a step in those runs that have made any."""
    summaries = [cell.run.summary() for cell in cells]
    known = [
        1000 * summary["seconds"] / summary["step"]
        for summary in summaries
        if summary.get("step") and summary.get("seconds")
    ]
    return fmean(known) if known else None


def print_table(table: Sequence[Cell], untimed: Sequence[str], plan: Plan, budget: Budget) -> None:
    """The cells with their status, steps and estimated time."""
    shown = Table(box=None, header_style="bold")
    for heading in ("variant", "seed", "status", "steps", "time left"):
        shown.add_column(
            heading, overflow="fold", justify="right" if heading in ("seed", "steps", "time left") else "left"
        )
    known, left = 0.0, 0
    for cell in table:
        told = status(cell)
        seconds = seconds_left(cell, table, budget) if told != "finished" else 0.0
        known, left = known + (seconds or 0.0), left + (told != "finished")
        shown.add_row(
            cell.variant,
            str(cell.seed),
            told,
            f"{cell.steps:,}",
            "?" if seconds is None else duration(seconds) if seconds else "",
        )
    for seed in range(plan.seeds):
        for variant in untimed:
            shown.add_row(variant, str(seed), "new, to be timed", "?", f"{plan.minutes:g} min")
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(shown)
    known += 60 * (plan.minutes or 0.0) * len(untimed) * plan.seeds
    left += len(untimed) * plan.seeds
    say(
        f"{left} of {len(table) + len(untimed) * plan.seeds} cells to do, about {duration(known / plan.jobs)} of training where it is known"
    )
