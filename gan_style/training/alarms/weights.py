"""Faults of variables: numbers that are none, and an EMA that has lost its network."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import ops

from gan_style.methods.base.method import Method

APART = 0.5  # of the weights' norm


def numberless(method: Method) -> list[str]:
    """The networks and optimizers that hold infinity, or what is no number."""
    return [name for name, some in variables(method) if not all(map(is_finite, some))]


def variables(method: Method) -> Iterator[tuple[str, list[Any]]]:
    networks = {f"networks/{name}": network for name, network in method.networks.items()} | method.copies
    yield from ((name, network.variables) for name, network in networks.items())
    yield from ((name, list(some)) for name, some in method.training_state().items())


def is_finite(variable: Any) -> bool:
    return not is_float(variable) or bool(np.isfinite(ops.convert_to_numpy(variable)).all())


def is_float(variable: Any) -> bool:
    return "float" in str(variable.dtype)


def ema_apart(method: Method) -> str:
    """Where an average lies far from the network that it follows."""
    for name, average in method.copies.items():
        kind, _, original = name.partition("/")
        if kind != "ema" or original not in method.networks:
            continue
        pairs = zip(average.weights, method.networks[original].weights, strict=True)
        squares = [
            (float(ops.sum(ops.square(ours - theirs))), float(ops.sum(ops.square(theirs))))
            for ours, theirs in pairs
            if is_float(theirs)
        ]
        distance, size = (sum(column) ** 0.5 for column in zip(*squares, strict=True))
        if distance > APART * size:
            return f"the EMA of {original} is {distance / max(size, 1e-30):.0%} of its weights away"
    return ""
