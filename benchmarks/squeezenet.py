"""SqueezeNet 1.1 (Iandola et al. 2016) as a judge: the features of its second fire module, from torchvision's weights."""

from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from gan_style.features.bank import FeatureBank

MEAN, DEVIATION = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)


class SqueezeNet(FeatureBank):
    """Images in [-1, 1] to the output of `features.4` (N, H / 4, W / 4, 128), from an .npz of OIHW arrays."""

    def __init__(self, weights: Path) -> None:
        with np.load(weights, allow_pickle=False) as stored:
            self.weights = {name: stored[name].astype(np.float32) for name in stored.files if name.split(".")[1] in ("0", "3", "4")}

    def arrays(self) -> list[np.ndarray]:
        return list(self.weights.values())

    def __call__(self, images: Any) -> dict[str, Any]:
        x = ((images + 1.0) / 2.0 - MEAN) / DEVIATION
        x = self.convolve(x, "features.0", strides=2)
        x = ops.max_pool(x, 3, strides=2, padding="valid")
        return {"fire3": self.fire(self.fire(x, "features.3"), "features.4")}

    def fire(self, x: Any, name: str) -> Any:
        x = self.convolve(x, f"{name}.squeeze")
        return ops.concatenate([self.convolve(x, f"{name}.expand1x1"), self.convolve(x, f"{name}.expand3x3", padding="same")], axis=-1)

    def convolve(self, x: Any, name: str, **options: Any) -> Any:
        kernel = np.transpose(self.weights[f"{name}.weight"], (2, 3, 1, 0))
        return ops.relu(ops.conv(x, ops.convert_to_tensor(kernel), **{"padding": "valid", **options}) + self.weights[f"{name}.bias"])
