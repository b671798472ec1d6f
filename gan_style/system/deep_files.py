"""Pictures of 16 bits into PNG and TIFF: of those Pillow writes greys alone."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from gan_style.system.profiles import Convert, from_srgb, strips
from gan_style.system.rows.files import Stored, png, tiff

FORMATS = ("PNG", "TIFF")


def save_deep(
    file: BinaryIO,
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    kind: str,
    profile: bytes | None,
    orientation: int,
) -> None:
    """`pixels` (H, W, 3), or (H, W, 1) of greys, upright and in sRGB."""
    convert, profile = from_srgb(profile)
    pixels = turned_back(pixels, orientation)
    alpha = None if alpha is None else turned_back(alpha, orientation)
    height, width, channels = pixels.shape
    said = Stored(height, width, channels + (alpha is not None), 16, profile, orientation)
    write = {"PNG": png, "TIFF": tiff}[kind]
    write(file, said, stored(pixels, alpha, convert))


def turned_back(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """As a file of this EXIF orientation stores what is upright here."""
    pixels = pixels.swapaxes(0, 1) if orientation >= 5 else pixels
    down, along = -1 if orientation in (3, 4, 6, 7) else 1, -1 if orientation in (2, 3, 7, 8) else 1
    return pixels[::down, ::along]


def stored(pixels: np.ndarray, alpha: np.ndarray | None, convert: Convert | None) -> Iterator[np.ndarray]:
    """From top to bottom, in the file's own colours."""
    for rows in strips(pixels):
        strip = convert(pixels[rows]) if convert is not None else pixels[rows]
        yield strip if alpha is None else np.concatenate([strip, alpha[rows, :, None]], -1)
