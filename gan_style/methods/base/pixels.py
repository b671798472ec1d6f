"""The image that an optimisation moves: its pixels, at one size after the other from coarse to fine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field, create_model

from gan_style.config.choice import one_of
from gan_style.config.model import Config
from gan_style.config.places import Place
from gan_style.methods.base.frozen_features import FrozenFeaturesChoice
from gan_style.optim.lbfgs import LbfgsPlayer
from gan_style.optim.optimizers import MOST_RATE, OPTIMIZERS, Adam, Optimizer
from gan_style.optim.player import Player
from gan_style.system import images
from gan_style.system.errors import RunError, UserError
from gan_style.system.tensor import Tensor

SMALLEST_SIDE = 32  # pixels; the sizes of a run begin no smaller
NOISE = 0.25  # standard deviation of the noise that an image may start from


PixelRate = Annotated[float, Field(gt=0, description="of pixels in [-1, 1]"), MOST_RATE]
PIXEL_RATE = 0.02
InitialImage = Annotated[
    str, Field(description="content, noise, or a picture's file"), Place("file", ("content", "noise"))
]


class PixelAdam(Adam):
    learning_rate: PixelRate = PIXEL_RATE
    beta_1: Annotated[float, Field(ge=0, lt=1)] = 0.9


class Lbfgs(Config):
    kind: Literal["lbfgs"] = "lbfgs"
    history: Annotated[
        int, Field(ge=1, le=100, description="steps that tell the curvature; each keeps two pictures")
    ] = 10

    def player(self, name: str, networks: Sequence[Any], steps: int) -> Player:
        return LbfgsPlayer(name, networks, self.history)


def of_pixels(optimizer: type[Optimizer]) -> type[Optimizer]:
    """With the learning rate that pixels need instead of that of network weights."""
    return create_model(optimizer.__name__, __base__=optimizer, learning_rate=(PixelRate, PIXEL_RATE))


OTHERS = [of_pixels(optimizer) for kind, optimizer in OPTIMIZERS.items() if kind != "adam"]


class PixelConfig(Config):
    """What every method says that optimises an image."""

    features: FrozenFeaturesChoice = None
    optimizer: one_of([Lbfgs, PixelAdam, *OTHERS], default="lbfgs") = Lbfgs()  # type: ignore[valid-type]
    scales: Annotated[
        int, Field(ge=1, le=6, description="sizes of the image, each twice the last, with equal steps")
    ] = 1
    initial_image: InitialImage = "content"


class PixelLayer(keras.layers.Layer):
    """An image (1, H, W, 3) that is the layer's weight, and how often it was moved."""

    def __init__(self, start: Tensor) -> None:
        super().__init__(dtype="float32")
        self.steps = self.add_weight(name="steps", shape=(), initializer="zeros", trainable=False)
        self.pixels = self.add_weight(name="pixels", shape=tuple(start.shape), initializer="zeros")
        self.pixels.assign(start)

    def call(self, anything: Tensor) -> Tensor:
        return ops.convert_to_tensor(self.pixels)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return tuple(self.pixels.shape)


class Level:
    """The image at one size, and the optimizer that moves it."""

    def __init__(self, start: Tensor, coarser: "Level | None", optimizer: Any, steps: int) -> None:
        self.start, self.coarser, self.steps = start, coarser, steps
        self.layer = PixelLayer(start)
        height, width = self.size
        self.player: Player = optimizer.player(f"image_{width}x{height}", [self.layer], steps)

    @property
    def size(self) -> tuple[int, int]:
        return self.start.shape[1:3]

    def image(self) -> Tensor:
        return ops.convert_to_tensor(self.layer.pixels)

    def begin(self) -> None:
        """In its first step a level takes over what the coarser one has reached; every step is counted."""
        if self.coarser:
            grown = resized(self.coarser.image(), self.size)
            self.layer.pixels.assign(ops.where(self.layer.steps == 0, grown, self.layer.pixels))
        self.layer.steps.assign_add(1)

    def has_begun(self) -> bool:
        return float(self.layer.steps) > 0


class ImagePyramid:
    """All levels, the coarsest first, and which of them a step belongs to."""

    def __init__(self, config: PixelConfig, content: np.ndarray, steps: int, seed: int) -> None:
        whole = first_image(config.initial_image, content, seed)
        halvings = [2**halved for halved in reversed(range(config.scales))]
        sizes = [tuple(round(side / halving) for side in whole.shape[1:3]) for halving in halvings]
        sizes = [size for size in sizes if min(size) >= SMALLEST_SIDE] or sizes[-1:]
        self.first_steps = [number * steps // len(sizes) for number in range(len(sizes) + 1)]
        self.levels: list[Level] = []
        for number, size in enumerate(sizes):
            share = self.first_steps[number + 1] - self.first_steps[number]
            coarser = self.levels[-1] if self.levels else None
            self.levels.append(Level(resized(whole, size), coarser, config.optimizer, share))
        anything = keras.Input((1,))
        self.network = keras.Model(anything, [level.layer(anything) for level in self.levels])
        self.players = [level.player for level in self.levels]

    def level_at(self, step: int) -> int:
        return max(n for n in range(len(self.levels)) if self.first_steps[n] <= step)

    def phases(self) -> dict[str, int]:
        """Steps by size."""
        return {"{1}x{0}".format(*level.size): level.steps for level in self.levels}

    def newest(self) -> Level:
        """The largest size that has begun, or the first one."""
        return next((level for level in reversed(self.levels) if level.has_begun()), self.levels[0])

    def result(self) -> np.ndarray:
        """The image (H, W, 3) in [-1, 1] at full size, as far as it has come."""
        grown = resized(self.newest().image(), self.levels[-1].size)
        pixels: np.ndarray = ops.convert_to_numpy(grown)[0]
        if not np.isfinite(pixels).all():
            raise RunError("the picture has pixels that are no numbers; a smaller learning rate may help")
        return np.clip(pixels, -1, 1)


def first_image(named: str, content: np.ndarray, seed: int) -> Tensor:
    """What the pixels (1, H, W, 3) are before the first step."""
    match named:
        case "content":
            return ops.convert_to_tensor(content[None])
        case "noise":
            drawn = np.random.default_rng(seed).normal(0, NOISE, (1, *content.shape))
            return ops.convert_to_tensor(drawn.astype(np.float32))
    try:
        pixels = images.read(Path(named).expanduser()).pixels
    except images.BadImage as problem:
        raise UserError(f"method.initial_image: {problem}") from None
    return ops.convert_to_tensor(images.to_signed(images.resize(pixels, *content.shape[:2]))[None])


def resized(pictures: Tensor, size: tuple[int, ...]) -> Tensor:
    """(N, H, W, C) at another (height, width), smoothed where it is smaller."""
    if tuple(pictures.shape[1:3]) == tuple(size):
        return pictures
    return ops.image.resize(pictures, size, interpolation="bicubic", antialias=True)
