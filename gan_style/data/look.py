"""A perceptual hash: what a picture looks like, in 128 bits that survive other sizes and formats."""

import numpy as np
from PIL import Image

BITS, CELLS = 128, 8
SMALLEST_STEP = 2  # levels of 255; between most neighbours, or the picture is too even to be told from others


def look(pixels: np.ndarray) -> str:
    """Which of its 8x8 cells are darker than their right and lower neighbours, as hexadecimal digits.

    Empty for pictures that are nearly the same all over, such as drawings on white.
    """
    grey = Image.fromarray(pixels).convert("L").resize((CELLS + 1, CELLS + 1), Image.Resampling.BOX)
    levels = np.asarray(grey, np.int16)
    steps = np.stack([np.diff(levels[:CELLS], axis=1), np.diff(levels[:, :CELLS], axis=0)])
    if np.median(np.abs(steps)) < SMALLEST_STEP:
        return ""
    return np.packbits(steps > 0).tobytes().hex()


def signs(looks: list[str]) -> np.ndarray:
    """(N, 128) float32 of -1 and 1: two pictures differ in (128 - their product) / 2 bits."""
    packed = np.frombuffer(bytes.fromhex("".join(looks)), np.uint8).reshape(-1, BITS // 8)
    return np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1
