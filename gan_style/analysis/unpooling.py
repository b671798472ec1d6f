"""From one unit's activation back to the pixels that caused it: the DeconvNet of Zeiler & Fergus (2014).

A stack is a list of layers. Each goes forward and says what it has to keep for the backward pass. There,
pools put values where the maxima were (the switches), rectifiers pass what is positive of that which comes
back, and convolutions are transposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from keras import ops

from gan_style.features.vgg19_normalised import NormalisedVGG19

Window = tuple[int, int]  # of pixels, in one direction: the first, and the one after the last


class Layer(Protocol):
    stride: int

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Features (N, H, W, C) to features, and what is kept."""

    def back(self, y: np.ndarray, kept: Any) -> np.ndarray: ...

    def sees(self, window: Window) -> Window:
        """The part of the input on which a part of the output depends."""


@dataclass(frozen=True)
class Convolve:
    """Kernel (k, k, in, out) with odd k, edges mirrored; the bias is no part of the backward pass."""

    kernel: np.ndarray
    bias: np.ndarray
    stride = 1

    @property
    def margin(self) -> int:
        return self.kernel.shape[0] // 2

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, None]:
        sides = (self.margin, self.margin)
        padded = np.pad(x, [(0, 0), sides, sides, (0, 0)], mode="reflect")
        return ops.convert_to_numpy(ops.conv(padded, self.kernel, padding="valid")) + self.bias, None

    def back(self, y: np.ndarray, kept: None) -> np.ndarray:
        return folded(ops.convert_to_numpy(ops.conv_transpose(y, self.kernel, padding="valid")), self.margin)

    def sees(self, window: Window) -> Window:
        return window[0] - self.margin, window[1] + self.margin


class Rectify:
    stride = 1

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, None]:
        return np.maximum(x, 0), None

    def back(self, y: np.ndarray, kept: None) -> np.ndarray:
        return np.maximum(y, 0)

    def sees(self, window: Window) -> Window:
        return window


class Pool:
    """Maxima of 2x2 pixels; an odd row or column at the end is left out."""

    stride = 2

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, tuple[int, ...]]]:
        count, height, width, channels = x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]
        cut = x[:, : height * 2, : width * 2].reshape(count, height, 2, width, 2, channels)
        windows = cut.transpose(0, 1, 3, 5, 2, 4).reshape(count, height, width, channels, 4)
        return windows.max(axis=-1), (windows.argmax(axis=-1), x.shape)

    def back(self, y: np.ndarray, kept: tuple[np.ndarray, tuple[int, ...]]) -> np.ndarray:
        switches, shape = kept
        windows = np.where(np.arange(4) == switches[..., None], y[..., None], 0)
        count, height, width, channels = y.shape
        cut = windows.reshape(count, height, width, channels, 2, 2).transpose(0, 1, 4, 2, 5, 3)
        whole = np.zeros(shape, y.dtype)
        whole[:, : height * 2, : width * 2] = cut.reshape(count, height * 2, width * 2, channels)
        return whole

    def sees(self, window: Window) -> Window:
        return 2 * window[0], 2 * window[1]


def folded(x: np.ndarray, margin: int) -> np.ndarray:
    """The transpose of mirroring the edges: a margin is added to the pixels that were mirrored into it."""
    for axis in (1, 2):
        lines = np.moveaxis(x, axis, 0)
        inner = lines[margin : len(lines) - margin].copy()
        if margin:
            inner[1 : margin + 1] += lines[:margin][::-1]
            inner[-margin - 1 : -1] += lines[-margin:][::-1]
        x = np.moveaxis(inner, 0, axis)
    return x


def forward(stack: Sequence[Layer], x: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    memory = []
    for layer in stack:
        x, kept = layer.forward(x)
        memory.append(kept)
    return x, memory


def back(stack: Sequence[Layer], y: np.ndarray, memory: Sequence[Any]) -> np.ndarray:
    for layer, kept in zip(reversed(stack), reversed(memory), strict=True):
        y = layer.back(y, kept)
    return y


def project(stack: Sequence[Layer], x: np.ndarray, place: tuple[int, int], unit: int) -> np.ndarray:
    """What in a picture (H, W, C) drives one unit at one place of the stack's output alone: (H, W, C)."""
    y, memory = forward(stack, x[None])
    alone = np.zeros_like(y)
    alone[0, *place, unit] = y[0, *place, unit]
    return back(stack, alone, memory)[0]


def receptive(stack: Sequence[Layer], at: int) -> Window:
    """The pixels, in one direction, that a unit depends on; some may lie outside the picture."""
    window = (at, at + 1)
    for layer in reversed(stack):
        window = layer.sees(window)
    return window


def vgg19_stack(bank: NormalisedVGG19) -> list[Layer]:
    """The network down to its deepest layer; it takes RGB in [0, 1]."""

    def convolution(name: str) -> Convolve:
        return Convolve(bank.weights[f"{name}/kernel"], bank.weights[f"{name}/bias"])

    stack: list[Layer] = [convolution("preprocess")]
    for before, place in pairwise([bank.places[0], *bank.places]):
        pools: list[Layer] = [Pool()] if place[0] > before[0] else []
        stack += [*pools, convolution(f"conv{place}"), Rectify()]
    return stack
