"""What an evaluation leaves behind: a small JSON file, of which reports are made. Needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from gan_style.config.model import Config, first_complaint
from gan_style.system import disk
from gan_style.system.errors import UserError

# Raised when figures change their meaning: results of before are measured again, and not compared.
PROTOCOL = 3

DRAWN = "drawn"  # folder of the drawn scenes, beside those of the photographs

Better = Literal["lower", "higher"]


def place(checkpoint: str, split: str) -> str:
    """What an evaluation's pictures and numbers are called, in the run folder and in W&B."""
    return f"{checkpoint}-{split}"


class Estimate(Config):
    """A number and its 95 % interval, from leaving whole photographs and paintings out.

    Without ends where there are too few of them.
    """

    value: float
    low: float | None = None
    high: float | None = None
    # What each photograph or painting, or each block of them, contributes: group -> name -> value. Kept where
    # several runs are to be taken together.
    units: dict[str, dict[str, float]] = Field(default={}, exclude_if=lambda units: not units)


class Figure(Config):
    """One metric of a method, beside the same metric of its two references.

    `identity` is the identity baseline, the photograph left as it is; `real` are real targets vs other real
    ones.
    """

    better: Better
    method: Estimate
    identity: Estimate | None = None
    real: Estimate | None = None
    score: Estimate | None = None  # (identity - method) / (identity - real): 0 is identity, 1 is real vs real
    note: str = ""  # why there is no score, such as "not separable"
    no_interval: str = ""  # why there is no interval, such as "3 photographs"


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
    # kind, seconds, ms_per_step, precision, threads, versions, git_commit, networks_sha256, config_sha256
    training: dict[str, Any]
    hardware: str
    overrides: tuple[str, ...] = ()
    primary: str = ""  # the figure by which methods are compared
    figures: dict[str, Figure]
    drawn: dict[str, Figure] = Field(default={})  # the same of drawn scenes, where the data has some

    def write(self, path: Path) -> None:
        disk.write(path, json.dumps(self.model_dump(mode="json"), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        try:
            return cls.model_validate_json(json.dumps(todays(disk.read_json(path))))
        except (OSError, ValueError, AttributeError, TypeError, KeyError) as problem:
            raise UserError(f"{path}: this is no evaluation result: {first_complaint(problem)}") from None


def todays(told: dict[str, Any]) -> dict[str, Any]:
    """A result of an older protocol as far as it holds: its figures without their intervals."""
    if told.get("protocol", 1) >= PROTOCOL or "figures" not in told:
        return told
    for figure in told["figures"].values():
        figure.pop("units", None)
        figure["no_interval"] = "old evaluation"
        for role in ("method", "identity", "real", "score"):
            if figure.get(role):
                figure[role] = {"value": figure[role]["value"]}
    names = {name: name.replace("artfid", "structure_kid") for name in told["figures"]}
    return told | {"figures": {names[name]: figure for name, figure in told["figures"].items()}}
