"""InceptionV3 (Szegedy et al. 2016) of Keras as a backbone; its weights are not those of the FID paper."""

from typing import Annotated

from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.applications import IMAGENET, Application
from gan_style.features.backbones.resizing import ResizingBackbone

TEXTURE, LAST = "mixed2", "mixed10"


class InceptionV3(ResizingBackbone):
    """Sees pictures resized to 299x299, whatever their shape, RGB in [-1, 1].

    Map: `mixed2` (N, 35, 35, 288). Vectors: the 2048 pooled features of `mixed10`.
    """

    kind = "inception_v3"
    side = 299
    texture, last = TEXTURE, LAST

    def __init__(
        self,
        *,
        weights: Annotated[
            str,
            Field(description="'imagenet' (downloaded by Keras) or the path of an .h5 file"),
            Place("file", (IMAGENET,)),
        ] = IMAGENET,
    ) -> None:
        self.name = f"InceptionV3 (Keras, {'ImageNet' if weights == IMAGENET else 'local weights'})"
        self.bank = Application(network="InceptionV3", layers=(TEXTURE, LAST), weights=weights)
