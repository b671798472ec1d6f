"""What a generator is shown: the photograph smoothed, with traces of strokes along its contours.

The blur takes away the detail that strokes have to replace; left in, a generator keeps it. A blurred
painting still shows where its strokes were, a blurred photograph shows nothing in a flat sky: dabs of its
own colours, or soft random strokes, stand in for them, and a network can sharpen those. In the same way
lines along the contours stand in for a cartoon's, which a photograph does not have.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.model import Config
from gan_style.methods.base.abstraction import Abstraction, abstracted
from gan_style.methods.base.contours import blurred_by, slopes
from gan_style.methods.base.dabs import Dabs, dabbed
from gan_style.methods.base.request import Request
from gan_style.methods.base.stroke_noise import LENGTH, with_stroke_noise
from gan_style.networks.graph import Graph
from gan_style.system.places import Places
from gan_style.system.random import Random, normal
from gan_style.system.tensor import Tensor

NOWHERE = np.zeros((1, 1, 1, 2), np.float32)
LEFT = 10**6  # draws: more than any input takes
EDGE_BLURS = 4  # of brightness, before its slopes become lines


class GeneratorInput(Config):
    abstraction: Annotated[
        Abstraction | None, Field(description="edge-preserving smoothing, before everything else")
    ] = None
    dabs: Annotated[
        Dabs | None, Field(description="the picture as flat strokes of its own colours, along its contours")
    ] = None
    input_blur: Annotated[int, Field(ge=0, le=32, description="blurs of variance 1, in pixels squared")] = 0
    stroke_noise: Annotated[
        float, Field(ge=0, le=1, description="standard deviation of the strokes; pixels are in [-1, 1]")
    ] = 0.0
    edge_lines: Annotated[
        float, Field(ge=0, le=1000, description="dark lines along contours: slopes of 1/edge_lines are black")
    ] = 0.0
    stroke_widths: Annotated[
        tuple[Literal[1, 2, 4], ...],
        Field(min_length=1, max_length=8, description="of the random strokes, in pixels"),
    ] = (1, 2)
    stroke_length: Annotated[
        float, Field(gt=0, le=8, description="standard deviation along the random strokes, in their widths")
    ] = LENGTH
    noisy_targets: Annotated[
        bool, Field(description="random strokes in the targets that are to be reconstructed, too")
    ] = False

    def removes_anything(self) -> bool:
        return bool(self.input_blur or self.abstraction or self.dabs)


def generator_input(
    images: Tensor, how: GeneratorInput, random: Random, strength: float = 1.0, painting: bool = False
) -> Tensor:
    """What the generator sees of photographs; with less strength, more of the photograph itself.

    `painting`: that they are paintings, which have their strokes and get no others.
    """
    if painting:
        return towards(images, target_input(images, how, random), strength)
    drawn = abstracted(images, how.abstraction) if how.abstraction else images
    if how.edge_lines:
        drawn = with_edge_lines(drawn, how.edge_lines)
    if how.dabs:
        drawn = dabbed(drawn, how.dabs, random)
    if how.stroke_noise:
        drawn = with_stroke_noise(drawn, how.stroke_noise, how.stroke_widths, how.stroke_length, random)
    return towards(images, blurred_by(drawn, how.input_blur), strength)


def towards(images: Tensor, seen: Tensor, strength: float) -> Tensor:
    return images + strength * (seen - images) if strength < 1.0 else seen


class RequestedInput:
    """What a generator sees when it paints, as one graph, and the random numbers that are left for it.

    `see` is given the tensors, and by name `random`, `strength` and `painting`.
    """

    def __init__(self, see: Callable[..., Tensor]) -> None:
        def seen(*given: Tensor, moving: bool, **how: Any) -> Tensor:
            *tensors, where, moved = given
            return see(*tensors, random=Places(where, moved=moved if moving else None), **how)

        self.graph = Graph(seen)

    def __call__(self, request: Request, *tensors: Tensor) -> tuple[Tensor, Places]:
        count, moving = tensors[0].shape[0], request.moved is not None
        moved = NOWHERE if request.moved is None else request.moved[None]
        where = request.where(count, beside=True)
        how = {"strength": request.amount(), "painting": request.painting}
        seen = self.graph(*tensors, where, moved, moving=moving, **how)
        own = request.inner(ops.convert_to_tensor(moved)) if moving else None
        return request.inner(seen), Places(request.where(count), [LEFT], own)


def with_targets(seen: Tensor, targets: Tensor | None, how: GeneratorInput, random: Random) -> Tensor:
    """What the generator sees in a step, and what it is to reconstruct target pictures from."""
    return seen if targets is None else ops.concatenate([seen, target_input(targets, how, random)])


def target_input(targets: Tensor, how: GeneratorInput, random: Random) -> Tensor:
    """Targets without their strokes, as photographs are shown, but for the random ones unless told so."""
    seen = abstracted(targets, how.abstraction) if how.abstraction else targets
    if how.noisy_targets and how.stroke_noise:
        seen = with_stroke_noise(seen, how.stroke_noise, how.stroke_widths, how.stroke_length, random)
    return blurred_by(seen, how.input_blur)


def with_noise(images: Tensor, channels: int, random: Random) -> Tensor:
    """Channels of fresh noise beside the picture, for a network that takes any."""
    if not channels:
        return images
    noise = normal((*ops.shape(images)[:3], channels), random)
    return ops.concatenate([images, noise], axis=-1)


def with_edge_lines(images: Tensor, lines: float) -> Tensor:
    """The images with dark lines where brightness changes steeply."""
    # Blurred first, and squared: grain and fur are steep too, but only from nearby.
    grey = ops.mean(images, axis=-1, keepdims=True)
    down, across = slopes(blurred_by(grey, EDGE_BLURS))
    ink = ops.minimum(lines**2 * (down * down + across * across), 1.0)
    return images - ink * (images + 1.0)
