"""What a painter sees before the first stroke: the subject through half-closed eyes, over loose dabs of paint.

Squinting takes away the detail that strokes have to replace; left in, a generator keeps it. A squinted
painting still shows where its strokes were, a squinted photograph shows nothing in a flat sky: dabs are
random blots of the size of strokes that stand in for them, and that a network can sharpen into strokes.
"""

from typing import Annotated, Any

import keras
import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config import Config

BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16
CHROMA = 0.35  # of dabs, beside their brightness


class Underpainting(Config):
    squint: Annotated[int, Field(ge=0, le=32, description="blurs of variance 1, in pixels squared")] = 0
    dabs: Annotated[float, Field(ge=0, le=1, description="standard deviation of the dabs; pixels are in [-1, 1]")] = 0.0
    grains: Annotated[tuple[int, ...], Field(description="sizes of the dabs in pixels")] = (2, 4)


def squinted(images: Any, times: int) -> Any:
    """Blurred by the binomial filter so many times, edges mirrored: a Gaussian of standard deviation sqrt(times)."""
    kernel = np.outer(BINOMIAL, BINOMIAL)[:, :, None, None] * np.ones((1, 1, images.shape[-1], 1), np.float32)
    for _ in range(times):
        padded = ops.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="symmetric")
        images = ops.depthwise_conv(padded, ops.convert_to_tensor(kernel.astype(np.float32)), padding="valid")
    return images


def dabbed(images: Any, strength: float, grains: tuple[int, ...], random: keras.random.SeedGenerator) -> Any:
    """The images with blots of each grain added, mostly in brightness."""
    count, height, width, _ = images.shape
    for grain in grains:
        rows, columns = height // grain + 2, width // grain + 2
        blots = keras.random.normal((count, rows, columns, 4), seed=random)
        blots = strength * (blots[..., :1] + CHROMA * blots[..., 1:])
        large = ops.image.resize(blots, (rows * grain, columns * grain), interpolation="bicubic")
        images = images + large[:, :height, :width]
    return images
