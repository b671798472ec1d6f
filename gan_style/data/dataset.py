"""A data set's three splits: the endless training stream, and fixed pictures to validate and test on."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from gan_style import images
from gan_style.data.batches import Batches
from gan_style.data.config import Folders, Paintbox
from gan_style.data.manifest import Entry, Manifest, survey
from gan_style.errors import UserError
from gan_style.paintbox.prepare import prepare

HELD_OUT = 10  # of about 10 files, one validates and one tests
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


def open_dataset(config: Paintbox | Folders, seed: int, cache: Path) -> Dataset:
    if isinstance(config, Paintbox):
        folder = prepare(config.settings(), cache)
        sides = ("source", "target")
        train = [survey(folder / "train" / side, cache, minimum=config.crop) for side in sides]
        validation = [survey(folder / "val" / side, cache, minimum=config.crop) for side in sides]
        held_out = HeldOut(squares(validation[0]), squares(validation[1]), paired=True)
    else:
        whole = [
            survey(Path(side).expanduser(), cache, minimum=config.crop, short_side=config.short_side)
            for side in (config.source, config.target)
        ]
        train = [split(manifest, "train", config.pairing == "paired") for manifest in whole]
        validation = [split(manifest, "val", config.pairing == "paired") for manifest in whole]
        held_out = HeldOut(squares(validation[0]), squares(validation[1]), paired=config.pairing == "paired")
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


def split(manifest: Manifest, part: Literal["train", "val", "test"], by_name: bool) -> Manifest:
    """The files of one split: by content, so that adding or renaming files moves none; pairs by name, to stay together."""
    if len(manifest) < 3:
        raise UserError(f"{manifest.folder}: {len(manifest)} usable pictures are too few to train, validate and test on")

    def draw(entry: Entry) -> int:
        key = hashlib.sha256(entry.name.rsplit(".", 1)[0].encode()).hexdigest() if by_name else entry.sha256
        return int(key[:12], 16)

    draws = [draw(entry) for entry in manifest.entries]
    parts = [{0: "val", 1: "test"}.get(number % HELD_OUT, "train") for number in draws]
    if len(set(parts)) < 3:  # a small folder, where chance left a split empty
        ranked = sorted(range(len(draws)), key=lambda index: draws[index])
        parts = ["train"] * len(draws)
        parts[ranked[0]], parts[ranked[1]] = "val", "test"
    indices = [index for index, other in enumerate(parts) if other == part]
    return Manifest(manifest.folder, tuple(manifest.entries[i] for i in indices), tuple(manifest.pixels[i] for i in indices))


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
