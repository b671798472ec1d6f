"""Adam (Kingma & Ba 2015) by TensorFlow's fused kernel: one pass over each variable instead of ten."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from gan_style.system.tensor import Tensor


class FusedAdam(keras.optimizers.Adam):  # type: ignore[misc]
    """The same numbers as Keras' Adam, up to rounding."""

    def apply(self, gradients: Sequence[Tensor], variables: Sequence[Any] | None = None) -> None:
        step = ops.cast(self.iterations + 1, "float32")
        # Once for all variables.
        self.powers = [ops.power(beta, step) for beta in (self.beta_1, self.beta_2)]
        super().apply(gradients, variables)

    def update_step(self, gradient: Tensor, variable: tf.Variable, learning_rate: Tensor) -> None:
        place = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=self.powers[0],
            beta2_power=self.powers[1],
            lr=ops.cast(learning_rate, "float32"),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=ops.cast(gradient, variable.dtype),
        )
