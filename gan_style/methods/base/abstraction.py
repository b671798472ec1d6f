"""Edge-preserving smoothing: it takes strokes and texture alike out of a picture, and leaves its shapes.

So a photograph and a painting come to look alike, and the way from there to the painting can be learned from
paintings alone.
"""

from typing import Annotated

from keras import ops
from pydantic import Field

from gan_style.config.model import Config
from gan_style.system.tensor import Tensor


class Abstraction(Config):
    """The guided filter (He et al. 2013), guided by the picture itself."""

    radius: Annotated[int, Field(ge=1, le=32, description="of its windows, in pixels")] = 4
    epsilon: Annotated[
        float,
        Field(gt=0, le=10, description="variance of a window that is still smoothed; pixels in [-1, 1]"),
    ] = 0.03
    times: Annotated[int, Field(ge=1, le=8, description="the filter is applied")] = 2


def abstracted(images: Tensor, how: Abstraction) -> Tensor:
    for _ in range(how.times):
        images = guided_by_itself(images, how.radius, how.epsilon)
    return images


def guided_by_itself(images: Tensor, radius: int, epsilon: float) -> Tensor:
    """Equations 5, 6 and 8 with the picture (N, H, W, C) as its own guide, each channel by itself."""
    mean = window_means(images, radius)
    variance = ops.relu(window_means(ops.square(images), radius) - ops.square(mean))
    slope = variance / (variance + epsilon)
    offset = mean - slope * mean
    return window_means(slope, radius) * images + window_means(offset, radius)


def window_means(images: Tensor, radius: int) -> Tensor:
    """Over squares of 2 radius + 1 pixels, of what lies inside of the picture."""
    side = 2 * radius + 1
    columns = ops.average_pool(images, (side, 1), strides=1, padding="same")
    return ops.average_pool(columns, (1, side), strides=1, padding="same")
