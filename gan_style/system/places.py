"""Random numbers of places: a pixel of a picture has its own, in whatever tile it is painted.

In a film they move with what is shown.

Each is a hash of the seed, of how many draws came before, and of the pixel's row, column and channel.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from gan_style.system.tensor import Tensor

# Odd numbers without a pattern, so that neighbours differ in all bits: of rows, columns, channels, draws.
FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
SECOND = 0x165667B1  # makes another number of the same place


class Places:
    """Where pictures lie: rows (N, 4) of a seed, a picture's number, and its top and left in pixels."""

    def __init__(self, where: Tensor, drawn: list[int] | None = None, moved: Tensor | None = None) -> None:
        """`drawn`: how many draws there were so far, of these places and of all others made from them.

        `moved` (N, H, W, 2): how far from each pixel its random numbers came from, down and to the right.
        """
        self.where = tf.cast(tf.reshape(where, (where.shape[0], 1, 1, 4)), tf.int32)
        self.moved = moved
        self.drawn = [0] if drawn is None else drawn

    def of_cells(self, width: int) -> "Places":
        """Those of a grid of cells so many pixels wide, which tiles do not cut."""
        seed, number, top, left = tf.unstack(self.where, axis=-1)
        where = tf.stack([seed, number, top // width, left // width], axis=-1)
        middle = width // 2
        moved = (
            None if self.moved is None else extended(self.moved, 0, middle)[:, middle::width, middle::width]
        )
        return self.others(where, None if moved is None else moved / width)

    def around(self, margin: int) -> "Places":
        """Those of pictures so much larger on all sides."""
        where = self.where - tf.constant([0, 0, margin, margin])
        return self.others(where, None if self.moved is None else extended(self.moved, margin, margin))

    def others(self, where: Tensor, moved: Tensor | None) -> "Places":
        return Places(where, self.drawn, moved)

    def within(self, shares: Tensor) -> Tensor:
        """Places (N, H, W, 2) in cells, which moved on together with what they belong to."""
        return shares if self.moved is None else shares + tf.round(self.moved) - self.moved

    def at_cells(self, pixels: Tensor, width: int) -> Tensor:
        """Of a picture (N, H, W, C) the pixels where cells begin that have moved: (N, rows, columns, C)."""
        beside = tf.cast(tf.round((tf.round(self.moved) - self.moved) * width), tf.int32)
        count, rows, columns = (tf.shape(beside)[axis] for axis in range(3))
        picture = tf.range(count)[:, None, None] + tf.zeros([1, rows, columns], tf.int32)
        row = tf.clip_by_value(tf.range(rows)[:, None] * width + beside[..., 0], 0, tf.shape(pixels)[1] - 1)
        column = tf.clip_by_value(tf.range(columns) * width + beside[..., 1], 0, tf.shape(pixels)[2] - 1)
        return tf.gather_nd(pixels, tf.stack([picture, row, column], -1))

    def uniform(self, shape: Sequence[Any]) -> Tensor:
        """From 0 up to 1, that one excluded."""
        return as_share(self.hashes(shape))

    def normal(self, shape: Sequence[Any]) -> Tensor:
        """By Box and Muller's transform."""
        hashes = self.hashes(shape)
        radius = tf.sqrt(-2.0 * tf.math.log(1.0 - as_share(hashes)))
        return radius * tf.cos((2 * np.pi) * as_share(mixed(hashes ^ tf.constant(SECOND, tf.uint32))))

    def hashes(self, shape: Sequence[Any]) -> Tensor:
        """(N, H, W, C) of 32 bits."""
        _, height, width, channels = shape
        seed, number, top, left = (tf.cast(one, tf.uint32) for one in tf.unstack(self.where, axis=-1))
        row, column, channel, draw = (tf.constant(factor, tf.uint32) for factor in FACTORS)
        rows = top + tf.cast(tf.range(height), tf.uint32)[:, None]
        columns = left + tf.cast(tf.range(width), tf.uint32)
        if self.moved is not None:
            down, right = tf.unstack(tf.cast(tf.cast(tf.round(self.moved), tf.int32), tf.uint32), axis=-1)
            rows, columns = rows + down, columns + right
        self.drawn[0] += 1
        found = mixed(mixed(seed + draw * tf.constant(self.drawn[0], tf.uint32)) ^ (number * channel))
        found = mixed(found ^ (rows * row))
        found = mixed(found ^ (columns * column))
        return mixed(found[..., None] ^ (tf.cast(tf.range(channels), tf.uint32) * channel))


def extended(field: Tensor, before: int, after: int) -> Tensor:
    """Its borders repeated outwards, however far."""
    for axis in (1, 2):
        side = tf.shape(field)[axis]
        places = tf.clip_by_value(tf.range(-before, side + after), 0, side - 1)
        field = tf.gather(field, places, axis=axis)
    return field


def mixed(bits: Tensor) -> Tensor:
    """All 32 bits of each number depend on all of its bits afterwards (Wellons' lowbias32)."""
    bits = (bits ^ shifted(bits, 16)) * tf.constant(0x7FEB352D, tf.uint32)
    bits = (bits ^ shifted(bits, 15)) * tf.constant(0x846CA68B, tf.uint32)
    return bits ^ shifted(bits, 16)


def shifted(bits: Tensor, by: int) -> Tensor:
    return tf.bitwise.right_shift(bits, tf.constant(by, tf.uint32))


def as_share(bits: Tensor) -> Tensor:
    return tf.cast(shifted(bits, 8), tf.float32) * 2.0**-24
