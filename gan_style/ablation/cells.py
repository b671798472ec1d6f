"""A cell of the table: one variant with one seed, where it is trained, and what of it is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_style.evaluation.result import PROTOCOL, Result
from gan_style.experiment.find import Recipe
from gan_style.experiment.recipe import learned, learned_hash
from gan_style.experiment.runs import Run, difference
from gan_style.system.errors import UserError


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
        found = (result.seed, result.step, result.checkpoint, result.budget, result.backbone)
        expected = (self.seed, self.steps, "last", self.budget, self.backbone)
        same = result.training.get("config_sha256") == learned_hash(self.recipe.config)
        return result.protocol == PROTOCOL and found == expected and same

    def other_recipe(self) -> list[str]:
        """How the recipe of the run that is in its place differs from its own, line by line."""
        return difference(self.run, learned(self.recipe.config))

    def step(self) -> int:
        """The step its training has reached and saved."""
        return int(self.run.summary().get("step", 0)) if self.run.has_checkpoint() else 0

    def is_held(self) -> bool:
        return self.run.is_held()

    def result_file(self) -> Path:
        return self.result

    def log(self) -> Path:
        return self.run.folder.with_name(f"{self.run.folder.name}.log")
