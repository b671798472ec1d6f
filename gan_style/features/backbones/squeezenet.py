"""SqueezeNet 1.1 (Iandola et al. 2016) from torchvision's weights, as a backbone and for LPIPS."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.backbones.backbone import Backbone
from gan_style.features.stored import read_arrays
from gan_style.system.tensor import Tensor

MEAN, DEVIATION = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
# Fire modules as torchvision counts them: channels in, squeezed, and of each of the two expansions.
FIRES = {3: (64, 16, 64), 4: (128, 16, 64), 6: (128, 32, 128), 7: (256, 32, 128)}
FIRES |= {9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256)}
STAGES = ((3, 4), (6, 7), (9,), (10,), (11,), (12,))
POOLED = {3, 6, 9}  # fires that follow a max pool


class SqueezeNet(Backbone):
    """Sees pictures at their own size, normalised by ImageNet's mean and deviation.

    Map: `fire3`, the output of `features.4` (N, H / 4, W / 4, 128), the second fire module. Vectors: its
    channels' means and deviations.
    """

    kind = "squeezenet"
    name = "SqueezeNet 1.1 features.4 (torchvision)"

    def __init__(
        self,
        *,
        weights: Annotated[
            str,
            Field(description="an .npz file of torchvision's arrays, features.0.weight and so on"),
            Place("file"),
        ],
    ):
        stored = read_arrays(weights, shapes(), "SqueezeNet 1.1")
        self.weights = {
            name: ops.transpose(array, (2, 3, 1, 0)) if array.ndim == 4 else array
            for name, array in stored.items()
        }

    def arrays(self) -> list[np.ndarray]:
        return [ops.convert_to_numpy(array) for array in self.weights.values()]

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        taps = self.taps(((ops.cast(images, "float32") + 1.0) / 2.0 - MEAN) / DEVIATION)
        next(taps)
        return {"fire3": next(taps)}

    def taps(self, x: Tensor) -> Iterator[Tensor]:
        """The seven places where LPIPS looks, one by one: after the first convolution and each stage."""
        x = self.convolve(x, "features.0", strides=2)
        yield x
        for stage in STAGES:
            for fire in stage:
                x = self.fire(pooled(x) if fire in POOLED else x, f"features.{fire}")
            yield x

    def fire(self, x: Tensor, name: str) -> Tensor:
        x = self.convolve(x, f"{name}.squeeze")
        expanded = self.convolve(x, f"{name}.expand1x1"), self.convolve(x, f"{name}.expand3x3", "same")
        return ops.concatenate(expanded, axis=-1)

    def convolve(self, x: Tensor, name: str, padding: str = "valid", strides: int = 1) -> Tensor:
        kernel, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return ops.relu(ops.conv(x, kernel, strides=strides, padding=padding) + bias)


def pooled(x: Tensor) -> Tensor:
    """3x3 maxima of `x` >= 0 at every second pixel; as torchvision's, the last window may cross the edge."""
    over = [[0, (side - 3) % 2] for side in x.shape[1:3]]
    return ops.max_pool(ops.pad(x, [[0, 0], *over, [0, 0]]), 3, strides=2, padding="valid")


def shapes() -> dict[str, tuple[int, ...]]:
    """Of all arrays in the file; kernels are (out, in, height, width)."""
    kernels = {"features.0": (64, 3, 3, 3)}
    for fire, (inputs, squeezed, expanded) in FIRES.items():
        kernels[f"features.{fire}.squeeze"] = (squeezed, inputs, 1, 1)
        kernels[f"features.{fire}.expand1x1"] = (expanded, squeezed, 1, 1)
        kernels[f"features.{fire}.expand3x3"] = (expanded, squeezed, 3, 3)
    return {
        f"{name}.{part}": shape
        for name, kernel in kernels.items()
        for part, shape in (("weight", kernel), ("bias", kernel[:1]))
    }
