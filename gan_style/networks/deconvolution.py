"""Convolutions down, transposed convolutions up (Zeiler et al. 2010; Dosovitskiy & Brox 2016)."""

from typing import Annotated

import keras
from keras import layers
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.networks.layers.biases import Conv2DTranspose
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.norms import LEAK
from gan_style.networks.layers.padding import CropLike, PadToMultiple
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor


def build_deconvnet(
    *,
    filters: Annotated[
        int,
        Field(ge=1, description="channels of the first convolution; doubled at each further one"),
        MOST_FILTERS,
    ] = 32,
    depth: Annotated[
        int, Field(ge=1, le=6, description="halvings of the size, and doublings after them")
    ] = 2,
) -> keras.Model:
    """Image in [-1, 1] of any size to one of that size; nothing passes by the narrowest layer."""
    images = keras.Input((None, None, 3), name="images")
    x = PadToMultiple(2**depth)(images)
    for level in range(depth):
        halving = Conv2D(filters * 2**level, 4, strides=2, kernel_initializer="he_normal")
        x = halving(layers.ZeroPadding2D(1)(x))
        x = layers.LeakyReLU(LEAK)(x)
    painted = deconvolved(x, depth)
    return Network(images, CropLike(dtype="float32")([painted, images]), name="deconvnet")


def build_inverse_decoder(channels: int, halvings: int) -> keras.Model:
    """Features (N, h, w, channels) to the image they were taken from, 2^halvings times as high and wide."""
    features = keras.Input((None, None, channels), name="features")
    x = Conv2D(channels, 3, padding="same", kernel_initializer="he_normal")(features)
    return Network(features, deconvolved(layers.LeakyReLU(LEAK)(x), halvings), name="inverse_decoder")


def deconvolved(x: Tensor, doublings: int) -> Tensor:
    """4x4 transposed convolutions, which treat all pixels alike, halve the channels; then an image."""
    for _ in range(doublings):
        channels = max(16, x.shape[-1] // 2)
        x = Conv2DTranspose(channels, 4, strides=2, padding="same", kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(LEAK)(x)
    return Conv2D(3, 3, padding="same", dtype="float32")(x)
