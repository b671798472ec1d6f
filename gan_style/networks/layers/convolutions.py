"""Keras' convolutions, computed in other ways where these are faster. They are the same functions.

benchmarks/NOTES.md has what each is worth, and where.
"""

import math
from typing import Any

import keras
import tensorflow as tf

from gan_style.networks.layers import winograd
from gan_style.system import machine, processor
from gan_style.system.tensor import Tensor

# With fewer channels the transforms cost what the multiplications save.
WINOGRAD_CHANNELS = {"float32": 128, "bfloat16": 256}
FEW = 4  # channels of the result, where most of the processor's vector lies idle
BLOCK = 2


@keras.saving.register_keras_serializable("gan_style")
class Conv2D(keras.layers.Conv2D):
    """`even`: says that the result's height and width are even, also where they are unknown while tracing."""

    def __init__(self, *arguments: Any, even: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.even = even

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        stride, *others = {*self.strides}
        if others or self.padding != "valid" or self.dilation_rate != (1, 1) or self.groups != 1:
            return super().convolution_op(inputs, kernel)
        kernel = tf.convert_to_tensor(kernel)  # of a variable, which has no place in a custom gradient
        if stride == 1 and self.even and self.filters <= FEW:
            return by_blocks(inputs, kernel)
        if stride == 1 and self.kernel_size == (3, 3) and uses_winograd(inputs.dtype, min(kernel.shape[2:])):
            if inputs.dtype == "float32":
                return winograd.convolved(inputs, kernel)
            if all(side and side % 2 == 0 for side in inputs.shape[1:3]):
                return winograd.with_kernel_gradient_by_tiles(inputs, kernel)
        return convolved(inputs, kernel, stride)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "even": self.even}


def uses_winograd(dtype: tf.DType, channels: int) -> bool:
    chosen = machine.in_use is not None and machine.in_use.convolutions == "winograd"
    return chosen and channels >= WINOGRAD_CHANNELS.get(dtype.name, math.inf)


def by_blocks(images: Tensor, kernel: Tensor) -> Tensor:
    """Blocks of 2x2 results at once: a kernel one pixel larger, for four times the channels, at stride 2."""
    shifted = [
        tf.pad(kernel, [[down, BLOCK - 1 - down], [right, BLOCK - 1 - right], [0, 0], [0, 0]])
        for down in range(BLOCK)
        for right in range(BLOCK)
    ]
    return tf.nn.depth_to_space(convolved(images, tf.concat(shifted, -1), BLOCK), BLOCK)


def convolved(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """Without padding. On processors without AVX-512, oneDNN is slow for a single image in float32."""
    if images.shape[0] == 1 and images.dtype == "float32" and processor.is_slow_for_single_images():
        return in_two_bands(images, kernel, stride)
    return tf.nn.conv2d(images, kernel, stride, "VALID")


def in_two_bands(images: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """A single image as two: its upper and its lower rows, as far as each half of the results sees."""

    @tf.custom_gradient
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
