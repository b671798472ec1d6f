"""What one step costs, counted in its graph without computing it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gan_style.optim.memory import PASS_ON, STANDING, operations_of, peak_of, size_of


@dataclass(frozen=True)
class Costs:
    multiply_adds: int
    moved: int  # bytes that operations read and write, as if nothing stayed near the processor
    peak: int  # bytes of tensors at the fullest moment, without weights


@dataclass(frozen=True)
class Device:
    """As its maker states it: dense operations a second (two for a multiply-add), bytes a second, bytes."""

    bfloat16: float  # 0: it has none
    float32: float
    bandwidth: float
    memory: float


DEVICES = {
    "t4": Device(0, 8.1e12, 320e9, 16e9),
    "v100": Device(0, 15.7e12, 900e9, 32e9),
    "a100": Device(312e12, 19.5e12, 1555e9, 40e9),
    "h100": Device(989e12, 67e12, 3350e9, 80e9),
    "rtx3090": Device(71e12, 35.6e12, 936e9, 24e9),
    "rtx4090": Device(165e12, 82.6e12, 1008e9, 24e9),
}


def costs_of(step: Callable[[Any], Any], inputs: Any) -> Costs:
    operations = operations_of(step, inputs)
    working = [one for one in operations if one.type not in PASS_ON | STANDING]
    moved = sum(size_of(tensor) for one in working for tensor in (*one.inputs, *one.outputs))
    return Costs(sum(map(multiply_adds, operations)), moved, peak_of(operations))


def multiply_adds(operation: Any) -> int:
    """Of convolutions, their gradients and matrix products; all else is little beside them."""
    inputs, outputs = list(operation.inputs), list(operation.outputs)
    match operation.type:
        case "Conv2D":
            return volume(outputs[0]) * volume(inputs[1]) // inputs[1].shape[-1]
        case "Conv2DBackpropInput":
            return volume(inputs[2]) * volume(inputs[1]) // inputs[1].shape[-1]
        case "Conv2DBackpropFilter":
            return volume(inputs[2]) * volume(outputs[0]) // outputs[0].shape[-1]
        case "DepthwiseConv2dNative":
            return volume(outputs[0]) * inputs[1].shape[0] * inputs[1].shape[1]
        case "DepthwiseConv2dNativeBackpropInput":
            return volume(inputs[2]) * inputs[1].shape[0] * inputs[1].shape[1]
        case "DepthwiseConv2dNativeBackpropFilter":
            return volume(inputs[2]) * outputs[0].shape[0] * outputs[0].shape[1]
        case "MatMul" | "BatchMatMulV2":
            turned = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
            return volume(outputs[0]) * (inputs[0].shape[-2 if turned else -1] or 0)
    return 0


def volume(tensor: Any) -> int:
    return math.prod(tensor.shape) if tensor.shape.is_fully_defined() else 0


def least_seconds(costs: Costs, device: Device, precision: str) -> float:
    """No device is faster than its processors, nor than its memory."""
    half = precision == "mixed_bfloat16" and device.bfloat16
    rate = device.bfloat16 if half else device.float32
    return max(2 * costs.multiply_adds / rate, costs.moved / device.bandwidth)
