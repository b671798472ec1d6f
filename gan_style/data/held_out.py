"""Pictures that are never trained on: what a run is validated and tested with."""

import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from gan_style.data.batches import check_pairs
from gan_style.data.manifest import Manifest
from gan_style.system import images
from gan_style.system.errors import UserError

Original = Callable[[str], str]

MOST_OTHERS = 400  # of the training targets that are the real-vs-real reference, enough for narrow intervals
SHOWN = 8  # held-out pictures that sheets and validation look at
MAX_SIDE = 256  # pixels; they are cut to squares of at most this


class Loaded(Sequence[np.ndarray]):
    """Pictures (H, W, 3) uint8 that are read when they are first looked at."""

    def __init__(self, count: int, load: Callable[[int], np.ndarray]) -> None:
        self.length, self.load = count, cache(load)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: Any) -> Any:
        chosen = range(self.length)[index]
        return self.load(chosen) if isinstance(chosen, int) else [self.load(one) for one in chosen]


@dataclass(frozen=True)
class Pictures:
    """Named pictures (H, W, 3) uint8, and the photograph or painting that each was cut from."""

    names: tuple[str, ...]
    pixels: Sequence[np.ndarray]
    originals: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for name, pixels in zip(self.names, self.pixels, strict=True):
            digest.update(f"{name} {pixels.shape}".encode())
            digest.update(np.ascontiguousarray(pixels).tobytes())
        return digest.hexdigest()[:16]

    def squares(self) -> np.ndarray:
        """The middles of the first pictures, as large as the smallest of them allows."""
        first = self.pixels[:SHOWN]
        side = min(MAX_SIDE, *(min(picture.shape[:2]) for picture in first))
        return np.stack([square(picture, side) for picture in first])


@dataclass(frozen=True)
class HeldOut:
    """One style: photographs to translate, real targets, and other real targets.

    The others are for real vs real. Where targets are the photographs' true counterparts, `second` are other
    true ones, if there are any.
    """

    style: str
    source: Pictures
    target: Pictures
    others: Pictures
    paired: bool
    second: Pictures | None = None

    def returned(self) -> Self:
        """Photographs that are to come back as they are: they are their own targets."""
        return replace(self, style="", target=self.source, others=self.source, paired=True, second=None)


@dataclass(frozen=True)
class Validation:
    """Squares (N, S, S, 3) uint8; `target`: true counterparts where `paired`, else pictures in the style."""

    source: np.ndarray
    target: np.ndarray
    paired: bool
    styles: tuple[str, ...] = ()  # of each target picture, where there are several

    def returned(self) -> Self:
        """As `HeldOut.returned`."""
        return replace(self, target=self.source, paired=True)


def validation_of(held_out: Sequence[HeldOut]) -> Validation:
    """Of several styles, every picture in one of them in turn, so that one sheet shows them all."""
    source, targets = held_out[0].source.squares(), [one.target.squares() for one in held_out]
    if len(held_out) == 1:
        return Validation(source, targets[0], held_out[0].paired)
    count, names = min(map(len, (source, *targets))), [one.style for one in held_out]
    turns = [index % len(names) for index in range(count)]
    target = np.stack([targets[style][index] for index, style in enumerate(turns)])
    return Validation(source[:count], target, held_out[0].paired, tuple(names[style] for style in turns))


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture, its shorter side scaled to `side`."""
    scale = side / min(picture.shape[:2])
    height, width = (max(side, round(length * scale)) for length in picture.shape[:2])
    y, x = (height - side) // 2, (width - side) // 2
    return images.resize(picture, height, width)[y : y + side, x : x + side]


def of_sides(
    tested: Sequence[Manifest], trained: Sequence[Manifest], originals: str | None, paired: bool
) -> list[HeldOut]:
    """Of folders with a source and a target: the training targets are the real-vs-real reference."""
    if paired:
        check_pairs(*tested)
    original = original_by(originals)
    source, target = (from_manifest(manifest, original) for manifest in tested)
    return [HeldOut("", source, target, from_manifest(trained[1], original, MOST_OTHERS), paired)]


def from_folder(folder: Path, original: Original) -> Pictures:
    files = sorted(folder.glob("*.png"))
    pixels = Loaded(len(files), lambda index: images.read(files[index]).pixels)
    return named([file.stem for file in files], pixels, original)


def from_manifest(manifest: Manifest, original: Original, most: int | None = None) -> Pictures:
    """All pictures, or at most so many, spread evenly over the folder."""
    count = len(manifest)
    chosen = np.unique(np.linspace(0, count - 1, min(count, most or count)).round().astype(int))
    stems = [manifest.entries[i].name.rsplit(".", 1)[0] for i in chosen]
    return named(stems, Loaded(len(chosen), lambda index: manifest.array(chosen[index])), original)


def named(stems: Sequence[str], pixels: Sequence[np.ndarray], original: Original) -> Pictures:
    flat = distinct([stem.replace("/", "-") for stem in stems])
    return Pictures(tuple(flat), pixels, tuple(map(original, flat)))


def distinct(names: Sequence[str]) -> list[str]:
    """The same names, numbered where one was there before: a.jpg and a.png are two pictures."""
    used: dict[str, None] = {}
    for name in names:
        candidates = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        used[next(candidate for candidate in candidates if candidate not in used)] = None
    return list(used)


def original_by(pattern: str | None) -> Original:
    """From a file's name to the name of its original; without a pattern every file stands alone."""
    try:
        compiled = re.compile(pattern or "(.*)")
    except re.error as problem:
        raise UserError(f"evaluation.originals: '{pattern}' is no regular expression: {problem}") from None
    if not compiled.groups:
        raise UserError(f"evaluation.originals: '{pattern}' needs a group, as in (.+)__")

    def original(name: str) -> str:
        match = compiled.match(name)
        return match.group(1) if match else name

    return original
