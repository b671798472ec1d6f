"""Strokes broader than the painter's own: a small painting, enlarged step by step, painted again after each.

A painter learned to give paintings back sharp that it is shown without their detail. So it makes an enlarged
one sharp, if it is shown no fresh dabs, which would break broad strokes into narrow ones.
"""

import math
from typing import Any

import numpy as np
from scipy import ndimage

from gan_style.system.errors import UserError
from gan_style.system.profiles import strips

SMALLEST_PAINTING = 64  # pixels of its longer side: with less there is nothing left to paint
NEAR = 1  # pixels, from which an edge may take its colours
AROUND = 8  # pixels, in whose mean colours stay


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
    """What the size is multiplied by in each pass, from 1 / scale to 1; alone 1 with strokes as learned.

    From one to the next at most twice as large: a painter takes away no more blur at once.
    """
    count = math.ceil(math.log2(scale))
    return [scale ** (number / count - 1) for number in range(count)] + [1.0]


def sharpened(enlarged: np.ndarray, again: np.ndarray) -> np.ndarray:
    """A painting (H, W, 3) painted again, as light as it was and within the colours around each pixel.

    So it does not fade from pass to pass, edges get sharp without halos, and flat strokes get no grain.
    """
    result = np.empty_like(again)
    nearest: dict[str, Any] = {"size": (2 * NEAR + 1, 2 * NEAR + 1, 1), "mode": "nearest"}
    for rows in strips(again):
        above = max(0, rows.start - AROUND)
        near = enlarged[above : rows.stop + AROUND]
        change = again[above : rows.stop + AROUND] - near.astype(np.float32)
        drift = ndimage.uniform_filter(change, (2 * AROUND + 1, 2 * AROUND + 1, 0), mode="nearest")
        low, high = ndimage.minimum_filter(near, **nearest), ndimage.maximum_filter(near, **nearest)
        steady = np.clip(np.round(near + (change - drift)), low, high)
        result[rows] = steady[rows.start - above :][: len(again[rows])]
    return result
