"""The heads of a projected discriminator (Sauer et al. 2021): they judge features that never learn.

Features of several depths are first mixed by fixed random convolutions: across channels, so that no single
one can be attacked alone, and across scales, so that every head sees all of the picture's depths.
"""

from collections.abc import Mapping, Sequence

import keras
from keras import layers, ops

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.norms import LEAK
from gan_style.networks.layers.spectral import SpectralConv2D
from gan_style.networks.network import Network
from gan_style.system.tensor import Tensor

SMALLEST = 8  # side of the features that a head's last convolution sees, at most
HEADS = 4
MOST_WIDER = 8  # times the channels of the finest head


def build_projected_heads(maps: Mapping[str, Tensor], outputs: int, filters: int, seed: int) -> keras.Model:
    """From feature maps (N, h, w, C), up to four of them, to a list of logits, the finest first."""
    inputs = [keras.Input(features.shape[1:], name=name) for name, features in chosen(maps).items()]
    widths = [filters * min(2**depth, MOST_WIDER) for depth in range(len(inputs))]
    mixed = mixed_scales(mixed_channels(inputs, widths, seed), widths, seed + len(inputs))
    logits = [head(features, outputs) for features in mixed]
    return Network(inputs, logits, name="projected")


def chosen(maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """At most four, the finest first, spread over all depths."""
    ordered = sorted(maps, key=lambda name: -maps[name].shape[1])
    places = range(len(ordered)) if len(ordered) <= HEADS else spread(len(ordered))
    return {ordered[place]: maps[ordered[place]] for place in places}


def spread(count: int) -> list[int]:
    return [round(number * (count - 1) / (HEADS - 1)) for number in range(HEADS)]


def mixed_channels(features: Sequence[Tensor], widths: Sequence[int], seed: int) -> list[Tensor]:
    """Cross-channel mixing: a random 1x1 convolution at each depth."""
    return [
        fixed(width, 1, seed + number)(one)
        for number, (one, width) in enumerate(zip(features, widths, strict=True))
    ]


def mixed_scales(features: Sequence[Tensor], widths: Sequence[int], seed: int) -> list[Tensor]:
    """Cross-scale mixing: from the deepest up, each joined by what lies below it, through random 3x3 ones."""
    below = features[-1]
    mixed = [below]
    for number in reversed(range(len(features) - 1)):
        here = features[number]
        below = fixed(widths[number], 3, seed + number)(below)
        below = here + resized(below, here.shape[1:3])
        mixed.append(below)
    return mixed[::-1]


def resized(features: Tensor, size: tuple[int, int]) -> Tensor:
    return (
        ops.image.resize(features, size, interpolation="bilinear")
        if features.shape[1:3] != size
        else features
    )


def fixed(width: int, kernel: int, seed: int) -> Conv2D:
    """A random convolution that keeps the features' variance, the same in every run, and never learns."""
    initial = keras.initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal", seed=seed)
    layer = Conv2D(width, kernel, padding="same", use_bias=False, kernel_initializer=initial)
    layer.trainable = False
    return layer


def head(features: Tensor, outputs: int) -> Tensor:
    """Halved until it is small, then a logit for each place; every convolution spectrally normalised."""
    x = features
    while min(x.shape[1:3]) > SMALLEST:
        x = SpectralConv2D(x.shape[-1], 4, strides=2, use_bias=False)(layers.ZeroPadding2D(1)(x))
        x = layers.LeakyReLU(LEAK)(x)
    x = SpectralConv2D(x.shape[-1], 3)(layers.ZeroPadding2D(1)(x))
    return layers.Activation("linear", dtype="float32")(SpectralConv2D(outputs, 1)(layers.LeakyReLU(LEAK)(x)))
