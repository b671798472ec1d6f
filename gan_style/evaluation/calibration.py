"""From values to believable numbers: intervals from resamples, and the place between two references.

A metric is asked for its value with every picture counted once, and again for each resampling: photographs
are drawn with replacement and bring all their crops along, because crops of one photograph are no
independent evidence (Davison and Hinkley 1997, section 3.8). The references are resampled in the same draws
as the method, so that what they share cancels in the score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gan_style.evaluation.result import Better, Estimate, Figure

REPLICAS = 1000
INTERVAL = (2.5, 97.5)  # percentiles
FEWEST = 3  # photographs or paintings: one always draws itself, and of two most draws are one alone


@dataclass(frozen=True)
class Draws:
    """Photographs or paintings resampled: how often each counts in every draw, first all once."""

    names: tuple[str, ...]
    counts: np.ndarray  # (1 + REPLICAS, names)
    member: np.ndarray  # (N,), which of them each picture was cut from

    @classmethod
    def of(cls, groups: Sequence[str], seed: int, replicas: int = REPLICAS) -> "Draws":
        """`groups` says of each picture which photograph or painting it was cut from."""
        names, member = np.unique(np.array(groups), return_inverse=True)
        chances = np.full(len(names), 1 / len(names))
        drawn = np.random.default_rng(seed).multinomial(len(names), chances, size=replicas)
        return cls(tuple(names.tolist()), np.concatenate([np.ones((1, len(names))), drawn]), member)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Every draw's mean of one value a picture (N,); each photograph counts once, whatever its crops."""
        return np.asarray(self.counts @ self.unit_means(values) / len(self.names))

    def unit_means(self, values: np.ndarray) -> np.ndarray:
        """(names,), the mean of each photograph's values."""
        return np.bincount(self.member, values) / np.bincount(self.member)

    def units(self, values: np.ndarray) -> dict[str, float]:
        return dict(zip(self.names, self.unit_means(values).tolist(), strict=True))


def estimate(draws: np.ndarray) -> Estimate:
    """The first draw is the value, the others make its interval; draws without a value are left out."""
    spread = draws[1:][np.isfinite(draws[1:])]
    low, high = np.percentile(spread, INTERVAL) if len(spread) else (draws[0], draws[0])
    return Estimate(value=float(draws[0]), low=float(low), high=float(high))


def calibrated(
    better: Better,
    method: np.ndarray,
    identity: np.ndarray | None,
    real: np.ndarray | None,
    *,
    units: dict[str, float] | None = None,
    why_not: str = "",
) -> Figure:
    """A metric's draws as a figure, with a score where its two references can be told apart."""
    references = {"identity": identity, "real": real}
    estimates = {name: estimate(draws) if draws is not None else None for name, draws in references.items()}
    left, right = estimates.values()
    if not why_not and (left is None or right is None):
        why_not = "no reference to compare with"
    if not why_not and left and right and not separable(left, right, better):
        why_not = "not separable"
    score = None
    if not why_not and identity is not None and real is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            score = estimate((identity - method) / (identity - real))
    return Figure(
        better=better, method=estimate(method), **estimates, score=score, note=why_not, units=units or {}
    )


def separable(identity: Estimate, real: Estimate, better: Better) -> bool:
    """Whether real vs real is better than the identity baseline beyond both intervals."""
    return real.high < identity.low if better == "lower" else real.low > identity.high
