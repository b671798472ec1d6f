"""One step on several devices: each replica has its share of every batch, and together they are one.

Outside of `tf.distribute.Strategy.run` there is one replica, which has it all, and nothing here costs time.
"""

from typing import Any

import tensorflow as tf

from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

SUM = tf.distribute.ReduceOp.SUM


def count() -> int:
    context = tf.distribute.get_replica_context()
    return int(context.num_replicas_in_sync) if context else 1


def own(values: Tensor, axis: int = 0) -> Tensor:
    """This replica's share of what belongs to the pictures of all: of n replicas each has every n-th.

    So it does not matter how many batches stand one after the other, photographs and then paintings.
    """
    replicas = count()
    if replicas == 1 or values is None:  # a batch without styles
        return values
    index = tf.distribute.get_replica_context().replica_id_in_sync_group
    return tf.gather(values, tf.range(index, values.shape[axis], replicas), axis=axis)


def half(pictures: int) -> int:
    """Of so many pictures here: together they must be the first half of all."""
    if count() > 1 and pictures % 2:
        raise UserError(f"data.batch: {pictures} pictures for each replica cannot be halved; it must be even")
    return (pictures + 1) // 2


def whole(shape: Any, axis: int = 0) -> tuple[Any, ...]:
    """The shape of what `own` is to cut a share of this shape from."""
    sizes = list(shape)
    if (replicas := count()) > 1:
        sizes[axis] *= replicas
    return tuple(sizes)


def gathered(values: Tensor) -> Tensor:
    """The pictures (n, ...) of all replicas, in the order of the whole batch."""
    replicas = count()
    if replicas == 1:
        return values
    every = tf.distribute.get_replica_context().all_gather(values[:, None], axis=1)
    return tf.reshape(every, [replicas * values.shape[0], *values.shape[1:]])


def mean(values: Any) -> Any:
    """Of one tensor or a list of them, over the replicas; gradients flow back to all of them."""
    replicas = count()
    if replicas == 1:
        return values
    total = tf.distribute.get_replica_context().all_reduce(SUM, values)
    return tf.nest.map_structure(lambda one: one / replicas, total)
