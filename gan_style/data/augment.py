"""Random views of pictures, each a pure function of its seed: crop, mirror, scale, turn, recolour."""

import math
from typing import Annotated

import numpy as np
import tensorflow as tf
from pydantic import Field

from gan_style.config.model import Config
from gan_style.system.tensor import Tensor

KERNEL_REACH = 3  # pixels of the view, to either side; of lanczos3, the wider of the kernels


class Augment(Config):
    """How far a training view may stray from its picture. Scaling and turning soften strokes."""

    flip: bool = True
    scale: Annotated[
        float, Field(ge=1, le=4, description="crops up to this many times larger, scaled down")
    ] = 1.0
    rotate: Annotated[float, Field(ge=0, le=45, description="degrees to either side")] = 0.0
    colour: Annotated[
        float, Field(ge=0, le=1, description="strength of random exposure, contrast, saturation and hue")
    ] = 0.0


def random_view(pixels: Tensor, crop: int, augment: Augment, seed: Tensor) -> Tensor:
    """(H, W, 3) uint8 to (crop, crop, 3) float32 in [-1, 1]. `seed` is two integers."""
    draws = tf.random.stateless_uniform((9,), seed)
    if augment.scale == 1.0 and augment.rotate == 0.0:
        view = _cut(pixels, crop, draws[0], draws[1])
    else:
        view = _warp(pixels, crop, augment, draws[:4])
    if augment.flip:
        view = tf.where(draws[4] < 0.5, view, view[:, ::-1])
    view = tf.cast(view, tf.float32) / 127.5 - 1.0
    return _recolour(view, augment.colour, draws[5:]) if augment.colour else view


def _cut(pixels: Tensor, crop: int, down: Tensor, across: Tensor) -> Tensor:
    spare = tf.cast(tf.shape(pixels)[:2] - crop + 1, tf.float32)
    y, x = tf.cast(down * spare[0], tf.int32), tf.cast(across * spare[1], tf.int32)
    view = pixels[y : y + crop, x : x + crop]
    return tf.ensure_shape(view, (crop, crop, 3))


def _warp(pixels: Tensor, crop: int, augment: Augment, draws: Tensor) -> Tensor:
    """A turned square of `crop` times the scale, brought to `crop`; beyond the edge, mirrored."""
    size = tf.cast(tf.shape(pixels)[:2], tf.float32)
    largest = tf.minimum(augment.scale, tf.reduce_min(size) / crop)
    scale = 1.0 + draws[2] * (largest - 1.0)
    angle = (2.0 * draws[3] - 1.0) * augment.rotate * (np.pi / 180)
    middle = scale * crop / 2 + draws[:2] * (size - scale * crop)
    if augment.scale > 1.0:
        # A square that holds the turned one, whatever the angle.
        widest = np.deg2rad(augment.rotate)
        side = math.ceil(crop * (np.cos(widest) + np.sin(widest)))
        # Turning softens once more, so that the sharper kernel comes before it.
        pixels = _scaled_down(pixels, side, middle, scale, "lanczos3" if augment.rotate else "triangle")
        middle = tf.fill([2], side / 2)
    return _turned(pixels, crop, middle, angle) if augment.rotate else pixels


def _scaled_down(pixels: Tensor, side: int, middle: Tensor, scale: Tensor, kernel: str) -> Tensor:
    """A square of `side` from `scale` times as many pixels, antialiased; beyond the edge, mirrored."""
    reach = scale * (side / 2 + KERNEL_REACH)
    first, end = tf.cast(tf.floor(middle - reach), tf.int32), tf.cast(tf.math.ceil(middle + reach), tf.int32)
    start, stop = tf.maximum(first, 0), tf.minimum(end, tf.shape(pixels)[:2])
    margins = tf.pad(tf.stack([start - first, end - stop], axis=1), [[0, 1], [0, 0]])
    around = tf.pad(pixels[start[0] : stop[0], start[1] : stop[1]], margins, "SYMMETRIC")
    view = tf.raw_ops.ScaleAndTranslate(
        images=around[None],
        size=[side, side],
        scale=tf.fill([2], 1.0 / scale),
        translation=side / 2 - (middle - tf.cast(first, tf.float32)) / scale,
        kernel_type=kernel,
        antialias=True,
    )
    return tf.clip_by_value(view[0], 0.0, 255.0)


def _turned(pixels: Tensor, crop: int, middle: Tensor, angle: Tensor) -> Tensor:
    """A square about `middle`, turned, by bilinear resampling; beyond the edge, mirrored."""
    cosine, sine = tf.cos(angle), tf.sin(angle)
    half = (crop - 1) / 2
    x0 = middle[1] - 0.5 - cosine * half + sine * half
    y0 = middle[0] - 0.5 - sine * half - cosine * half
    transform = tf.stack([cosine, -sine, x0, sine, cosine, y0, 0.0, 0.0])
    view = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(pixels[None], tf.float32),
        transforms=transform[None],
        output_shape=[crop, crop],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )
    return view[0]


def _recolour(view: Tensor, strength: float, draws: Tensor) -> Tensor:
    """Exposure, contrast about the mean, saturation and a turn of hue, as one 3x3 matrix and an offset."""
    exposure, contrast, saturation, hue = tf.unstack(2.0 * draws - 1.0)
    grey = tf.fill((3, 3), 1.0 / 3.0)
    turn = hue * strength * np.pi / 3
    axis = tf.constant([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / np.sqrt(3.0)
    # Rodrigues' rotation about the grey axis, then saturation as a stretch away from it.
    rotation = grey + tf.cos(turn) * (tf.eye(3) - grey) + tf.sin(turn) * axis
    matrix = (grey + (1.0 + saturation * strength) * (tf.eye(3) - grey)) @ rotation
    mean = tf.reduce_mean(view)
    view = (view - mean) * (1.0 + 0.5 * contrast * strength) + mean + 0.5 * exposure * strength
    return tf.clip_by_value(tf.tensordot(view, matrix, axes=[[2], [1]]), -1.0, 1.0)
