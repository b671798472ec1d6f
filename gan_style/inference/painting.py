"""One picture through a trained method, at its working size and back."""

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from keras import ops
from scipy import ndimage

from gan_style.inference.strokes import check_scale, sharpened, steps
from gan_style.inference.tiles import Canvas, Work, collected, least_side, painted_rows, up
from gan_style.inference.working_size import (
    LONGEST_STYLE,
    ROWS,
    SMALLEST_SIDE,
    SURELY_FITTING,
    give_back_detail,
)
from gan_style.inference.working_size import MEMORY as MEMORY
from gan_style.methods import Method, Request
from gan_style.methods.base.request import StyleImage
from gan_style.methods.base.tiling import Tiling, WholePicture, following
from gan_style.system import images
from gan_style.system.errors import UserError

# Bytes of the process before it paints; as a number, so that pictures do not depend on it.
STANDING = 750 * 2**20
KNOWN: WeakKeyDictionary[Method, Tiling | None] = WeakKeyDictionary()
SEAM = 2.0  # pixels over which a mask's border fades, inwards


def at_working_size(pictures: Sequence[StyleImage] | None, size: int) -> tuple[StyleImage, ...] | None:
    """Style pictures no longer than the photographs, nor very long; none too thin for convolutions."""
    if pictures is None:
        return None
    fitting = []
    for pixels, weight in pictures:
        small = images.reduced(images.to_bytes(pixels), min(size, LONGEST_STYLE))
        margins = [(0, max(0, SMALLEST_SIDE - side)) for side in small.shape[:2]]
        fitting.append((images.to_signed(np.pad(small, [*margins, (0, 0)], mode="symmetric")), weight))
    return tuple(fitting)


def checked(method: Method, requests: Sequence[Request], size: int) -> list[Request]:
    """Requests with style pictures at the working size; what the method does not understand is refused."""
    fitting = [replace(one, style_images=at_working_size(one.style_images, size)) for one in requests]
    for request in fitting:
        method.check_request(request)
        if request.stroke_scale is not None:
            check_scale(request.stroke_scale, size)
    return fitting


