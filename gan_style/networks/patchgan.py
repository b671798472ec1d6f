"""The PatchGAN discriminator of pix2pix (Isola et al. 2017): one verdict for each overlapping patch."""

from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from gan_style.networks.initializers import Init, initializer
from gan_style.networks.layers.norms import LEAK, BatchNorm, InstanceNorm
from gan_style.networks.layers.resampling import BlurDown
from gan_style.networks.layers.spectral import SpectralConv2D


def build_patchgan(
    channels: int = 3,
    outputs: int = 1,
    *,
    filters: Annotated[
        int, Field(ge=1, description="channels of the first convolution; doubled up to eight times")
    ] = 64,
    depth: Annotated[
        int,
        Field(
            ge=1, le=6, description="strided convolutions; 3 makes the 70x70 PatchGAN, 84x84 with antialias"
        ),
    ] = 3,
    norm: Literal["instance", "batch", "none"] = "instance",
    spectral_norm: bool = False,
    antialias: Annotated[
        bool, Field(description="blur before dropping pixels, as CUT does, instead of striding")
    ] = False,
    init: Init = "normal",
) -> keras.Model:
    """C64-C128-C256-C512 and a last convolution to one logit a patch; 256 pixels give 30x30 logits at depth 3.

    `outputs`: logits a patch; those after the first name its style.
    """
    images = keras.Input((None, None, channels), name="images")
    convolution = SpectralConv2D if spectral_norm else layers.Conv2D
    widths = [filters * min(2**level, 8) for level in range(depth + 1)]

    def convolve(x: Any, width: int, strides: int, **options: Any) -> Any:
        # Symmetric zero padding: Keras' own "same" would pad strided convolutions at one side only.
        return convolution(width, 4, strides=strides, kernel_initializer=initializer(init), **options)(
            layers.ZeroPadding2D(1)(x)
        )

    halving = 1 if antialias else 2
    x = layers.LeakyReLU(LEAK)(convolve(images, widths[0], halving))
    for level, width in enumerate(widths[1:], start=1):
        x = BlurDown()(x) if antialias else x
        # Batch norm takes away what a bias would add.
        x = convolve(x, width, halving if level < depth else 1, use_bias=norm != "batch")
        if norm != "none":
            x = (InstanceNorm if norm == "instance" else BatchNorm)()(x)
        x = layers.LeakyReLU(LEAK)(x)
    logits = layers.Activation("linear", dtype="float32")(convolve(x, outputs, 1))
    return keras.Model(images, logits, name="patchgan")
