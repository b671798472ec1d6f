"""Functions of pictures as graphs: no Python between operations, and those fused that can be."""

from typing import Any

import numpy as np
import tensorflow as tf

from gan_style.networks.layers import statistics
from gan_style.system.portable import is_portable
from gan_style.system.tensor import Tensor


class Graph:
    """A function of pictures (N, H, W, C), traced once for all heights and widths.

    What is no tensor is part of the trace: there is one for each value. Variables are read anew at each call.
    Of tiles of a larger picture it measures statistics, or is given them: see `layers/statistics.py`.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.traced = {how: tf.function(how(function), autograph=False) for how in MODES}

    def __call__(self, *given_: Any, **options: Any) -> Tensor:
        whole = statistics.here.whole
        if is_portable():
            return self.function(*given_, **options)  # a part of the graph that is traced
        if whole is None:
            return self.run(alone, given_, options)[0]
        if whole.doing == "measuring":
            result, found = self.run(measured, given_, options)
            whole.known.append(found)
            return result
        before = whole.next()
        if whole.doing == "following":
            result, whole.known[whole.calls - 1] = self.run(following, (*given_, before), options)
            return result
        return self.run(given, (*given_, before), options)[0]

    def run(self, how: Any, given_: Any, options: Any) -> Any:
        given_ = tf.nest.map_structure(as_tensor, given_)
        trace = self.traced[how].get_concrete_function(*tf.nest.map_structure(of_any_size, given_), **options)
        pictures = [one for one in tf.nest.flatten(given_) if tf.is_tensor(one)]
        # Called as an operation it runs in the thread that asks, and what oneDNN keeps for each shape ends
        # with that; TensorFlow's own call runs in a thread that lives as long as the process.
        call = tf.raw_ops.StatefulPartitionedCall
        kinds = [output.dtype for output in trace.outputs]
        return call(args=[*pictures, *trace.captured_inputs], Tout=kinds, f=trace)


def alone(function: Any) -> Any:
    return lambda *pictures, **options: [function(*pictures, **options)]


def measured(function: Any) -> Any:
    """With the statistics that were measured on the way."""

    def measure(*pictures: Any, **options: Any) -> list[Tensor]:
        with statistics.using(found := statistics.Measured()):
            return [function(*pictures, **options), found.packed()]

    return measure


def given(function: Any) -> Any:
    """With statistics as the last input."""

    def apply(*pictures: Any, **options: Any) -> list[Tensor]:
        *pictures, packed = pictures  # type: ignore[assignment]
        with statistics.using(statistics.Given(packed)):
            return [function(*pictures, **options)]

    return apply


def following(function: Any) -> Any:
    """With statistics as the last input, and with those that follow from them and from these pictures."""

    def follow(*pictures: Any, **options: Any) -> list[Tensor]:
        *pictures, packed = pictures  # type: ignore[assignment]
        with statistics.using(found := statistics.Following(packed)):
            return [function(*pictures, **options), found.own.packed()]

    return follow


MODES = (alone, measured, given, following)


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
    if is_portable():
        return resized_by_products(pictures, size, interpolation)
    return tf.image.resize(pictures, size, interpolation, antialias=antialias)


def resized_by_products(pictures: Tensor, size: tuple[Any, Any], interpolation: str) -> Tensor:
    """The same by two matrix products: other libraries round the places of pixels in ways of their own."""
    weigh = triangle if interpolation == "bilinear" else keys
    for axis, (side, equation) in enumerate(zip(size, ("ih,nhwc->niwc", "jw,nhwc->nhjc"), strict=True), 1):
        pictures = tf.einsum(equation, resizing(tf.shape(pictures)[axis], side, weigh), pictures)
    return pictures


def resizing(before: Tensor, after: Tensor, weigh: Any) -> Tensor:
    """How much each pixel of a line counts to those of a smaller or larger one (after, before)."""
    # In TensorFlow's own order of operations: thresholds later on see the last bit.
    scale = 1.0 / (tf.cast(after, tf.float32) / tf.cast(before, tf.float32))
    middles = (tf.range(after, dtype=tf.float32) + 0.5) * scale
    away = tf.abs(tf.range(before, dtype=tf.float32) + 0.5 - middles[:, None])
    weights = weigh(away, scale)
    return weights * (1.0 / tf.reduce_sum(weights, 1, keepdims=True))


def triangle(away: Tensor, scale: Tensor) -> Tensor:
    return tf.nn.relu(1.0 - away * (1.0 / tf.maximum(scale, 1.0)))


def keys(away: Tensor, scale: Tensor) -> Tensor:
    """The cubic convolution of Keys (1981), which does not look further where pictures become smaller."""
    near = (1.5 * away - 2.5) * away * away + 1.0
    far = ((-0.5 * away + 2.5) * away - 4.0) * away + 2.0
    return tf.where(away <= 1.0, near, tf.where(away < 2.0, far, 0.0))
