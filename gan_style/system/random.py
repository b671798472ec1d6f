"""Random numbers for each picture of a batch: the same ones, whatever the number of replicas."""

from collections.abc import Sequence
from typing import Any

import keras

from gan_style.system import replicas
from gan_style.system.tensor import Tensor


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """`shape` begins with the pictures."""
    return replicas.own(keras.random.normal(replicas.whole(shape), seed=seed))


def uniform(shape: Sequence[Any], seed: keras.random.SeedGenerator, pictures: int = 0) -> Tensor:
    """`pictures`: which of the axes they are."""
    return replicas.own(keras.random.uniform(replicas.whole(shape, pictures), seed=seed), pictures)


def integers(shape: Sequence[Any], end: int, seed: keras.random.SeedGenerator) -> Tensor:
    """From 0 up to `end`, that one excluded; `shape` begins with the pictures."""
    return replicas.own(keras.random.randint(replicas.whole(shape), 0, end, seed=seed))
