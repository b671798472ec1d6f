"""Mean and deviation of every channel as what style is: adaptive instance normalisation (Huang & Belongie 2017) and its loss."""

from collections.abc import Mapping
from typing import Any

from keras import ops

EPSILON = 1e-5  # inside the root, which has no slope at 0


def moments(features: Any, region: Any = None) -> tuple[Any, Any]:
    """Each channel's mean and deviation (N, 1, 1, C), of all pixels alike or weighed by a region (N, H, W, 1)."""
    features = ops.cast(features, "float32")
    share = 1.0 / (features.shape[1] * features.shape[2])
    if region is not None:
        share = region / ops.maximum(ops.sum(region, axis=(1, 2), keepdims=True), 1e-6)
    mean = ops.sum(share * features, axis=(1, 2), keepdims=True)
    variance = ops.sum(share * ops.square(features - mean), axis=(1, 2), keepdims=True)
    return mean, ops.sqrt(variance + EPSILON)


def adain(content: Any, style: tuple[Any, Any], region: Any = None) -> Any:
    """Content features with a style's moments instead of their own (equation 8), of a region where one is given."""
    mean, deviation = moments(content, region)
    return (ops.cast(content, "float32") - mean) / deviation * style[1] + style[0]


def statistics_distance(fake: Mapping[str, Any], style: Mapping[str, Any], *, in_common: bool = False) -> Any:
    """Mean squared differences of means and of deviations, summed over layers (equation 13).

    Where no picture has a partner, each is compared with what all style pictures have `in_common`.
    """
    total = 0.0
    for layer, wanted in style.items():
        wanted = ops.reshape(wanted, (1, -1, *wanted.shape[2:])) if in_common else wanted
        ours, theirs = moments(fake[layer]), moments(wanted)
        total = total + sum(
            ops.mean(ops.square(one - other)) for one, other in zip(ours, theirs, strict=True)
        )
    return total
