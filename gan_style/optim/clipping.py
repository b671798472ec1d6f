"""The usual norm of a player's gradient, which tells a spike from a large gradient.

A single spike would blind Adam for thousands of steps: its second moment forgets slowly.
"""

import math

import keras
from keras import ops

from gan_style.system.tensor import Tensor

SPIKE = 10.0  # times the usual norm: longer gradients are cut to that
MEMORY = 50  # steps that the usual norm is a mean of, by their logarithms


class UsualNorm:
    """A moving geometric mean of gradient norms, in variables that checkpoints hold.

    A norm counts as no more than SPIKE times the usual one, and no less than its SPIKE-th part: a spike moves
    it by 5 %, a training that has changed in earnest moves it on within a hundred steps.
    """

    def __init__(self) -> None:
        self.log = keras.Variable(0.0, trainable=False, name="usual_log_norm")
        self.count = keras.Variable(0.0, trainable=False, name="norms_seen")

    def variables(self) -> list[keras.Variable]:
        return [self.log, self.count]

    def limit(self, norm: Tensor) -> Tensor:
        """The most that a gradient of this norm may keep of it; the first one may keep all."""
        told = ops.log(ops.cast(norm, "float32") + 1e-20)
        told = ops.where(ops.isfinite(told), told, self.log)
        usual = ops.where(self.count == 0, told, self.log)
        counted = ops.clip(told, usual - math.log(SPIKE), usual + math.log(SPIKE))
        share = ops.maximum(1.0 / (self.count + 1.0), 1.0 / MEMORY)
        self.log.assign(usual + share * (counted - usual))
        self.count.assign(ops.minimum(self.count + 1.0, float(MEMORY)))
        return ops.exp(usual + math.log(SPIKE))
