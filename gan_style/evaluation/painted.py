"""The held-out photographs, painted: for metrics, for the eye, and for what a method hides."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gan_style.data.held_out import HeldOut
from gan_style.evaluation.jackknife import Jackknifed
from gan_style.evaluation.measure import IDENTITY_IS_PERFECT
from gan_style.evaluation.measured import Measured, by_picture
from gan_style.evaluation.rows import Rows
from gan_style.experiment.recipe import Sample
from gan_style.inference.files import find_pictures
from gan_style.inference.painting import paint
from gan_style.methods.base.method import Method
from gan_style.methods.base.request import Request
from gan_style.metrics.collapse import flicker, steganography, with_jpeg, with_noise
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import track

NOISE, JPEG = 4.0, 75  # what a hidden code does not survive and a painting does: levels of 255, quality
PAINT_SEED = 0


def painted(method: Method, held_out: HeldOut, how: Sample) -> list[np.ndarray]:
    """Where a style image is needed, a training target is shown: the same for every method and run."""
    examples = held_out.examples
    order = np.random.default_rng(PAINT_SEED).permutation(len(examples))

    def one(number: int) -> np.ndarray:
        shown = images.to_signed(examples.pixels[order[number % len(order)]]) if len(order) else None
        request = method.default_request(PAINT_SEED, held_out.style, shown)
        picture = images.Picture(held_out.source.pixels[number])
        return paint(method, picture, how.size, request, how.reflect_pad).pixels

    count = len(held_out.source)
    return [one(number) for number in track(range(count), count, f"painting {held_out.style}".strip())]


def keep(folder: Path, held_out: HeldOut, fakes: Sequence[np.ndarray], prefix: str) -> None:
    """source/, painted/ and perhaps target/: the same name in each is the same picture."""
    roles = {"source": held_out.source.pixels, "painted": fakes}
    roles |= {"target": held_out.target.pixels} if held_out.paired else {}
    for role, pictures in roles.items():
        for name, pixels in zip(held_out.source.names, pictures, strict=True):
            images.write(folder / role / f"{prefix}{name}.png", images.Picture(pixels))


def hidden_code(method: Method, rows: Rows, inverse: Request, reflect_pad: int) -> Measured:
    """How much worse a cycle gets when noise or JPEG wipes out a code in the fake (Chu et al. 2017)."""

    def back(picture: np.ndarray) -> np.ndarray:
        whole = images.Picture(picture)
        return paint(method, whole, max(picture.shape[:2]), inverse, reflect_pad).pixels

    def worst(source: np.ndarray, fake: np.ndarray) -> float:
        cycled, wiped = back(fake), (with_noise(fake, NOISE), with_jpeg(fake, JPEG))
        return max(steganography(source, cycled, back(other), fake=fake, perturbed=other) for other in wiped)

    values = rows.source.against(rows.fake, worst)
    return by_picture("lower", rows, [values, None, None], "above 1 a code is hidden")


def flickering(method: Method, folder: Path, how: Sample) -> Measured:
    """How much painted frames change from one to the next where the filmed ones do not."""
    if not folder.is_dir():
        raise UserError(f"--frames {folder}: there is no such folder")
    frames = [images.read(file) for file in find_pictures([folder])]
    if len(frames) < 2 or len({frame.pixels.shape for frame in frames}) > 1:
        expected = "expected two or more pictures of one size"
        raise UserError(f"--frames {folder}: {expected}, the frames of a film in the order of their names")
    request = method.default_request(PAINT_SEED)
    done = track(frames, len(frames), "painting frames")
    fakes = np.stack([paint(method, frame, how.size, request, how.reflect_pad).pixels for frame in done])
    value = flicker(fakes, np.stack([frame.pixels for frame in frames]))
    return Measured("lower", [Jackknifed(value), Jackknifed(0.0), None], IDENTITY_IS_PERFECT)
