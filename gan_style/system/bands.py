"""Convolutions of a single image, for which oneDNN is slow on some processors."""

import tensorflow as tf

from gan_style.system import processor
from gan_style.system.portable import is_portable
from gan_style.system.tensor import Tensor


def convolved(images: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """Without padding. On processors without AVX-512, oneDNN is slow for a single image in float32."""
    alone = images.shape[0] == 1 and images.dtype == "float32" and not is_portable()
    if alone and processor.is_slow_for_single_images() and not tf.config.list_physical_devices("GPU"):
        return in_two_bands(images, kernel, stride)
    return tf.nn.conv2d(images, kernel, stride, "VALID")


def in_two_bands(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """A single image as two: its upper and its lower rows, as far as each half of the results sees."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def convolve(images: Tensor, kernel: Tensor) -> tuple:
        rows = (tf.shape(images)[1] - kernel.shape[0]) // stride + 1
        half = (rows + 1) // 2
        seen = (half - 1) * stride + kernel.shape[0]
        lower = images[:, half * stride :][:, :seen]
        missing = seen - tf.shape(lower)[1]  # where the number of rows is odd
        bands = tf.concat([images[:, :seen], tf.pad(lower, [[0, 0], [0, missing], [0, 0], [0, 0]])], axis=0)
        results = tf.nn.conv2d(bands, kernel, stride, "VALID")
        columns = tf.shape(results)[2]

        def backward(slope: Tensor) -> tuple[Tensor, Tensor]:
            how = {"out_backprop": slope, "strides": [1, stride, stride, 1], "padding": "VALID"}
            of_images = tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(images), filter=kernel, **how)
            return of_images, tf.raw_ops.Conv2DBackpropFilter(input=images, filter_sizes=kernel.shape, **how)

        return tf.reshape(results, (1, 2 * half, columns, kernel.shape[3]))[:, :rows], backward

    pairs = zip(images.shape[1:3], kernel.shape[:2], strict=True)
    sides = (side and (side - size) // stride + 1 for side, size in pairs)
    return tf.ensure_shape(convolve(images, kernel), (1, *sides, kernel.shape[3]))
