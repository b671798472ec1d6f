"""Statistics of a whole picture that is painted in tiles: norms must not have each tile's own.

They are measured in a smaller copy of the picture, as in thumbnail instance normalisation (Chen et al. 2022),
and given to every tile. Moments of which a copy says too little are summed over all tiles beforehand.
Those of a film follow its frames slowly, so that nothing flickers that only statistics made different.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from gan_style.system.tensor import Tensor

Moments = tuple[Tensor, Tensor]  # mean and variance of each channel, (C,) each, float32
SMALLEST = 1e-5  # variance
Doing = Literal["measuring", "following", "summing", "painting"]
NEW = 0.25  # of statistics of a film: how much each frame changes them


class Measured:
    """While the smaller copy is painted: its moments, in order."""

    def __init__(self) -> None:
        self.found: list[Tensor] = []

    def moments(self, images: Tensor) -> Moments:
        mean, variance = tf.nn.moments(tf.cast(images, tf.float32), (0, 1, 2))
        self.found += [mean, variance]
        return mean, variance

    def packed(self) -> Tensor:
        """As a picture of one pixel (1, 1, 1, C)."""
        return tf.concat(self.found or [tf.zeros(0)], 0)[None, None, None]


class Given:
    """While a tile is painted: the moments that were measured, in the same order."""

    def __init__(self, packed: Tensor) -> None:
        self.values, self.taken = tf.reshape(packed, [-1]), 0

    def moments(self, images: Tensor) -> Moments:
        mean, variance = (self.take(images.shape[-1]) for _ in range(2))
        return mean, variance

    def take(self, count: int) -> Tensor:
        self.taken += count
        return self.values[self.taken - count : self.taken]


class Following(Given):
    """While a frame of a film is painted: its own moments, smoothed over time by those that are given."""

    def __init__(self, packed: Tensor) -> None:
        super().__init__(packed)
        self.own = Measured()

    def moments(self, images: Tensor) -> Moments:
        own, before = self.own.moments(images), super().moments(images)
        del self.own.found[-2:]
        mean, variance = (smoothed(*both) for both in zip(before, own, strict=True))
        self.own.found += [mean, variance]
        return mean, variance


def smoothed(before: Any, now: Any) -> Any:
    return before + NEW * (now - before)


class Here(threading.local):
    """Of this thread: others may paint other pictures meanwhile."""

    traced: Measured | Given | None = None  # whose moments a function of pictures is to take
    whole: "WholePicture | None" = None  # whose tiles are painted


here = Here()


@contextmanager
def using(which: Measured | Given) -> Iterator[None]:
    before, here.traced = here.traced, which
    try:
        yield
    finally:
        here.traced = before


class WholePicture:
    """What functions of tiles know of their picture, call after call in the same order."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self.doing: Doing = "measuring"
        self.calls = 0
        self.sums: dict[int, list[Tensor]] = {}  # by call: shares of the picture, means and squares by them

    def next(self) -> Any:
        self.calls += 1
        return self.known[self.calls - 1]

    def add(self, share: Tensor, mean: Tensor, square: Tensor) -> None:
        """What a tile has to a sum; `share`: how much of the picture that is."""
        new = [share, share * mean, share * square]
        old = self.sums.get(self.calls)
        self.sums[self.calls] = [a + b for a, b in zip(old, new, strict=True)] if old else new
        self.calls += 1

    def settle(self) -> None:
        """Sums over all tiles take the place of what the smaller copy said."""
        for call, (share, mean, square) in self.sums.items():
            mean = tf.math.divide_no_nan(mean, share)
            variance = tf.math.divide_no_nan(square, share) - tf.square(mean)
            self.known[call] = (mean, tf.sqrt(tf.maximum(variance, SMALLEST)))
        self.sums = {}

    def arrays(self) -> Iterator[tuple[int, np.ndarray]]:
        """What is known, numbered."""
        return enumerate(one.numpy() for one in tf.nest.flatten(self.known) if tf.is_tensor(one))

    def fill(self, arrays: Sequence[np.ndarray]) -> None:
        """With what `arrays` once gave."""
        left = iter(arrays)
        flat = [tf.constant(next(left)) if tf.is_tensor(one) else one for one in tf.nest.flatten(self.known)]
        self.known = tf.nest.pack_sequence_as(self.known, flat)

    def follow(self, other: "WholePicture") -> None:
        """Of a film: what is known of the frames before, and of this one."""
        self.known = tf.nest.map_structure(smoothed, self.known, other.known) if self.known else other.known


@contextmanager
def of_whole(picture: WholePicture, doing: Doing = "painting") -> Iterator[None]:
    before, here.whole = here.whole, picture
    picture.doing, picture.calls = doing, 0
    try:
        yield
    finally:
        here.whole = before


def following(film: WholePicture) -> AbstractContextManager[None]:
    """For the next frame of a film."""
    return of_whole(film, "following" if film.known else "measuring")


def of_the_whole(compute: Callable[[], Any]) -> Any:
    """What is computed from the smaller copy, and then known."""
    whole = here.whole
    if whole is None:
        return compute()
    if whole.doing == "measuring":
        whole.known.append(compute())
        return whole.known[-1]
    known = whole.next()
    if whole.doing == "following":
        known = whole.known[whole.calls - 1] = tf.nest.map_structure(smoothed, known, compute())
    return known


def summed_over_tiles(
    moments: Callable[[Tensor, Tensor], Moments], images: Tensor, region: Tensor
) -> Moments:
    """Mean and deviation (1, 1, 1, C) by `moments`, of the pixels of a region (1, H, W, 1) or of all."""
    whole = here.whole
    if whole is None or whole.doing != "summing":
        return of_the_whole(lambda: moments(images, region))
    share = tf.cast(tf.size(images[..., 0]) if region is None else tf.reduce_sum(region), tf.float32)
    mean, deviation = moments(images, region)
    whole.add(share, mean, tf.square(deviation) + tf.square(mean))
    return mean, deviation
