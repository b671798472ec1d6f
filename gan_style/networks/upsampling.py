"""How a generator doubles the size of its features. A new way is a function here, and a line at the end."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from gan_style.config.choice import name_in
from gan_style.networks.layers.biases import Conv2DTranspose
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.padding import CropBorder
from gan_style.networks.layers.resampling import UpBilinear
from gan_style.system.tensor import Tensor

# Each channel's nine taps: what comes out contrasts about as much as what goes in.
DEPTHWISE = keras.initializers.RandomNormal(0.0, 1 / 3)


def transposed(x: Tensor, filters: int, initializer: Any, kernel: int) -> Tensor:
    # Kernel 3 gives 2n + 1 pixels without padding; dropping the first row and column centres it as padding 1,
    # output padding 1 does elsewhere (Keras' own "same" is one pixel off). Kernel 4 gives 2n + 2.
    options: dict[str, Any] = {"strides": 2, "padding": "valid", "kernel_initializer": initializer}
    x = Conv2DTranspose(filters, kernel, **options)(x)
    return CropBorder(1, kernel - 3)(x)


def nearest(x: Tensor, filters: int, initializer: Any, kernel: int) -> Tensor:
    return convolved(layers.UpSampling2D(2, interpolation="nearest")(x), filters, initializer)


def bilinear(x: Tensor, filters: int, initializer: Any, kernel: int) -> Tensor:
    return convolved(UpBilinear()(x), filters, initializer)


def convolved(x: Tensor, filters: int, initializer: Any) -> Tensor:
    return Conv2D(filters, 3, kernel_initializer=initializer)(layers.ZeroPadding2D(1)(x))


def bilinear_separable(x: Tensor, filters: int, initializer: Any, kernel: int) -> Tensor:
    """With about an eighth of the multiplications of `bilinear`."""
    return separable(layers.ZeroPadding2D(1)(UpBilinear()(x)), filters, initializer)


def separable(x: Tensor, filters: int, initializer: Any) -> Tensor:
    """A 3x3 convolution of each channel by itself, and a mixture of them (MobileNets, Howard et al. 2017)."""
    x = layers.DepthwiseConv2D(3, use_bias=False, depthwise_initializer=DEPTHWISE)(x)
    return Conv2D(filters, 1, kernel_initializer=initializer)(x)


# `kernel` is the recipe's `upsampling_kernel`, which transposed convolutions alone have.
UPSAMPLERS: dict[str, Callable[[Tensor, int, Any, int], Tensor]] = {
    "transposed": transposed,
    "nearest": nearest,
    "bilinear": bilinear,
    "bilinear_separable": bilinear_separable,
}
Upsampling = name_in(UPSAMPLERS)
