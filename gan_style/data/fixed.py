"""The one picture that a run works on, and the pictures whose style it is to have; there are no batches."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import cast

import numpy as np

from gan_style import images
from gan_style.data.config import EMBEDDED, Fixed
from gan_style.errors import UserError
from gan_style.paintbox.painters import PAINTERS, Painter
from gan_style.paintbox.photographs import PHOTOGRAPHS

# Of the training photographs, which are not judged on, the one in which painted strokes show best.
PAINTED = next(photograph for photograph in PHOTOGRAPHS if photograph.name == "immunohistochemistry")


@dataclass(frozen=True)
class FixedPictures:
    """Pixels (H, W, 3) uint8, the content at its working size, and masks (H, W) in 0..1 of the style pictures."""

    content: np.ndarray
    styles: dict[str, np.ndarray]
    style_masks: dict[str, np.ndarray]
    files: tuple[str, ...]

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for pixels in (self.content, *self.styles.values(), *self.style_masks.values()):
            digest.update(str(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes())
        return digest.hexdigest()[:16]


class Always:
    """Step -> nothing: the method has its pictures already, and only asks for one step after the other."""

    def __init__(self, pictures: FixedPictures) -> None:
        self.pictures = pictures

    def stream(self, first_step: int) -> Iterator[None]:
        return repeat(None)

    def files(self, step: int) -> list[str]:
        return list(self.pictures.files)

    def fingerprint(self) -> str:
        return self.pictures.fingerprint()


def read_fixed(config: Fixed, cache: Path) -> FixedPictures:
    content = images.reduced(pixels_of("content", content_file(config.content, cache)), config.size)
    styles = {name: style_picture(name, place, config.size) for name, place in config.styles.items()}
    masks = {name: style_mask(name, Path(place), styles[name]) for name, place in config.style_masks.items()}
    return FixedPictures(content, styles, masks, (config.content, *config.styles.values()))


def content_file(content: str, cache: Path) -> Path:
    """A picture's file; a bundled photograph is written to the cache first."""
    photograph = next((one for one in PHOTOGRAPHS if one.name == content), None)
    if photograph is None:
        return Path(content).expanduser()
    path = cache / "photographs" / f"{content}.png"
    return path if path.exists() else images.write(path, images.Picture(photograph.load()))


def style_picture(name: str, place: str, size: int) -> np.ndarray:
    """A file at its own size, or what the painter of this name makes of a training photograph at the working size."""
    if place != EMBEDDED:
        return pixels_of(f"styles.{name}", Path(place).expanduser())
    return painted(cast(Painter, name), size)


@cache
def painted(painter: Painter, size: int) -> np.ndarray:
    """Painted once: the data and the method both ask for it."""
    return PAINTERS[painter](images.reduced(PAINTED.load(), size), 0)


def style_mask(name: str, path: Path, style: np.ndarray) -> np.ndarray:
    mask = pixels_of(f"style_masks.{name}", path.expanduser()).astype(np.float32).mean(-1) / 255
    if mask.shape != style.shape[:2]:
        (height, width), (tall, wide) = mask.shape, style.shape[:2]
        raise UserError(f"data.style_masks.{name}: {path} has {width}x{height} pixels, the style picture {wide}x{tall}")
    if not mask.any():
        raise UserError(f"data.style_masks.{name}: {path} is black everywhere, so nothing of the style picture counts")
    return mask


def pixels_of(key: str, path: Path) -> np.ndarray:
    try:
        return images.read(path).pixels
    except images.BadImage as problem:
        raise UserError(f"data.{key}: {problem}") from None
