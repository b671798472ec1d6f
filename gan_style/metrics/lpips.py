"""LPIPS v0.1 (Zhang et al. 2018) with torchvision's SqueezeNet 1.1, from two local files."""

import numpy as np
from keras import ops

from gan_style.features.backbones.squeezenet import SqueezeNet
from gan_style.features.stored import read_arrays
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

# Not quite ImageNet's mean and deviation doubled: the paper's code states them for [-1, 1], rounded.
SHIFT, SCALE = np.array([-0.030, -0.088, -0.188], np.float32), np.array([0.458, 0.448, 0.450], np.float32)
CHANNELS = (64, 128, 256, 384, 384, 512, 512)
SMALLEST = 32


class LPIPS:
    """A learned distance between pictures of the same thing: 0 if equal, about 0.7 if badly damaged."""

    name = "LPIPS v0.1 (SqueezeNet 1.1)"

    def __init__(self, *, network: str, heads: str) -> None:
        """`network`: an .npz of torchvision's arrays; `heads`: one of lin0 to lin6, a weight a channel."""
        self.network = SqueezeNet(weights=network)
        shapes = {f"lin{index}": (channels,) for index, channels in enumerate(CHANNELS)}
        self.heads = list(read_arrays(heads, shapes, self.name).values())

    def __call__(self, first: Tensor, second: Tensor) -> np.ndarray:
        """Distances (N,) float64 between pictures (N, H, W, 3) in [-1, 1], pair by pair."""
        if tuple(first.shape) != tuple(second.shape) or min(first.shape[1:3]) < SMALLEST:
            expected = f"pictures must come in pairs of one size, {SMALLEST} pixels or more"
            found = f"{tuple(first.shape)} and {tuple(second.shape)}"
            raise UserError(f"{self.name}: {expected}; found {found}")
        scaled = [(ops.cast(images, "float32") - SHIFT) / SCALE for images in (first, second)]
        taps = map(self.network.taps, scaled)
        return np.sum([self.difference(*two) for two in zip(self.heads, *taps, strict=True)], axis=0)

    def difference(self, head: np.ndarray, first: Tensor, second: Tensor) -> np.ndarray:
        """Equation 1: weighted squared difference of the unit vectors at each place, mean over places."""
        squares = ops.square(_unit(first) - _unit(second))
        distances = ops.mean(ops.sum(squares * head, axis=-1), axis=(1, 2))
        return np.asarray(ops.convert_to_numpy(distances), np.float64)


def _unit(features: Tensor) -> Tensor:
    return features / (ops.sqrt(ops.sum(ops.square(features), axis=-1, keepdims=True)) + 1e-10)
