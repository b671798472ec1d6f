"""A complex steerable pyramid, by Fourier (Simoncelli & Freeman 1995; Portilla & Simoncelli 2000).

Octave `s` peaks at a period of 2^(s+2) pixels. Its filters are one-sided, so that the magnitude of a response
is the local amplitude, whatever the phase; it is sampled every 2^s pixels.
"""

from functools import lru_cache
from math import factorial

import numpy as np
from scipy import fft


def low_pass(radius: np.ndarray, octave: int) -> np.ndarray:
    """Falls from 1 at pi / 2^(octave + 1) to 0 at pi / 2^octave, as a cosine of the logarithm."""
    octaves = np.log2(np.maximum(radius, 1e-9) / np.pi) + octave + 1
    return np.cos(np.pi / 2 * np.clip(octaves, 0, 1))


def band_pass(radius: np.ndarray, octave: int) -> np.ndarray:
    """What the next low-pass leaves out, in power."""
    return np.sqrt(np.maximum(low_pass(radius, octave) ** 2 - low_pass(radius, octave + 1) ** 2, 0))


def one_sided(angle: np.ndarray, turn: int, turns: int) -> np.ndarray:
    """A power of the cosine around the turn's direction, doubled, and nothing on the other side.

    Over both sides, the squares of all turns sum to 4.
    """
    power = turns - 1
    scale = 2**power * factorial(power) / np.sqrt(turns * factorial(2 * power))
    return 2 * scale * np.maximum(np.cos(angle - np.pi * turn / turns), 0) ** power


@lru_cache(maxsize=64)
def oriented(height: int, width: int, octave: int, turns: int) -> np.ndarray:
    """One octave's transfer functions (turns, height, width) float32, for a spectrum cropped to it."""
    radius, angle = polar(height, width, octave)
    filters = [band_pass(radius, octave) * one_sided(angle, turn, turns) for turn in range(turns)]
    return np.stack(filters).astype(np.float32)


@lru_cache(maxsize=64)
def smooth(height: int, width: int, octave: int) -> np.ndarray:
    """The transfer function (height, width) float32 of the low-pass under the octave."""
    return low_pass(polar(height, width, octave)[0], octave).astype(np.float32)


def polar(height: int, width: int, octave: int) -> tuple[np.ndarray, np.ndarray]:
    """Radius, in radians a pixel of the whole picture, and angle, of a spectrum halved `octave` times."""
    down, right = (2 * np.pi * fft.fftfreq(side) / 2**octave for side in (height, width))
    return np.hypot(down[:, None], right[None]), np.arctan2(down[:, None], right[None])


def halved(spectrum: np.ndarray, times: int) -> np.ndarray:
    """The middle of a spectrum (..., H, W): the picture at 1 / 2^times of its sides, values kept."""
    height, width = (side >> times for side in spectrum.shape[-2:])
    middle = fft.fftshift(spectrum, axes=(-2, -1))
    top, left = (spectrum.shape[-2] - height) // 2, (spectrum.shape[-1] - width) // 2
    middle = middle[..., top : top + height, left : left + width]
    return fft.ifftshift(middle, axes=(-2, -1)) / np.float32(4**times)
