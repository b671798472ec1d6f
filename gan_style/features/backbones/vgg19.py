"""VGG19 (Simonyan & Zisserman 2015) at relu3_1 as a backbone: from Keras, or with normalised activations."""

from typing import Annotated

from pydantic import Field

from gan_style.config.places import Place
from gan_style.features import vgg19_normalised
from gan_style.features.applications import IMAGENET, Application
from gan_style.features.backbones.backbone import Backbone


class VGG19(Backbone):
    """keras.applications.VGG19 at the pictures' own size: BGR of 255 less the mean colour, zero padding.

    Map: `block3_conv1` (N, H / 4, W / 4, 256). Vectors: its channels' means and deviations, in logarithms.
    """

    kind = "vgg19"

    def __init__(
        self,
        *,
        weights: Annotated[
            str,
            Field(description="'imagenet' (downloaded by Keras) or the path of an .h5 or .npz file"),
            Place("file", (IMAGENET,)),
        ] = IMAGENET,
    ) -> None:
        self.name = f"VGG19 relu3_1 ({'ImageNet' if weights == IMAGENET else 'local weights'})"
        self.bank = Application(network="VGG19", layers=("block3_conv1",), weights=weights)


class NormalisedVGG19(Backbone):
    """Sees pictures at their own size, RGB in [0, 1] through the file's own 1x1 `preprocess`, edges mirrored.

    Map: `relu3_1` (N, H / 4, W / 4, 256). Vectors: its channels' means and deviations, in logarithms.
    """

    kind = "vgg19_normalised"
    name = "VGG19 relu3_1 (normalised activations)"

    def __init__(
        self,
        *,
        weights: Annotated[
            str, Field(description="an .npz file: preprocess/kernel, conv1_1/kernel, ..."), Place("file")
        ],
    ) -> None:
        self.bank = vgg19_normalised.NormalisedVGG19(weights=weights, layers=("relu3_1",))
