"""What a painter sees before the first stroke: the subject through half-closed eyes, over loose dabs of paint.

Squinting takes away the detail that strokes have to replace; left in, a generator keeps it. A squinted
painting still shows where its strokes were, a squinted photograph shows nothing in a flat sky: dabs are
soft random strokes along the contours that stand in for them, and that a network can sharpen. In the same
way lines along the contours stand in for a cartoon's, which a photograph does not have.
"""

from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.features.random_pyramid import blurred

DIRECTIONS = 8
LENGTH, WIDTH, REACH = 3.5, 1.1, 8  # standard deviations and half-size of a dab, in grains
CHROMA = 0.25  # of dabs, beside their brightness
TURN_BLURS, FLAT = 24, 0.02  # a wandering direction, and how steep a slope outweighs it


class Underpainting(Config):
    squint: Annotated[int, Field(ge=0, le=32, description="blurs of variance 1, in pixels squared")] = 0
    dabs: Annotated[float, Field(ge=0, le=1, description="standard deviation of the dabs; pixels are in [-1, 1]")] = 0.0
    # Left out where there are none: what runs and results from before lines say of themselves stays true.
    lines: Annotated[
        float, Field(ge=0, exclude_if=lambda lines: lines == 0, description="ink along contours: slopes of 1/lines are black")
    ] = 0.0
    grains: Annotated[tuple[Literal[1, 2, 4], ...], Field(min_length=1, description="widths of the dabs, in pixels")] = (1, 2)


def underpainted(images: Any, how: Underpainting, random: keras.random.SeedGenerator, strength: float = 1.0) -> Any:
    """What the painter sees of photographs; with less strength, more of the photograph itself."""
    drawn = inked(images, how.lines) if how.lines else images
    ground = squinted(dabbed(drawn, how.dabs, how.grains, random) if how.dabs else drawn, how.squint)
    return images + strength * (ground - images) if strength < 1.0 else ground


def on_the_easel(sources: Any, targets: Any, how: Underpainting, random: keras.random.SeedGenerator) -> Any:
    """What the painter is shown in a step: photographs underpainted and, to be painted again, paintings as squinting leaves them."""
    shown = underpainted(sources, how, random)
    return shown if targets is None else ops.concatenate([shown, squinted(targets, how.squint)])


def squinted(images: Any, times: int) -> Any:
    """Blurred by the binomial filter so many times, edges mirrored: a Gaussian of standard deviation sqrt(times)."""
    for _ in range(times):
        images = blurred(images)
    return images


def inked(images: Any, lines: float) -> Any:
    """The images with dark lines where brightness changes steeply."""
    # Squinted first, and squared: grain and fur are steep too, but only from nearby.
    down, across = slopes(squinted(ops.mean(images, axis=-1, keepdims=True), 4))
    ink = ops.minimum(lines**2 * (down * down + across * across), 1.0)
    return images - ink * (images + 1.0)


def slopes(grey: Any) -> tuple[Any, Any]:
    """Change of brightness (N, H, W, 1) by a pixel, downwards and to the right."""
    grey = ops.pad(grey, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    return (grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]) / 2.0, (grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]) / 2.0


def dabbed(images: Any, strength: float, grains: tuple[int, ...], random: keras.random.SeedGenerator) -> Any:
    """The images with soft strokes of each grain along their contours added, mostly in brightness."""
    _, height, width, _ = images.shape
    added = 0.0
    for grain in grains:
        # Work at the grain's own scale: a dab then has the same few pixels whatever its size.
        rows, columns = -(-height // grain), -(-width // grain)
        small = ops.image.resize(images, (rows, columns), interpolation="bilinear", antialias=True)
        dabs = ops.image.resize(strokes_along(contours(small, random), random), (rows * grain, columns * grain), interpolation="bicubic")
        added = added + dabs[:, :height, :width]
    return images + strength * added


def contours(images: Any, random: keras.random.SeedGenerator) -> Any:
    """The direction of contours as the cosine and sine of twice its angle (N, H, W, 2); where it is flat, it wanders."""
    down, across = (2.0 * slope for slope in slopes(ops.mean(images, axis=-1, keepdims=True)))
    # The gradient's double angle averages without cancelling; contours are at a right angle to it, hence the signs.
    along = squinted(ops.concatenate([down * down - across * across, -2.0 * down * across], axis=-1), 4)
    turn = squinted(keras.random.normal(ops.shape(along), seed=random), TURN_BLURS)
    turn = turn / (ops.std(turn) + 1e-6)
    along = along + FLAT * turn
    return along / (ops.norm(along, axis=-1, keepdims=True) + 1e-6)


def strokes_along(direction: Any, random: keras.random.SeedGenerator) -> Any:
    """White noise smeared along a field of directions: (N, H, W, 3), about unit variance in brightness."""
    count, height, width, _ = direction.shape
    shape = (count, height + 2 * REACH, width + 2 * REACH, 4)
    noise = keras.random.normal(shape, seed=random)
    smeared = ops.depthwise_conv(noise, ops.convert_to_tensor(dab_filters()), padding="valid")
    smeared = ops.reshape(smeared, (count, height, width, 4, DIRECTIONS))
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    fit = ops.relu(direction[..., :1] * np.cos(angles).astype("float32") + direction[..., 1:] * np.sin(angles).astype("float32")) ** 4
    fit = fit / (ops.norm(fit, axis=-1, keepdims=True) + 1e-6)
    tones = ops.sum(smeared * fit[..., None, :], axis=-1)
    return tones[..., :1] + CHROMA * tones[..., 1:]


def dab_filters() -> np.ndarray:
    """One elongated Gaussian for each direction, of unit norm: (size, size, 4, DIRECTIONS), the same for all channels."""
    y, x = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
    filters = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        along, beside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        dab = np.exp(-0.5 * ((along / LENGTH) ** 2 + (beside / WIDTH) ** 2))
        filters.append(dab / np.linalg.norm(dab))
    return np.repeat(np.stack(filters, -1)[:, :, None], 4, axis=2).astype(np.float32)
