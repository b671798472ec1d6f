"""Does a picture still show what its source showed, whatever it is painted with?"""

from collections.abc import Mapping

import numpy as np

from gan_style.metrics.pictures import check_pair, luminance, window_means
from gan_style.system.errors import UserError

GRID = 16  # positions each way at which features are compared
WINDOW = 8  # pixels: edges that survive this are the composition's, not the strokes'


def self_similarity(fake: Mapping[str, np.ndarray], source: Mapping[str, np.ndarray]) -> float:
    """Distance in 0..1 of how two pictures' places resemble each other (Kolkin et al. 2019, eq. 7).

    Mean over layers of feature maps (h, w, C). Each place's cosine distances to all others are scaled to sum
    to one, so that only their pattern counts; half the L1 between two such rows is their total variation.
    """
    return float(np.mean([_self_similarity(layer, fake[layer], source[layer]) for layer in source]))


def coarse_edges(fake: np.ndarray, source: np.ndarray) -> float:
    """L1 of both pictures' luminance gradients, means of 8 x 8 windows, by the sum of their sizes: 0..1."""
    check_pair(fake, source, 2 * WINDOW)
    difference = total = 0.0
    coarse = [window_means(luminance(picture), WINDOW) for picture in (fake, source)]
    for axis in (0, 1):
        ours, theirs = (np.diff(values, axis=axis) for values in coarse)
        difference += float(np.abs(ours - theirs).sum())
        total += float((np.abs(ours) + np.abs(theirs)).sum())
    return difference / total if total > 0 else 0.0


def _self_similarity(layer: str, fake: np.ndarray, source: np.ndarray) -> float:
    if fake.shape[:2] != source.shape[:2]:
        shapes = f"{fake.shape[:2]} and {source.shape[:2]}"
        raise UserError(f"self-similarity needs pictures of one size: {layer} is {shapes}")
    return float(0.5 * np.abs(_resemblances(fake) - _resemblances(source)).sum(axis=1).mean())


def on_grid(features: np.ndarray) -> np.ndarray:
    """A feature map (h, w, C) at the places of a regular grid, at most 16 each way."""
    grid = [np.linspace(0, side - 1, min(side, GRID)).round() for side in features.shape[:2]]
    return features[np.ix_(*(np.unique(places.astype(int)) for places in grid))]


def _resemblances(features: np.ndarray) -> np.ndarray:
    """Cosine distances (P, P) between the P places of a regular grid; every row sums to one."""
    places = on_grid(features).reshape(-1, features.shape[2]).astype(np.float64)
    places /= np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-12)
    distances = np.maximum(1.0 - places @ places.T, 0.0)
    # A flat picture has only rounding to divide.
    return distances / (distances.sum(axis=1, keepdims=True) + 1e-8)
