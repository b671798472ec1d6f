"""Random numbers for each picture of a batch: the same ones, whatever the number of replicas.

While painting they are those of places, so that a picture may be painted in tiles.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from gan_style.system import replicas
from gan_style.system.places import Places
from gan_style.system.tensor import Tensor

Random = Any  # Keras' SeedGenerator, Repeated, or Places


class Repeated:
    """For a batch whose second so many pictures have the numbers of its first; others have their own."""

    def __init__(self, random: keras.random.SeedGenerator, pictures: int) -> None:
        self.random, self.pictures = random, pictures

    def draw(self, draw: Callable[..., Tensor], shape: Sequence[Any]) -> Tensor:
        drawn = draw((shape[0] - self.pictures, *shape[1:]), self.random)
        return ops.concatenate([drawn[: self.pictures], drawn])


def normal(shape: Sequence[Any], random: Random) -> Tensor:
    """`shape` begins with the pictures."""
    if isinstance(random, Places):
        return random.normal(shape)
    if isinstance(random, Repeated):
        return random.draw(normal, shape)
    return replicas.own(keras.random.normal(replicas.whole(shape), seed=random))


def uniform(shape: Sequence[Any], random: Random, pictures: int = 0) -> Tensor:
    """`pictures`: which of the axes they are."""
    if isinstance(random, Places):
        return random.uniform(shape)
    if isinstance(random, Repeated):
        return random.draw(uniform, shape)
    return replicas.own(keras.random.uniform(replicas.whole(shape, pictures), seed=random), pictures)


def integers(shape: Sequence[Any], end: int, seed: keras.random.SeedGenerator) -> Tensor:
    """From 0 up to `end`, that one excluded; `shape` begins with the pictures."""
    return replicas.own(keras.random.randint(replicas.whole(shape), 0, end, seed=seed))


def of_cells(random: Random, width: int) -> Random:
    """For what has a value for each cell so many pixels wide."""
    return random.of_cells(width) if isinstance(random, Places) else random


def within_cells(shares: Tensor, random: Random) -> Tensor:
    """Places (N, H, W, 2) in cells; in a film they moved, up to half a cell beyond their own."""
    return random.within(shares) if isinstance(random, Places) else shares


def has_moved(random: Random) -> bool:
    return isinstance(random, Places) and random.moved is not None


def around(random: Random, margin: int) -> Random:
    """For what is drawn so much larger on all sides."""
    return random.around(margin) if isinstance(random, Places) else random
