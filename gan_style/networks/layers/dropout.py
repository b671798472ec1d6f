"""Dropout that painting can repeat."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras import ops

from gan_style.networks import recompute
from gan_style.system import replicas
from gan_style.system.tensor import Tensor


@keras.saving.register_keras_serializable("gan_style")
class Dropout(keras.layers.Dropout):
    """As Keras has it, and the same pictures lose the same features however the batch is shared or parted."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        shape = replicas.whole((recompute.whole(inputs.shape[0]), *inputs.shape[1:]))
        if tuple(shape) == tuple(inputs.shape) or not training or not self.rate:
            return super().call(inputs, training=training)
        every = super().call(ops.ones(shape, inputs.dtype), training=True)
        return inputs * recompute.own(replicas.own(every))


@contextmanager
def dropout_seeded(network: keras.Model, seed: int | None) -> Iterator[None]:
    """Dropout that depends on the seed alone, for painting; its own random state is as before afterwards."""
    dropouts = [layer for layer in network.layers if isinstance(layer, Dropout)]
    states = [layer.seed_generator.state for layer in dropouts]
    before = [ops.convert_to_numpy(state) for state in states]
    try:
        for number, state in enumerate(states):
            state.assign([seed or 0, number])
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)
