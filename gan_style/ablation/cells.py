"""A cell of the table: one variant with one seed, where it is trained, and what of it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_style.config.sweeps import SweepFile, read_sweep
from gan_style.evaluation.result import PROTOCOL, Result
from gan_style.experiment.find import Recipe, find
from gan_style.experiment.recipe import learned, learned_hash
from gan_style.experiment.runs import Run, difference
from gan_style.system.errors import UserError

DEFAULT = "default"


@dataclass(frozen=True)
class Cell:
    """One variant with one seed. `result` is the file that says it is finished."""

    recipe: Recipe
    seed: int
    run: Run
    result: Path
    budget: str  # its label
    backbone: dict[str, Any]  # as results describe theirs

    @property
    def variant(self) -> str:
        return self.recipe.variant

    @property
    def steps(self) -> int:
        return self.recipe.config.train.steps

    def __str__(self) -> str:
        return f"{self.variant} seed {self.seed}"

    def is_finished(self) -> bool:
        """Whether the result is there and of this very config, seed, step, budget and backbone."""
        try:
            result = Result.read(self.result)
        except UserError:
            return False
        found = (
            result.seed,
            result.step,
            result.checkpoint,
            result.budget,
            result.backbone,
            result.training.get("config_sha256"),
        )
        expected = (
            self.seed,
            self.steps,
            "last",
            self.budget,
            self.backbone,
            learned_hash(self.recipe.config),
        )
        return result.protocol == PROTOCOL and found == expected

    def other_recipe(self) -> list[str]:
        """How the recipe of the run that is in its place differs from its own, line by line."""
        return difference(self.run, learned(self.recipe.config))

    def step(self) -> int:
        """The step its training has reached and saved."""
        return int(self.run.summary().get("step", 0)) if self.run.has_checkpoint() else 0

    def log(self) -> Path:
        return self.run.folder.with_name(f"{self.run.folder.name}.log")


def ablation(variant: str) -> str | None:
    """What `--ablation` is given for a variant."""
    return None if variant == DEFAULT else variant


def folder_of(experiment: str) -> Path:
    """Where an experiment's recipe, ablations, sweeps and results are."""
    _, variant, path = find(experiment)
    if variant != DEFAULT:
        raise UserError(
            f"{experiment}: expected an experiment, not one of its ablations; choose those with --only {variant}"
        )
    return path.parent


def sweeps_of(experiment: str) -> dict[str, SweepFile]:
    return {path.stem: read_sweep(path) for path in sorted((folder_of(experiment) / "sweeps").glob("*.yaml"))}


def variants(experiment: str, only: Sequence[str] = ()) -> list[str]:
    """The default, the ablations, and the trials of all sweeps; or those named, where a sweep's name stands for its trials."""
    ablations = sorted(path.stem for path in (folder_of(experiment) / "ablations").glob("*.yaml"))
    if DEFAULT in ablations:
        raise UserError(
            f"{folder_of(experiment) / 'ablations' / DEFAULT}.yaml: '{DEFAULT}' is the recipe itself; give this file another name"
        )
    trials = {name: list(sweep.trials) for name, sweep in sweeps_of(experiment).items()}
    known = [DEFAULT, *ablations, *(trial for some in trials.values() for trial in some)]
    unknown = [name for name in only if name not in known and name not in trials]
    if unknown:
        raise UserError(
            f"--only: there is no variant '{unknown[0]}'; there are: {', '.join([DEFAULT, *ablations, *trials])}"
        )
    wanted = {variant for name in only for variant in (name, *trials.get(name, ()))}
    return [variant for variant in known if variant in wanted or not only]
