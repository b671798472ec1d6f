"""A small network that is taught the features of a large one: at each size of theirs, so many components."""

from collections.abc import Sequence

import keras
import numpy as np

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.padding import ReflectionPad
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor


def build_student(components: Sequence[int], filters: Sequence[int]) -> keras.Model:
    """Image in [-1, 1] to `level0` (N, H, W, C0), `level1` (N, H / 2, W / 2, C1) and so on, and a `picture`.

    Halving by 4x4 kernels looks at each cell of a 2x2 pool from its middle. The picture, linear in what the
    finest level is made of, shows what is left of the image there.
    """
    images = keras.Input((None, None, 3), name="images")
    x, outputs = images, {}
    for level, (count, width) in enumerate(zip(components, filters, strict=True)):
        if level:
            x = convolution(x, x.shape[-1], 4, f"halved{level}", strides=2)
        x = convolution(x, width, 3, f"hidden{level}")
        outputs[f"level{level}"] = linear(x, count, f"level{level}")
        if level == 0:
            outputs["picture"] = linear(x, 3, "picture")
    return Network(images, outputs, name="student")


def arrays_of(student: keras.Model) -> dict[str, np.ndarray]:
    """Weights by `layer/kernel` and `layer/bias`, without those of the picture, which only shows."""
    named = {"/".join(one.path.split("/")[-2:]): np.array(one) for one in student.variables}
    return {name: array for name, array in named.items() if not name.startswith("picture/")}


def convolution(x: Tensor, channels: int, size: int, name: str, strides: int = 1) -> Tensor:
    started = "he_normal"
    layer = Conv2D(channels, size, strides, activation="relu", kernel_initializer=started, name=name)
    return layer(ReflectionPad(1)(x))


def linear(x: Tensor, channels: int, name: str) -> Tensor:
    return Conv2D(channels, 1, dtype="float32", name=name)(x)
