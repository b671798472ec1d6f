"""Painting at a smaller size and giving back at the picture's own, whatever it is painted with.

Needs neither TensorFlow nor Keras.
"""

import numpy as np

SMALLEST_SIDE = 64  # pixels: convolutions have room
MEMORY = 2 * 2**30  # bytes
SURELY_FITTING = 768 * 768  # pixels, with any network that ships
ROWS = 256
LONGEST_STYLE = 768  # pixels: a style picture is looked at in one piece


def give_back_detail(
    result: np.ndarray, photograph: np.ndarray, reduced: np.ndarray, strength: float
) -> None:
    """`1 - strength` of what the working size loses of the photograph is added back, some rows at a time."""
    white = np.iinfo(result.dtype).max
    for top in range(0, len(result), ROWS):
        rows = slice(top, top + ROWS)
        lost = photograph[rows].astype(np.float32) - reduced[rows]
        result[rows] = np.clip(np.round(result[rows] + (1 - strength) * lost), 0, white)
