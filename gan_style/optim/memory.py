"""How much memory a step needs, found without computing it."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from gan_style.system.tensor import Tensor

# Operations that pass on their input's memory, that write over it once nobody needs it, and that need none.
PASS_ON = {"Identity", "Reshape", "Squeeze", "ExpandDims", "StopGradient"}
OVERWRITE = {"BiasAdd", "AddV2", "AddN", "Sub", "Mul", "Relu", "ReluGrad", "Square", "Neg", "RealDiv", "Abs"}
STANDING = {"Const", "Placeholder", "ReadVariableOp"}


def operations_of(step: Callable[[Any], Any], inputs: Any = None) -> list[Any]:
    """Of its graph; `inputs`: the shapes and types of what it is given."""
    graph = tf.function(step, autograph=False).get_concrete_function(inputs).graph
    operations: list[Any] = graph.get_operations()
    return operations


def peak_memory(step: Callable[[Any], Any]) -> int:
    """Bytes of one step's tensors at the fullest moment: its graph walked through without computing."""
    return peak_of(operations_of(step))


def peak_of(operations: list[Any]) -> int:
    owner: dict[Any, Any] = {}  # of each tensor: the one whose memory it shares
    last: dict[Any, int] = {}  # of each owner: the operation that needs it last
    for index, operation in enumerate(operations):
        for tensor in operation.outputs:
            passed_on = operation.type in PASS_ON
            owner[tensor.ref()] = owner[operation.inputs[0].ref()] if passed_on else tensor.ref()
        for tensor in (*operation.inputs, *operation.outputs):
            last[owner[tensor.ref()]] = index
    held: dict[Any, int] = {}
    peak = 0
    for index, operation in enumerate(operations):
        needless = [tensor for tensor in held if last[tensor] <= index]
        if operation.type not in STANDING:
            own = [tensor for tensor in operation.outputs if owner[tensor.ref()] == tensor.ref()]
            held |= {tensor.ref(): size_of(tensor) for tensor in own}
        reused = max((held[tensor] for tensor in needless), default=0) if operation.type in OVERWRITE else 0
        peak = max(peak, sum(held.values()) - reused)
        held = {tensor: size for tensor, size in held.items() if last[tensor] > index}
    return peak


def size_of(tensor: Tensor) -> int:
    """Bytes; none where its shape is not known."""
    return tensor.dtype.size * (tensor.shape.num_elements() or 0) if tensor.shape.is_fully_defined() else 0
