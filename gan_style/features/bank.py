"""What every frozen feature bank offers."""

import hashlib
from abc import ABC, abstractmethod

import numpy as np

from gan_style.system.tensor import Tensor


class FeatureBank(ABC):
    """Images (N, H, W, 3) in [-1, 1] to named feature maps (N, h, w, C); preprocessing is the bank's own."""

    @abstractmethod
    def __call__(self, images: Tensor) -> dict[str, Tensor]: ...

    @abstractmethod
    def arrays(self) -> list[np.ndarray]:
        """The frozen weights, in a fixed order."""

    def descent(self) -> list[np.ndarray]:
        """Weights by which its relatives are known: its own, and some of what taught it."""
        return self.arrays()

    def fingerprint(self) -> str:
        """A hash of the weights: banks with the same one compute the same features."""
        digest = hashlib.sha256()
        for array in self.arrays():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
