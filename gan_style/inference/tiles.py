"""A picture of any size, painted in tiles that overlap by what their pixels depend on."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, product
from operator import itemgetter
from typing import Any, NoReturn

import numpy as np
from keras import ops

from gan_style.inference.working_size import SMALLEST_SIDE
from gan_style.methods import Method, Request
from gan_style.methods.base.request import Tile
from gan_style.methods.base.style_maps import SEAM
from gan_style.methods.base.tiling import Doing, Tiling, WholePicture, of_whole
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import track
from gan_style.system.rows.source import Rows
from gan_style.system.tensor import Tensor

Work = Callable[[Callable[[], Any]], Any]  # calls a function, perhaps in a thread of its own
COPY = 896 * 896  # pixels of the smaller copy: the same ones, whatever the memory, if they fit
SEAM_REACH = 2 * SEAM
FEW = 4  # tiles of which nobody needs to see the progress


@dataclass(frozen=True)
class Canvas:
    """Pixels (h, w) or (h, w, C), mirrored around until there are so many rows and columns."""

    pixels: np.ndarray | Rows
    margin: int  # above and to the left
    height: int
    width: int

    def cut(self, part: "Part") -> np.ndarray:
        rows = mirrored(part.top - self.margin + np.arange(part.height), self.pixels.shape[0])
        columns = mirrored(part.left - self.margin + np.arange(part.width), self.pixels.shape[1])
        first = int(rows.min())
        return self.pixels[first : int(rows.max()) + 1][np.ix_(rows - first, columns)]

    def resized(self, height: int, width: int) -> np.ndarray:
        if isinstance(self.pixels, Rows):
            return self.pixels.resized(height, width)
        return images.resize(self.pixels, height, width)


@dataclass(frozen=True)
class Span:
    """Rows or columns that are painted, and those of them that are kept."""

    first: int
    count: int
    kept: int
    keeps: int


@dataclass(frozen=True)
class Part:
    """A rectangle of a canvas."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Tiler:
    """Paints parts of a picture as the whole would be painted."""

    method: Method
    canvas: Canvas
    masks: Mapping[str, Canvas]
    request: Request
    whole: WholePicture
    moved: Canvas | None = None

    def paint(self, part: Part, reach: int, doing: Doing = "painting") -> np.ndarray:
        """From the pixels around it, as far as there are any."""
        given, request = self.asked(part, reach)
        with of_whole(self.whole, doing):
            painted = self.method.translate(given, request)
        return images.to_levels(ops.convert_to_numpy(painted)[0], self.canvas.pixels.dtype)

    def survey(self, part: Part, reach: int) -> None:
        with of_whole(self.whole, "summing"):
            self.method.survey(*self.asked(part, reach))

    def asked(self, part: Part, reach: int) -> tuple[Tensor, Request]:
        """A part with what stands around it, and the request for it."""
        below, right = self.canvas.height - part.top - part.height, self.canvas.width - part.left - part.width
        above, below, left, right = (min(reach, room) for room in (part.top, below, part.left, right))
        larger = Part(
            part.top - above, part.left - left, part.height + above + below, part.width + left + right
        )
        tile = Tile((part.top, part.left), (above, below, left, right))
        masks = {name: mask.cut(larger) for name, mask in self.masks.items()}
        moved = self.moved.cut(larger) if self.moved else None
        given = ops.convert_to_tensor(images.to_signed(self.canvas.cut(larger)[None]))
        return given, replace(self.request, tile=tile, masks=masks or None, moved=moved)


def painted_rows(
    method: Method,
    canvas: Canvas,
    masks: Mapping[str, Canvas],
    request: Request,
    tiling: Tiling,
    pixels: int,
    work: Work,
    film: WholePicture | None = None,
) -> Iterator[np.ndarray]:
    """From top to bottom, those of the tiles that lie beside each other at once, without the margins.

    `pixels`: how many fit into memory at once.
    """
    halo, reach = reaches(tiling, bool(masks))
    most = math.isqrt(max(0, pixels)) // tiling.multiple * tiling.multiple
    if most < least_side(tiling):
        refuse_memory((least_side(tiling) ** 2 - pixels) * tiling.bytes_a_pixel)
    tiler = Tiler(method, canvas, masks, replace(request, moved=None), WholePicture())
    small = replace(tiler, **reduced(canvas, masks, min(pixels, COPY), tiling.multiple))
    if request.moved is not None:
        reach += 2 * tiling.multiple  # whole cells, of which some lie half a cell beside
        tiler = replace(tiler, moved=replace(canvas, pixels=request.moved))
    everything = Part(0, 0, small.canvas.height, small.canvas.width)
    work(partial(small.paint, everything, 0, "measuring"))
    sides = (canvas.height, canvas.width)
    rows, columns = (list(tiles_along(side, most, halo, tiling.multiple)) for side in sides)
    if tiling.surveyed:
        for down, along in product(rows, columns):
            kept = Part(down.first + down.kept, along.first + along.kept, down.keeps, along.keeps)
            work(partial(tiler.survey, kept, halo))
        tiler.whole.settle()
    if film:
        film.follow(tiler.whole)
        tiler.whole.known = film.known
    grid: Iterable[tuple[Span, Span]] = product(rows, columns)
    count = len(rows) * len(columns)
    yield from painted_grid(tiler, track(grid, count, "painting tiles") if count > FEW else grid, reach, work)


