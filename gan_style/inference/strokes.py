"""Strokes broader than the painter's own: a small painting, enlarged step by step, painted again after each.

A painter learned to give paintings back sharp that it is shown without their detail. So it makes an enlarged
one sharp, if it is shown no fresh dabs, which would break broad strokes into narrow ones.
"""

import math

import numpy as np
from scipy import ndimage

from gan_style.system.errors import UserError
from gan_style.system.profiles import strips

STEP = 2.0  # times that a painting is enlarged at most before it is painted again, or blur would stay
SMALLEST_PAINTING = 64  # pixels of its longer side: with less there is nothing left to paint
NEAR = 1  # pixels


def check_scale(scale: float, longer: int) -> None:
    """Refuse what is too large for a picture that is painted with so many pixels along its longer side."""
    if not 1 <= scale < math.inf:
        raise UserError(f"stroke_scale {scale:g}: expected a number from 1 on")
    most = longer / SMALLEST_PAINTING
    if scale > max(1.0, most):
        largest = f"{math.floor(10 * max(1.0, most)) / 10:g}"
        raise UserError(
            f"stroke_scale {scale:g}: of a picture painted at {longer} pixels it is at most {largest}"
        )


def steps(scale: float) -> list[float]:
    """What the size is multiplied by in each pass, from 1 / scale to 1; alone 1 with strokes as learned."""
    count = math.ceil(math.log(scale, STEP))
    return [scale ** (number / count - 1) for number in range(count)] + [1.0]


def sharpened(enlarged: np.ndarray, again: np.ndarray) -> np.ndarray:
    """A painting (H, W, 3) painted again, within the colours that it had around each pixel.

    So edges get sharp without halos, flat strokes get no grain, and colours do not drift from pass to pass.
    """
    result = np.empty_like(again)
    around = (2 * NEAR + 1, 2 * NEAR + 1, 1)
    for rows in strips(again):
        above = max(0, rows.start - NEAR)
        near = enlarged[above : rows.stop + NEAR]
        inner = slice(rows.start - above, rows.start - above + len(again[rows]))
        lowest = ndimage.minimum_filter(near, around, mode="nearest")[inner]
        highest = ndimage.maximum_filter(near, around, mode="nearest")[inner]
        result[rows] = np.clip(again[rows], lowest, highest)
    return result
