"""The principal components of frozen features, as they are on the training pictures."""

from collections.abc import Iterable, Mapping

import keras
import numpy as np
from keras import ops

from gan_style.losses import perceptual
from gan_style.system.tensor import Tensor

Maps = Mapping[str, Tensor]  # by layer: (N, h, w, C)
TURNS = 200  # of which most do nothing any more


class Components:
    """Of each layer the directions that hold most of its energy, and how large features are along them.

    Not centred: a Gram is not either, and that of the components is the Gram of the features as seen in
    these directions. What the others hold is small.
    """

    def __init__(self, channels: Mapping[str, int], counts: Mapping[str, int]) -> None:
        def variable(shape: tuple[int, ...], name: str) -> keras.Variable:
            return keras.Variable(ops.ones(shape), trainable=False, dtype="float32", name=name)

        # Columns of (C, K) are orthonormal once they are measured.
        self.bases = {
            layer: variable((count, counts[layer]), f"basis_{layer}") for layer, count in channels.items()
        }
        self.variances = {layer: variable((), f"variance_{layer}") for layer in channels}
        # The root of the mean square norm of Grams, scaled as the preset `normalised` has it.
        self.gram_norms = {layer: variable((), f"gram_norm_{layer}") for layer in channels}
        self.kept = {layer: variable((), f"kept_{layer}") for layer in channels}  # of the energy

    def variables(self) -> list[keras.Variable]:
        groups = (self.bases, self.variances, self.gram_norms, self.kept)
        return [variable for group in groups for variable in group.values()]

    def of(self, maps: Maps) -> dict[str, Tensor]:
        return {layer: ops.matmul(maps[layer], basis) for layer, basis in self.bases.items()}

    def measure(self, batches: Iterable[Maps]) -> None:
        """From batches of feature maps: E[f fᵀ], whose eigenvectors they are, and E[f]."""
        moments: dict[str, list[np.ndarray]] = {layer: [] for layer in self.bases}
        means: dict[str, list[np.ndarray]] = {layer: [] for layer in self.bases}
        for maps in batches:
            for layer in self.bases:
                moments[layer].append(np.asarray(perceptual.gram(maps[layer], "magenta"), np.float64))
                means[layer].append(np.asarray(ops.mean(maps[layer], axis=(1, 2)), np.float64))
        for layer in self.bases:
            self.settle(layer, np.concatenate(moments[layer]), np.concatenate(means[layer]).mean(0))

    def rotations(self) -> list[np.ndarray]:
        """Of each layer (K, K), to directions of the same space that lie along few channels.

        Grams are as far apart as before. Deviations, which depend on directions, are nearer to channels' own.
        """
        return [varimax(np.asarray(basis, np.float64)) for basis in self.bases.values()]

    def settle(self, layer: str, moments: np.ndarray, mean: np.ndarray) -> None:
        """`moments` (N, C, C): of each picture."""
        count = self.bases[layer].shape[1]
        values, vectors = np.linalg.eigh(moments.mean(0))
        # The sign is nobody's business, but must be the same each time.
        basis = vectors[:, ::-1][:, :count]
        basis = basis * np.where(basis.sum(0) < 0, -1, 1)
        kept = values[::-1][:count].sum()
        seen = basis.T @ moments @ basis  # (N, K, K)
        self.bases[layer].assign(basis)
        self.variances[layer].assign(kept - np.sum(np.square(mean @ basis)))
        self.gram_norms[layer].assign(np.sqrt(np.mean(np.sum(np.square(seen), axis=(1, 2)))) / count)
        self.kept[layer].assign(kept / values.sum())


def varimax(basis: np.ndarray) -> np.ndarray:
    """The rotation (K, K) after which the columns' squares (C, K) vary most (Kaiser 1958)."""
    rotation = np.eye(basis.shape[1])
    for _ in range(TURNS):
        turned = basis @ rotation
        ascent = basis.T @ (turned**3 - turned * np.square(turned).mean(0))
        left, _, right = np.linalg.svd(ascent)
        rotation = left @ right
    return rotation
