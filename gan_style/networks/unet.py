"""The U-Net generator of pix2pix (Isola et al. 2017)."""

from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.networks.initializers import Init, initializer
from gan_style.networks.layers.biases import Conv2DTranspose
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.dropout import Dropout
from gan_style.networks.layers.norms import LEAK, BatchNorm, InstanceNorm
from gan_style.networks.layers.padding import CropLike, PadToMultiple
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor

DROPPED_OUT = 3  # decoder levels with dropout, from the innermost


def build_unet_generator(
    *,
    filters: Annotated[
        int,
        Field(ge=1, description="channels of the first convolution; doubled up to eight times"),
        MOST_FILTERS,
    ] = 64,
    depth: Annotated[
        int, Field(ge=2, le=10, description="halvings of the size: 8 takes 256 pixels to one")
    ] = 8,
    norm: Literal["batch", "instance", "none"] = "batch",
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="in the three innermost levels of the decoder")
    ] = 0.5,
    input_skip: Annotated[
        Literal["none", "residual"], Field(description="residual: the network paints on top of the picture")
    ] = "none",
    init: Init = "normal",
) -> keras.Model:
    """Image in [-1, 1] of any size to one of that size: C64-C128-..., each level joined to its mirror."""
    images = keras.Input((None, None, 3), name="images")
    padded = PadToMultiple(2**depth)(images)
    # Batch norm takes away what a bias would add.
    options: dict[str, Any] = {"use_bias": norm != "batch", "kernel_initializer": initializer(init)}
    widths = [filters * min(2**level, 8) for level in range(depth)]
    skips: list[Tensor] = []
    x = Conv2D(widths[0], 4, strides=2, **options)(layers.ZeroPadding2D(1)(padded))
    for level, width in enumerate(widths[1:], start=1):
        skips.append(x)
        x = Conv2D(width, 4, strides=2, **options)(layers.ZeroPadding2D(1)(layers.LeakyReLU(LEAK)(x)))
        x = x if level == depth - 1 else normalised(x, norm)
    for level in range(depth - 1, 0, -1):
        x = layers.ReLU()(x)
        x = Conv2DTranspose(widths[level - 1], 4, strides=2, padding="same", **options)(x)
        x = normalised(x, norm)
        if dropout and level > depth - 1 - DROPPED_OUT:
            x = Dropout(dropout)(x)
        x = layers.Concatenate()([skips[level - 1], x])
    options["use_bias"] = True
    x = Conv2DTranspose(3, 4, strides=2, padding="same", **options)(layers.ReLU()(x))
    # The picture itself is float32 whatever the precision of the layers before it.
    painted = layers.Activation("tanh", dtype="float32")(x)
    if input_skip == "residual":
        painted = layers.Add(dtype="float32")([painted, padded])
    return Network(images, CropLike(dtype="float32")([painted, images]), name="unet_generator")


def normalised(x: Tensor, norm: Literal["batch", "instance", "none"]) -> Tensor:
    return {"batch": BatchNorm, "instance": InstanceNorm}[norm]()(x) if norm != "none" else x