def painted_grid(
    tiler: Tiler, grid: Iterable[tuple[Span, Span]], reach: int, work: Work
) -> Iterator[np.ndarray]:
    """Its rows of tiles, each as rows of the picture."""
    canvas = tiler.canvas
    height, *others = canvas.pixels.shape
    for down, tiles in groupby(grid, key=itemgetter(0)):
        first = down.first + down.kept - canvas.margin
        top, bottom = max(0, first), max(0, min(height, first + down.keeps))
        result = np.empty((max(0, bottom - top), *others), canvas.pixels.dtype)
        for _, along in tiles:
            painted = work(
                partial(tiler.paint, Part(down.first, along.first, down.count, along.count), reach)
            )
            inside = painted[down.kept :, along.kept :][: down.keeps, : along.keeps]
            put(result, inside, first - top, along.first + along.kept - canvas.margin)
        if len(result):
            yield result


def collected(rows: Iterator[np.ndarray], like: np.ndarray) -> np.ndarray:
    """Painted rows as one picture, of the photograph's shape and type."""
    result, done = np.empty_like(like), 0
    for part in rows:
        result[done : done + len(part)] = part
        done += len(part)
    return result


def reaches(tiling: Tiling, masked: bool = False) -> tuple[int, int]:
    """How far around a tile is painted, to be cut off, and how far around that is looked at."""
    halo = up(tiling.network_reach or 0, tiling.multiple)
    return halo, up(tiling.input_reach + (SEAM_REACH if masked else 0), tiling.multiple)


def least_side(tiling: Tiling) -> int:
    """Of a tile, with what is cut off."""
    return 2 * up(tiling.network_reach or 0, tiling.multiple) + tiling.multiple


def refuse_memory(missing: float) -> NoReturn:
    gigabytes = missing / 2**30
    raise UserError(
        f"--memory: a tile and what it depends on do not fit; {gigabytes:.1f} GiB more are needed"
    )


def reduced(canvas: Canvas, masks: Mapping[str, Canvas], pixels: int, multiple: int) -> dict[str, Any]:
    """A smaller copy, of not many more than so many pixels."""
    scale = min(1.0, math.sqrt(pixels / (canvas.height * canvas.width)))
    height, width = (max(multiple, round(side * scale)) for side in canvas.pixels.shape[:2])
    sides = [up(max(SMALLEST_SIDE, side + 2 * canvas.margin), multiple) for side in (height, width)]
    small = Canvas(canvas.resized(height, width), canvas.margin, *sides)
    resized = {name: mask.resized(height, width).clip(0, 1) for name, mask in masks.items()}
    return {"canvas": small, "masks": {name: replace(small, pixels=one) for name, one in resized.items()}}


def put(result: np.ndarray, tile: np.ndarray, top: int, left: int) -> None:
    """What of a tile lies in the picture: it may begin or end in a margin."""
    height, width = result.shape[:2]
    above, before = max(0, -top), max(0, -left)
    tile = tile[above : max(above, height - top), before : max(before, width - left)]
    result[top + above :, left + before :][: tile.shape[0], : tile.shape[1]] = tile


def tiles_along(length: int, most: int, halo: int, multiple: int) -> Iterator[Span]:
    """Few, of one size, the first and the last without a halo where nothing is beyond."""
    count = max(1, math.ceil((length - 2 * halo) / (most - 2 * halo))) if length > most else 1
    side = (
        min(length, up(math.ceil((length - 2 * halo) / count), multiple) + 2 * halo) if count > 1 else length
    )
    done = 0
    while done < length:
        first = min(max(0, done - halo), length - side)
        end = length if first + side == length else first + side - halo
        yield Span(first, side, done - first, end - done)
        done = end


def mirrored(places: np.ndarray, side: int) -> np.ndarray:
    """Places beyond the ends as those that they mirror, the ends themselves included."""
    places = places % (2 * side)
    return np.where(places < side, places, 2 * side - 1 - places)


def up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
