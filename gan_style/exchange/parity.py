"""Whether an exported file paints what the network paints: it is run at once, on pictures of three sizes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gan_style.exchange.described import PICTURE, SEED, STRENGTH, STYLE_IMAGE, STYLES, Input
from gan_style.exchange.loaded import Loaded
from gan_style.inference.painting import MEMORY, at_working_size, painted_at_its_size
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.errors import UserError

SIZES = ((96, 128), (131, 77), (50, 201))  # height and width; odd ones, and one with a very short side
STYLE_SIZE = (93, 118)
MOST, MOST_MEAN = 2, 0.02  # of 255 anywhere; of [0, 1] in the mean, with whole numbers of 8 bits
Feed = Mapping[str, np.ndarray]
Run = Callable[[Feed], np.ndarray]


@dataclass(frozen=True)
class Difference:
    height: int
    width: int
    largest: int  # of 255
    mean: float  # of [0, 1]

    def __str__(self) -> str:
        return f"{self.width}x{self.height}: at most {self.largest} of 255, {self.mean:.5f} in the mean"


def picture(height: int, width: int, seed: int) -> np.ndarray:
    """Shapes with edges, smooth changes and grain, as photographs have them."""
    rng = np.random.default_rng(seed)
    smooth = images.resize(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8), height, width).astype(np.float32)
    y, x = np.mgrid[:height, :width] / max(height, width)
    for _ in range(4):
        centre, radius, colour = rng.uniform(0, 1, 2), rng.uniform(0.1, 0.3), rng.integers(0, 256, 3)
        smooth[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2] = colour
    return np.clip(smooth + rng.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)


def feeds_of(inputs: Sequence[Input], styles: int) -> Iterator[dict[str, np.ndarray]]:
    """What the file is tried with, for each size; the last time without a style."""
    fixed = inputs[0].shape[1]
    sizes = SIZES if fixed is None else ((inputs[0].shape[1] or 0, inputs[0].shape[2] or 0),)
    for number, size in enumerate(sizes):
        known: dict[str, np.ndarray] = {
            PICTURE: picture(*size, seed=number)[None],
            SEED: np.array([number + 5], np.int32),
            STYLES: (np.arange(styles) + 1).astype(np.float32) * (number < 2),
            STRENGTH: np.array([(1.0, 0.6, 0.0)[number]], np.float32),
        }
        for one in inputs:
            if one.name == STYLE_IMAGE:
                sides = STYLE_SIZE if one.shape[1] is None else (one.shape[1], one.shape[2] or 0)
                known[STYLE_IMAGE] = picture(*sides, seed=9)[None]
        yield {one.name: known[one.name] for one in inputs}


def by_network(loaded: Loaded, feed: Feed) -> np.ndarray:
    """What `sample` makes of it."""
    method, fixed, pixels = loaded.method, loaded.fixed, feed[PICTURE][0]
    styles = None
    if STYLES in feed and feed[STYLES].any():
        styles = dict(zip(method.styles, feed[STYLES].tolist(), strict=True))
    shown = None
    if STYLE_IMAGE in feed:
        shown = at_working_size([(images.to_signed(feed[STYLE_IMAGE][0]), 1.0)], max(feed[STYLE_IMAGE].shape))
    request = Request(
        seed=int(feed[SEED][0]) if SEED in feed else None,
        styles=styles,
        style_images=shown,
        strength=float(feed[STRENGTH][0]) if STRENGTH in feed else fixed.strength,
        direction=fixed.direction,
    )
    pad = loaded.config.sample.reflect_pad
    return painted_at_its_size(method, pixels, request, pad, MEMORY, lambda act: act())


def differences(loaded: Loaded, inputs: Sequence[Input], run: Run) -> list[Difference]:
    found = []
    for feed in feeds_of(inputs, len(loaded.method.styles)):
        expected = by_network(loaded, feed).astype(np.int32)
        away = np.abs(run(feed).astype(np.int32) - expected)
        found.append(
            Difference(expected.shape[0], expected.shape[1], int(away.max()), float(away.mean()) / 255)
        )
    return found


def check_same(found: Sequence[Difference], *, whole_numbers: bool = False) -> None:
    """Raise where what was exported is something else than the network."""
    for one in found:
        if one.mean > MOST_MEAN if whole_numbers else one.largest > MOST:
            most = f"{MOST_MEAN} in the mean" if whole_numbers else f"{MOST} of 255 anywhere"
            raise UserError(
                f"what was exported differs from the network at {one}; {most} is allowed, so no file is kept"
            )
