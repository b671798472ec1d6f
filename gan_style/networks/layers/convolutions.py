"""Keras' convolutions, computed in other ways where these are faster. They are the same functions.

benchmarks/NOTES.md has what each is worth, and where.
"""

import math
from typing import Any

import keras
import tensorflow as tf

from gan_style.networks.layers import winograd
from gan_style.networks.layers.biases import biased
from gan_style.system import machine
from gan_style.system.bands import convolved
from gan_style.system.portable import is_portable
from gan_style.system.tensor import Tensor

# With fewer channels the transforms cost what the multiplications save.
WINOGRAD_CHANNELS = {"float32": 128, "bfloat16": 256}
# Where sizes are unknown while tracing, XLA compiles for many of them: that must be worth more.
WINOGRAD_CHANNELS_OF_ANY_SIZE = 256
FEW = 4  # channels of the result, where most of the processor's vector lies idle
BLOCK = 2


@keras.saving.register_keras_serializable("gan_style")
class Conv2D(keras.layers.Conv2D):
    """`even_sides`: says so of the result's height and width, also where these are unknown while tracing."""

    def __init__(self, *arguments: Any, even_sides: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.even_sides = even_sides

    def call(self, inputs: Tensor) -> Tensor:
        if not self.use_bias or self.compute_dtype == "float32":
            return super().call(inputs)
        return self.activation(biased(self.convolution_op(inputs, self.kernel), self.bias))

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        stride, *others = {*self.strides}
        if others or self.padding != "valid" or self.dilation_rate != (1, 1) or self.groups != 1:
            return super().convolution_op(inputs, kernel)
        kernel = tf.convert_to_tensor(kernel)  # of a variable, which has no place in a custom gradient
        if stride == 1 and self.even_sides and self.filters <= FEW:
            return by_blocks(inputs, kernel)
        if stride == 1 and self.kernel_size == (3, 3) and uses_winograd(inputs, min(kernel.shape[2:])):
            if inputs.dtype == "float32":
                return winograd.convolved(inputs, kernel)
            if all(side and side % 2 == 0 for side in inputs.shape[1:3]):
                return winograd.with_kernel_gradient_by_tiles(inputs, kernel)
        return convolved(inputs, kernel, stride)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "even_sides": self.even_sides}


def uses_winograd(images: Tensor, channels: int) -> bool:
    chosen = machine.in_use is not None and machine.in_use.convolutions == "winograd"
    least = WINOGRAD_CHANNELS.get(tf.as_dtype(images.dtype).name, math.inf)
    if not all(images.shape[1:3]):
        least = max(least, WINOGRAD_CHANNELS_OF_ANY_SIZE)
    return chosen and channels >= least and not is_portable()


def by_blocks(images: Tensor, kernel: Tensor) -> Tensor:
    """Blocks of 2x2 results at once: a kernel one pixel larger, for four times the channels, at stride 2."""
    shifted = [
        tf.pad(kernel, [[down, BLOCK - 1 - down], [right, BLOCK - 1 - right], [0, 0], [0, 0]])
        for down in range(BLOCK)
        for right in range(BLOCK)
    ]
    return tf.nn.depth_to_space(convolved(images, tf.concat(shifted, -1), BLOCK), BLOCK)
