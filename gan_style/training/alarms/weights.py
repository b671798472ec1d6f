"""Faults of variables: numbers that are none, and an EMA that has lost its network."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from gan_style.methods.base.method import Method
from gan_style.optim.player import compiled
from gan_style.system.tensor import Tensor

APART = 0.5  # of the weights' norm


class Finite:
    """Whether all variables of a training are numbers, found by one compiled call."""

    def __init__(self, method: Method) -> None:
        named = {f"networks/{name}": network.variables for name, network in method.networks.items()}
        named |= {name: network.variables for name, network in method.copies.items()}
        named |= method.training_state()
        self.named = {name: [one for one in some if is_float(one)] for name, some in named.items()}
        self.named = {name: some for name, some in self.named.items() if some}
        self.ask = compiled(self.bad)

    def bad(self, anything: Tensor) -> Tensor:
        return ops.stack([numberless(variables) for variables in self.named.values()])

    def found(self) -> list[str]:
        """The networks and optimizers that hold infinity, or what is no number."""
        told = ops.convert_to_numpy(self.ask(0))
        return [name for name, bad in zip(self.named, told, strict=True) if bad]


def numberless(variables: Sequence[Any]) -> Tensor:
    return ops.any(ops.stack([ops.logical_not(ops.all(ops.isfinite(one))) for one in variables]))


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
