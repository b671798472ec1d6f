"""Functions of pictures as graphs: no Python between operations, and those fused that can be."""

from typing import Any

import numpy as np
import tensorflow as tf

from gan_style.system.tensor import Tensor


class Graph:
    """A function of pictures (N, H, W, C), traced once for all heights and widths.

    What is no tensor is part of the trace: there is one for each value. Variables are read anew at each call.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.traced = tf.function(function, autograph=False)

    def __call__(self, *given: Any, **options: Any) -> Tensor:
        given = tf.nest.map_structure(as_tensor, given)
        trace = self.traced.get_concrete_function(*tf.nest.map_structure(of_any_size, given), **options)
        pictures = [one for one in tf.nest.flatten(given) if tf.is_tensor(one)]
        # Called as an operation it runs in the thread that asks, and what oneDNN keeps for each shape ends
        # with that; TensorFlow's own call runs in a thread that lives as long as the process.
        call = tf.raw_ops.StatefulPartitionedCall
        kinds = [output.dtype for output in trace.outputs]
        (result,) = call(args=[*pictures, *trace.captured_inputs], Tout=kinds, f=trace)
        return result


def as_tensor(given: Any) -> Any:
    """Pictures may come as arrays, which would be traced as tensors but not be counted among them."""
    return tf.convert_to_tensor(given) if isinstance(given, np.ndarray) else given


def of_any_size(given: Any) -> Any:
    if not tf.is_tensor(given):
        return given
    count, *_, channels = given.shape
    return tf.TensorSpec((count, None, None, channels), given.dtype)


def resized(pictures: Tensor, size: tuple[Any, Any], interpolation: str, antialias: bool = False) -> Tensor:
    """To sizes that are unknown while tracing too, which Keras' own does not take."""
    return tf.image.resize(pictures, size, interpolation, antialias=antialias)