def paint(
    method: Method,
    picture: images.Picture,
    size: int,
    request: Request,
    reflect_pad: int = 0,
    *,
    memory: int = MEMORY,
    work: Work = lambda act: act(),
    film: WholePicture | None = None,
) -> images.Picture:
    """Painted at the working size and given back at its own, in tiles where that would fill the memory.

    `memory`: bytes of this process. `film`: statistics of the frames before, of which this is the next.
    """
    height, width = picture.pixels.shape[:2]
    covered = coverage(request.masks, height, width) if request.masks is not None else None
    scale = min(1.0, size / max(height, width))
    broader = request.stroke_scale or 1.0
    check_scale(broader, round(scale * max(height, width)))

    def at(scale: float, given: np.ndarray, painting: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """What is given at so much of the picture's size, and painted."""
        sides = [max(1, round(side * scale)) for side in (height, width)]
        pixels, asked = images.resize(given, *sides), at_size(request, sides, scale, painting)
        return pixels, painted_at_its_size(method, pixels, asked, reflect_pad, memory, work, film)

    first, *further = (scale * step for step in steps(broader))
    pixels, painted = at(first, picture.pixels)
    for larger in further:
        painted = sharpened(*at(larger, painted, painting=True))
    result = images.resize(painted, height, width)
    if request.strength is not None and first < 1.0:
        result = np.array(result)
        give_back_detail(result, picture.pixels, images.resize(pixels, height, width), request.strength)
    if covered is not None:
        result = np.array(result)
        keep_uncovered(result, picture.pixels, covered)
    return replace(picture, pixels=result)


def at_size(request: Request, sides: Sequence[int], scale: float, painting: bool) -> Request:
    """A request for a picture as one for a copy with these sides, `scale` times as large."""
    masks, moved = request.masks, request.moved
    if masks is not None:
        masks = {name: np.clip(images.resize(mask, *sides), 0, 1) for name, mask in masks.items()}
    if moved is not None:
        moved = images.resize_field(moved, *sides) * np.float32(scale)
    return replace(request, masks=masks, moved=moved, painting=painting)


def painted_at_its_size(
    method: Method,
    pixels: np.ndarray,
    request: Request,
    reflect_pad: int,
    memory: int,
    work: Work,
    film: WholePicture | None = None,
) -> np.ndarray:
    """Mirrored around, as zeros beyond the border leave marks; thin ones until convolutions have room."""
    large = pixels.shape[0] * pixels.shape[1] > SURELY_FITTING or memory != MEMORY
    tiling = work(lambda: tiling_of(method)) if large else None
    if tiling:
        free = memory - STANDING - 2 * pixels.nbytes  # the picture's, and the painting's
        sides = with_margins(pixels.shape[:2], reflect_pad, tiling)
        if tiling.network_reach is None:
            check_fits_at_once(pixels.shape[:2], reflect_pad, tiling, memory - 2 * pixels.nbytes)
        elif math.prod(sides) > max(least_side(tiling) ** 2, free // tiling.bytes_a_pixel):
            canvas = Canvas(pixels, reflect_pad, *sides)
            cuts = {name: replace(canvas, pixels=mask) for name, mask in (request.masks or {}).items()}
            room = free // tiling.bytes_a_pixel
            return collected(painted_rows(method, canvas, cuts, request, tiling, room, work, film), pixels)
    signed = images.to_signed(pixels)
    room = 0 if method.is_finished(signed) else SMALLEST_SIDE
    margins = [(reflect_pad, max(reflect_pad, room - side)) for side in pixels.shape[:2]]
    roomy = np.pad(signed, [*margins, (0, 0)], mode="symmetric")
    if request.masks is not None:
        padded = {name: np.pad(mask, margins, mode="symmetric") for name, mask in request.masks.items()}
        request = replace(request, masks=padded)
    if request.moved is not None:
        request = replace(request, moved=np.pad(request.moved, [*margins, (0, 0)], mode="symmetric"))

    def painted() -> np.ndarray:
        with following(film) if film else nullcontext():
            fakes = method.translate(ops.convert_to_tensor(roomy[None]), request)
        return images.to_levels(ops.convert_to_numpy(fakes)[0], pixels.dtype)

    inner = work(painted)[reflect_pad:, reflect_pad:]
    return inner[: pixels.shape[0], : pixels.shape[1]]


def check_fits_at_once(sides: Sequence[int], pad: int, tiling: Tiling, memory: int) -> None:
    """Refuse, with the size that fits, what is painted as a whole and needs more memory than there is."""

    def needed(size: int) -> int:
        scaled = [max(1, round(side * size / max(sides))) for side in sides]
        return STANDING + math.prod(with_margins(scaled, pad, tiling)) * tiling.bytes_a_pixel

    if needed(max(sides)) <= memory:
        return
    sizes = range(max(sides) - 1, SMALLEST_SIDE - 1, -1)
    fits = next((f"--size {size} fits" for size in sizes if needed(size) <= memory), "no size fits")
    asked = f"{sides[1]}x{sides[0]} pixels need {needed(max(sides)) / 2**30:.1f} GiB"
    raise UserError(f"--memory: this method paints a picture as a whole, and {asked}; {fits}")


def with_margins(sides: Sequence[int], pad: int, tiling: Tiling) -> list[int]:
    return [up(max(SMALLEST_SIDE, side + 2 * pad), tiling.multiple) for side in sides]


def keep_uncovered(result: np.ndarray, photograph: np.ndarray, covered: np.ndarray) -> None:
    """The photograph where nothing is painted over it, some rows at a time."""
    for top in range(0, len(result), ROWS):
        rows = slice(top, top + ROWS)
        change = result[rows].astype(np.float32) - photograph[rows]
        result[rows] = np.round(photograph[rows] + covered[rows, :, None] * change)


def tiling_of(method: Method) -> Tiling | None:
    if method not in KNOWN:
        KNOWN[method] = method.tiling()
    return KNOWN[method]


def coverage(masks: Mapping[str, np.ndarray], height: int, width: int) -> np.ndarray:
    """How far each pixel is painted over (H, W): 0 wherever all masks are 0, rising softly inside of them."""
    for name, mask in masks.items():
        if mask.shape != (height, width):
            size = f"{mask.shape[1]}x{mask.shape[0]}"
            raise UserError(f"the mask of '{name}' has {size} pixels, the picture {width}x{height}")
    total = np.clip(sum(masks.values()), 0, 1)
    inside = ndimage.gaussian_filter((total > 0).astype(np.float32), SEAM, mode="nearest")
    return total * np.clip(2 * inside - 1, 0, 1) * (total > 0)
