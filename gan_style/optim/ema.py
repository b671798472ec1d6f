"""The exponential moving average (EMA) of a network's weights."""

import keras
from keras import ops

from gan_style.system.tensor import Tensor


class MovingAverage:
    """A copy of a network whose weights trail the original's by an exponential moving average.

    Early on the average is over the steps so far, so that the first random weights are soon forgotten.
    A decay of 0 makes it the original itself.
    """

    def __init__(self, original: keras.Model, decay: float) -> None:
        self.original = original
        self.decay = decay
        self.network = original
        if decay:
            self.network = keras.models.clone_model(original)
            self.network.trainable = False
            self.network.set_weights(original.get_weights())

    def update(self, step: Tensor) -> None:
        if not self.decay:
            return
        step = ops.cast(step, "float32")
        decay = ops.minimum(self.decay, (1.0 + step) / (10.0 + step))
        for average, variable in zip(self.network.weights, self.original.weights, strict=True):
            average.assign(average * decay + variable * (1.0 - decay))
