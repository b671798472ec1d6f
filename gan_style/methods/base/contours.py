"""Which way the contours of pictures run, and the blurs that tell it."""

import math
from typing import Any

import numpy as np
from keras import ops

from gan_style.features.random_pyramid import blurred
from gan_style.networks.layers.padding import mirrored_to
from gan_style.system import replicas
from gan_style.system.places import Places
from gan_style.system.portable import is_portable
from gan_style.system.random import Random, around, normal
from gan_style.system.tensor import Tensor


def blurred_by(images: Tensor, times: int) -> Tensor:
    """Blurred by the binomial filter, edges mirrored: a Gaussian of standard deviation sqrt(times)."""
    if is_portable():
        # At once: mirrored edges stay mirrored, whatever is blurred how often.
        return blurred_inside(mirrored_around(images, 2 * times), times) if times else images
    for _ in range(times):
        images = blurred(images)
    return images


def smoothed(images: Tensor, times: int) -> Tensor:
    """What `blurred_by` gives, by two matrix products, which are quicker where the blurs are many."""
    height, width = ops.shape(images)[1:3]
    images = ops.einsum("ih,nhwc->niwc", blur_matrix(height, times), images)
    return ops.einsum("jw,niwc->nijc", blur_matrix(width, times), images)


def blur_matrix(side: Any, times: int) -> Tensor:
    """Binomial blurs of a line of pixels, its ends mirrored: the cosine transform makes factors of them."""
    place = ops.arange(side)
    # Whole turns are taken off while the numbers are whole: float32 would lose the angle.
    angle = ops.cast((2 * place[:, None] + 1) * place % (4 * side), "float32")
    size = ops.cast(side, "float32")
    wave = ops.cos(angle * (np.pi / 2) / size)
    kept = ops.cos(ops.cast(place, "float32") * (np.pi / 2) / size) ** (4 * times)
    return ops.matmul(wave * kept * ops.where(place == 0, 1.0, 2.0) / size, ops.transpose(wave))


def slopes(grey: Tensor) -> tuple[Tensor, Tensor]:
    """Change of brightness (N, H, W, 1) by a pixel, downwards and to the right."""
    if is_portable():
        grey = mirrored_around(grey, 1)
    else:
        grey = ops.pad(grey, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    return (grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]) / 2.0, (grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]) / 2.0


def contours(
    images: Tensor,
    random: Random,
    averaged: int = 4,
    turn_blurs: int = 24,
    flat: float = 0.02,
) -> Tensor:
    """The contours' direction as cosine and sine of twice its angle (N, H, W, 2); where flat, it wanders.

    `averaged` over so many blurs; it wanders over `turn_blurs`, where squared slopes are below `flat`.
    """
    down, across = (2.0 * slope for slope in slopes(ops.mean(images, axis=-1, keepdims=True)))
    # The gradient's double angle averages without cancelling; contours are at a right angle to it, hence the
    # signs.
    along = ops.concatenate([down * down - across * across, -2.0 * down * across], axis=-1)
    if isinstance(random, Places):
        along = blurred_inside(mirrored_around(along, 2 * averaged), averaged)
    else:
        along = smoothed(along, averaged)
    along = along + flat * turning(ops.shape(along), random, turn_blurs)
    return along / (ops.norm(along, axis=-1, keepdims=True) + 1e-6)


def turning(shape: Any, random: Random, blurs: int) -> Tensor:
    """Smooth noise of deviation 1."""
    if not isinstance(random, Places):
        turn = smoothed(normal(shape, random), blurs)
        return turn / (deviation(turn) + 1e-6)
    # Of places, and so neither mirrored nor divided by what this tile has.
    count, height, width, channels = shape
    margin = 2 * blurs
    noise = around(random, margin).normal((count, height + 2 * margin, width + 2 * margin, channels))
    return blurred_inside(noise, blurs) / deviation_of_blurred(blurs)


def blurred_inside(images: Tensor, times: int) -> Tensor:
    """As `blurred_by`, without what lies beyond the edges: two pixels fewer on each side each time."""
    taps = np.array(
        [math.comb(4 * times, tap) / 2 ** (4 * times) for tap in range(4 * times + 1)], np.float32
    )
    kernel = np.tile(taps[:, None, None, None], (1, 1, images.shape[-1], 1))
    for one in (kernel, kernel.transpose(1, 0, 2, 3)):
        images = ops.depthwise_conv(images, ops.convert_to_tensor(one), padding="valid")
    return images


def mirrored_around(images: Tensor, margin: int) -> Tensor:
    for axis in (1, 2):
        images = mirrored_to(images, axis, -margin, ops.shape(images)[axis] + margin)
    return images


def deviation_of_blurred(times: int) -> float:
    """That of white noise of deviation 1 after so many binomial blurs."""
    return math.comb(8 * times, 4 * times) / 2 ** (8 * times)


def deviation(values: Tensor) -> Tensor:
    """Over the pictures of all replicas."""
    if replicas.count() == 1:
        return ops.std(values)
    return ops.sqrt(replicas.mean(ops.mean(ops.square(values - replicas.mean(ops.mean(values))))))
