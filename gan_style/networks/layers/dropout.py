"""Dropout that painting can repeat."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras import ops


@contextmanager
def dropout_seeded(network: keras.Model, seed: int) -> Iterator[None]:
    """Dropout that depends on the seed alone, for painting; its own random state is as before afterwards."""
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    states = [layer.seed_generator.state for layer in dropouts]
    before = [ops.convert_to_numpy(state) for state in states]
    try:
        for number, state in enumerate(states):
            state.assign([seed, number])
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)
