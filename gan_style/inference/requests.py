"""What the command line asks of a trained method: styles, blends, cascades, masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gan_style.methods import Request
from gan_style.methods.base.request import StyleImage
from gan_style.system import images
from gan_style.system.errors import UserError

LARGEST_WEIGHT = 1e6
GRAMMAR = (
    "expected a style, a blend such as oil=0.7+cartoon=0.3, several after each other such as oil,cartoon, "
    "or auto"
)


def requests(plain: Request, style: str | None, masks: Sequence[str]) -> list[Request]:
    """One request for each pass over the picture: a cascade has several."""
    if style and masks:
        raise UserError("--style and --mask: masks already say where each style goes; give one of the two")
    if masks:
        return [replace(plain, masks=dict(read_mask(text) for text in masks))]
    return [one_pass(plain, part) for part in style.split(",")] if style else [plain]


def one_pass(plain: Request, text: str) -> Request:
    if text == "auto":
        return replace(plain, attention=True)
    blend: dict[str, float] = {}
    for part in text.split("+"):
        name, equals, weight = (piece.strip() for piece in part.partition("="))
        if not name or name in blend:
            raise UserError(f"--style {text}: {GRAMMAR}")
        try:
            blend[name] = as_weight(weight) if equals else 1.0
        except ValueError:
            raise UserError(f"--style {text}: '{weight}' is no weight up to 1,000,000; {GRAMMAR}") from None
    return replace(plain, styles=blend)


def style_images(texts: Sequence[str]) -> tuple[StyleImage, ...] | None:
    """FILE or FILE=WEIGHT as pictures (H, W, 3) in [-1, 1] and their weights."""
    return tuple(map(read_style_image, texts)) or None


def read_style_image(text: str) -> StyleImage:
    path, equals, weight = text.rpartition("=")
    if not equals or Path(text).expanduser().is_file():
        path, weight = text, "1"
    try:
        number = as_weight(weight)
    except ValueError:
        reason = f"there is no such file, and '{weight}' is no weight up to 1,000,000"
        raise UserError(f"--style-image {text}: {reason}; expected FILE or FILE=WEIGHT") from None
    return images.to_signed(images.read(Path(path).expanduser()).pixels), number


def as_weight(text: str) -> float:
    number = float(text)
    if not abs(number) <= LARGEST_WEIGHT:  # nor is it NaN
        raise ValueError
    return number


def read_mask(text: str) -> tuple[str, np.ndarray]:
    """NAME=FILE as the style's name and its mask (H, W) in 0..1: white is painted, black stays as it is."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        expected = "expected STYLE=FILE, the style by its name or the style image by its number"
        raise UserError(f"--mask {text}: {expected}")
    picture = images.read(Path(path).expanduser())
    return name, picture.pixels.astype(np.float32).mean(-1) / 255
