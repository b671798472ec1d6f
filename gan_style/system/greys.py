"""Greys of more than 8 bits, and floats, as 8 or 16: by the range that the file declares, or that it uses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from gan_style.system.opening import BadImage

SIXTEEN = ("I;16", "I;16L", "I;16B", "I;16N")
TAGS = BITS, PHOTOMETRIC, SAMPLE_FORMAT, LEAST, MOST = 258, 262, 339, 340, 341  # of a TIFF
SIGNED = 2
DARK = 1 / 16  # of its range: a picture that reaches no further is nearly black


@dataclass(frozen=True)
class Levels:
    """What is black and what white in a picture of deep greys."""

    tags: dict[int, Any]
    black: float = 0.0
    white: float = 1.0

    def __call__(self, part: Image.Image) -> Image.Image:
        return Image.fromarray(self.scaled(part, 255).astype(np.uint8))

    def scaled(self, part: Image.Image, top: int) -> np.ndarray:
        """Whole numbers from 0, black, to `top`, white."""
        span = (self.white - self.black) or 1.0
        return np.clip(np.round((self.values(part) - self.black) * (top / span)), 0, top)

    def values(self, part: Image.Image) -> np.ndarray:
        """As the file means them: Pillow knows neither unsigned 32-bit integers nor signed 8-bit ones."""
        values = np.asarray(part)
        if self.tags.get(BITS) == (32,) and part.mode == "I" and not self.signed:
            values = values.view(np.uint32)
        elif part.mode == "L":
            values = values.view(np.int8)
        return values.astype(np.float64)

    @property
    def signed(self) -> bool:
        return self.tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED

    @property
    def declared(self) -> tuple[float, float] | None:
        """The range that a TIFF names itself."""
        try:
            least, most = (float(np.ravel(self.tags[tag])[0]) for tag in (LEAST, MOST))
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
            return None
        return (least, most) if np.isfinite([least, most]).all() and least < most else None


def levels_of(
    image: Image.Image, strips: Callable[[], Iterable[Image.Image]], tell: Callable[[str], None]
) -> Levels | None:
    """None for pictures of 8 bits."""
    tags = getattr(image, "tag_v2", {})
    raw = Levels({tag: tags[tag] for tag in TAGS if tag in tags})
    if image.mode not in (*SIXTEEN, "I", "F") and not (image.mode == "L" and raw.signed):
        return None
    least, most, bad = np.inf, -np.inf, 0
    for strip in strips():
        values = raw.values(strip)
        bad += int(np.count_nonzero(~np.isfinite(values)))
        least, most = min(least, values.min()), max(most, values.max())
    if bad:
        count = f"{bad:,} of its {image.width * image.height:,} values"
        raise BadImage(f"{count} are not finite (NaN or infinite); replace them first")
    black, white = _range(image, raw, float(least), float(most), tell)
    if image.mode != "L" and raw.tags.get(PHOTOMETRIC) == 0:  # white is zero
        black, white = white, black
    return Levels(raw.tags, black, white)


def _range(
    image: Image.Image, raw: Levels, least: float, most: float, tell: Callable[[str], None]
) -> tuple[float, float]:
    if raw.declared and raw.declared[0] <= least and most <= raw.declared[1]:
        return raw.declared
    # Of PNGs and PPMs, whatever their depth, Pillow makes 16 bits; a TIFF may have 12.
    sixteen = image.mode in SIXTEEN or (image.mode == "I" and not raw.tags)
    top = 2.0 ** raw.tags.get(BITS, (16,))[0] - 1 if sixteen else 1.0
    if sixteen or (image.mode == "F" and least >= 0 and most <= 1):
        if 0 < most <= top * DARK:
            tell(f"its values reach only {most:g} of {top:g}, so that it is nearly black")
        return 0.0, top
    tell(f"its values from {least:g} to {most:g} were taken as black to white")
    return least, most
