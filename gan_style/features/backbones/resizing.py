"""Pictures at the size a backbone was trained for; the way there moves FID and KID (Parmar et al. 2022)."""

from typing import ClassVar

import numpy as np
from keras import ops
from PIL import Image

from gan_style.features.backbones.backbone import Backbone
from gan_style.system.tensor import Tensor

RESIZER = "Pillow bicubic, antialiased, float32"


def resized(images: Tensor, side: int) -> np.ndarray:
    """Pictures (N, H, W, 3) to (N, side, side, 3) float32, each colour by itself, never rounded to bytes."""
    planes = np.moveaxis(np.asarray(ops.convert_to_numpy(images), np.float32), -1, 1)
    small = [[_plane(plane, side) for plane in picture] for picture in planes]
    return np.clip(np.moveaxis(np.asarray(small, np.float32), 1, -1), -1, 1)


def _plane(plane: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(plane))
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


class ResizingBackbone(Backbone):
    """Sees all pictures at one square size; its vectors are the means of the last map's channels."""

    resizer = RESIZER
    side: int
    texture: ClassVar[str]
    last: ClassVar[str]

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        return {self.texture: self.bank(resized(images, self.side))[self.texture]}

    def vectors(self, images: Tensor) -> Tensor:
        return ops.mean(self.bank(resized(images, self.side))[self.last], axis=(1, 2))
