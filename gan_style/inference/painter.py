"""`gan_style.load`: a trained run as a function of pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan_style.experiment.card import asked_of
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.inference.painting import MEMORY, checked, paint
from gan_style.inference.requests import requests
from gan_style.inference.threads import RenewedThread
from gan_style.methods import Request
from gan_style.methods.base.request import StyleImage
from gan_style.system import images, included
from gan_style.system.decoding import decode
from gan_style.system.errors import UserError
from gan_style.training.load import load_method

EXPECTED = "expected a PIL image, an array (H, W, 3) or (H, W) of uint8 or uint16, or the path of a file"
Given = Any  # a PIL image, an array, or a path
Weighted = tuple[Given, float]


class Painter:
    """Paints pictures as a run has learned to.

    What a method does not understand it refuses, with an error that says what it does.
    """

    def __init__(self, run: str | Path, checkpoint: Which = "last") -> None:
        self.folder = included.place(run)
        self.method, self.config, _ = load_method(Run(self.folder), checkpoint)
        self.worker = RenewedThread()

    @property
    def styles(self) -> tuple[str, ...]:
        """That `style` may name; a method of a single style has none."""
        return self.method.styles

    def __call__(
        self,
        image: Given | Sequence[Given],
        *,
        strength: float | None = None,
        style: str | None = None,
        style_image: Given | Sequence[Weighted] | None = None,
        keep_colour: bool | None = None,
        masks: Mapping[str, np.ndarray] | None = None,
        direction: str | None = None,
        seed: int | None = None,
        stroke_scale: float | None = None,
        size: int | None = None,
        memory: float = MEMORY / 2**30,
        grey: bool = False,
    ) -> Any:
        """One picture, or a list of them; each comes back as what it was, an image or an array.

        strength: 0 gives the photograph back, 1 is what was learned. style: a name, a blend
        (`oil=0.7+cartoon=0.3`), or several after each other (`oil,cartoon`). style_image: a picture, or
        several with their weights. masks: by style, (H, W) in 0..1. seed: another one, other strokes.
        stroke_scale: strokes so many times as wide as they were learned, in pixels of `size`, and as sharp.
        size: pixels of the longer side at which it is painted; it keeps its own. memory: GiB; what does not
        fit is painted in tiles. grey: what is grey stays grey, and an array (H, W) comes back as one.
        """
        plain = Request(
            direction=direction,
            strength=strength,
            seed=seed,
            stroke_scale=stroke_scale,
            style_images=style_images(style_image),
            keep_colour=keep_colour,
            masks=masks,
        )
        size = size or self.config.sample.size
        passes = checked(self.method, requests(plain, asked_of(self.folder, style), ()), size)
        if isinstance(image, list | tuple):
            return [self.painted(one, passes, size, memory, grey) for one in image]
        return self.painted(image, passes, size, memory, grey)

    def painted(self, image: Given, passes: Sequence[Request], size: int, memory: float, grey: bool) -> Any:
        picture = picture_of(image)
        for one in passes:
            pad, limit = self.config.sample.reflect_pad, int(memory * 2**30)
            picture = paint(self.method, picture, size, one, pad, memory=limit, work=self.worker)
        picture = images.as_asked(picture, grey)
        if isinstance(image, np.ndarray):
            return picture.pixels[..., 0] if picture.grey else picture.pixels
        picture = images.shallow(picture)
        painted = Image.fromarray(picture.pixels[..., 0] if picture.grey else picture.pixels)
        if picture.alpha is not None:
            painted.putalpha(Image.fromarray(picture.alpha))
        return painted


def picture_of(image: Given) -> images.Picture:
    if isinstance(image, str | Path):
        return images.read(Path(image).expanduser(), as_stored=True)
    if isinstance(image, Image.Image):
        found = decode(image, lambda note: None)
        return images.Picture(found.pixels, found.alpha, grey=found.grey)
    if isinstance(image, np.ndarray) and image.dtype in (np.uint8, np.uint16):
        pixels = np.repeat(image[..., None], 3, axis=-1) if image.ndim == 2 else image
        if pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size:
            return images.Picture(pixels, grey=image.ndim == 2)
    if isinstance(image, np.ndarray):
        raise UserError(f"this is an array {image.shape} of {image.dtype}; {EXPECTED}")
    raise UserError(f"this is {type(image).__name__}; {EXPECTED}")


def style_images(given: Given | Sequence[Weighted] | None) -> tuple[StyleImage, ...] | None:
    if given is None:
        return None
    several = given if isinstance(given, list | tuple) else [(given, 1.0)]
    return tuple((images.to_signed(picture_of(picture).pixels), float(weight)) for picture, weight in several)
