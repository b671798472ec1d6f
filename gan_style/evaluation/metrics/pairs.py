"""Means over pairs of pictures when the photographs or paintings that they were cut from are resampled."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Pairs:
    """Values summed over all pairs of two groups' pictures, and how many pairs these are."""

    sums: np.ndarray  # (G, H)
    counts: np.ndarray  # (G, H)

    @classmethod
    def of(cls, values: np.ndarray, ours: csr_array, theirs: csr_array) -> Self:
        """`values` (N, M) of each picture of one set with each of another."""
        return cls(ours @ values @ theirs.T, np.outer(ours.sum(axis=1), theirs.sum(axis=1)))

    def mean(self, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        """Over all pairs, where groups were drawn so many times (..., G) and (..., H)."""
        return _weigh(self.sums, ours, theirs) / _weigh(self.counts, ours, theirs)


class DifferentPairs(Pairs):
    """The same within one set, without a picture's pair with itself (across sets: its counterpart)."""

    @classmethod
    def within(cls, values: np.ndarray, members: csr_array) -> Self:
        """`values` (N, N) of every two pictures."""
        values = values.copy()
        np.fill_diagonal(values, 0.0)
        sizes = members.sum(axis=1)
        return cls(members @ values @ members.T, np.outer(sizes, sizes) - np.diag(sizes))

    def resampled(self, draws: np.ndarray) -> np.ndarray:
        """The mean where groups were drawn `draws` (..., G) times; nan where no pair is left.

        A group drawn m times brings m copies of itself. Two copies stand for two *different* groups of a
        fresh sample, but a picture is far more like its own copy than like any other: counting those m(m - 1)
        pairs would push every resampled KID up. So pairs between copies of one group are left out, and pairs
        inside it count once a copy: m times, not m squared.
        """

        def total(values: np.ndarray) -> np.ndarray:
            return _weigh(values, draws, draws) + (draws - draws**2) @ values.diagonal()

        pairs_left = total(self.counts)
        return total(self.sums) / np.where(pairs_left > 0, pairs_left, np.nan)


def members(count: int, groups: np.ndarray | None = None) -> csr_array:
    """Which of `count` pictures belong to each group (G), in sorted order: ones in a matrix (G, count).

    Groups are names or numbers; without them every picture stands alone.
    """
    numbers = np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]
    return csr_array((np.ones(count), (numbers, np.arange(count))))


def _weigh(values: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray(((left @ values) * right).sum(axis=-1))
