"""Differentiable augmentation of what the discriminator sees (Zhao et al. 2020), for small data sets."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from gan_style.system.random import uniform

Policy = Literal["colour", "translation", "cutout"]


def augmented(images: Any, policies: Sequence[Policy], random: keras.random.SeedGenerator) -> Any:
    """The images after each policy in turn, with fresh random numbers for each image."""
    change = {"colour": recoloured, "translation": translated, "cutout": cut_out}
    for policy in policies:
        images = change[policy](images, random)
    return images


def recoloured(images: Any, random: keras.random.SeedGenerator) -> Any:
    """Brightness shifted by up to 0.5, saturation scaled by 0 to 2, contrast by 0.5 to 1.5."""
    draws = uniform((3, images.shape[0], 1, 1, 1), random, pictures=1)
    images = images + draws[0] - 0.5
    grey = ops.mean(images, axis=-1, keepdims=True)
    images = grey + (images - grey) * 2.0 * draws[1]
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + (images - mean) * (draws[2] + 0.5)


def translated(images: Any, random: keras.random.SeedGenerator) -> Any:
    """Moved by up to an eighth of the side, zeros moving in: a crop out of the padded image."""
    _, height, width, _ = images.shape
    padded = ops.pad(images, [[0, 0], [height // 8] * 2, [width // 8] * 2, [0, 0]])
    draws = uniform((2, images.shape[0], 1), random, pictures=1)
    rows = ops.cast(draws[0] * (height // 8 * 2 + 1), "int32") + ops.arange(height)[None]
    columns = ops.cast(draws[1] * (width // 8 * 2 + 1), "int32") + ops.arange(width)[None]
    moved = ops.take_along_axis(padded, rows[:, :, None, None], axis=1)
    return ops.take_along_axis(moved, columns[:, None, :, None], axis=2)


def cut_out(images: Any, random: keras.random.SeedGenerator) -> Any:
    """A square of half the side, anywhere, set to zero."""
    _, height, width, _ = images.shape
    draws = uniform((2, images.shape[0], 1), random, pictures=1)
    rows = ops.abs(ops.arange(height, dtype="float32")[None] - draws[0] * height) < height / 4
    columns = ops.abs(ops.arange(width, dtype="float32")[None] - draws[1] * width) < width / 4
    hole = ops.logical_and(rows[:, :, None, None], columns[:, None, :, None])
    return ops.where(hole, 0.0, images)
