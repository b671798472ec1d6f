"""The guided filter (He et al. 2013): in every window, what is filtered is a linear function of its guide."""

from typing import Any

import keras
from keras import ops

from gan_style.system.tensor import Tensor

EPSILON = 1e-3  # variance of brightness in [-1, 1], or 4 grey levels: a window of less is of one colour


@keras.saving.register_keras_serializable("gan_style")
class GuidedColours(keras.layers.Layer):
    """Pictures (N, H, W, 3) with their brightness as it is, and their colours filtered with it as the guide.

    Colours contrast a quarter as much as brightness does, so that losses on pixels and textures see little of
    them, and a network leaves them blurred, under a fine grain. Here they change where brightness does.
    """

    def __init__(self, radius: int, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.radius = radius

    def call(self, pictures: Tensor) -> Tensor:
        brightness = ops.mean(pictures, axis=-1, keepdims=True)
        return brightness + guided(pictures - brightness, brightness, self.radius, EPSILON)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "radius": self.radius}


def guided(images: Tensor, guide: Tensor, radius: int, epsilon: float) -> Tensor:
    """Equations 5, 6 and 8 with images (N, H, W, C), and a guide of as many channels or of one."""
    mean, mean_guide = window_means(images, radius), window_means(guide, radius)
    variance = ops.relu(window_means(ops.square(guide), radius) - ops.square(mean_guide))
    slope = (window_means(guide * images, radius) - mean_guide * mean) / (variance + epsilon)
    offset = mean - slope * mean_guide
    return window_means(slope, radius) * guide + window_means(offset, radius)


def window_means(images: Tensor, radius: int) -> Tensor:
    """Over squares of 2 radius + 1 pixels, of what lies inside of the picture."""
    side = 2 * radius + 1
    columns = ops.average_pool(images, (side, 1), strides=1, padding="same")
    return ops.average_pool(columns, (1, side), strides=1, padding="same")
