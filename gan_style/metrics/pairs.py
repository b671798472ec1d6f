"""Means over pairs of pictures, when some of the originals that they were cut from are left out."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Pairs:
    """Values summed over the pairs of two groups' pictures, and how many pairs these are."""

    sums: np.ndarray  # (G, H)
    counts: np.ndarray  # (G, H)

    @classmethod
    def of(cls, values: np.ndarray, ours: csr_array, theirs: csr_array) -> "Pairs":
        """`values` (N, M) of each picture of one set with each of another."""
        return cls(ours @ values @ theirs.T, np.outer(ours.sum(axis=1), theirs.sum(axis=1)))

    def apart(self, different: np.ndarray | None = None) -> "Pairs":
        """Without pairs inside a group, which resemble each other for what they show.

        `different` (G, H) says which groups are of different originals, where a group is not an original.
        """
        count = len(self.sums)
        different = ~np.eye(count, dtype=bool) if different is None else different
        return Pairs(self.sums * different, self.counts * different)

    def mean(self, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        """Over all pairs, where groups count so much (..., G) and (..., H); nan where no pair is left."""
        pairs = _weigh(self.counts, ours, theirs)
        return _weigh(self.sums, ours, theirs) / np.where(pairs > 0, pairs, np.nan)


def members(count: int, groups: np.ndarray | None = None) -> csr_array:
    """Which of `count` pictures belong to each group (G), in sorted order: ones in a matrix (G, count).

    Groups are names or numbers; without them every picture stands alone.
    """
    numbers = np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]
    return csr_array((np.ones(count), (numbers, np.arange(count))))


def _weigh(values: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray(((left @ values) * right).sum(axis=-1))
