"""What a generator is shown: the photograph smoothed, with random strokes along its contours.

The blur takes away the detail that strokes have to replace; left in, a generator keeps it. A blurred
painting still shows where its strokes were, a blurred photograph shows nothing in a flat sky: soft random
strokes along the contours stand in for them, and a network can sharpen those. In the same way lines along
the contours stand in for a cartoon's, which a photograph does not have.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.model import Config
from gan_style.features.random_pyramid import blurred
from gan_style.methods.base.abstraction import Abstraction, abstracted
from gan_style.methods.base.request import Request
from gan_style.networks.graph import Graph, resized
from gan_style.system.tensor import Tensor

DIRECTIONS = 8
LENGTH, WIDTH = 3.5, 1.1  # standard deviations of a stroke, in stroke widths
REACH = 2.3  # half-size of a stroke's filter, in lengths
CHROMA = 0.25  # of strokes, beside their brightness
TURN_BLURS, FLAT = 24, 0.02  # a wandering direction, and how steep a slope outweighs it


class GeneratorInput(Config):
    abstraction: Annotated[
        Abstraction | None, Field(description="edge-preserving smoothing, before everything else")
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
        return bool(self.input_blur or self.abstraction)


def generator_input(
    images: Tensor, how: GeneratorInput, random: keras.random.SeedGenerator, strength: float = 1.0
) -> Tensor:
    """What the generator sees of photographs; with less strength, more of the photograph itself."""
    drawn = abstracted(images, how.abstraction) if how.abstraction else images
    if how.edge_lines:
        drawn = with_edge_lines(drawn, how.edge_lines)
    if how.stroke_noise:
        drawn = with_stroke_noise(drawn, how, random)
    seen = blurred_by(drawn, how.input_blur)
    return images + strength * (seen - images) if strength < 1.0 else seen


class RequestedInput:
    """What a generator sees when it paints, as one graph, and the random numbers that are left for it.

    `see` is given the tensors, and by name `random` and `strength`.
    """

    def __init__(self, see: Callable[..., Tensor]) -> None:
        self.random = keras.random.SeedGenerator(0, name="painting")
        self.graph = Graph(partial(see, random=self.random))

    def __call__(self, request: Request, *tensors: Tensor) -> tuple[Tensor, keras.random.SeedGenerator]:
        # As if the generator were new: a graph cannot make one, for that is a variable.
        self.random.state.assign([request.seed or 0, 0])
        return self.graph(*tensors, strength=request.amount()), self.random


def with_targets(
    seen: Tensor, targets: Tensor | None, how: GeneratorInput, random: keras.random.SeedGenerator
) -> Tensor:
    """What the generator sees in a step, and what it is to reconstruct target pictures from."""
    return seen if targets is None else ops.concatenate([seen, target_input(targets, how, random)])


def target_input(targets: Tensor, how: GeneratorInput, random: keras.random.SeedGenerator) -> Tensor:
    """Targets without their strokes, as photographs are shown, but for the random ones unless told so."""
    seen = abstracted(targets, how.abstraction) if how.abstraction else targets
    if how.noisy_targets and how.stroke_noise:
        seen = with_stroke_noise(seen, how, random)
    return blurred_by(seen, how.input_blur)


def with_noise(images: Tensor, channels: int, random: keras.random.SeedGenerator) -> Tensor:
    """Channels of fresh noise beside the picture, for a network that takes any."""
    if not channels:
        return images
    noise = keras.random.normal((*ops.shape(images)[:3], channels), seed=random)
    return ops.concatenate([images, noise], axis=-1)


def blurred_by(images: Tensor, times: int) -> Tensor:
    """Blurred by the binomial filter, edges mirrored: a Gaussian of standard deviation sqrt(times)."""
    for _ in range(times):
        images = blurred(images)
    return images


def smoothed(images: Tensor, times: int) -> Tensor:
    """What `blurred_by` gives, by two matrix products, which are quicker where the blurs are many."""
    height, width = ops.shape(images)[1:3]
    images = ops.einsum("ih,nhwc->niwc", blur_matrix(height, times), images)
    return ops.einsum("jw,niwc->nijc", blur_matrix(width, times), images)


def blur_matrix(side: Any, times: int) -> Tensor:
    """Binomial blurs of a line of pixels, its ends mirrored: the cosine transform makes factors of them."""
    place = ops.arange(side)
    # Whole turns are taken off while the numbers are whole: float32 would lose the angle.
    angle = ops.cast((2 * place[:, None] + 1) * place % (4 * side), "float32")
    size = ops.cast(side, "float32")
    wave = ops.cos(angle * (np.pi / 2) / size)
    kept = ops.cos(ops.cast(place, "float32") * (np.pi / 2) / size) ** (4 * times)
    return ops.matmul(wave * kept * ops.where(place == 0, 1.0, 2.0) / size, ops.transpose(wave))


def with_edge_lines(images: Tensor, lines: float) -> Tensor:
    """The images with dark lines where brightness changes steeply."""
    # Blurred first, and squared: grain and fur are steep too, but only from nearby.
    down, across = slopes(blurred_by(ops.mean(images, axis=-1, keepdims=True), 4))
    ink = ops.minimum(lines**2 * (down * down + across * across), 1.0)
    return images - ink * (images + 1.0)


def slopes(grey: Tensor) -> tuple[Tensor, Tensor]:
    """Change of brightness (N, H, W, 1) by a pixel, downwards and to the right."""
    grey = ops.pad(grey, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    return (grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]) / 2.0, (grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]) / 2.0


def with_stroke_noise(images: Tensor, how: GeneratorInput, random: keras.random.SeedGenerator) -> Tensor:
    """The images with soft strokes of each width along their contours added, mostly in brightness."""
    _, height, width, _ = ops.shape(images)
    added = 0.0
    for scale in how.stroke_widths:
        # Work at the stroke's own scale: a stroke then has the same few pixels whatever its size.
        rows, columns = -(-height // scale), -(-width // scale)
        small = resized(images, (rows, columns), "bilinear", antialias=True)
        strokes = strokes_along(contours(small, random), random, how.stroke_length)
        size = (rows * scale, columns * scale)
        added = added + resized(strokes, size, "bicubic")[:, :height, :width]
    return images + how.stroke_noise * added


def contours(images: Tensor, random: keras.random.SeedGenerator) -> Tensor:
    """The contours' direction as cosine and sine of twice its angle (N, H, W, 2); where flat, it wanders."""
    down, across = (2.0 * slope for slope in slopes(ops.mean(images, axis=-1, keepdims=True)))
    # The gradient's double angle averages without cancelling; contours are at a right angle to it, hence the
    # signs.
    along = blurred_by(ops.concatenate([down * down - across * across, -2.0 * down * across], axis=-1), 4)
    turn = smoothed(keras.random.normal(ops.shape(along), seed=random), TURN_BLURS)
    turn = turn / (ops.std(turn) + 1e-6)
    along = along + FLAT * turn
    return along / (ops.norm(along, axis=-1, keepdims=True) + 1e-6)


