"""What an evaluation leaves behind: one small JSON file, from which tables and reports are made. Needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from gan_style.config.model import Config
from gan_style.system.errors import UserError

PROTOCOL = (
    2  # raise it when figures change their meaning: results of before are measured again, and not compared
)

Better = Literal["lower", "higher"]


def place(checkpoint: str, split: str) -> str:
    """What an evaluation's pictures and numbers are called, in the run folder and in W&B."""
    return f"{checkpoint}-{split}"


class Estimate(Config):
    """A number and its 95 % interval, from resampling whole photographs or paintings; where it could not be, both ends are the number."""

    value: float
    low: float
    high: float


class Figure(Config):
    """One metric of a method, beside the same metric of its two anchors.

    `identity` is the photograph returned untouched; `real` are real targets judged against other real targets.
    """

    better: Better
    method: Estimate
    identity: Estimate | None = None
    real: Estimate | None = None
    score: Estimate | None = None  # (copy - method) / (copy - real): 0 is the copy, 1 is the real thing
    note: str = ""  # why there is no score, such as "not separable"
    units: dict[str, float] = Field(
        default_factory=dict
    )  # the method's value for each photograph or painting alone, where it has one


class Result(Config):
    """One evaluated checkpoint: figures, and everything that somebody needs to know to believe them."""

    experiment: str
    variant: str
    seed: int
    budget: str  # "full", or what was made equal between variants, as "5 minutes"
    checkpoint: Literal["last", "best"]
    step: int
    steps: int
    split: Literal["val", "test"]
    protocol: int = 1
    backbone: dict[str, Any]  # name, sha256 of its weights, side and resizer of the pictures it saw
    data: dict[str, Any]  # counts of photographs, pictures and targets, and hashes of both sets
    training: dict[
        str, Any
    ]  # kind, seconds, ms_per_step, precision, threads, versions, git_commit, networks_sha256, config_sha256
    hardware: str
    overrides: tuple[str, ...] = ()
    figures: dict[str, Figure]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(json.dumps(self.model_dump(mode="json"), indent=1) + "\n")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        try:
            return cls.model_validate_json(path.read_text())
        except (OSError, ValueError) as problem:
            raise UserError(f"{path}: this is no evaluation result: {problem}") from None
