"""A small network that was taught the features of a large one (method `feature_distillation`)."""

from typing import Annotated

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.bank import FeatureBank
from gan_style.features.stored import read_every_array
from gan_style.system import included
from gan_style.system.bands import convolved
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

TEACHER = "teacher/kernel"  # by which a judge of the same teacher is known


class Distilled(FeatureBank):
    """Layers `level0` (N, H, W, C0), `level1` (N, H / 2, W / 2, C1) and so on: components of a teacher's.

    Maps are float32 in any policy. The file holds, for each level, `hidden/kernel` and what reads components
    from it, `level/kernel`; between levels `halved/kernel`. `teacher/kernel` is the teacher's
    first convolution.
    """

    def __init__(
        self,
        *,
        weights: Annotated[
            str,
            Field(description="a folder that `gan-style pack` wrote; default: what is included"),
            Place("folder"),
        ] = "included/features",
    ) -> None:
        what = "a distilled network"
        weights = str(included.checked(weights, included.FEATURES))
        self.weights = read_every_array(weights, what)
        self.levels = sum(name.startswith("level") and name.endswith("kernel") for name in self.weights)
        missing = [name for name in names(self.levels) if name not in self.weights]
        if not self.levels or missing:
            raise UserError(f"{weights}: {what}: there is no array '{(missing or ['level0/kernel'])[0]}'")
        self.refuse_what_does_not_fit(weights)

    def refuse_what_does_not_fit(self, file: str) -> None:
        """Each kernel takes what the one before it makes."""
        channels = 3
        for name in names(self.levels):
            array = self.weights[name]
            if name.endswith("bias"):
                fits = array.shape == self.weights[name.replace("bias", "kernel")].shape[3:]
            else:
                fits = array.ndim == 4 and array.shape[0] == array.shape[1] and array.shape[2] == channels
                channels = array.shape[3] if fits and not name.startswith("level") else channels
            if not fits:
                raise UserError(f"{file}: '{name}' has shape {array.shape}, which does not fit the others")

    def arrays(self) -> list[np.ndarray]:
        return [self.weights[name] for name in names(self.levels)]

    def descent(self) -> list[np.ndarray]:
        return [*self.arrays(), *(array for name, array in self.weights.items() if name == TEACHER)]

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        x, maps = ops.cast(images, "float32"), {}
        for level in range(self.levels):
            if level:
                x = ops.relu(self.convolve(mirrored(x), f"halved{level}", 2))
            x = ops.relu(self.convolve(mirrored(x), f"hidden{level}"))
            maps[f"level{level}"] = self.convolve(x, f"level{level}")
        return maps

    def convolve(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        kernel, bias = (ops.convert_to_tensor(self.weights[f"{name}/{part}"]) for part in ("kernel", "bias"))
        return convolved(x, kernel, stride) + bias


def names(levels: int) -> list[str]:
    """Of the arrays, in the order in which they are used."""
    layers = [
        name for level in range(levels) for name in (f"halved{level}", f"hidden{level}", f"level{level}")
    ]
    return [f"{layer}/{part}" for layer in layers[1:] for part in ("kernel", "bias")]


def mirrored(x: Tensor) -> Tensor:
    return ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
