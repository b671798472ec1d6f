"""Bilinear upsampling and antialiased downsampling."""

import keras
import tensorflow as tf
from keras import ops

from gan_style.system.tensor import Tensor


@keras.saving.register_keras_serializable("gan_style")
class UpBilinear(keras.layers.Layer):
    """Twice the height and width, half-pixel centres, edges clamped, for sizes unknown while tracing too."""

    def call(self, images: Tensor) -> Tensor:
        # TensorFlow's own, because Keras' wants to know the sizes; in float32 inside.
        return tf.cast(tf.image.resize(images, 2 * tf.shape(images)[1:3]), images.dtype)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (shape[0], *(None if side is None else 2 * side for side in shape[1:3]), shape[3])


@keras.saving.register_keras_serializable("gan_style")
class BlurDown(keras.layers.Layer):
    """Every second pixel, averaged by 1-2-1 along both axes, edges mirrored (Zhang 2019): no aliasing."""

    def call(self, images: Tensor) -> Tensor:
        images = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
        rows = images[:, :-2:2] + 2 * images[:, 1:-1:2] + images[:, 2::2]
        return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 16

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (shape[0], *(None if side is None else -(-side // 2) for side in shape[1:3]), shape[3])
