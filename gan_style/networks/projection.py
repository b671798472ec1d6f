"""The heads that CUT compares features with (Park et al. 2020): a small network for each encoder layer."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from gan_style.networks.initializers import Initial, initializer


@keras.saving.register_keras_serializable("gan_style")
class UnitVector(layers.Layer):
    """Vectors divided by their length, plus a little, as CUT does: early on they are tiny, and must not be blown up."""

    def call(self, vectors: Any) -> Any:
        # The root has no slope at zero, which a dead head reaches.
        length = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-30)
        return vectors / (length + 1e-7)


def build_projection_heads(channels: Sequence[int], width: int, initial: Initial) -> keras.Model:
    """Features (K, C) of K places, one input a layer, to unit vectors (K, width): two dense layers each."""
    features = [keras.Input((count,)) for count in channels]
    vectors = []
    for x in features:
        x = layers.Dense(width, activation="relu", kernel_initializer=initializer(initial))(x)
        x = layers.Dense(width, kernel_initializer=initializer(initial))(x)
        vectors.append(UnitVector(dtype="float32")(x))
    return keras.Model(features, vectors, name="projection_heads")
