"""How far apart two pictures' styles are, from the statistics of their feature maps.

All distances are averages over layers and lie in 0..1 (cosine: 0..2): each is divided by what it can be at
most, the two distances from nothing at all, so that no layer's scale decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gan_style.metrics.distribution import frechet, gaussian


@dataclass(frozen=True)
class Texture:
    """What is kept of one feature map (h, w, C): everything about its channels, nothing about places."""

    mean: np.ndarray  # (C,)
    root: np.ndarray  # (at most C, C): R with RᵀR = covariance

    @cached_property
    def gram(self) -> np.ndarray:
        """Mean products of channels (C, C), not centred (Gatys et al. 2016)."""
        return self.root.T @ self.root + np.outer(self.mean, self.mean)

    @property
    def moments(self) -> np.ndarray:
        """Channels' means and standard deviations (2C,) (Huang & Belongie 2017)."""
        return np.concatenate([self.mean, np.linalg.norm(self.root, axis=0)])


Textures = Mapping[str, Texture]


def textures(features: Mapping[str, np.ndarray]) -> dict[str, Texture]:
    """The texture of each layer of one picture; worked out once and compared with many."""
    places = {layer: values.reshape(-1, values.shape[-1]) for layer, values in features.items()}
    return {layer: Texture(*gaussian(values, len(values))) for layer, values in places.items()}


def together(all_of_them: Sequence[Textures]) -> dict[str, Texture]:
    """The texture of several pictures as if they were one."""
    pooled = {}
    for layer in all_of_them[0]:
        means = np.stack([one[layer].mean for one in all_of_them])
        # The covariance within pictures, and that of their means.
        roots = [*(one[layer].root for one in all_of_them), means - means.mean(axis=0)]
        root = np.linalg.qr(np.concatenate(roots), mode="r") / np.sqrt(len(means))
        pooled[layer] = Texture(means.mean(axis=0), root)
    return pooled


def gram(fake: Textures, target: Textures) -> float:
    """Frobenius distance of the Gram matrices by the sum of their norms."""
    return _over_layers(fake, target, lambda ours, theirs: _relative(ours.gram, theirs.gram))


def euclidean(fake: Textures, target: Textures) -> float:
    """Euclidean distance of the channels' means and standard deviations by the sum of their norms."""
    return _over_layers(fake, target, lambda ours, theirs: _relative(ours.moments, theirs.moments))


def cosine(fake: Textures, target: Textures) -> float:
    """One minus the cosine between the Gram matrices: proportions alone, whatever their strength."""
    return _over_layers(fake, target, _cosine)


def wasserstein(fake: Textures, target: Textures) -> float:
    """2-Wasserstein distance of Gaussians fitted to the features, by the sum of their distances from 0."""
    return _over_layers(fake, target, _wasserstein)


def _over_layers(fake: Textures, target: Textures, distance: Callable[[Texture, Texture], float]) -> float:
    return float(np.mean([distance(fake[layer], target[layer]) for layer in target]))


def _relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    return _share(float(np.linalg.norm(ours - theirs)), float(np.linalg.norm(ours) + np.linalg.norm(theirs)))


def _cosine(ours: Texture, theirs: Texture) -> float:
    sizes = np.linalg.norm(ours.gram) * np.linalg.norm(theirs.gram)
    return _share(float(sizes - np.sum(ours.gram * theirs.gram)), float(sizes))


def _wasserstein(ours: Texture, theirs: Texture) -> float:
    squared = frechet(ours.mean, ours.root, theirs.mean, theirs.root)
    # From a Gaussian to the point 0 it is the root of the mean squared length.
    return _share(float(np.sqrt(squared)), float(np.sqrt(ours.gram.trace()) + np.sqrt(theirs.gram.trace())))


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


Distance = Callable[[Textures, Textures], float]
DISTANCES: dict[str, Distance] = {
    "gram": gram,
    "euclidean": euclidean,
    "cosine": cosine,
    "wasserstein": wasserstein,
}
