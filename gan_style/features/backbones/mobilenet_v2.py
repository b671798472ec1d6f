"""MobileNetV2 1.0 (Sandler et al. 2018) as a backbone: from Keras, or from a file with folded batch norms."""

from typing import Annotated

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.applications import IMAGENET, Application
from gan_style.features.backbones.resizing import ResizingBackbone
from gan_style.features.bank import FeatureBank
from gan_style.features.stored import read_arrays
from gan_style.system.tensor import Tensor

# Table 2 of the paper: expansion, channels, repeats, stride of the first.
BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
TEXTURE, LAST = "block_6_expand_relu", "out_relu"


class MobileNetV2(ResizingBackbone):
    """Sees pictures resized to 224x224, whatever their shape, RGB in [-1, 1].

    Map: the expansion of the sixth block (N, 28, 28, 192). Vectors: the 1280 pooled features before the
    classifier.
    """

    kind = "mobilenet_v2"
    side = 224
    texture, last = TEXTURE, LAST

    def __init__(
        self,
        *,
        weights: Annotated[
            str,
            Field(description="'imagenet' (from Keras), Keras' .h5, or an .npz with folded batch norms"),
            Place("file", (IMAGENET,)),
        ] = IMAGENET,
    ) -> None:
        self.name = f"MobileNetV2 ({'ImageNet' if weights == IMAGENET else 'local weights'})"
        if weights.endswith(".npz"):
            self.bank = Folded(weights)
        else:
            self.bank = Application(network="MobileNetV2", layers=(TEXTURE, LAST), weights=weights)


class Folded(FeatureBank):
    """The network with its batch norms in kernels and biases; the same maps as Keras' layers."""

    def __init__(self, path: str) -> None:
        self.strides = {f"block{index}": stride for index, (_, _, _, stride) in enumerate(blocks())}
        self.weights = read_arrays(path, shapes(), "MobileNetV2 with folded batch norms")

    def arrays(self) -> list[np.ndarray]:
        return list(self.weights.values())

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        x = ops.relu6(self.convolve(ops.cast(images, "float32"), "conv0", strides=2))
        maps = {}
        for block, stride in self.strides.items():
            expands = f"{block}/expand/kernel" in self.weights
            wide = ops.relu6(self.convolve(x, f"{block}/expand")) if expands else x
            if block == "block6":
                maps[TEXTURE] = wide
            deep = ops.relu6(self.spread(wide, f"{block}/depthwise", stride))
            narrow = self.convolve(deep, f"{block}/project")
            x = x + narrow if x.shape == narrow.shape else narrow
        return {**maps, LAST: ops.relu6(self.convolve(x, "convlast"))}

    def convolve(self, x: Tensor, name: str, strides: int = 1) -> Tensor:
        kernel, bias = self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"]
        return ops.conv(x, kernel, strides=strides, padding="same") + bias

    def spread(self, x: Tensor, name: str, strides: int) -> Tensor:
        kernel, bias = self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"]
        return ops.depthwise_conv(x, kernel, strides=strides, padding="same") + bias


def blocks() -> list[tuple[int, int, int, int]]:
    """Of each bottleneck: channels in, widened, out, and the stride."""
    found, inputs = [], 32
    for expansion, outputs, repeats, first in BOTTLENECKS:
        for stride in (first, *[1] * (repeats - 1)):
            found.append((inputs, inputs * expansion, outputs, stride))
            inputs = outputs
    return found


def shapes() -> dict[str, tuple[int, ...]]:
    """Of all arrays in a folded file; depthwise kernels are (3, 3, channels, 1)."""
    kernels: dict[str, tuple[int, int, int, int]] = {"conv0": (3, 3, 3, 32)}
    for index, (inputs, wide, outputs, _) in enumerate(blocks()):
        if wide > inputs:
            kernels[f"block{index}/expand"] = (1, 1, inputs, wide)
        kernels[f"block{index}/depthwise"] = (3, 3, wide, 1)
        kernels[f"block{index}/project"] = (1, 1, wide, outputs)
    kernels["convlast"] = (1, 1, 320, 1280)
    expected: dict[str, tuple[int, ...]] = {}
    for name, kernel in kernels.items():
        outputs = kernel[2] if name.endswith("depthwise") else kernel[3]
        expected |= {f"{name}/kernel": kernel, f"{name}/bias": (outputs,)}
    return expected
