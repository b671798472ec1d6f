"""Faults that a picture shows by itself, with nothing to compare it to."""

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gan_style.metrics.pictures import check, luminance

PATCH = 32  # pixels
STRIDES = (2, 4)  # of one up-sampling layer and of two: their patterns repeat every so many pixels
ROUNDING = 1 / 12  # variance of 8-bit levels that were rounded
FRAME = 6  # steps from the edge at which padding leaves its mark
DEPTH = PATCH - FRAME  # pixels that are looked at from each edge; the opposite frame is never among them
SEGMENT = 16  # pixels: texture averages out along it, an edge does not


def checkerboard(picture: np.ndarray) -> float:
    """Energy of the worst pattern of period 2 or 4 over that of neighbouring frequencies; about 1 if none.

    It is the geometric mean over overlapping patches, so that texture of such a period in a part of the
    picture says little, and a faint pattern that runs through everything says much (Odena et al. 2016 show
    where it comes from).
    """
    check(picture, PATCH)
    patches = sliding_window_view(luminance(picture), (PATCH, PATCH))[:: PATCH // 2, :: PATCH // 2]
    window = np.outer(np.hanning(PATCH + 1)[:-1], np.hanning(PATCH + 1)[:-1])
    means = patches.mean(axis=(-2, -1), keepdims=True)
    # Rounding alone puts this much into every frequency: a cloudless sky has no peaks.
    energy = np.abs(np.fft.fft2((patches - means) * window)) ** 2 + ROUNDING * np.sum(window**2)
    return float(np.exp(max(np.mean([_excess(energy, y, x) for y, x in pattern]) for pattern in _patterns())))


def border(picture: np.ndarray) -> float:
    """The strongest step to an outermost line of pixels over the strongest further in; about 1 if no frame.

    Steps count within 6 pixels of an edge; at the worst edge, or in the mean over all four if that says more.
    """
    check(picture, PATCH)
    turned = picture.transpose(1, 0, 2)
    steps = np.array([_steps(lines[:DEPTH]) for lines in (picture, picture[::-1], turned, turned[::-1])])
    around = steps.mean(axis=0)
    worst = steps[:, :FRAME].max() / steps[:, FRAME:].max()
    return float(max(worst, around[:FRAME].max() / around[FRAME:].max()))


def _steps(lines: np.ndarray) -> np.ndarray:
    """How much each line of pixels (DEPTH, length, 3) differs from the next one, in levels.

    A frame marks all of its line, what the picture shows only parts of it: the lower quartile over segments
    tells them apart.
    """
    length = lines.shape[1] // SEGMENT * SEGMENT
    differences = np.diff(lines[:, :length].astype(np.float64), axis=0)
    segments = differences.reshape(DEPTH - 1, -1, SEGMENT, 3).mean(axis=2)
    rounded = np.sqrt(ROUNDING)  # which makes steps by itself
    return np.quantile(np.abs(segments).mean(axis=2), 0.25, axis=1) + rounded


def _patterns() -> list[list[tuple[int, int]]]:
    """Rows and columns of a patch's spectrum where such patterns lie; mirrored halves are left out.

    Both diagonals of period 4 count together: up-sampling makes both, a cloth's weave often one.
    """
    half, quarter = (PATCH // stride for stride in STRIDES)
    steps = (0, quarter, half)
    places = product(steps, steps)
    alone = [place for place in places if place not in ((0, 0), (quarter, quarter))]
    return [[(quarter, quarter), (quarter, PATCH - quarter)], *([place] for place in alone)]


def _excess(energy: np.ndarray, y: int, x: int) -> np.ndarray:
    """Logarithm of a frequency's energy over the typical one around it, for each patch.

    Edges fill whole rows and columns of a spectrum: the fuller of the two is what is typical.
    """
    near = np.array([-4, -3, -2, 2, 3, 4])  # the window spreads a peak to one on each side
    row = np.median(energy[..., y, (x + near) % PATCH], axis=-1)
    column = np.median(energy[..., (y + near) % PATCH, x], axis=-1)
    return np.log(energy[..., y, x] / np.maximum(row, column))
