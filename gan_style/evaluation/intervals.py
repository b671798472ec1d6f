"""95 % intervals and tests from few trainings and few photographs: Student's t, with honest freedom.

Seeds and photographs are two sources of chance, and both count: a mean over three seeds on ten photographs
says little of other seeds, and little of other photographs. Each source gives the variance of its own means
(which contains that of seeds on photographs, so that the sum errs towards caution), and Satterthwaite (1946)
the degrees of freedom of the sum. How often such intervals cover the truth was simulated:
`python -m benchmarks.coverage`, docs/evaluation.md.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gan_style.evaluation.jackknife import Units

FEWEST_UNITS = 10  # photographs or paintings; with fewer, skewed ones are not covered often enough


@dataclass(frozen=True)
class Chance:
    """One source of chance: the variance that it gives to a figure, and its degrees of freedom."""

    variance: float
    freedom: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Chance":
        """Of the mean of independent values."""
        sample = np.array(list(values))
        return cls(float(sample.var(ddof=1)) / len(sample), len(sample) - 1)


def of_units(units: Units) -> list[Chance]:
    return [Chance.of(blocks.values()) for blocks in units.values()]


def half_width(chances: Sequence[Chance]) -> float:
    """Of the 95 % interval."""
    error, freedom = together(chances)
    return float(stats.t.ppf(0.975, freedom)) * error if error else 0.0


def probability(difference: float, chances: Sequence[Chance]) -> float:
    """Two-sided p of a difference as large as this one where there is none."""
    error, freedom = together(chances)
    if not error:
        return float(difference == 0)
    return float(2 * stats.t.sf(abs(difference) / error, freedom))


def together(chances: Sequence[Chance]) -> tuple[float, float]:
    """Standard error and degrees of freedom (Satterthwaite 1946)."""
    variance = sum(chance.variance for chance in chances)
    weights = sum(chance.variance**2 / chance.freedom for chance in chances)
    return math.sqrt(variance), variance**2 / weights if weights else math.inf


def of_most(reasons: Sequence[str]) -> str:
    """Why most figures have no interval, to be told once; empty where most have one."""
    most = (reason for reason, count in Counter(reasons).items() if 2 * count > len(reasons))
    return next(most, "")


def too_few(units: Units) -> str:
    """Why there is no interval, such as `3 photographs`; empty where there are enough."""
    if not units:
        return "not resampled"
    group = min(units, key=lambda name: len(units[name]))
    count = len(units[group])
    named = (
        group.replace("photographs", "photograph").replace("paintings", "painting") if count == 1 else group
    )
    return f"{count} {named}" if count < FEWEST_UNITS else ""
