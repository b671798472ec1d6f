"""Cartoons without crisp edges: what CartoonGAN's discriminator must call fake (Chen et al. 2018).

Canny's edges, widened, and the picture blurred there only.
"""

from typing import Any

import numpy as np
from keras import ops

from gan_style.losses.perceptual import grey

WEAK, STRONG = 100.0, 200.0  # steepness, as |dx| + |dy| of Sobel's filters on 0..255
REACH = 16  # pixels that a weak edge is followed from a strong one
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
GAUSSIAN = np.exp(-0.5 * (np.arange(-2, 3) / 1.1) ** 2)


def edge_smoothed(pictures: Any) -> Any:
    """Pictures (N, H, W, 3) in [-1, 1], blurred by a 5x5 Gaussian within 5x5 pixels of an edge."""
    near = ops.max_pool(canny(pictures), 5, strides=1, padding="same")
    kernel = np.outer(GAUSSIAN, GAUSSIAN) / GAUSSIAN.sum() ** 2
    return ops.where(near > 0, _filtered(pictures, np.repeat(kernel[:, :, None, None], 3, axis=2)), pictures)


def canny(pictures: Any) -> Any:
    """Edges (N, H, W, 1) as ones: ridges that are steep, or less steep and connected to steep ones."""
    brightness = (grey(pictures)[..., :1] + 1.0) * 127.5
    across, down = (
        _filtered(brightness, SOBEL[:, :, None, None]),
        _filtered(brightness, SOBEL.T[:, :, None, None]),
    )
    steepness = ops.abs(across) + ops.abs(down)
    ridge = _is_ridge(steepness, across, down)
    weak = ops.cast(ops.logical_and(ridge, steepness > WEAK), "float32")
    edges = ops.cast(ops.logical_and(ridge, steepness > STRONG), "float32")
    for _ in range(REACH):
        edges = weak * ops.max_pool(edges, 3, strides=1, padding="same")
    return edges


def _is_ridge(steepness: Any, across: Any, down: Any) -> Any:
    """Whether no neighbour in the direction of the slope, rounded to 45 degrees, is steeper."""
    wide = ops.pad(steepness, [[0, 0], [1, 1], [1, 1], [0, 0]])
    height, width = steepness.shape[1:3]

    def neighbour(dy: int, dx: int) -> Any:
        return wide[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    def highest(dy: int, dx: int) -> Any:
        return ops.logical_and(steepness >= neighbour(dy, dx), steepness >= neighbour(-dy, -dx))

    flat, tall = ops.abs(down) < 0.4142 * ops.abs(across), ops.abs(across) < 0.4142 * ops.abs(down)
    diagonal = ops.where(across * down > 0, highest(1, 1), highest(1, -1))
    return ops.where(flat, highest(0, 1), ops.where(tall, highest(1, 0), diagonal))


def _filtered(images: Any, kernel: np.ndarray) -> Any:
    margin = [kernel.shape[0] // 2] * 2
    padded = ops.pad(images, [[0, 0], margin, margin, [0, 0]], mode="reflect")
    return ops.depthwise_conv(padded, ops.convert_to_tensor(kernel.astype(np.float32)), padding="valid")
