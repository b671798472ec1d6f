"""Untrained features that suffice for texture: rectified and multi-scale (Ustyuzhaninov et al. 2017)."""

from typing import Annotated, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.features.bank import FeatureBank
from gan_style.system.bands import convolved
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

Kernel = Literal[3, 5, 7, 9, 11]
BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / 16


class RandomPyramid(FeatureBank):
    """A Laplacian pyramid; on each level, rectified responses to fixed random filters of several sizes.

    Photographs hold most energy at low frequencies, strokes at high ones. On the levels of a Gaussian
    pyramid every Gram is nearly that of the picture's large shapes; bands keep the two apart.
    """

    def __init__(
        self,
        *,
        levels: Annotated[int, Field(ge=1, le=6)] = 4,
        kernels: Annotated[tuple[Kernel, ...], Field(min_length=1, max_length=16)] = (3, 5, 7, 11),
        filters: Annotated[int, Field(ge=1, le=256, description="of each size")] = 32,
        seed: Annotated[int, Field(ge=0)] = 0,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.levels = levels
        self.kernels = [random_filters(size, filters, rng) for size in kernels]
        self.margin = max(kernels) // 2

    def arrays(self) -> list[np.ndarray]:
        return self.kernels

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        """Features (N, h, w, sizes x filters) of each level that is not smaller than the largest kernel."""
        maps = {}
        for level in range(self.levels):
            if min(images.shape[1:3]) < 2 * self.margin + 1:
                break
            smooth = blurred(images)
            maps[f"level{level}"] = ops.relu(self.responses(images - smooth))
            images = smooth[:, ::2, ::2]
        if not maps:
            size, side = f"{images.shape[2]}x{images.shape[1]}", 2 * self.margin + 1
            raise UserError(
                f"random_pyramid: pictures of {size} pixels are smaller than its {side}x{side} filters"
            )
        return maps

    def responses(self, images: Tensor) -> Tensor:
        sides = [self.margin, self.margin]
        images = ops.pad(images, [[0, 0], sides, sides, [0, 0]], mode="symmetric")
        maps = []
        for kernel in self.kernels:
            spare = self.margin - kernel.shape[0] // 2
            inner = images[:, spare : images.shape[1] - spare, spare : images.shape[2] - spare]
            maps.append(convolved(inner, ops.convert_to_tensor(kernel)))
        return ops.concatenate(maps, axis=-1)


def random_filters(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size, 3, count) filters of unit norm, zero-mean in each colour, orthogonal if there is room."""
    drawn = rng.standard_normal((size * size, 3, count))
    drawn = (drawn - drawn.mean(0)).reshape(size * size * 3, count)
    room = len(drawn) - 3
    for start in range(0, count, room):
        # Orthogonalising keeps the span, so the means stay zero.
        drawn[:, start : start + room] = np.linalg.qr(drawn[:, start : start + room])[0]
    return drawn.reshape(size, size, 3, count).astype(np.float32)


def blurred(images: Tensor) -> Tensor:
    """Convolved with the 5x5 binomial filter, edges mirrored."""
    images = ops.pad(images, [[0, 0], [2, 2], [2, 2], [0, 0]], mode="symmetric")
    channels = images.shape[-1]
    kernel = np.outer(BINOMIAL, BINOMIAL)[:, :, None, None] * np.ones((1, 1, channels, 1), np.float32)
    return ops.depthwise_conv(images, ops.convert_to_tensor(kernel.astype(np.float32)), padding="valid")
