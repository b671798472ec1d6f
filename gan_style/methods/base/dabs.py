"""Brush dabs: a picture as flat strokes of its own colours, along its contours, one over the other.

A blurred painting shows where its strokes were, a blurred photograph shows nothing in a flat sky. Dabs stand
in for them: they have a stroke's clean edge and its one colour, which smooth noise has not.
"""

import math
from collections.abc import Sequence
from typing import Annotated

import keras
from keras import ops
from pydantic import Field

from gan_style.config.model import Config
from gan_style.methods.base.contours import contours
from gan_style.networks.graph import resized
from gan_style.system.random import normal, uniform
from gan_style.system.tensor import Tensor

CHROMA = 0.35  # of a dab's own tone, beside its brightness
NOWHERE = -1e6  # pixels

# Of their directions, on a grid as wide as the brush: they follow finer contours than soft strokes do.
AVERAGED, TURN_BLURS, FLAT = 1, 9, 0.002


class Dabs(Config):
    """After the layers of Hertzmann (1998): finer dabs go where coarser ones have left an error."""

    widths: Annotated[
        tuple[Annotated[int, Field(ge=2, le=64)], ...],
        Field(min_length=1, max_length=4, description="in pixels, the coarsest first"),
    ] = (16, 8, 4)
    length: Annotated[float, Field(ge=1, le=5, description="in widths")] = 4.0
    tone: Annotated[
        float, Field(ge=0, le=1, description="standard deviation of their brightness; pixels in [-1, 1]")
    ] = 0.1
    error: Annotated[
        float, Field(ge=0, le=2, description="of the layers before, from which a finer dab is laid")
    ] = 0.06
    strays: Annotated[
        float, Field(gt=0, le=2, description="a dab ends where its colour is further from the picture's")
    ] = 0.35

    def reach(self) -> int:
        """Cells of the grid that a dab may reach into, from its own."""
        return math.ceil(self.length / 2)


def dabbed(images: Tensor, how: Dabs, random: keras.random.SeedGenerator) -> Tensor:
    """The picture painted layer by layer, on itself."""
    canvas = images
    for layer, width in enumerate(how.widths):
        height, breadth = ops.shape(images)[1:3]
        grid = -(-height // width), -(-breadth // width)
        small = resized(images, grid, "bilinear", antialias=True)
        ranks = uniform((*ops.shape(small)[:3], 1), random)
        if layer:
            left = ops.mean(ops.abs(resized(images - canvas, grid, "bilinear", antialias=True)), -1, True)
            ranks = ops.where(left > how.error, ranks, 0.0)
        angles = half_angles(contours(small, random, AVERAGED, TURN_BLURS, FLAT))
        dabs = ops.concatenate([places(small, width, random), angles, ranks], axis=-1)
        tones = how.tone * normal((*ops.shape(small)[:3], 4), random)
        colours = small + tones[..., :1] + CHROMA * tones[..., 1:]
        canvas = laid(canvas, images, dabs, colours, width, how)
    return canvas


def places(cells: Tensor, width: int, random: keras.random.SeedGenerator) -> Tensor:
    """One place in each cell of the grid (N, rows, columns, 2): y and x in pixels."""
    count, rows, columns = ops.shape(cells)[:3]
    corners = ops.stack(ops.meshgrid(ops.arange(rows), ops.arange(columns), indexing="ij"), axis=-1)
    inside = uniform((count, rows, columns, 2), random)
    return (ops.cast(corners, "float32") + inside) * width


def half_angles(twice: Tensor) -> Tensor:
    """Cosine and sine of the half of an angle; the other half, turned by 180 degrees, is the same dab."""
    cosine = ops.sqrt(ops.relu(1.0 + twice[..., :1]) / 2.0)
    sine = ops.sqrt(ops.relu(1.0 - twice[..., :1]) / 2.0)
    return ops.concatenate([cosine, ops.where(twice[..., 1:] < 0, -sine, sine)], axis=-1)


def laid(canvas: Tensor, images: Tensor, dabs: Tensor, colours: Tensor, width: int, how: Dabs) -> Tensor:
    """Each pixel gets the colour of the highest dab that covers it: of rank 0 there is none.

    Plane by plane (N, H, W), as tensors with a short last axis are several times slower; in a loop over the
    cells around a pixel's own, as its graph is small.
    """
    height, breadth = ops.shape(canvas)[1:3]
    count, rows, columns = ops.shape(dabs)[:3]
    reach, across = how.reach(), 2 * how.reach() + 1
    margin = [[0, 0], [reach, reach], [reach, reach], [0, 0]]
    dabs, colours = ops.pad(dabs, margin, constant_values=NOWHERE), ops.pad(colours, margin)

    def nearby(place: Tensor, cells: Tensor, planes: int) -> list[Tensor]:
        """Of each pixel's cell, that number of cells away."""
        near = ops.slice(cells, (0, place // across, place % across, 0), (count, rows, columns, planes))
        near = ops.repeat(ops.repeat(near, width, axis=1), width, axis=2)[:, :height, :breadth]
        return ops.unstack(near, planes, axis=-1)

    def lay(place: Tensor, painted: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        tints = nearby(place, colours, 3)
        covering = where_covering(nearby(place, dabs, 5), width, how.length)
        wrong = sum(ops.abs(images[..., channel] - tints[channel]) for channel in range(3)) / 3
        above = ops.logical_and(covering > painted[0], wrong < how.strays)
        return tuple(ops.where(above, *both) for both in zip([covering, *tints], painted, strict=True))

    nothing = ops.zeros_like(canvas[..., 0])
    _, *painted = ops.fori_loop(0, across**2, lay, (nothing, *ops.unstack(canvas, 3, axis=-1)))
    return ops.stack(painted, axis=-1)


def where_covering(dab: Sequence[Tensor], width: int, length: float) -> Tensor:
    """The dab's rank (N, H, W) where its capsule covers the pixel, else 0."""
    y, x, cosine, sine, rank = dab
    height, breadth = ops.shape(y)[1:]
    down = ops.cast(ops.arange(height), "float32")[:, None] + 0.5 - y
    right = ops.cast(ops.arange(breadth), "float32") + 0.5 - x
    past_its_end = ops.relu(ops.abs(right * cosine + down * sine) - width * (length - 1) / 2)
    beside = down * cosine - right * sine
    return ops.where(ops.square(past_its_end) + ops.square(beside) <= (width / 2) ** 2, rank, 0.0)
