"""Edge-preserving smoothing: it takes strokes and texture alike out of a picture, and leaves its shapes.

So a photograph and a painting come to look alike, and the way from there to the painting can be learned from
paintings alone.
"""

from typing import Annotated

from pydantic import Field

from gan_style.config.model import Config
from gan_style.networks.layers.guided_filter import guided
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
        images = guided(images, images, how.radius, how.epsilon)
    return images
