"""A painting that is stored while it is painted, as its photograph was stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from gan_style.system import images, profiles
from gan_style.system.rows.files import Stored, png, tiff
from gan_style.system.rows.source import Rows


@dataclass(frozen=True)
class RowPainting:
    rows: Rows  # the photograph
    # Painted rows (N, W, 3), from top to bottom; none is painted before it is asked for.
    parts: Iterator[np.ndarray]
    grey: bool = False  # to be stored as grey

    @property
    def format(self) -> str:
        return self.rows.format


def save(file: BinaryIO, painting: RowPainting) -> None:
    """Into an open file, with the photograph's profile and alpha."""
    rows = painting.rows
    height, width, _ = rows.shape
    bits = 8 * rows.dtype.itemsize
    convert, profile = from_srgb(rows)
    said = Stored(height, width, (1 if painting.grey else 3) + rows.transparent, bits, profile)
    write = {"PNG": png, "TIFF": tiff}[painting.format]
    write(file, said, stored(painting, convert))


def stored(painting: RowPainting, convert: profiles.Convert) -> Iterator[np.ndarray]:
    """Few rows at once, in the file's own colours."""
    top = 0
    for part in painting.parts:
        for some in profiles.strips(part):
            strip = part[some]
            strip = grey(strip) if painting.grey else convert(strip)
            if painting.rows.transparent:
                alpha = painting.rows.alpha(slice(top, top + len(strip)))
                strip = np.concatenate([strip, alpha[..., None]], -1)
            yield strip
            top += len(strip)


def from_srgb(rows: Rows) -> tuple[profiles.Convert, bytes | None]:
    """Into the file's own colours, and its profile."""
    if rows.dtype == np.uint16:
        convert, profile = profiles.from_srgb(rows.profile)
        return convert or unchanged, profile
    _, profile = images.from_srgb(Image.new("RGB", (1, 1)), rows.profile)
    return lambda strip: np.asarray(images.from_srgb(Image.fromarray(strip), rows.profile)[0]), profile


def grey(pixels: np.ndarray) -> np.ndarray:
    return images.as_grey(images.Picture(pixels)).pixels[..., :1]


def unchanged(pixels: np.ndarray) -> np.ndarray:
    return pixels
