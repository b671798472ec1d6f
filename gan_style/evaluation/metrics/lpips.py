"""LPIPS v0.1 (Zhang et al. 2018) with torchvision's SqueezeNet 1.1, from two local files."""

from typing import Any

import numpy as np
from keras import ops

from gan_style.features.backbones.squeezenet import SqueezeNet
from gan_style.features.stored import read_arrays
from gan_style.system.errors import UserError

# Not quite ImageNet's mean and deviation doubled: the paper's code states them for [-1, 1], rounded.
SHIFT, SCALE = np.array([-0.030, -0.088, -0.188], np.float32), np.array([0.458, 0.448, 0.450], np.float32)
CHANNELS = (64, 128, 256, 384, 384, 512, 512)
SMALLEST = 32


class LPIPS:
    """A learned distance between pictures of the same thing: 0 for equal ones, about 0.7 for badly damaged ones."""

    name = "LPIPS v0.1 (SqueezeNet 1.1)"

    def __init__(self, *, network: str, heads: str) -> None:
        """`network`: an .npz of torchvision's arrays; `heads`: an .npz of lin0 ... lin6, one weight for each channel."""
        self.network = SqueezeNet(weights=network)
        stored = read_arrays(
            heads, {f"lin{index}": (channels,) for index, channels in enumerate(CHANNELS)}, self.name
        )
        self.heads = list(stored.values())

    def __call__(self, first: Any, second: Any) -> np.ndarray:
        """Distances (N,) float64 between pictures (N, H, W, 3) in [-1, 1], pair by pair."""
        if tuple(first.shape) != tuple(second.shape) or min(first.shape[1:3]) < SMALLEST:
            found = f"{tuple(first.shape)} and {tuple(second.shape)}"
            raise UserError(
                f"{self.name}: pictures must come in pairs of one size, {SMALLEST} pixels or more; found {found}"
            )
        taps = (
            self.network.taps((ops.cast(images, "float32") - SHIFT) / SCALE) for images in (first, second)
        )
        return np.sum([self.difference(*two) for two in zip(self.heads, *taps, strict=True)], axis=0)

    def difference(self, head: np.ndarray, first: Any, second: Any) -> np.ndarray:
        """Equation 1: weighted squared difference of the unit vectors at each place, in the mean over places."""
        squares = ops.square(_unit(first) - _unit(second))
        return np.asarray(
            ops.convert_to_numpy(ops.mean(ops.sum(squares * head, axis=-1), axis=(1, 2))), np.float64
        )


def _unit(features: Any) -> Any:
    return features / (ops.sqrt(ops.sum(ops.square(features), axis=-1, keepdims=True)) + 1e-10)
