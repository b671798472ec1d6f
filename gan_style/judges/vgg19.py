"""VGG19 (Simonyan & Zisserman 2015) at relu3_1, as a judge: from Keras, or with normalised activations (Gatys et al. 2016)."""

from typing import Annotated, Any

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.features.applications import IMAGENET, Application
from gan_style.judges.judge import Judge
from gan_style.judges.stored import read_arrays

CHANNELS = {"conv1_1": (3, 64), "conv1_2": (64, 64), "conv2_1": (64, 128), "conv2_2": (128, 128), "conv3_1": (128, 256)}
POOLED = {"conv2_1", "conv3_1"}  # convolutions that follow a max pool


class VGG19(Judge):
    """Sees pictures at their own size with keras.applications.VGG19: BGR of 255 less the mean colour, edges padded with zeros.

    Map: `block3_conv1` (N, H / 4, W / 4, 256). Vectors: its channels' means and deviations, in logarithms.
    """

    kind = "vgg19"

    def __init__(
        self,
        *,
        weights: Annotated[str, Field(description="'imagenet' (downloaded by Keras) or the path of an .h5 or .npz file")] = IMAGENET,
    ) -> None:
        self.name = f"VGG19 relu3_1 ({'ImageNet' if weights == IMAGENET else 'local weights'})"
        self.bank = Application(network="VGG19", layers=("block3_conv1",), weights=weights)

    def arrays(self) -> list[np.ndarray]:
        return self.bank.arrays()

    def __call__(self, images: Any) -> dict[str, Any]:
        return self.bank(images)


class NormalisedVGG19(Judge):
    """Sees pictures at their own size, RGB in [0, 1] through the file's own 1x1 `preprocess`, edges mirrored.

    Map: `relu3_1` (N, H / 4, W / 4, 256). Vectors: its channels' means and deviations, in logarithms.
    """

    kind = "vgg19_normalised"
    name = "VGG19 relu3_1 (normalised activations)"

    def __init__(self, *, weights: Annotated[str, Field(description="an .npz file: preprocess/kernel, conv1_1/kernel and so on")]) -> None:
        kernels = {"preprocess": (1, 1, 3, 3)} | {name: (3, 3, *channels) for name, channels in CHANNELS.items()}
        expected = {
            f"{name}/{part}": shape for name, kernel in kernels.items() for part, shape in (("kernel", kernel), ("bias", kernel[3:]))
        }
        self.weights = read_arrays(weights, expected, "VGG19 with normalised activations")

    def arrays(self) -> list[np.ndarray]:
        return list(self.weights.values())

    def __call__(self, images: Any) -> dict[str, Any]:
        x = self.convolve((ops.cast(images, "float32") + 1.0) / 2.0, "preprocess")
        for name in CHANNELS:
            x = ops.max_pool(x, 2) if name in POOLED else x
            x = ops.relu(self.convolve(ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect"), name))
        return {"relu3_1": x}

    def convolve(self, x: Any, name: str) -> Any:
        return ops.conv(x, self.weights[f"{name}/kernel"], padding="valid") + self.weights[f"{name}/bias"]
