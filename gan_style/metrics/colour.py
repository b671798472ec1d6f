"""How far a picture's colours have moved, in CIELAB (D65, 2 degrees), where a distance of 2 is just seen."""

import numpy as np

from gan_style.metrics.pictures import check_pair, window_means

# Linear sRGB to XYZ with the primaries of ITU-R BT.709, divided by the white point.
TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
TO_XYZ /= np.array([0.95047, 1.0, 1.08883])[:, None]
LEVELS = np.arange(256) / 255
LINEAR = np.where(LEVELS > 0.04045, ((LEVELS + 0.055) / 1.055) ** 2.4, LEVELS / 12.92)
WINDOW = 8  # pixels: wider than most strokes


def lab(picture: np.ndarray) -> np.ndarray:
    """CIELAB (..., 3) of 8-bit sRGB: L in 0..100, a and b around 0."""
    xyz = LINEAR[picture] @ TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def colour_shift(fake: np.ndarray, source: np.ndarray) -> float:
    """Mean distance (CIE 1976) of the two pictures' local colours, each the mean of an 8 x 8 window."""
    check_pair(fake, source, WINDOW)
    difference = window_means(lab(fake) - lab(source), WINDOW)
    return float(np.linalg.norm(difference, axis=-1).mean())


def colour_cast(fake: np.ndarray, source: np.ndarray) -> float:
    """Distance (CIE 1976) of the two pictures' mean colours: a tint over the whole."""
    check_pair(fake, source)
    return float(np.linalg.norm((lab(fake) - lab(source)).mean(axis=(0, 1))))
