"""One picture at one size, whose pixels move towards a goal; where they begin, and how they grow."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from gan_style import images
from gan_style.engine import Player, Terms
from gan_style.errors import UserError
from gan_style.objectives.objective import Metrics

NOISE = 0.25  # standard deviation of the noise that a picture may start from


class Goal(ABC):
    """What a picture of one size is to reach."""

    @abstractmethod
    def terms(self, canvas: Any) -> Terms:
        """Unweighted scalars of a picture (1, H, W, 3)."""

    def told(self, canvas: Any) -> Metrics:
        """What else the log is to have of a step."""
        return {}


class Sheet(keras.layers.Layer):
    """A picture (1, H, W, 3) whose pixels are the layer's weight, and how often they were moved."""

    def __init__(self, start: Any) -> None:
        super().__init__(dtype="float32")
        self.steps = self.add_weight(name="steps", shape=(), initializer="zeros", trainable=False)
        self.pixels = self.add_weight(name="pixels", shape=tuple(start.shape), initializer="zeros")
        self.pixels.assign(start)

    def call(self, anything: Any) -> Any:
        return ops.convert_to_tensor(self.pixels)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return tuple(self.pixels.shape)


class Stage:
    """The picture at one size, who moves it, and where to."""

    goal: Goal

    def __init__(self, start: Any, before: "Stage | None", player: Any, weights: dict[str, float]) -> None:
        self.start, self.before, self.weights = start, before, weights
        self.sheet = Sheet(start)
        self.player: Player = player([self.sheet])

    def size(self) -> tuple[int, int]:
        return self.start.shape[1:3]

    def step(self, batch: Any) -> Metrics:
        """One update; the first one takes over what the size before has reached. The batch is always the same."""
        if self.before:
            grown = resized(ops.convert_to_tensor(self.before.sheet.pixels), self.size())
            self.sheet.pixels.assign(ops.where(self.sheet.steps == 0, grown, self.sheet.pixels))
        terms, _ = self.player.minimize(lambda: (self.goal.terms(ops.convert_to_tensor(self.sheet.pixels)), None), self.weights)
        self.sheet.steps.assign_add(1)
        return {"canvas": terms, **self.goal.told(ops.convert_to_tensor(self.sheet.pixels))}

    def has_begun(self) -> bool:
        return float(self.sheet.steps) > 0


def first_picture(start: str, content: np.ndarray, seed: int) -> Any:
    """What the pixels (1, H, W, 3) are before the first step."""
    match start:
        case "content":
            return ops.convert_to_tensor(content[None])
        case "noise":
            drawn = np.random.default_rng(seed).normal(0, NOISE, (1, *content.shape))
            return ops.convert_to_tensor(drawn.astype(np.float32))
    try:
        pixels = images.read(Path(start).expanduser()).pixels
    except images.BadImage as problem:
        raise UserError(f"objective.start: {problem}") from None
    return ops.convert_to_tensor(images.to_signed(images.resize(pixels, *content.shape[:2]))[None])


def resized(pictures: Any, size: tuple[int, int]) -> Any:
    """(N, H, W, C) at another (height, width), smoothed where it is smaller."""
    if tuple(pictures.shape[1:3]) == tuple(size):
        return pictures
    return ops.image.resize(pictures, size, interpolation="bicubic", antialias=True)
