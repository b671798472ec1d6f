"""VGG19 (Simonyan & Zisserman 2015) with normalised activations (Gatys et al. 2016), from a local .npz."""

from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.bank import FeatureBank
from gan_style.features.stored import read_arrays
from gan_style.system.bands import convolved
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

# Channels of the convolutions of each block; a 2x2 max pool stands between blocks. The paper's other three,
# after relu5_1, style nothing.
BLOCKS = ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512,))
CHANNELS = {
    f"{block}_{place}": count for block, some in enumerate(BLOCKS, 1) for place, count in enumerate(some, 1)
}


class NormalisedVGG19(FeatureBank):
    """RGB in [0, 1] through the file's own 1x1 `preprocess`, edges mirrored; maps are float32 in any policy.

    Maps: the layers asked for, from `relu1_1` (N, H, W, 64) down to `relu5_1` (N, H / 16, W / 16, 512), or
    `conv1_1` to `conv5_1`, which are the same before the rectifier. Only what they need is read.
    """

    def __init__(
        self,
        *,
        weights: Annotated[
            str, Field(description="an .npz file: preprocess/kernel, conv1_1/kernel, ..."), Place("file")
        ],
        layers: Annotated[
            tuple[str, ...],
            Field(min_length=1, description="relu1_1, relu1_2 and so on; conv1_1: before the rectifier"),
        ] = ("relu1_1", "relu2_1", "relu3_1"),
        precision: Annotated[
            Literal["float32", "bfloat16"],
            Field(description="of the convolutions; bfloat16 takes 0.57 of the time on CPUs that have it"),
        ] = "float32",
    ) -> None:
        known = [f"{tap}{place}" for tap in ("relu", "conv") for place in CHANNELS]
        for layer in layers:
            if layer not in known:
                raise UserError(
                    f"VGG19 with normalised activations has no layer '{layer}'; it has: {', '.join(known)}"
                )
        self.layers, self.precision = layers, precision
        self.places = list(CHANNELS)
        self.places = self.places[: max(self.places.index(layer[-3:]) for layer in layers) + 1]
        self.weights = read_arrays(weights, shapes(self.places), "VGG19 with normalised activations")

    def arrays(self) -> list[np.ndarray]:
        return list(self.weights.values())

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        # Of which the deepest map has two pixels, so that they can be mirrored.
        smallest = 2 ** int(self.places[-1][0])
        if None not in images.shape and min(images.shape[1:3]) < smallest:
            size = f"{images.shape[2]}x{images.shape[1]}"
            raise UserError(
                f"VGG19: pictures of {size} pixels are too small for relu{self.places[-1]}; "
                f"{smallest} are needed"
            )
        maps: dict[str, Tensor] = {}
        x = ops.cast(self.convolve((ops.cast(images, "float32") + 1.0) / 2.0, "preprocess"), self.precision)
        for before, place in pairwise([self.places[0], *self.places]):
            x = ops.max_pool(x, 2) if place[0] > before[0] else x
            x = ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
            linear = self.convolve(x, f"conv{place}")
            x = ops.relu(linear)
            maps |= {f"conv{place}": linear, f"relu{place}": x}
        return {layer: ops.cast(maps[layer], "float32") for layer in self.layers}

    def convolve(self, x: Tensor, name: str) -> Tensor:
        kernel, bias = (ops.cast(self.weights[f"{name}/{part}"], x.dtype) for part in ("kernel", "bias"))
        return convolved(x, kernel) + bias


def shapes(places: list[str]) -> dict[str, tuple[int, ...]]:
    """Of the file's arrays, for the convolutions at these places."""
    kernels: dict[str, tuple[int, ...]] = {"preprocess": (1, 1, 3, 3)}
    inputs = 3
    for place in places:
        kernels[f"conv{place}"] = (3, 3, inputs, CHANNELS[place])
        inputs = CHANNELS[place]
    return {
        f"{name}/{part}": shape
        for name, kernel in kernels.items()
        for part, shape in (("kernel", kernel), ("bias", kernel[3:]))
    }
