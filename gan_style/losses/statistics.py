"""Style as every channel's mean and deviation: AdaIN (Huang & Belongie 2017) and its loss."""

from collections.abc import Mapping

from keras import ops

from gan_style.system import replicas
from gan_style.system.tensor import Tensor

EPSILON = 1e-5  # inside the root, which has no slope at 0


Moments = tuple[Tensor, Tensor]


def moments(features: Tensor, region: Tensor | None = None, *, together: bool = False) -> Moments:
    """Each channel's mean and deviation (N, 1, 1, C), of all pixels or weighed by a region (N, H, W, 1).

    `together`: over all replicas.
    """
    over_all = replicas.mean if together else lambda values: values
    features = ops.cast(features, "float32")
    height, width = ops.shape(features)[1:3]
    pixels = height * width  # a tensor where it is unknown while tracing
    share = 1.0 / (pixels if isinstance(pixels, int) else ops.cast(pixels, "float32"))
    if region is not None:
        share = region / ops.maximum(ops.sum(region, axis=(1, 2), keepdims=True), 1e-6)
    mean = over_all(ops.sum(share * features, axis=(1, 2), keepdims=True))
    variance = over_all(ops.sum(share * ops.square(features - mean), axis=(1, 2), keepdims=True))
    return mean, ops.sqrt(variance + EPSILON)


def adain(content: Tensor, style: Moments, own: Moments | None = None) -> Tensor:
    """Content features with a style's moments instead of their own (equation 8)."""
    mean, deviation = own or moments(content)
    return (ops.cast(content, "float32") - mean) / deviation * style[1] + style[0]


def statistics_distance(
    fake: Mapping[str, Tensor], style: Mapping[str, Tensor], *, in_common: bool = False
) -> Tensor:
    """Mean squared differences of means and of deviations, summed over layers (equation 13).

    Where no picture has a partner, each is compared with what all style pictures have `in_common`.
    """
    total = 0.0
    for layer, wanted in style.items():
        wanted = ops.reshape(wanted, (1, -1, *wanted.shape[2:])) if in_common else wanted
        ours, theirs = moments(fake[layer]), moments(wanted, together=in_common)
        pairs = zip(ours, theirs, strict=True)
        total = total + sum(ops.mean(ops.square(one - other)) for one, other in pairs)
    return total
