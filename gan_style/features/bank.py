"""What every frozen feature bank offers."""

import hashlib
from abc import ABC, abstractmethod
from typing import Any

import numpy as np


class FeatureBank(ABC):
    """Images (N, H, W, 3) in [-1, 1] to named feature maps (N, h, w, C); preprocessing is the bank's own business."""

    @abstractmethod
    def __call__(self, images: Any) -> dict[str, Any]: ...

    @abstractmethod
    def arrays(self) -> list[np.ndarray]:
        """The frozen weights, in a fixed order."""

    def fingerprint(self) -> str:
        """A hash of the weights: two banks that backbone alike have the same one."""
        digest = hashlib.sha256()
        for array in self.arrays():
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
