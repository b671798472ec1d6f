"""What every backbone offers: a frozen feature bank that never trains, and one vector for each picture."""

from typing import Any, ClassVar

import numpy as np
from keras import ops

from gan_style.features.bank import FeatureBank
from gan_style.system.tensor import Tensor

BATCH = 8  # pictures embedded at once, to bound the memory


class Backbone(FeatureBank):
    """A bank whose maps show texture and structure, and whose vectors are for KID, FID and density.

    `kind`, `name`, `side` and `resizer` travel with every score: those of different backbones do not compare.
    """

    kind: ClassVar[str]  # as recipes name it
    name: str
    bank: FeatureBank  # the network behind it, where it is not one of its own
    side: int | None = None  # to which pictures are resized; None: as they come
    resizer = "none"
    designed = False  # its filters are formulas, which no loss looks through

    def arrays(self) -> list[np.ndarray]:
        return self.bank.arrays()

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        return self.bank(images)

    def vectors(self, images: Tensor) -> Tensor:
        """One vector (N, D) a picture: here the logarithms of all channels' means and deviations."""
        maps = [ops.cast(features, "float32") for features in self(images).values()]
        moments = [moment(features, axis=(1, 2)) for features in maps for moment in (ops.mean, ops.std)]
        return ops.log1p(ops.concatenate(moments, axis=-1))

    def embed(self, images: Tensor) -> np.ndarray:
        """Pictures (N, H, W, 3) in [-1, 1] to float64 (N, D), some at a time."""
        some = [self.vectors(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
        return np.concatenate([np.asarray(ops.convert_to_numpy(one), np.float64) for one in some])

    def described(self) -> dict[str, Any]:
        """What somebody needs to know to repeat a number."""
        return {
            "kind": self.kind,
            "name": self.name,
            "sha256": self.fingerprint(),
            "side": self.side,
            "resizer": self.resizer,
        }
