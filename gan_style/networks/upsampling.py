"""How a generator doubles the size of its features. A new way is a function here, and a line at the end."""

from collections.abc import Callable
from typing import Any

from keras import layers

from gan_style.config.choice import name_in
from gan_style.networks.layers.biases import Conv2DTranspose
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.padding import CropBorder
from gan_style.networks.layers.resampling import UpBilinear
from gan_style.system.tensor import Tensor


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


# `kernel` is the recipe's `upsampling_kernel`, which transposed convolutions alone have.
UPSAMPLERS: dict[str, Callable[[Tensor, int, Any, int], Tensor]] = {
    "transposed": transposed,
    "nearest": nearest,
    "bilinear": bilinear,
}
Upsampling = name_in(UPSAMPLERS)
