"""InceptionV3 (Szegedy et al. 2016) of Keras as a backbone; its weights are not those of the FID paper."""

from typing import Annotated

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.features.applications import IMAGENET, Application
from gan_style.features.backbones.backbone import Backbone
from gan_style.features.backbones.resizing import RESIZER, resized
from gan_style.system.tensor import Tensor

TEXTURE, LAST = "mixed2", "mixed10"


class InceptionV3(Backbone):
    """Sees pictures resized to 299x299, whatever their shape, RGB in [-1, 1].

    Map: `mixed2` (N, 35, 35, 288). Vectors: the 2048 pooled features of `mixed10`.
    """

    kind = "inception_v3"
    side = 299
    resizer = RESIZER

    def __init__(
        self,
        *,
        weights: Annotated[
            str, Field(description="'imagenet' (downloaded by Keras) or the path of an .h5 file")
        ] = IMAGENET,
    ) -> None:
        self.name = f"InceptionV3 (Keras, {'ImageNet' if weights == IMAGENET else 'local weights'})"
        self.bank = Application(network="InceptionV3", layers=(TEXTURE, LAST), weights=weights)

    def arrays(self) -> list[np.ndarray]:
        return self.bank.arrays()

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        return {TEXTURE: self.bank(resized(images, self.side))[TEXTURE]}

    def vectors(self, images: Tensor) -> Tensor:
        return ops.mean(self.bank(resized(images, self.side))[LAST], axis=(1, 2))
