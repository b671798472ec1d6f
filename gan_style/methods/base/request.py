"""How a picture is to be translated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from gan_style.system.tensor import Tensor

StyleImage = tuple[np.ndarray, float]  # (H, W, 3) in [-1, 1], and how much it counts


@dataclass(frozen=True)
class Tile:
    """A part of a picture that is painted by itself."""

    place: tuple[int, int]  # top and left in the picture, in pixels, of what comes back
    # What is given beside it, for what the generator's input depends on: above, below, left, right.
    beside: tuple[int, int, int, int] = (0, 0, 0, 0)

    def begin(self) -> tuple[int, int]:
        """Top and left of what is given."""
        return self.place[0] - self.beside[0], self.place[1] - self.beside[2]

    def inner(self, images: Tensor, cell: int) -> Tensor:
        """Without what stands beside; one of `images` is so many pixels wide."""
        above, below, left, right = (side // cell for side in self.beside)
        height, width = images.shape[1:3]
        return images[:, above : height - below, left : width - right]


@dataclass(frozen=True)
class Request:
    """A method understands some of these and refuses the others; None asks for nothing."""

    direction: str | None = None
    styles: Mapping[str, float] | None = None
    style_images: tuple[StyleImage, ...] | None = None
    attention: bool | None = None  # the learned map decides where which style goes
    # (H, W) in 0..1, of each style, or of a style image by its number, from '1'
    masks: Mapping[str, np.ndarray] | None = None
    strength: float | None = None
    keep_colour: bool | None = None  # of the photograph, whatever the style's
    seed: int | None = None
    stroke_scale: float | None = None  # times as wide as they were learned: see `inference/strokes.py`
    tile: Tile | None = None  # a whole picture where nothing is said
    # (H, W, 2): in a film, how far from each pixel its random numbers have come from, down and to the right
    moved: np.ndarray | None = None
    maps: Callable[[Tensor], Tensor] | None = None  # of pictures, the style weights of every pixel
    painting: bool = False  # what is given is one already, enlarged; it is to become sharp again

    def where(self, count: int, *, beside: bool = False) -> np.ndarray:
        """For random numbers of places (N, 1, 1, 4): seed, number of the picture, its top and left."""
        places = [(number, 0, 0) for number in range(count)]
        if self.tile is not None:
            places = [(0, *(self.tile.begin() if beside else self.tile.place))]
        seed = (self.seed or 0) % 2**31
        return np.array([[[(seed, *place)]] for place in places], np.int32)

    def inner(self, images: Tensor, cell: int = 1) -> Tensor:
        """What is painted of what is given, or of features of it."""
        return images if images is None or self.tile is None else self.tile.inner(images, cell)

    def amount(self) -> float:
        """The strength, which is full where none is asked for."""
        return 1.0 if self.strength is None else self.strength

    def is_full(self) -> bool:
        return self.amount() == 1.0
