"""What metrics look at in a picture (H, W, 3) uint8, and which pictures they refuse."""

import numpy as np

from gan_style.system.errors import UserError

LUMINANCE = np.array([0.299, 0.587, 0.114])  # BT.601


def check(picture: np.ndarray, side: int = 1) -> None:
    """A metric needs an 8-bit RGB picture of at least `side` pixels each way."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise UserError(f"a picture is (height, width, 3) uint8, this is {picture.shape} {picture.dtype}")
    if min(picture.shape[:2]) < side:
        needed = f"this metric needs pictures of at least {side}x{side} pixels"
        raise UserError(f"{needed}, this one has {_size(picture)}")


def check_pair(fake: np.ndarray, source: np.ndarray, side: int = 1) -> None:
    """Pixels can only be compared where both pictures have them."""
    check(fake, side)
    check(source, side)
    if fake.shape != source.shape:
        raise UserError(f"pictures of different sizes cannot be compared: {_size(fake)} and {_size(source)}")


def luminance(pictures: np.ndarray) -> np.ndarray:
    """Brightness (..., H, W) in 0..255 of pictures (..., H, W, 3)."""
    return pictures @ LUMINANCE


def window_means(values: np.ndarray, window: int) -> np.ndarray:
    """Means (H // window, W // window, ...) over square windows, without a rest at the right and bottom."""
    height, width = (side // window for side in values.shape[:2])
    cut = values[: height * window, : width * window]
    return cut.reshape(height, window, width, window, *values.shape[2:]).mean(axis=(1, 3))


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"
