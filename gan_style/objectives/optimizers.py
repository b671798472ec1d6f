"""Adam as the GAN papers use it, and their learning-rate schedule."""

from collections.abc import Sequence
from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.engine import Player

# Keras' own default is 1e-7. Keras adds it before Adam's correction of the second moment, as Torch 7 did for pix2pix and CycleGAN;
# PyTorch adds it after. A first step differs where a gradient is below 3e-7, and soon nothing does.
ADAM_EPSILON = 1e-8


class Adam(Config):
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    beta_1: Annotated[float, Field(ge=0, lt=1)] = 0.5
    beta_2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    constant: Annotated[float, Field(ge=0, le=1, description="share of the steps before the rate falls linearly to zero")] = 0.5
    clip_norm: Annotated[float, Field(gt=0)] | None = None

    def player(self, name: str, networks: Sequence[keras.Model], steps: int) -> Player:
        schedule = ConstantThenLinear(self.learning_rate, self.constant, steps)
        optimizer = keras.optimizers.Adam(schedule, self.beta_1, self.beta_2, epsilon=ADAM_EPSILON)
        return Player(name, networks, optimizer, self.clip_norm)


class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """The full rate for a share of the steps, then in a straight line to zero at the last one."""

    def __init__(self, rate: float, constant: float, steps: int) -> None:
        self.rate, self.constant, self.steps = rate, constant, steps

    def __call__(self, step: Any) -> Any:
        first = self.constant * self.steps
        left = (self.steps - ops.cast(step, "float32")) / max(self.steps - first, 1.0)
        return self.rate * ops.clip(left, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "constant": self.constant, "steps": self.steps}
