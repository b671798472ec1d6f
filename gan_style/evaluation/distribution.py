"""How far apart two sets of pictures are, from their embeddings (N, D)."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.linalg import svdvals
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from gan_style.errors import UserError

# FID is biased upwards, the more the fewer pictures (Binkowski et al. 2018). 2048 is the dimension of Inception's embeddings,
# for which it was defined: a covariance from fewer pictures than dimensions has directions without any variance.
ENOUGH_FOR_FID = 2048
NEIGHBOURS = 5  # of a target, that say what is near to it


@dataclass(frozen=True)
class Pairs:
    """Kernel values summed over all pairs of two groups' pictures, and how many pairs these are."""

    sums: np.ndarray  # (G, H)
    counts: np.ndarray  # (G, H)


@dataclass(frozen=True)
class Kernels:
    """All that KID needs to know of two sets, small enough to be resampled thousands of times."""

    fakes: Pairs  # of different pictures only
    targets: Pairs  # likewise
    across: Pairs
    paired: bool  # each fake has a counterpart among the targets, and is not compared with it


def polynomial_kernel(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(x · y / D + 1)^3 of every pair (Binkowski et al. 2018)."""
    return (left.astype(np.float64) @ right.T.astype(np.float64) / left.shape[1] + 1.0) ** 3


def kernels(
    fakes: np.ndarray,
    targets: np.ndarray,
    fake_groups: np.ndarray | None = None,
    target_groups: np.ndarray | None = None,
    *,
    paired: bool = False,
) -> Kernels:
    """Kernels of two sets, with the name or number (N,) of the photograph or painting that each picture belongs to.

    Without groups every picture stands alone. Groups come in sorted order. `paired`: the fakes and the targets show the
    same things in the same order, and are grouped alike. A fake resembles its own counterpart for what it shows, not for
    its style, so that such pairs are left out (the one-sample statistic of Gretton et al. 2012, lemma 6): counted, they
    push KID below 0 even where both sets come from one painter.
    """
    _check(fakes, targets, 2)
    ours, theirs = _members(fakes, fake_groups), _members(targets, fake_groups if paired else target_groups)
    values = polynomial_kernel(fakes, targets)
    across = _different(values, ours) if paired else Pairs(ours @ values @ theirs.T, np.outer(ours.sum(axis=1), theirs.sum(axis=1)))
    return Kernels(
        fakes=_different(polynomial_kernel(fakes, fakes), ours),
        targets=_different(polynomial_kernel(targets, targets), theirs),
        across=across,
        paired=paired,
    )


def kid(known: Kernels, fake_draws: np.ndarray | None = None, target_draws: np.ndarray | None = None) -> np.ndarray:
    """Kernel Inception distance (...,), unbiased and therefore at times negative; 0 for sets of one distribution.

    Draws (..., G) say how often each group was drawn into a resample, once if not given. Where nothing is left to compare
    in a draw, the distance is nan. Paired sets are drawn together, by `fake_draws`.
    """
    ours = np.ones(len(known.fakes.sums)) if fake_draws is None else np.asarray(fake_draws, np.float64)
    theirs = np.ones(len(known.targets.sums)) if target_draws is None else np.asarray(target_draws, np.float64)
    if known.paired:
        theirs, across = ours, _mean_of_different(known.across, ours)
    else:
        across = _weigh(known.across.sums, ours, theirs) / _weigh(known.across.counts, ours, theirs)
    return _mean_of_different(known.fakes, ours) + _mean_of_different(known.targets, theirs) - 2.0 * across


def kid_subsets(fakes: np.ndarray, targets: np.ndarray, *, size: int = 1000, count: int = 100, seed: int = 0) -> tuple[float, float]:
    """Mean and standard deviation of KID over random subsets, as published tables have it; the deviation is no interval.

    Subsets are drawn without replacement, and are no larger than the smaller set.
    """
    known, random = kernels(fakes, targets), np.random.default_rng(seed)
    size = min(size, len(fakes), len(targets))
    ours, theirs = (np.stack([_subset(random, len(pictures), size) for _ in range(count)]) for pictures in (fakes, targets))
    values = kid(known, ours, theirs)
    return float(values.mean()), float(values.std())


def frechet(mean: np.ndarray, root: np.ndarray, other_mean: np.ndarray, other_root: np.ndarray) -> float:
    """Squared Fréchet (2-Wasserstein) distance of two Gaussians (Dowson & Landau 1982) with covariances RᵀR of roots R (.., D).

    The trace of (AB)^(1/2) is the sum of the singular values of the roots' product: real and exact even where A or B is
    singular, and no covariance is ever formed.
    """
    cross = svdvals(root @ other_root.T).sum()
    distance = np.sum((mean - other_mean) ** 2) + np.sum(root**2) + np.sum(other_root**2) - 2.0 * cross
    return max(0.0, float(distance))


def gaussian(samples: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) of samples (N, D), and a root R (at most D, D) of their covariance RᵀR, divided by `freedom`."""
    mean = samples.mean(axis=0, dtype=np.float64)
    return mean, np.linalg.qr(samples - mean, mode="r") / np.sqrt(freedom)


def fid_shortage(fakes: np.ndarray, targets: np.ndarray) -> str:
    """Why these sets are too small for a Fréchet distance; empty where they are not."""
    needed = max(ENOUGH_FOR_FID, fakes.shape[1] + 1)
    if min(len(fakes), len(targets)) >= needed:
        return ""
    return f"{len(fakes)} against {len(targets)} pictures: a Fréchet distance from fewer than {needed} each is biased, KID is not"


def fid(fakes: np.ndarray, targets: np.ndarray, *, forced: bool = False) -> float:
    """Fréchet distance of Gaussians fitted to both sets (Heusel et al. 2017); refused for small sets unless forced."""
    _check(fakes, targets, 2)
    if not forced and (shortage := fid_shortage(fakes, targets)):
        raise UserError(shortage)
    return frechet(*gaussian(fakes, len(fakes) - 1), *gaussian(targets, len(targets) - 1))


def nearness(fakes: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which targets each fake is near to (targets, fakes): within their distance to their fifth nearest other target."""
    _check(fakes, targets, 1)
    if len(targets) <= NEIGHBOURS:
        raise UserError(f"density and coverage look at {NEIGHBOURS} neighbours of each target: {len(targets)} targets are too few")
    # Each target is its own nearest, at distance 0.
    reach = np.partition(cdist(targets, targets), NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    return np.asarray(cdist(targets, fakes) < reach[:, None])


def density(near: np.ndarray) -> np.ndarray:
    """How crowded each fake's place is with targets (fakes,); the mean may exceed one (Naeem et al. 2020)."""
    return np.asarray(near.sum(axis=0) / NEIGHBOURS)


def coverage(near: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The share of targets with a fake near by, where fakes count (..., fakes) times (Naeem et al. 2020)."""
    return np.asarray((counts @ near.T.astype(np.float64) > 0).mean(axis=-1))


Number = TypeVar("Number", float, np.ndarray)


def artfid(content: Number, style: Number) -> Number:
    """Both faults in one number: (1 + content distance) (1 + style distance) (Wright & Ommer 2022)."""
    return (1.0 + content) * (1.0 + style)


def _check(fakes: np.ndarray, targets: np.ndarray, least: int) -> None:
    if fakes.ndim != 2 or targets.ndim != 2 or fakes.shape[1] != targets.shape[1]:
        raise UserError(f"embeddings are (pictures, dimensions), with the same dimensions: {fakes.shape} and {targets.shape}")
    if min(len(fakes), len(targets)) < least:
        raise UserError(f"two sets are compared by at least {least} pictures each: {len(fakes)} and {len(targets)}")


def _members(pictures: np.ndarray, groups: np.ndarray | None) -> csr_array:
    """Which pictures (N) belong to each group (G): ones in a matrix (G, N)."""
    numbers = np.arange(len(pictures)) if groups is None else np.unique(groups, return_inverse=True)[1]
    return csr_array((np.ones(len(pictures)), (numbers, np.arange(len(pictures)))))


def _different(values: np.ndarray, members: csr_array) -> Pairs:
    """Of a value for every two pictures (N, N) those of different ones, group by group."""
    values = values.copy()
    np.fill_diagonal(values, 0.0)
    sizes = members.sum(axis=1)
    return Pairs(members @ values @ members.T, np.outer(sizes, sizes) - np.diag(sizes))


def _mean_of_different(pairs: Pairs, draws: np.ndarray) -> np.ndarray:
    """Mean over pairs of different pictures, where groups were drawn `draws` (..., G) times.

    A group drawn m times brings m copies of itself. Two copies stand for two *different* groups of a fresh sample, but a
    picture is far more like its own copy than like any other: counting those m(m - 1) pairs would push every resampled KID
    up. So pairs between copies of one group are left out, and pairs inside it count once a copy: m times, not m squared.
    """

    def total(values: np.ndarray) -> np.ndarray:
        return _weigh(values, draws, draws) + (draws - draws**2) @ values.diagonal()

    pairs_left = total(pairs.counts)
    return total(pairs.sums) / np.where(pairs_left > 0, pairs_left, np.nan)


def _weigh(values: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return ((left @ values) * right).sum(axis=-1)


def _subset(random: np.random.Generator, count: int, size: int) -> np.ndarray:
    return np.bincount(random.choice(count, size, replace=False), minlength=count)
