"""Soft random strokes along a picture's contours: a network can sharpen them where nothing else is."""

from collections.abc import Sequence

import numpy as np
from keras import ops

from gan_style.methods.base.contours import contours
from gan_style.networks.graph import resized
from gan_style.system.random import Random, around, normal, of_cells
from gan_style.system.tensor import Tensor

DIRECTIONS = 8
LENGTH, WIDTH = 3.5, 1.1  # standard deviations of a stroke, in stroke widths
REACH = 2.3  # half-size of a stroke's filter, in lengths
CHROMA = 0.25  # of strokes, beside their brightness


def with_stroke_noise(
    images: Tensor,
    amount: float,
    widths: Sequence[int],
    length: float,
    random: Random,
) -> Tensor:
    """The images with soft strokes of each width along their contours added, mostly in brightness."""
    _, height, width, _ = ops.shape(images)
    added = 0.0
    for scale in widths:
        # Work at the stroke's own scale: a stroke then has the same few pixels whatever its size.
        rows, columns = -(-height // scale), -(-width // scale)
        small = resized(images, (rows, columns), "bilinear", antialias=True)
        drawn = of_cells(random, scale)
        strokes = strokes_along(contours(small, drawn), drawn, length)
        size = (rows * scale, columns * scale)
        added = added + resized(strokes, size, "bicubic")[:, :height, :width]
    return images + amount * added


def strokes_along(direction: Tensor, random: Random, length: float) -> Tensor:
    """White noise smeared along a field of directions: (N, H, W, 3), about unit variance in brightness."""
    count, height, width, _ = ops.shape(direction)
    filters = stroke_filters(length)
    reach = filters.shape[0] // 2
    noise = normal((count, height + 2 * reach, width + 2 * reach, 4), around(random, reach))
    smeared = ops.depthwise_conv(noise, ops.convert_to_tensor(filters), padding="valid")
    smeared = ops.reshape(smeared, (count, height, width, 4, DIRECTIONS))
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    cosines, sines = np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
    fit = ops.relu(direction[..., :1] * cosines + direction[..., 1:] * sines) ** 4
    fit = fit / (ops.norm(fit, axis=-1, keepdims=True) + 1e-6)
    tones = ops.sum(smeared * fit[..., None, :], axis=-1)
    return tones[..., :1] + CHROMA * tones[..., 1:]


def stroke_filters(length: float) -> np.ndarray:
    """An elongated Gaussian of unit norm for each direction: (size, size, 4, DIRECTIONS)."""
    reach = round(REACH * max(1.0, length))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    filters = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        along, beside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        stroke = np.exp(-0.5 * ((along / length) ** 2 + (beside / WIDTH) ** 2))
        filters.append(stroke / np.linalg.norm(stroke))
    return np.repeat(np.stack(filters, -1)[:, :, None], 4, axis=2).astype(np.float32)
