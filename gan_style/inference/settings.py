"""All that decides how a run paints a picture, as one hash."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.data.manifest import PictureStore
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import MANIFEST, Checkpoint
from gan_style.methods import Request
from gan_style.system.disk import file_sha256

PACKAGE = Path(__file__).parents[1]


def settings(
    run: Run,
    config: Experiment,
    checkpoint: Checkpoint,
    requests: Sequence[Request],
    size: int | None,
    memory: int,
    grey: bool = False,
) -> str:
    """The same where every picture would come out the same.

    Pictures and masks count by what is in them. A checkpoint's manifest has the hash of its weights, and what
    the run was trained with.
    """
    decides = {
        "code": code(),
        "recipe": file_sha256(run.config),
        "checkpoint": file_sha256(checkpoint.folder / MANIFEST),
        "subject": config.data.subject(PictureStore()),
        "requests": requests,
        "size": size or config.sample.size,
        "memory": memory,
        "grey": grey,
    }
    return hashlib.sha256(json.dumps(decides, default=told).encode()).hexdigest()


def told(value: Any) -> Any:
    """What JSON does not know: arrays by their content, and what has fields by those."""
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.shape, hashlib.sha256(value.tobytes()).hexdigest()]
    return vars(value)


def code() -> str:
    """A hash of this package: another version may paint otherwise, whatever it calls itself."""
    sources = sorted(PACKAGE.rglob("*.py"))
    return hashlib.sha256("".join(file_sha256(path) for path in sources).encode()).hexdigest()
