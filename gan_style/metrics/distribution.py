"""How far apart two sets of pictures are, from their embeddings (N, D)."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import svdvals
from scipy.spatial.distance import cdist

from gan_style.metrics.pairs import Pairs, members
from gan_style.system.errors import UserError

# FID is biased upwards, the more the fewer pictures (Binkowski et al. 2018). 2048 is the dimension of
# Inception's embeddings, for which it was defined: a covariance from fewer pictures has directions without
# any variance.
ENOUGH_FOR_FID = 2048
NEIGHBOURS = 5  # of a target, that say what is near to it


@dataclass(frozen=True)
class Kernels:
    """All that KID needs to know of two sets, small enough to be asked again without some of their originals.

    Never among them is a pair of pictures of one original: these resemble each other for what they show, and
    would push KID up within the sets, or down across them.
    """

    fakes: Pairs
    targets: Pairs
    across: Pairs
    paired: bool  # the targets show what the fakes show, and are counted with them


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
    targets show the same things in the same order, and are grouped alike; then a fake is not compared with
    targets of its own photograph (the one-sample statistic of Gretton et al. 2012, lemma 6).
    """
    _check(fakes, targets, 2)
    ours = members(len(fakes), fake_groups)
    theirs = ours if paired else members(len(targets), target_groups)
    across = Pairs.of(polynomial_kernel(fakes, targets), ours, theirs)
    return Kernels(
        fakes=Pairs.of(polynomial_kernel(fakes, fakes), ours, ours).apart(),
        targets=Pairs.of(polynomial_kernel(targets, targets), theirs, theirs).apart(),
        across=across.apart() if paired else across,
        paired=paired,
    )


def kid(
    known: Kernels, fakes_counted: np.ndarray | None = None, targets_counted: np.ndarray | None = None
) -> np.ndarray:
    """Kernel Inception distance (...,), unbiased and so at times negative; 0 for sets of one distribution.

    How much each group counts (..., G) is one if not given. Where nothing is left to compare, the distance is
    nan. Paired sets are counted together, by `fakes_counted`.
    """
    ours = np.ones(len(known.fakes.sums)) if fakes_counted is None else fakes_counted
    theirs = np.ones(len(known.targets.sums)) if targets_counted is None else targets_counted
    theirs = ours if known.paired else theirs
    within = known.fakes.mean(ours, ours) + known.targets.mean(theirs, theirs)
    return np.asarray(within - 2.0 * known.across.mean(ours, theirs))


def kid_subsets(
    fakes: np.ndarray,
    targets: np.ndarray,
    fake_groups: np.ndarray | None = None,
    target_groups: np.ndarray | None = None,
    *,
    size: int,
    count: int = 100,
    seed: int = 0,
    paired: bool = False,
) -> np.ndarray:
    """KID (count,) of random subsets of both sets, drawn without replacement, as in published tables.

    How far they spread depends on `size`, and is no interval of their mean.
    """
    random = np.random.default_rng(seed)
    ours = np.stack([_subset(random, len(fakes), size) for _ in range(count)])
    theirs = ours if paired else np.stack([_subset(random, len(targets), size) for _ in range(count)])
    known = kernels(fakes, targets, paired=paired)
    own, other = _different(len(fakes), fake_groups), _different(len(targets), target_groups)
    if paired:
        known = replace(known, targets=known.targets.apart(own), across=known.across.apart(own))
    else:
        known = replace(known, targets=known.targets.apart(other))
    return kid(replace(known, fakes=known.fakes.apart(own)), ours, theirs)


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


def density_and_coverage(
    fakes: np.ndarray, targets: np.ndarray, fake_weights: np.ndarray, target_weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How crowded the fakes' places are with targets, and the share of targets with a fake near by (R,).

    Near to a target is what is nearer than its fifth nearest other target (Naeem et al. 2020). Weights of
    each picture (R, N): those of weight 0 are left out, as fakes, as targets and as neighbours.
    """
    _check(fakes, targets, 1)
    if (fewest := int((target_weights > 0).sum(axis=1).min())) <= NEIGHBOURS:
        few = f"{fewest} targets are too few"
        raise UserError(f"density and coverage look at {NEIGHBOURS} neighbours of each target: {few}")
    to_fakes, to_targets = cdist(targets, fakes), cdist(targets, targets)
    found = [
        _density_and_coverage(to_fakes, to_targets, *weights)
        for weights in zip(fake_weights, target_weights, strict=True)
    ]
    density, coverage = np.array(found).T
    return density, coverage


def _density_and_coverage(
    to_fakes: np.ndarray, to_targets: np.ndarray, fake_weights: np.ndarray, target_weights: np.ndarray
) -> tuple[float, float]:
    ours, theirs = fake_weights > 0, target_weights > 0
    if not ours.any():
        return math.nan, math.nan
    # Each target is its own nearest, at distance 0.
    reach = np.partition(to_targets[np.ix_(theirs, theirs)], NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    near = to_fakes[np.ix_(theirs, ours)] < reach[:, None]
    crowded = np.average(near.sum(axis=0) / NEIGHBOURS, weights=fake_weights[ours])
    return float(crowded), float(np.average(near.any(axis=1), weights=target_weights[theirs]))


def structure_kid(structure: float, kid: float) -> float:
    """Both faults in one number: (1 + what was lost) (1 + what was not reached), formed as ArtFID is."""
    return (1.0 + structure) * (1.0 + kid)


def artfid(lpips: float, fid: float) -> float:
    """(1 + LPIPS to the photographs) (1 + FID to the paintings) (Wright & Ommer 2022)."""
    return (1.0 + lpips) * (1.0 + fid)


def _check(fakes: np.ndarray, targets: np.ndarray, least: int) -> None:
    if fakes.ndim != 2 or targets.ndim != 2 or fakes.shape[1] != targets.shape[1]:
        shapes = f"{fakes.shape} and {targets.shape}"
        raise UserError(f"embeddings are (pictures, dimensions), with the same dimensions: {shapes}")
    if min(len(fakes), len(targets)) < least:
        found = f"{len(fakes)} and {len(targets)}"
        raise UserError(f"two sets are compared by at least {least} pictures each: {found}")


def _subset(random: np.random.Generator, count: int, size: int) -> np.ndarray:
    return np.bincount(random.choice(count, size, replace=False), minlength=count)


def _different(count: int, groups: np.ndarray | None) -> np.ndarray:
    """Which of the pictures (count, count) are of different originals."""
    groups = np.arange(count) if groups is None else np.asarray(groups)
    return np.asarray(groups[:, None] != groups[None, :])
