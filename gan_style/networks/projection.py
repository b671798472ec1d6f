"""The heads that CUT compares features with (Park et al. 2020): a small network for each encoder layer."""

from collections.abc import Sequence

import keras
from keras import layers

from gan_style.networks.initializers import Init, initializer
from gan_style.networks.layers.norms import UnitVector
from gan_style.networks.network import Network


def build_projection_heads(channels: Sequence[int], width: int, init: Init) -> keras.Model:
    """Features (K, C) of K places, one input a layer, to unit vectors (K, width): two dense layers each."""
    features = [keras.Input((count,)) for count in channels]
    vectors = []
    for x in features:
        x = layers.Dense(width, activation="relu", kernel_initializer=initializer(init))(x)
        x = layers.Dense(width, kernel_initializer=initializer(init))(x)
        vectors.append(UnitVector(dtype="float32")(x))
    return Network(features, vectors, name="projection_heads")
