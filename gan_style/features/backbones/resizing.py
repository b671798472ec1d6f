"""Pictures at the size a backbone was trained for; how they get there moves FID and KID (Parmar et al. 2022)."""

from typing import Any

import numpy as np
from keras import ops
from PIL import Image

RESIZER = "Pillow bicubic, antialiased, float32"


def resized(images: Any, side: int) -> np.ndarray:
    """Pictures (N, H, W, 3) to (N, side, side, 3) float32, each colour by itself, never rounded to bytes."""
    planes = np.moveaxis(np.asarray(ops.convert_to_numpy(images), np.float32), -1, 1)
    small = [[_plane(plane, side) for plane in picture] for picture in planes]
    return np.clip(np.moveaxis(np.asarray(small, np.float32), 1, -1), -1, 1)


def _plane(plane: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(
        Image.fromarray(np.ascontiguousarray(plane)).resize((side, side), Image.Resampling.BICUBIC)
    )
