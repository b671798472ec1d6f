"""Checkpoints as they lie on the disk, and whether they can be believed. Needs no TensorFlow."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from gan_style.config.model import first_complaint
from gan_style.system.disk import file_sha256, read_json, read_small
from gan_style.system.progress import warn

BEST, MANIFEST, SEAL = "best", "manifest.json", "manifest_sha256"
FILES = ("networks.npz", "training.npz")
STEP = re.compile(r"step-(\d{8,18})")

Which = Literal["last", "best"]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RaisedAlarm(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="allow")

    name: str
    step: Count


class Facts(pydantic.BaseModel):
    """What is told of a run, as far as anything is decided by it: of summary.json and of manifests."""

    model_config = pydantic.ConfigDict(strict=True, extra="allow")

    experiment: str = ""
    variant: str = ""
    seed: Count = 0
    overrides: list[str] = []
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    threads: Annotated[int, Field(ge=1, le=4096)] = 1
    convolutions: Literal["direct", "winograd"] = "direct"
    onednn: bool = True
    versions: dict[str, str] = {}
    git_commit: str | None = None
    config_sha256: str = ""
    data: str = ""
    imported: dict[str, Any] = {}
    status: str = ""
    step: Count = 0
    steps: Count = 0
    seconds: Seconds = 0
    figures: dict[str, float] = {}
    alarms: list[RaisedAlarm] = []


class Manifest(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="allow")

    step: Count
    seconds: Seconds
    figures: dict[str, float]
    sha256: dict[str, str]
    identity: Facts = Facts()


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk, and what the loop has to remember beside variables."""

    folder: Path
    step: int
    seconds: float  # of training so far
    figures: dict[str, float]  # the newest validation figures
    sha256: dict[str, str]
    identity: dict[str, Any] = field(default_factory=dict)  # of the run: what decides how it goes on

    def networks_sha256(self) -> str:
        return self.sha256[FILES[0]]

    def is_packed(self) -> bool:
        """Whether only what paints was kept: nothing can go on from there."""
        return self.sha256.keys() == {FILES[0]}

    def verify(self) -> str:
        """What is wrong with the files, or nothing."""
        for name in FILES[:1] if self.is_packed() else FILES:
            path = self.folder / name
            if not path.is_file():
                return f"{name} is missing"
            if file_sha256(path) != self.sha256.get(name):
                return f"{name} is damaged (its hash differs)"
        return ""


def read_facts(path: Path) -> dict[str, Any]:
    """What a summary.json tells; OSError or ValueError where it cannot be believed."""
    return Facts.model_validate_json(read_small(path)).model_dump(exclude_unset=True)


def read_manifest(folder: Path) -> Checkpoint:
    """OSError or ValueError where anything in it may have changed since it was written."""
    told = read_json(folder / MANIFEST)
    # Those of before manifests were sealed have neither; their step is in the folder's name too.
    if isinstance(told, dict) and {SEAL, "identity"} & told.keys() and told.pop(SEAL, "") != seal(told):
        raise ValueError("its hash differs")
    manifest = Manifest.model_validate_json(json.dumps(told))
    named = STEP.fullmatch(folder.name)
    if named and int(named[1]) != manifest.step:
        raise ValueError(f"it is of step {manifest.step}")
    identity = manifest.identity.model_dump(exclude_unset=True)
    return Checkpoint(folder, manifest.step, manifest.seconds, manifest.figures, manifest.sha256, identity)


def seal(manifest: dict[str, Any]) -> str:
    """A hash of all that a manifest says."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def in_order(folder: Path) -> list[Path]:
    """Whatever is named as a checkpoint, the oldest first."""
    found = [(int(named[1]), path) for path in folder.glob("step-*") if (named := STEP.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def newest(folder: Path) -> Checkpoint | None:
    """The newest intact checkpoint; damaged ones are told and passed over."""
    for path in reversed(in_order(folder)):
        checkpoint, wrong = looked_at(path)
        if checkpoint:
            return checkpoint
        warn(f"{path}: {wrong}; looking for an older checkpoint")
    return None


def best(folder: Path) -> Checkpoint | None:
    """The checkpoint marked as the best, where it is there and intact."""
    checkpoint, wrong = looked_at(folder / BEST)
    if wrong:
        warn(f"{folder / BEST}: {wrong}")
    return checkpoint


def looked_at(path: Path) -> tuple[Checkpoint | None, str]:
    """The checkpoint, or what is wrong with it."""
    try:
        checkpoint = read_manifest(path)
        wrong = checkpoint.verify()
    except (OSError, ValueError) as problem:
        checkpoint, wrong = None, f"{MANIFEST} is damaged ({first_complaint(problem)})"
    return (None, wrong) if wrong else (checkpoint, "")


def best_figure(folder: Path, name: str) -> float | None:
    """A figure of the checkpoint marked as the best, where there is one."""
    try:
        return read_manifest(folder / BEST).figures.get(name)
    except (OSError, ValueError):
        return None


def recorded(folder: Path) -> dict[str, Any]:
    """What the newest manifest that can be believed tells of its run."""
    for path in reversed(in_order(folder)):
        try:
            told = read_manifest(path)
        except (OSError, ValueError):
            continue
        return {**told.identity, "step": told.step, "seconds": told.seconds, "figures": told.figures}
    return {}
