"""The PatchGAN discriminator of pix2pix (Isola et al. 2017): one verdict for each overlapping patch."""

from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from gan_style.layers import LEAK, InstanceNorm, SpectralConv2D


def build_patchgan(
    channels: int = 3,
    *,
    filters: Annotated[int, Field(ge=1, description="channels of the first convolution; doubled up to eight times")] = 64,
    depth: Annotated[int, Field(ge=1, le=6, description="strided convolutions; 3 makes the 70x70 PatchGAN")] = 3,
    norm: Literal["instance", "none"] = "instance",
    spectral_norm: bool = False,
) -> keras.Model:
    """C64-C128-C256-C512 and a last convolution to one logit a patch; 256 pixels give 30x30 logits at depth 3."""
    images = keras.Input((None, None, channels), name="images")
    convolution = SpectralConv2D if spectral_norm else layers.Conv2D
    widths = [filters * min(2**level, 8) for level in range(depth + 1)]

    def convolve(x: Any, width: int, strides: int, **options: Any) -> Any:
        # Symmetric zero padding: Keras' own "same" would pad strided convolutions at one side only.
        initial = keras.initializers.RandomNormal(0.0, 0.02)
        return convolution(width, 4, strides=strides, kernel_initializer=initial, **options)(layers.ZeroPadding2D(1)(x))

    x = layers.LeakyReLU(LEAK)(convolve(images, widths[0], 2))
    for level, width in enumerate(widths[1:], start=1):
        x = convolve(x, width, 2 if level < depth else 1)
        x = layers.LeakyReLU(LEAK)(InstanceNorm()(x) if norm == "instance" else x)
    logits = layers.Activation("linear", dtype="float32")(convolve(x, 1, 1))
    return keras.Model(images, logits, name="patchgan")


def receptive_field(depth: int) -> int:
    """Pixels across the patch that one logit of a PatchGAN sees: 70 at depth 3."""
    size = 1
    for strides in [1, 1] + [2] * depth:
        size = (size - 1) * strides + 4
    return size
