"""Real photographs to measure, and faults to put into them."""

import numpy as np
from skimage import data


def photographs(side: int = 128) -> list[np.ndarray]:
    """The upper left corner and the middle of four photographs, (side, side, 3) uint8."""
    pictures = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    return [cut for picture in pictures for cut in (picture[:side, :side], _middle(picture, side))]


def _middle(picture: np.ndarray, side: int) -> np.ndarray:
    y, x = ((length - side) // 2 for length in picture.shape[:2])
    return picture[y : y + side, x : x + side]


def shifted(picture: np.ndarray, levels: np.ndarray | float) -> np.ndarray:
    """A picture with something added to its levels, stored as 8 bits again."""
    return np.clip(np.round(picture + levels), 0, 255).astype(np.uint8)
