"""A data set's three splits: the endless training stream, and fixed pictures to validate and test on."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_style import images
from gan_style.data import gallery
from gan_style.data.batches import Batches
from gan_style.data.config import DataConfig, Fixed, Gallery, OnDisk, Paintbox
from gan_style.data.fixed import Always, FixedPictures, read_fixed
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
    styles: tuple[str, ...] = ()  # of each target picture, where there are several


@dataclass(frozen=True)
class Dataset:
    batches: Batches | Always
    validation: HeldOut

    def fingerprint(self) -> str:
        return self.batches.fingerprint()


def cache_folder() -> Path:
    """GAN_STYLE_CACHE, or gan-style in the user's cache folder."""
    named = os.environ.get("GAN_STYLE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named).expanduser() if named else Path(base).expanduser() / "gan-style"


def open_dataset(config: DataConfig, seed: int, cache: Path) -> Dataset:
    if isinstance(config, Fixed):
        return one_picture(read_fixed(config, cache))
    if isinstance(config, Gallery):
        train, validation = gallery.read(config, ("train", "val"), cache)
        held_out = one_style_each(validation, config)
    else:
        train, held_out = one_style(config, cache)
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


def one_picture(pictures: FixedPictures) -> Dataset:
    """Validation looks at the very picture that is worked on."""
    styles = np.stack([square(picture, MAX_SIDE) for picture in pictures.styles.values() or [pictures.content]])
    return Dataset(Always(pictures), HeldOut(pictures.content[None], styles, paired=False))


def one_style(config: Paintbox | OnDisk, cache: Path) -> tuple[list[Manifest], HeldOut]:
    if isinstance(config, Paintbox):
        folder = prepare(config.settings(), cache)
        train, validation = (
            [survey(folder / part / side, cache, minimum=config.crop) for side in ("source", "target")] for part in ("train", "val")
        )
    else:
        train, validation = read(config, ("train", "val"), cache)
    paired = isinstance(config, Paintbox) or config.pairing == "paired"
    return train, HeldOut(squares(validation[0]), squares(validation[1]), paired)


def one_style_each(validation: list[Manifest], config: Gallery) -> HeldOut:
    """Every picture in one of the styles in turn, so that one sheet shows them all."""
    source, *targets = (squares(manifest) for manifest in validation)
    count, names = min(map(len, (source, *targets))), list(config.styles)
    turns = [index % len(names) for index in range(count)]
    target = np.stack([targets[style][index] for index, style in enumerate(turns)])
    return HeldOut(source[:count], target, config.all_embedded(), tuple(names[style] for style in turns))


def squares(manifest: Manifest) -> np.ndarray:
    """The middles of the first pictures, as large as the smallest of them allows."""
    pictures = [manifest.array(index) for index in range(min(SHOWN, len(manifest)))]
    side = min(MAX_SIDE, *(min(picture.shape[:2]) for picture in pictures))
    return np.stack([square(picture, side) for picture in pictures])


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture, its shorter side scaled to `side`."""
    scale = side / min(picture.shape[:2])
    height, width = (max(side, round(length * scale)) for length in picture.shape[:2])
    y, x = (height - side) // 2, (width - side) // 2
    return images.resize(picture, height, width)[y : y + side, x : x + side]
