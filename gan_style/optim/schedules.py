"""Learning-rate schedules."""

from typing import Any

import keras
from keras import ops

from gan_style.system.tensor import Tensor


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """The full rate until `decay_start`, a share of the steps; then a straight line to zero at the last."""

    def __init__(self, rate: float, decay_start: float, steps: int) -> None:
        self.rate, self.decay_start, self.steps = rate, decay_start, steps

    def __call__(self, step: Tensor) -> Tensor:
        first = self.decay_start * self.steps
        left = (self.steps - ops.cast(step, "float32")) / max(self.steps - first, 1.0)
        return self.rate * ops.clip(left, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "decay_start": self.decay_start, "steps": self.steps}
