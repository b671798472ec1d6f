"""What the command line asks of a trained method: styles, blends, cascades, masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gan_style.inference.grammar import read_blend, read_weighted
from gan_style.methods import Request
from gan_style.methods.base.request import StyleImage
from gan_style.system import images
from gan_style.system.errors import UserError


def requests(plain: Request, style: str | None, masks: Sequence[str]) -> list[Request]:
    """One request for each pass over the picture: a cascade has several."""
    if style and masks:
        raise UserError("--style and --mask: masks already say where each style goes; give one of the two")
    if masks:
        return [replace(plain, masks=dict(read_mask(text) for text in masks))]
    return [one_pass(plain, part) for part in style.split(",")] if style else [plain]


def one_pass(plain: Request, text: str) -> Request:
    blend = read_blend(text)
    return replace(plain, attention=True) if blend is None else replace(plain, styles=blend)


def style_images(texts: Sequence[str]) -> tuple[StyleImage, ...] | None:
    """FILE or FILE=WEIGHT as pictures (H, W, 3) in [-1, 1] and their weights."""
    return tuple(map(read_style_image, texts)) or None


def read_style_image(text: str) -> StyleImage:
    path, weight = read_weighted(text)
    return images.to_signed(images.read(path).pixels), weight


def read_mask(text: str) -> tuple[str, np.ndarray]:
    """NAME=FILE as the style's name and its mask (H, W) in 0..1: white is painted, black stays as it is."""
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        expected = "expected STYLE=FILE, the style by its name or the style image by its number"
        raise UserError(f"--mask {text}: {expected}")
    picture = images.read(Path(path).expanduser())
    return name, picture.pixels.astype(np.float32).mean(-1) / 255
