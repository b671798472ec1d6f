"""Pictures that are never trained on: what a run is validated and tested with."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import numpy as np

from gan_style.system import images

SHOWN = 8  # held-out pictures that sheets and validation look at
PHOTOGRAPHS = 2  # of them, where the others are drawn scenes
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

    names: tuple[str, ...] = ()
    pixels: Sequence[np.ndarray] = ()
    originals: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def __add__(self, other: "Pictures") -> "Pictures":
        pixels = (*self.pixels, *other.pixels)
        return Pictures(self.names + other.names, pixels, self.originals + other.originals)

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for name, pixels in zip(self.names, self.pixels, strict=True):
            digest.update(f"{name} {pixels.shape}".encode())
            digest.update(np.ascontiguousarray(pixels).tobytes())
        return digest.hexdigest()[:16]

    def only(self, chosen: Sequence[int]) -> "Pictures":
        pixels = Loaded(len(chosen), lambda index: self.pixels[chosen[index]])
        names, originals = (tuple(some[i] for i in chosen) for some in (self.names, self.originals))
        return Pictures(names, pixels, originals)

    def spread(self, most: int) -> list[int]:
        """Of at most so many pictures, from as many originals as there are: their numbers."""
        seen: Counter[str] = Counter()
        turns = []
        for original in self.originals:
            turns.append(seen[original])
            seen[original] += 1
        # First one picture of every original, then second ones, and so on.
        ranked = sorted(range(len(self)), key=lambda index: turns[index])
        chosen = [ranked[i] for i in evenly(len(seen), most)] if len(seen) > most else ranked[:most]
        return sorted(chosen)

    def squares(self) -> np.ndarray:
        """The middles of the pictures (N, S, S, 3), as large as the smallest of them allows."""
        side = min(MAX_SIDE, *(min(picture.shape[:2]) for picture in self.pixels))
        return np.stack([square(picture, side) for picture in self.pixels])


@dataclass(frozen=True)
class HeldOut:
    """One style: photographs to translate, real targets, and other real targets.

    The others are for real vs real. Where targets are the photographs' true counterparts, `second` are other
    true ones, if there are any. `examples` are training targets, for methods that ask for a style image.
    """

    style: str
    source: Pictures
    target: Pictures
    others: Pictures
    paired: bool
    second: Pictures | None = None
    examples: Pictures = Pictures()

    def returned(self) -> Self:
        """Photographs that are to come back as they are: they are their own targets."""
        return replace(
            self, style="", target=self.source, others=self.source, paired=True, second=self.source
        )

    def few(self, most: int) -> tuple[Pictures, Pictures]:
        """Some of the photographs and of the targets, from as many originals as there are."""
        chosen = self.source.spread(most)
        counterparts = chosen if self.paired else self.target.spread(most)
        return self.source.only(chosen), self.target.only(counterparts)


@dataclass(frozen=True)
class Validation:
    """Squares (N, S, S, 3) uint8; `target`: true counterparts where `paired`, else pictures in the style.

    `examples`: for each photograph a training target in its style, for methods that ask for a style image.
    """

    source: np.ndarray
    target: np.ndarray
    paired: bool
    styles: tuple[str, ...] = ()  # of each target picture, where there are several
    examples: np.ndarray | None = None

    def returned(self) -> Self:
        """As `HeldOut.returned`."""
        return replace(self, target=self.source, paired=True)


def validation_of(held_out: Sequence[HeldOut], drawn: Sequence[HeldOut] = ()) -> Validation:
    """A few photographs; where there are drawn scenes, most are these.

    Of several styles, every picture in one of them in turn, so that one sheet shows them all.
    """
    few = [one.few(PHOTOGRAPHS if drawn else SHOWN) for one in held_out]
    if drawn:
        scenes = [one.few(SHOWN - PHOTOGRAPHS) for one in drawn]
        few = [(one[0] + more[0], one[1] + more[1]) for one, more in zip(few, scenes, strict=True)]
    source, targets, paired = few[0][0], [target for _, target in few], held_out[0].paired
    examples = [one.examples.only(one.examples.spread(SHOWN)) for one in held_out]
    count, names = min(map(len, (source, *targets))), [one.style for one in held_out]
    shown = in_turn(examples, len(source)) if all(map(len, examples)) else None
    if len(held_out) == 1:
        return Validation(source.squares(), targets[0].squares(), paired, examples=shown)
    styles = tuple(names[index % len(names)] for index in range(count))
    return Validation(source.squares()[:count], in_turn(targets, count), paired, styles, shown)


def in_turn(styles: Sequence[Pictures], count: int) -> np.ndarray:
    """Squares (count, S, S, 3), the first of the first style, the second of the second, and so on."""
    turns = enumerate(styles[index % len(styles)] for index in range(count))
    return sum((style.only([index % len(style)]) for index, style in turns), Pictures()).squares()


def evenly(count: int, most: int) -> list[int]:
    """At most so many of the numbers below `count`, spread over them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture, its shorter side scaled to `side`."""
    scale = side / min(picture.shape[:2])
    height, width = (max(side, round(length * scale)) for length in picture.shape[:2])
    y, x = (height - side) // 2, (width - side) // 2
    return images.resize(picture, height, width)[y : y + side, x : x + side]
