"""How far apart two sets of pictures are, from their embeddings (N, D)."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.linalg import svdvals
from scipy.spatial.distance import cdist

from gan_style.evaluation.metrics.pairs import DifferentPairs, Pairs, members
from gan_style.system.errors import UserError

# FID is biased upwards, the more the fewer pictures (Binkowski et al. 2018). 2048 is the dimension of
# Inception's embeddings, for which it was defined: a covariance from fewer pictures has directions without
# any variance.
ENOUGH_FOR_FID = 2048
NEIGHBOURS = 5  # of a target, that say what is near to it


@dataclass(frozen=True)
class Kernels:
    """All that KID needs to know of two sets, small enough to be resampled thousands of times."""

    fakes: DifferentPairs
    targets: DifferentPairs
    across: Pairs  # different ones only, where each fake has a counterpart among the targets


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
    """Kernels of two sets, with the name or number (N,) of the photograph or painting of each picture.

    Without groups every picture stands alone. Groups come in sorted order. `paired`: the fakes and the
    targets show the same things in the same order, and are grouped alike. A fake resembles its own
    counterpart for what it shows, not for its style, so that such pairs are left out (the one-sample
    statistic of Gretton et al. 2012, lemma 6): counted, they push KID below 0 even where both sets come from
    one painter.
    """
    _check(fakes, targets, 2)
    ours = members(len(fakes), fake_groups)
    theirs = members(len(targets), fake_groups if paired else target_groups)
    values = polynomial_kernel(fakes, targets)
    return Kernels(
        fakes=DifferentPairs.within(polynomial_kernel(fakes, fakes), ours),
        targets=DifferentPairs.within(polynomial_kernel(targets, targets), theirs),
        across=DifferentPairs.within(values, ours) if paired else Pairs.of(values, ours, theirs),
    )


def kid(
    known: Kernels, fake_draws: np.ndarray | None = None, target_draws: np.ndarray | None = None
) -> np.ndarray:
    """Kernel Inception distance (...,), unbiased and so at times negative; 0 for sets of one distribution.

    Draws (..., G) say how often each group was drawn into a resample, once if not given. Where nothing is
    left to compare in a draw, the distance is nan. Paired sets are drawn together, by `fake_draws`.
    """
    once = np.ones(len(known.targets.sums))
    ours = np.ones(len(known.fakes.sums)) if fake_draws is None else np.asarray(fake_draws, np.float64)
    theirs = once if target_draws is None else np.asarray(target_draws, np.float64)
    if isinstance(known.across, DifferentPairs):
        theirs, across = ours, known.across.resampled(ours)
    else:
        across = known.across.mean(ours, theirs)
    return known.fakes.resampled(ours) + known.targets.resampled(theirs) - 2.0 * across


def kid_subsets(
    fakes: np.ndarray,
    targets: np.ndarray,
    *,
    size: int,
    count: int = 100,
    seed: int = 0,
    paired: bool = False,
) -> np.ndarray:
    """KID (count,) of random subsets of both sets, drawn without replacement, as published tables have it.

    How far they spread depends on `size`, and is no interval of their mean.
    """
    random = np.random.default_rng(seed)
    ours = np.stack([_subset(random, len(fakes), size) for _ in range(count)])
    theirs = ours if paired else np.stack([_subset(random, len(targets), size) for _ in range(count)])
    return kid(kernels(fakes, targets, paired=paired), ours, theirs)


def frechet(mean: np.ndarray, root: np.ndarray, other_mean: np.ndarray, other_root: np.ndarray) -> float:
    """Squared Fréchet (2-Wasserstein) distance of two Gaussians (Dowson & Landau 1982).

    Their covariances A and B are RᵀR of roots R (.., D). The trace of (AB)^(1/2) is the sum of the singular
    values of the roots' product: real and exact even where A or B is singular, and no covariance is ever
    formed.
    """
    cross = svdvals(root @ other_root.T).sum()
    distance = np.sum((mean - other_mean) ** 2) + np.sum(root**2) + np.sum(other_root**2) - 2.0 * cross
    return max(0.0, float(distance))


def gaussian(samples: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) of samples (N, D), and a root R (at most D, D) of their covariance RᵀR by `freedom`."""
    mean = samples.mean(axis=0, dtype=np.float64)
    return mean, np.linalg.qr(samples - mean, mode="r") / np.sqrt(freedom)


def fid_shortage(fakes: np.ndarray, targets: np.ndarray) -> str:
    """Why these sets are too small for a Fréchet distance; empty where they are not."""
    needed = max(ENOUGH_FOR_FID, fakes.shape[1] + 1)
    if min(len(fakes), len(targets)) >= needed:
        return ""
    biased = f"a Fréchet distance from fewer than {needed} each is biased, KID is not"
    return f"{len(fakes)} against {len(targets)} pictures: {biased}"


def fid(fakes: np.ndarray, targets: np.ndarray, *, forced: bool = False) -> float:
    """Fréchet distance of Gaussians fitted to both sets (Heusel et al. 2017); small sets only if forced."""
    _check(fakes, targets, 2)
    if not forced and (shortage := fid_shortage(fakes, targets)):
        raise UserError(shortage)
    return frechet(*gaussian(fakes, len(fakes) - 1), *gaussian(targets, len(targets) - 1))


def nearness(fakes: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which targets each fake is near to (targets, fakes): nearer than their fifth nearest other target."""
    _check(fakes, targets, 1)
    if len(targets) <= NEIGHBOURS:
        few = f"{len(targets)} targets are too few"
        raise UserError(f"density and coverage look at {NEIGHBOURS} neighbours of each target: {few}")
    # Each target is its own nearest, at distance 0.
    reach = np.partition(cdist(targets, targets), NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    return np.asarray(cdist(targets, fakes) < reach[:, None])


def density(near: np.ndarray) -> np.ndarray:
    """How crowded each fake's place is with targets (fakes,); the mean may exceed one (Naeem et al. 2020)."""
    return np.asarray(near.sum(axis=0) / NEIGHBOURS)


def coverage(near: np.ndarray) -> np.ndarray:
    """Which targets have a fake near by (targets,); the mean is their share (Naeem et al. 2020).

    So it is the targets that can be resampled: a resample of the fakes has fewer different ones, and always
    covers less.
    """
    return np.asarray(near.any(axis=1), np.float64)


Number = TypeVar("Number", float, np.ndarray)


def artfid(content: Number, style: Number) -> Number:
    """Both faults in one number: (1 + content distance) (1 + style distance) (Wright & Ommer 2022)."""
    return (1.0 + content) * (1.0 + style)


def _check(fakes: np.ndarray, targets: np.ndarray, least: int) -> None:
    if fakes.ndim != 2 or targets.ndim != 2 or fakes.shape[1] != targets.shape[1]:
        shapes = f"{fakes.shape} and {targets.shape}"
        raise UserError(f"embeddings are (pictures, dimensions), with the same dimensions: {shapes}")
    if min(len(fakes), len(targets)) < least:
        found = f"{len(fakes)} and {len(targets)}"
        raise UserError(f"two sets are compared by at least {least} pictures each: {found}")


def _subset(random: np.random.Generator, count: int, size: int) -> np.ndarray:
    return np.bincount(random.choice(count, size, replace=False), minlength=count)
