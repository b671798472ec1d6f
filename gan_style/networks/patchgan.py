"""The PatchGAN discriminator of pix2pix (Isola et al. 2017): one logit for each overlapping patch.

And several of them at once, each looking at half the size of the one before (pix2pixHD, Wang et al. 2018).
"""

from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.networks.initializers import Init, initializer
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.norms import LEAK, BatchNorm, InstanceNorm
from gan_style.networks.layers.resampling import BlurDown
from gan_style.networks.layers.spectral import SpectralConv2D
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor

Filters = Annotated[
    int, Field(ge=1, description="channels of the first convolution; doubled up to eight times"), MOST_FILTERS
]
Depth = Annotated[
    int, Field(ge=1, le=6, description="strided convolutions; 3: the 70x70 PatchGAN, antialiased 84x84")
]
Norm = Literal["instance", "batch", "none"]
Antialias = Annotated[
    bool, Field(description="blur before dropping pixels, as CUT does, instead of striding")
]


def build_patchgan(
    channels: int = 3,
    outputs: int = 1,
    *,
    filters: Filters = 64,
    depth: Depth = 3,
    norm: Norm = "instance",
    spectral_norm: bool = False,
    antialias: Antialias = False,
    init: Init = "normal",
) -> keras.Model:
    """C64-C128-C256-C512 and a last convolution to a logit a patch: 30x30 of 256 pixels at depth 3.

    `outputs`: logits a patch; those after the first name its style.
    """
    images = keras.Input((None, None, channels), name="images")
    logits = logits_of_patches(images, outputs, filters, depth, norm, spectral_norm, antialias, init)
    return Network(images, logits, name="patchgan")


def build_multiscale_patchgan(
    channels: int = 3,
    outputs: int = 1,
    *,
    scales: Annotated[int, Field(ge=2, le=4, description="PatchGANs, each at half the size")] = 2,
    filters: Filters = 64,
    depth: Depth = 3,
    norm: Norm = "instance",
    spectral_norm: bool = False,
    antialias: Antialias = False,
    init: Init = "normal",
) -> keras.Model:
    """A list of logits, the finest first: weights are not shared between scales."""
    images = seen = keras.Input((None, None, channels), name="images")
    logits = []
    for scale in range(scales):
        seen = layers.AveragePooling2D(2)(seen) if scale else seen
        logits.append(logits_of_patches(seen, outputs, filters, depth, norm, spectral_norm, antialias, init))
    return Network(images, logits, name="multiscale_patchgan")


def logits_of_patches(
    images: Tensor,
    outputs: int,
    filters: int,
    depth: int,
    norm: Norm,
    spectral_norm: bool,
    antialias: bool,
    init: Init,
) -> Tensor:
    convolution = SpectralConv2D if spectral_norm else Conv2D
    widths = [filters * min(2**level, 8) for level in range(depth + 1)]

    def convolve(x: Tensor, width: int, strides: int, **options: Any) -> Tensor:
        # Symmetric zero padding: Keras' own "same" would pad strided convolutions at one side only.
        padded = layers.ZeroPadding2D(1)(x)
        options["kernel_initializer"] = initializer(init)
        return convolution(width, 4, strides=strides, **options)(padded)

    halving = 1 if antialias else 2
    x = layers.LeakyReLU(LEAK)(convolve(images, widths[0], halving))
    for level, width in enumerate(widths[1:], start=1):
        x = BlurDown()(x) if antialias else x
        # Batch norm takes away what a bias would add.
        x = convolve(x, width, halving if level < depth else 1, use_bias=norm != "batch")
        if norm != "none":
            x = (InstanceNorm if norm == "instance" else BatchNorm)()(x)
        x = layers.LeakyReLU(LEAK)(x)
    return layers.Activation("linear", dtype="float32")(convolve(x, outputs, 1))
