"""A data set's three splits: the endless training stream, and fixed pictures to validate and test on."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_style import images
from gan_style.data.batches import Batches
from gan_style.data.config import OnDisk, Paintbox
from gan_style.data.layouts import read
from gan_style.data.manifest import Manifest, survey
from gan_style.paintbox.prepare import prepare

SHOWN = 8  # held-out pictures that sheets and validation look at
MAX_SIDE = 256  # they are cut to squares of at most this


@dataclass(frozen=True)
class HeldOut:
    """Pictures never trained on, as squares (N, S, S, 3) uint8; `target` are their true counterparts where there are any."""

    source: np.ndarray
    target: np.ndarray
    paired: bool


@dataclass(frozen=True)
class Dataset:
    batches: Batches
    validation: HeldOut

    def fingerprint(self) -> str:
        return f"{self.batches.source.fingerprint()}-{self.batches.target.fingerprint()}"


def cache_folder() -> Path:
    """GAN_STYLE_CACHE, or gan-style in the user's cache folder."""
    named = os.environ.get("GAN_STYLE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named).expanduser() if named else Path(base).expanduser() / "gan-style"


def open_dataset(config: Paintbox | OnDisk, seed: int, cache: Path) -> Dataset:
    if isinstance(config, Paintbox):
        folder = prepare(config.settings(), cache)
        train, validation = (
            [survey(folder / part / side, cache, minimum=config.crop) for side in ("source", "target")] for part in ("train", "val")
        )
    else:
        train, validation = read(config, ("train", "val"), cache)
    paired = isinstance(config, Paintbox) or config.pairing == "paired"
    held_out = HeldOut(squares(validation[0]), squares(validation[1]), paired)
    batches = Batches(
        train,
        config.pairing,
        crop=config.crop,
        batch=config.batch,
        augment=config.augment,
        target_augment=config.target_augment,
        seed=seed,
    )
    return Dataset(batches, held_out)


def squares(manifest: Manifest) -> np.ndarray:
    """The middles of the first pictures, as large as the smallest of them allows."""
    pictures = [manifest.array(index) for index in range(min(SHOWN, len(manifest)))]
    side = min(MAX_SIDE, *(min(picture.shape[:2]) for picture in pictures))

    def middle(picture: np.ndarray) -> np.ndarray:
        scale = side / min(picture.shape[:2])
        height, width = (max(side, round(length * scale)) for length in picture.shape[:2])
        y, x = (height - side) // 2, (width - side) // 2
        return images.resize(picture, height, width)[y : y + side, x : x + side]

    return np.stack([middle(picture) for picture in pictures])
