"""Optimizers by kind. A new one is a class here, and a line at the end."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import keras
from pydantic import Field

from gan_style.config.bounds import AtMost
from gan_style.config.model import Config
from gan_style.optim.fused_adam import FusedAdam
from gan_style.optim.player import Player
from gan_style.optim.schedules import LinearDecay

# Keras' own default is 1e-7. Keras adds it before Adam's correction of the second moment, as Torch 7 did for
# pix2pix and CycleGAN; PyTorch adds it after. A first step differs where a gradient is below 3e-7, and soon
# nothing does.
EPSILON = 1e-8

MOST_RATE = AtMost(10**6, "for a learning rate: a few steps of more end in infinity")

ClipNorm = Annotated[
    Annotated[float, Field(gt=0)] | Literal["auto"] | None,
    Field(description="most norm of the whole gradient; auto: 10 times the usual one; null: any"),
]
Momentum = Annotated[float, Field(ge=0, lt=1)]


class Optimizer(Config):
    """What all optimizers have: a learning rate, its decay to zero, and clipping."""

    learning_rate: Annotated[float, Field(gt=0), MOST_RATE] = 2e-4
    decay_start: Annotated[
        float, Field(ge=0, le=1, description="share of the steps before the rate falls linearly to zero")
    ] = 0.5
    clip_norm: ClipNorm = "auto"

    @abstractmethod
    def build(self, rate: Any) -> keras.optimizers.Optimizer:
        """The optimizer of Keras, at this schedule of rates."""

    def player(self, name: str, networks: Sequence[Any], steps: int, auto: Sequence[str] = ()) -> Player:
        rate = LinearDecay(self.learning_rate, self.decay_start, steps)
        return Player(name, networks, self.build(rate), self.clip_norm, auto)


class Adam(Optimizer):
    kind: Literal["adam"] = "adam"
    beta_1: Momentum = 0.5
    beta_2: Momentum = 0.999

    def build(self, rate: Any) -> keras.optimizers.Optimizer:
        return FusedAdam(rate, self.beta_1, self.beta_2, epsilon=EPSILON)


class AdamW(Adam):
    kind: Literal["adamw"]  # type: ignore[assignment]
    weight_decay: Annotated[float, Field(ge=0, le=100)] = 0.01

    def build(self, rate: Any) -> keras.optimizers.Optimizer:
        return keras.optimizers.AdamW(rate, self.weight_decay, self.beta_1, self.beta_2, epsilon=EPSILON)


class RMSprop(Optimizer):
    kind: Literal["rmsprop"]
    rho: Momentum = 0.9
    momentum: Momentum = 0.0

    def build(self, rate: Any) -> keras.optimizers.Optimizer:
        return keras.optimizers.RMSprop(rate, self.rho, self.momentum, epsilon=EPSILON)


class SGD(Optimizer):
    kind: Literal["sgd"]
    momentum: Momentum = 0.0
    nesterov: bool = False

    def build(self, rate: Any) -> keras.optimizers.Optimizer:
        return keras.optimizers.SGD(rate, self.momentum, self.nesterov)


OPTIMIZERS: dict[str, type[Optimizer]] = {"adam": Adam, "adamw": AdamW, "rmsprop": RMSprop, "sgd": SGD}
