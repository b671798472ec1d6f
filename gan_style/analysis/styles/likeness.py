"""What a table of distances says: a flat map, groups, and which styles to blend."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

from gan_style.metrics.textures import Distance, Textures

BLENDED, LEAST = 3, 0.1  # styles in a suggested blend, and the smallest share that is worth naming


def matrix(styles: Sequence[Textures], distance: Distance) -> np.ndarray:
    """Distances (N, N), symmetric, nothing on the diagonal."""
    table = np.zeros((len(styles), len(styles)))
    for row, column in combinations(range(len(styles)), 2):
        table[row, column] = table[column, row] = distance(styles[row], styles[column])
    return table


def flat_map(table: np.ndarray) -> tuple[np.ndarray, float]:
    """Points (N, 2) about as far apart as the table says (classical scaling, Torgerson 1952).

    Also the share of the squared distances from the middle that the two dimensions hold.
    """
    centring = np.eye(len(table)) - 1 / len(table)
    values, vectors = np.linalg.eigh(-centring @ table**2 @ centring / 2)
    # What no flat space holds has negative values.
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(table))])
    return vectors[:, :2] * np.sqrt(values[:2]), float(values[:2].sum() / max(values.sum(), 1e-12))


def clusters(table: np.ndarray, count: int) -> list[int]:
    """Which of `count` groups each belongs to (average linkage), numbered from 1 as they appear."""
    found = fcluster(_tree(table), count, "maxclust")
    numbers = {group: number for number, group in enumerate(dict.fromkeys(found.tolist()), start=1)}
    return [numbers[group] for group in found.tolist()]


def neighbourly(table: np.ndarray) -> list[int]:
    """An order in which like stands beside like."""
    return [int(leaf) for leaf in leaves_list(_tree(table, ordered=True))]


def blend(distances: dict[str, float]) -> dict[str, float]:
    """Shares of the three nearest styles, as 1 / distance² (Shepard 1968), without those below a tenth."""
    near = sorted(distances, key=lambda name: distances[name])[:BLENDED]
    if distances[near[0]] < 1e-9:
        return {near[0]: 1.0}
    pull = {name: distances[name] ** -2 for name in near}
    pull = {name: value for name, value in pull.items() if value >= LEAST * sum(pull.values())}
    shares = {name: round(value / sum(pull.values()), 2) for name, value in pull.items()}
    shares[near[0]] = round(1 - sum(share for name, share in shares.items() if name != near[0]), 2)
    return shares


def _tree(table: np.ndarray, ordered: bool = False) -> np.ndarray:
    return linkage(squareform(table, checks=False), "average", optimal_ordering=ordered)
