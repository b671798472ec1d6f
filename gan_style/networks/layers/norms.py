"""Normalisation as the papers' originals do it; statistics in float32."""

from typing import Any

import keras
from keras import ops

from gan_style.networks.layers.fused_norm import all_normalised, each_normalised
from gan_style.system.tensor import Tensor

LEAK = 0.2


@keras.saving.register_keras_serializable("gan_style")
class InstanceNorm(keras.layers.Layer):
    """Normalise each channel of each image over its pixels (Ulyanov et al. 2016); statistics in float32."""

    def __init__(self, affine: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.affine = affine

    def build(self, shape: tuple) -> None:
        if self.affine:
            self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer="ones")
            self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")

    def call(self, images: Tensor) -> Tensor:
        scale_and_shift = (self.gamma, self.beta) if self.affine else ()
        return each_normalised(images, *scale_and_shift)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "affine": self.affine}


@keras.saving.register_keras_serializable("gan_style")
class ConditionalInstanceNorm(keras.layers.Layer):
    """Instance norm with each style's scale and shift (Dumoulin et al. 2017), mixed by a map of weights.

    Takes features (N, H, W, C) and style weights (N, H, W, styles).
    """

    def build(self, shapes: list[tuple]) -> None:
        features, styles = shapes
        self.gamma = self.add_weight(name="gamma", shape=(styles[-1], features[-1]), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(styles[-1], features[-1]), initializer="zeros")

    def call(self, inputs: list) -> Tensor:
        features, styles = inputs
        normal, styles = (ops.cast(tensor, "float32") for tensor in (each_normalised(features), styles))
        weights = (ops.cast(weight, "float32")[None, None] for weight in (self.gamma, self.beta))
        scale, shift = (ops.conv(styles, weight) for weight in weights)
        return ops.cast(normal * scale + shift, self.compute_dtype)

    def compute_output_shape(self, shapes: list[tuple]) -> tuple:
        return shapes[0]


@keras.saving.register_keras_serializable("gan_style")
class BatchNorm(keras.layers.Layer):
    """Normalise each channel over the batch at hand, in training and in painting alike, as pix2pix does.

    There are no moving statistics: pix2pix never uses them. Statistics in float32.
    """

    def build(self, shape: tuple) -> None:
        around_one = keras.initializers.RandomNormal(1.0, 0.02)
        self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer=around_one)
        self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")

    def call(self, images: Tensor) -> Tensor:
        return all_normalised(images, self.gamma, self.beta)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape


@keras.saving.register_keras_serializable("gan_style")
class UnitVector(keras.layers.Layer):
    """Vectors divided by their length plus a little, as CUT does: tiny early ones must not be blown up."""

    def call(self, vectors: Tensor) -> Tensor:
        # The root has no slope at zero, which a dead head reaches.
        length = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-30)
        return vectors / (length + 1e-7)
