"""Brush dabs: a picture as flat strokes of its own colours, along its contours, one over the other.

A blurred painting shows where its strokes were, a blurred photograph shows nothing in a flat sky. Dabs stand
in for them: they have a stroke's clean edge and its one colour, which smooth noise has not.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.model import Config
from gan_style.methods.base.contours import contours, mirrored_around
from gan_style.networks.graph import resized
from gan_style.system.random import Random, has_moved, normal, of_cells, uniform, within_cells
from gan_style.system.tensor import Tensor

CHROMA = 0.35  # of a dab's own tone, beside its brightness

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

    def reach(self, moved: bool = False) -> int:
        """Cells of the grid that a dab may reach into, from its own; in a film it lies half a cell beside."""
        return math.ceil(self.length / 2 + moved / 2)


def dabbed(images: Tensor, how: Dabs, random: Random) -> Tensor:
    """The picture painted layer by layer, on itself."""
    canvas = images
    for layer, width in enumerate(how.widths):
        drawn = of_cells(random, width)
        small = averaged(images, width, drawn)
        ranks = uniform((*ops.shape(small)[:3], 1), drawn)
        if layer:
            left = ops.mean(ops.abs(averaged(images - canvas, width, drawn)), -1, True)
            ranks = ops.where(left > how.error, ranks, 0.0)
        angles = half_angles(contours(small, drawn, AVERAGED, TURN_BLURS, FLAT))
        dabs = ops.concatenate([places(small, width, drawn), angles, ranks], axis=-1)
        tones = how.tone * normal((*ops.shape(small)[:3], 4), drawn)
        colours = small + tones[..., :1] + CHROMA * tones[..., 1:]
        canvas = laid(canvas, images, dabs, colours, width, how, how.reach(has_moved(drawn)))
    return canvas


def averaged(images: Tensor, width: int, random: Random) -> Tensor:
    """Means over the cells of the grid (N, rows, columns, C), in a film over where they lie now."""
    height, breadth = ops.shape(images)[1:3]
    if not has_moved(random):
        grid = -(-height // width), -(-breadth // width)
        return resized(images, grid, "bilinear", antialias=True)
    # The same triangle, as if each pixel were the first of a cell.
    taps = np.arange(2 * width, dtype=np.float32)
    triangle = (1 - np.abs(taps + 0.5 - width) / width) / width
    kernel = np.tile(triangle[:, None, None, None], (1, 1, images.shape[-1], 1))
    before = width // 2
    whole = mirrored_around(images, 2 * width)[:, 2 * width - before :, 2 * width - before :]
    for one in (kernel, kernel.transpose(1, 0, 2, 3)):
        whole = ops.depthwise_conv(whole, ops.convert_to_tensor(one), padding="valid")
    return random.at_cells(whole[:, :height, :breadth], width)


def places(cells: Tensor, width: int, random: Random) -> Tensor:
    """One place inside of each cell of the grid (N, rows, columns, 2): y and x in pixels."""
    return within_cells(uniform((*ops.shape(cells)[:3], 2), random), random) * width


def half_angles(twice: Tensor) -> Tensor:
    """Cosine and sine of the half of an angle; the other half, turned by 180 degrees, is the same dab."""
    cosine = ops.sqrt(ops.relu(1.0 + twice[..., :1]) / 2.0)
    sine = ops.sqrt(ops.relu(1.0 - twice[..., :1]) / 2.0)
    return ops.concatenate([cosine, ops.where(twice[..., 1:] < 0, -sine, sine)], axis=-1)


def laid(
    canvas: Tensor, images: Tensor, dabs: Tensor, colours: Tensor, width: int, how: Dabs, reach: int
) -> Tensor:
    """Each pixel gets the colour of the highest dab that covers it: of rank 0 there is none.

    A loop over the cells around a pixel's own, as its graph is small. Pixels are sorted by their place in the
    cell, so that what belongs to cells is spread over them without copies.
    """
    height, breadth = ops.shape(canvas)[1:3]
    count, rows, columns = ops.shape(dabs)[:3]
    across = 2 * reach + 1
    margin = [[0, 0], [reach, reach], [reach, reach], [0, 0]]
    cells = ops.pad(ops.concatenate([dabs, colours], axis=-1), margin)
    inside = ops.arange(width, dtype="float32") + 0.5
    seen = by_place(images, rows, columns, width)

    def lay(place: Tensor, painted: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        row, column = place // across, place % across
        near = ops.slice(cells, (0, row, column, 0), (count, rows, columns, 8))
        y, x, cosine, sine, rank, *tints = ops.unstack(near, 8, axis=-1)
        down = inside[:, None, None, None, None] - (y + width * ops.cast(row - reach, "float32"))
        right = inside[:, None, None, None] - (x + width * ops.cast(column - reach, "float32"))
        covered = is_covered(down, right, cosine, sine, width, how.length)
        wrong = sum(ops.abs(one - tint) for one, tint in zip(seen, tints, strict=True)) / 3
        above = ops.logical_and(ops.logical_and(covered, rank > painted[0]), wrong < how.strays)
        return tuple(ops.where(above, *both) for both in zip([rank, *tints], painted, strict=True))

    nothing = ops.zeros_like(seen[0])
    start = (nothing, *by_place(canvas, rows, columns, width))
    _, *painted = ops.fori_loop(0, across**2, lay, start)
    return from_places(painted, width)[:, :height, :breadth]


def is_covered(
    down: Tensor, right: Tensor, cosine: Tensor, sine: Tensor, width: int, length: float
) -> Tensor:
    """Whether a dab's capsule covers what lies so far from its middle."""
    past_its_end = ops.relu(ops.abs(right * cosine + down * sine) - width * (length - 1) / 2)
    beside = down * cosine - right * sine
    return ops.square(past_its_end) + ops.square(beside) <= (width / 2) ** 2


def by_place(images: Tensor, rows: Any, columns: Any, width: int) -> list[Tensor]:
    """Planes (width, width, N, rows, columns): each pixel's place in its cell, and the cell."""
    count, height, breadth, channels = ops.shape(images)
    margins = [[0, 0], [0, rows * width - height], [0, columns * width - breadth], [0, 0]]
    cells = ops.reshape(ops.pad(images, margins), (count, rows, width, columns, width, channels))
    return ops.unstack(ops.transpose(cells, (5, 2, 4, 0, 1, 3)), channels, axis=0)


def from_places(planes: Sequence[Tensor], width: int) -> Tensor:
    """Back to pictures (N, H, W, C)."""
    cells = ops.transpose(ops.stack(planes), (3, 4, 1, 5, 2, 0))
    count, rows, _, columns, _, channels = ops.shape(cells)
    return ops.reshape(cells, (count, rows * width, columns * width, channels))
