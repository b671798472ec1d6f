"""The decoder of AdaIN (Huang & Belongie 2017): the mirrored encoder, with nearest-neighbour enlargement."""

import keras
from keras import layers

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.padding import ReflectionPad
from gan_style.system.tensor import Tensor

# The first pictures are nearly grey; loud ones would have moments far from any style.
QUIET = 0.01


def build_decoder(channels: int, halvings: int, filters: int | None = None) -> keras.Model:
    """Features (N, h, w, channels) to an image in about [-1, 1], 2^halvings times as high and wide.

    One convolution before each enlargement, which halves the channels, and one after it: of VGG19 from
    relu3_1 down, the mirror image. `filters`: of the first layer, in the place of half the channels.
    """
    features = keras.Input((None, None, channels), name="features")
    x, filters = features, filters or channels // 2
    for halving in range(halvings):
        x = layers.UpSampling2D(2, interpolation="nearest")(convolution(x, filters // 2**halving))
        x = convolution(x, filters // 2**halving)
    # The picture itself is float32 whatever the precision of the layers before it.
    quiet = keras.initializers.VarianceScaling(QUIET)
    image = Conv2D(3, 3, dtype="float32", kernel_initializer=quiet)
    return keras.Model(features, image(ReflectionPad(1, dtype="float32")(x)), name="decoder")


def convolution(x: Tensor, channels: int) -> Tensor:
    return Conv2D(channels, 3, activation="relu", kernel_initializer="he_normal")(ReflectionPad(1)(x))
