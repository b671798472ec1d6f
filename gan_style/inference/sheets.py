"""Photographs beside their paintings on one picture."""

import math

import numpy as np

from gan_style.system import images
from gan_style.system.rows.source import Rows


def side_by_side(pairs: list[tuple[np.ndarray, np.ndarray]], side: int = 256) -> np.ndarray:
    """Photo and painting beside each other, several pairs a row, each fitted into a white square."""
    cells = [fitted(picture, side) for pair in pairs for picture in pair]
    columns = 2 * math.ceil(math.sqrt(len(pairs) / 2))
    return images.contact_sheet([cells[start : start + columns] for start in range(0, len(cells), columns)])


def fitted(picture: np.ndarray | Rows, side: int = 256) -> np.ndarray:
    scale = side / max(picture.shape[:2])
    sides = [max(1, round(length * scale)) for length in picture.shape[:2]]
    small = picture.resized(*sides) if isinstance(picture, Rows) else images.resize(picture, *sides)
    cell = np.full((side, side, 3), 255, np.uint8)
    y, x = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    cell[y : y + small.shape[0], x : x + small.shape[1]] = images.eight_bits(small)
    return cell