def strokes_along(direction: Tensor, random: keras.random.SeedGenerator, length: float) -> Tensor:
    """White noise smeared along a field of directions: (N, H, W, 3), about unit variance in brightness."""
    count, height, width, _ = ops.shape(direction)
    filters = stroke_filters(length)
    reach = filters.shape[0] // 2
    noise = keras.random.normal((count, height + 2 * reach, width + 2 * reach, 4), seed=random)
    smeared = ops.depthwise_conv(noise, ops.convert_to_tensor(filters), padding="valid")
    smeared = ops.reshape(smeared, (count, height, width, 4, DIRECTIONS))
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    cosines, sines = np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
    fit = ops.relu(direction[..., :1] * cosines + direction[..., 1:] * sines) ** 4
    fit = fit / (ops.norm(fit, axis=-1, keepdims=True) + 1e-6)
    tones = ops.sum(smeared * fit[..., None, :], axis=-1)
    return tones[..., :1] + CHROMA * tones[..., 1:]


def stroke_filters(length: float) -> np.ndarray:
    """An elongated Gaussian of unit norm for each direction: (size, size, 4, DIRECTIONS)."""
    reach = round(REACH * max(1.0, length))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    filters = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        along, beside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        stroke = np.exp(-0.5 * ((along / length) ** 2 + (beside / WIDTH) ** 2))
        filters.append(stroke / np.linalg.norm(stroke))
    return np.repeat(np.stack(filters, -1)[:, :, None], 4, axis=2).astype(np.float32)
