"""The decoder of AdaIN (Huang & Belongie 2017): the mirrored encoder, with nearest-neighbour enlargement."""

from collections.abc import Sequence

import keras
from keras import layers

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.padding import ReflectionPad
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor

# The first pictures are nearly grey; loud ones would have moments far from any style.
QUIET = 0.01


def build_decoder(channels: Sequence[int], halvings: int, filters: int | None = None) -> keras.Model:
    """Features (N, h, w, channels[0]) to an image in about [-1, 1], 2^halvings times as high and wide.

    One convolution before each enlargement, which halves the channels, and one after it: of VGG19 from
    relu3_1 down, the mirror image. `filters`: of the first layer, in the place of half the channels.
    Further channels are those of skip connections: features of twice the size, of four times, and so on.
    """
    features = [keras.Input((None, None, count), name=f"features{n}") for n, count in enumerate(channels)]
    x, filters = features[0], filters or channels[0] // 2
    for halving in range(halvings):
        x = layers.UpSampling2D(2, interpolation="nearest")(convolution(x, filters // 2**halving))
        x = layers.Concatenate()([x, *features[halving + 1 : halving + 2]]) if features[halving + 1 :] else x
        x = convolution(x, filters // 2**halving)
    # The picture itself is float32 whatever the precision of the layers before it.
    quiet = keras.initializers.VarianceScaling(QUIET)
    image = Conv2D(3, 3, dtype="float32", kernel_initializer=quiet)
    return Network(features, image(ReflectionPad(1, dtype="float32")(x)), name="decoder")


def convolution(x: Tensor, channels: int) -> Tensor:
    return Conv2D(channels, 3, activation="relu", kernel_initializer="he_normal")(ReflectionPad(1)(x))
