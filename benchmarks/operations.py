"""Multiplications and additions of convolutions, counted from shapes: nothing else costs much in a network.

A convolution multiplies each number of its kernel once for each place: a pixel of the result or, where it
enlarges the picture, of what comes in. Learning costs two more products of that size: the gradient at the
kernel, and the gradient at what came in, which photographs do not need. Ways of computing the same with fewer
multiplications, such as Winograd's, are counted as if they did not save any.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Operations of one forward pass of one picture, and those of its first convolution."""

    forward: float
    first: float


def of_convolutions(convolutions: Iterable[tuple[float, float]]) -> Cost:
    """From places and numbers of the kernel of each, in their order."""
    products = [2.0 * places * numbers for places, numbers in convolutions]
    return Cost(sum(products), products[0])


def of_network(network: Any, side: int) -> Cost:
    """Of a Keras network, at square pictures."""
    import keras
    from keras import ops

    layers = [layer for layer in network.layers if is_convolution(layer)]
    probe = keras.Model(network.input, [(layer.input, layer.output) for layer in layers])
    seen = probe(ops.zeros((1, side, side, network.input.shape[-1])))
    return of_convolutions(
        (min(map(places, maps)), float(ops.size(layer.kernel)))
        for layer, maps in zip(layers, seen, strict=True)
    )


def is_convolution(layer: Any) -> bool:
    return len(getattr(getattr(layer, "kernel", None), "shape", ())) == 4


def places(maps: Any) -> float:
    return float(maps.shape[1] * maps.shape[2])


def of_resnet(side: int, filters: int, blocks: int) -> Cost:
    """CycleGAN's generator, with two downsamplings."""
    full, half, quarter = side**2, (side // 2) ** 2, (side // 4) ** 2
    outer, middle, inner = 7 * 7 * 3 * filters, 9 * 2 * filters**2, 9 * 8 * filters**2
    residual = [(quarter, 9 * 16 * filters**2)] * (2 * blocks)
    down = [(full, outer), (half, middle), (quarter, inner)]
    return of_convolutions([*down, *residual, *reversed(down)])


def of_patchgan(side: int, filters: int) -> Cost:
    """CycleGAN's discriminator: kernels of 4, three strides of 2 and two of 1."""
    widths = [3, filters, 2 * filters, 4 * filters, 8 * filters, 1]
    sides = [side // 2, side // 4, side // 8, side // 8 - 1, side // 8 - 2]
    kernels = (16 * narrow * wide for narrow, wide in pairwise(widths))
    return of_convolutions((side**2, numbers) for side, numbers in zip(sides, kernels, strict=True))


def cyclegan_step(generator: Cost, discriminator: Cost, batch: int) -> float:
    """One step of both players, each of two networks.

    A generator paints a photograph, a picture of the other domain (identity) and a fake (cycle), and learns
    from all three. A discriminator judges a fake for the generators, without learning, and then a picture and
    a fake in order to learn; both are mere pictures to it.
    """
    painting = 3 * 3 * generator.forward - 2 * generator.first
    judging = 2 * discriminator.forward
    learning = 2 * (3 * discriminator.forward - discriminator.first)
    return 2 * batch * (painting + judging + learning)
