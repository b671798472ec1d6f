"""An untrained encoder that a decoder can undo: fixed random filters in whitened space, leaky rectifiers."""

from typing import Annotated

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.features.bank import FeatureBank
from gan_style.system.bands import convolved
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

LEAK = 0.2  # what is below zero is made small, but not forgotten
SIDE = 128  # pixels of the noise on which the filters are whitened
MOST_WHITENED = 2048  # numbers in a patch; the time grows with their third power
FLOOR = 0.01  # of the mean variance, so that what hardly occurs is not blown up without end
# Columns: brightness, blue against yellow, red against green. In photographs all three vary about as much.
OPPONENT = np.array([[0.35, -0.6, 1.5], [0.35, -0.6, -1.5], [0.35, 1.2, 0.0]], np.float32)


class RandomEncoder(FeatureBank):
    """Layers `layer1` (N, H, W, 3 x filters), `layer2` (N, H / 2, W / 2, 6 x filters), `layer3` and so on.

    Natural pictures hold most of their energy in large shapes; plain random filters would see little else.
    Every layer is whitened on noise with a photograph's spectrum first, then turned by a random rotation.
    Brightness and two colours go through the same filters, one after the other: filters that mix them turn
    a change of contrast into coloured specks.
    """

    def __init__(
        self,
        *,
        levels: Annotated[int, Field(ge=1, le=5)] = 3,
        filters: Annotated[
            int, Field(ge=4, le=256, description="of the first layer, a colour; doubled at each halving")
        ] = 16,
        seed: Annotated[int, Field(ge=0)] = 0,
    ) -> None:
        widest = 2 * filters * 2 ** (levels - 1)  # numbers in a patch of the last layer
        if widest > MOST_WHITENED:
            reason = f"whitening patches of {widest:,} numbers takes minutes; at most {MOST_WHITENED:,}"
            raise UserError(f"random_encoder: levels {levels} and filters {filters}: {reason}")
        rng = np.random.default_rng(seed)
        self.kernels: list[np.ndarray] = []
        self.biases: list[np.ndarray] = []
        x = ops.convert_to_tensor(pink_noise(rng))
        for level in range(levels):
            noise = ops.convert_to_numpy(x)
            kernel, bias = whitened_filters(noise, 2 if level else 3, filters * 2**level, rng)
            self.kernels.append(kernel)
            self.biases.append(bias)
            x = self.layer(x, level)

    def arrays(self) -> list[np.ndarray]:
        return [array for pair in zip(self.kernels, self.biases, strict=True) for array in pair]

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        planes = ops.matmul(ops.cast(images, "float32"), ops.convert_to_tensor(OPPONENT))
        x, maps = ops.concatenate(ops.split(planes, 3, axis=-1)), {}
        for level in range(len(self.kernels)):
            x = self.layer(x, level)
            maps[f"layer{level + 1}"] = ops.concatenate(ops.split(x, 3), axis=-1)
        return maps

    def layer(self, x: Tensor, level: int) -> Tensor:
        """The first layer sees 3x3 neighbours, the others 2x2 pixels that become one."""
        if level == 0:
            x = ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
        kernel = ops.convert_to_tensor(self.kernels[level])
        x = convolved(x, kernel, 2 if level else 1)
        return ops.leaky_relu(x + ops.convert_to_tensor(self.biases[level]), LEAK)


def pink_noise(rng: np.random.Generator) -> np.ndarray:
    """Noise (1, SIDE, SIDE, 1) whose amplitudes fall with frequency, of a photograph's deviation."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = np.inf
    plane = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) / frequency, (SIDE, SIDE))
    return (0.4 * plane / plane.std())[None, ..., None].astype(np.float32)


def whitened_filters(
    x: np.ndarray, size: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel (size, size, C, count) and bias whose responses to `x` are uncorrelated, mean 0, variance 1."""
    windows = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (size, size), axis=(0, 1))
    patches = windows.transpose(0, 1, 3, 4, 2).reshape(-1, size * size * x.shape[-1])
    mean, covariance = patches.mean(0), np.cov(patches.T)
    values, vectors = np.linalg.eigh(covariance)
    whitening = (vectors / np.sqrt(values + FLOOR * values.mean())) @ vectors.T
    # A tall matrix has orthonormal rows, a wide one orthonormal columns: nothing is stretched.
    drawn = rng.standard_normal((whitening.shape[0], count))
    left, _, right = np.linalg.svd(drawn, full_matrices=False)
    # Rounded, so that every machine has the same filters.
    kernel = np.round(whitening @ left @ right, 4)
    bias = np.round(-mean @ kernel, 4)
    return kernel.reshape(size, size, -1, count).astype(np.float32), bias.astype(np.float32)
