"""A picture too large for the memory: read, painted and stored some rows at a time."""

import math
from collections.abc import Iterator

import numpy as np

from gan_style.inference.painting import STANDING, tiling_of, with_margins
from gan_style.inference.tiles import (
    Canvas,
    Work,
    least_side,
    painted_rows,
    reaches,
    refuse_memory,
)
from gan_style.methods import Method, Request
from gan_style.methods.base.tiling import Tiling
from gan_style.system.rows.source import Rows

WINDOWS = 2  # of rows of the photograph: while one grows, the smaller one is there as well
INPUT = 640  # bytes a pixel of a tile: of small networks, what makes their input takes more than they do


def painted_by_rows(
    method: Method, rows: Rows, request: Request, reflect_pad: int, memory: int, work: Work
) -> Iterator[np.ndarray] | None:
    """At its own size, from top to bottom. None where the whole picture is needed at once."""
    whole = request.masks or request.moved is not None or (request.stroke_scale or 1) > 1
    tiling = None if whole else work(lambda: tiling_of(method))
    if tiling is None or tiling.network_reach is None:
        return None
    sides = with_margins(rows.shape[:2], reflect_pad, tiling)
    room = side_of_tiles(tiling, rows, memory - STANDING) ** 2
    return painted_rows(method, Canvas(rows, reflect_pad, *sides), {}, request, tiling, room, work)


def side_of_tiles(tiling: Tiling, rows: Rows, free: int) -> int:
    """In pixels, of the largest that fit beside the rows of photograph and painting that they are of."""
    reach = sum(reaches(tiling))
    a_row = rows.shape[1] * rows.dtype.itemsize
    photograph, painting = 4 * a_row * WINDOWS, 3 * a_row
    # tile * side² + wide * side = left
    tile, wide = max(tiling.bytes_a_pixel, INPUT), photograph + painting
    left = free - rows.decoding - 2 * reach * photograph
    least = least_side(tiling)
    if (missing := tile * least**2 + wide * least - left) > 0:
        refuse_memory(missing)
    return int((math.sqrt(wide**2 + 4 * tile * left) - wide) / (2 * tile))
