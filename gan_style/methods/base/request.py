"""How a picture is to be translated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

StyleImage = tuple[np.ndarray, float]  # (H, W, 3) in [-1, 1], and how much it counts


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

    def amount(self) -> float:
        """The strength, which is full where none is asked for."""
        return 1.0 if self.strength is None else self.strength
