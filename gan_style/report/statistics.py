"""Intervals over seeds, paired tests over photographs, and Holm's correction where several are made."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from gan_style.evaluation.result import Estimate

Units = Mapping[int, Mapping[str, float]]  # seed -> photograph or painting -> value


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval, and what was taken as the sample."""

    value: float
    low: float
    high: float
    over: Literal["seeds", "photographs"]
    seeds: int

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Paired:
    """A method against the default on the same photographs, for the seeds that both have."""

    difference: float  # mean of method - default
    p: float  # Wilcoxon's signed ranks, two-sided
    units: int
    seeds: int


def t_interval(values: Sequence[float]) -> Interval:
    """Mean of two or more seeds and Student's 95 % interval of it."""
    count, mean = len(values), statistics.fmean(values)
    half = float(stats.t.ppf(0.975, count - 1)) * statistics.stdev(values) / math.sqrt(count)
    return Interval(mean, mean - half, mean + half, "seeds", count)


def summarise(estimates: Sequence[Estimate]) -> Interval:
    """Over seeds where there are several; one run has only its own bootstrap over photographs."""
    if len(estimates) > 1:
        return t_interval([estimate.value for estimate in estimates])
    (alone,) = estimates
    return Interval(alone.value, alone.low, alone.high, "photographs", 1)


def paired(method: Units, default: Units) -> Paired | None:
    """Differences averaged over common seeds, then tested over units; nothing where fewer than two units are common."""
    seeds = sorted(set(method) & set(default))
    by_unit: dict[str, list[float]] = {}
    for seed in seeds:
        for unit in sorted(set(method[seed]) & set(default[seed])):
            by_unit.setdefault(unit, []).append(method[seed][unit] - default[seed][unit])
    differences = [statistics.fmean(values) for values in by_unit.values()]
    if len(differences) < 2:
        return None
    p = float(stats.wilcoxon(differences).pvalue) if any(differences) else 1.0
    return Paired(statistics.fmean(differences), p, len(differences), len(seeds))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down: the k-th smallest of m is multiplied by m - k + 1, and none falls below one before it."""
    adjusted, before = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        before = max(before, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = before
    return adjusted
