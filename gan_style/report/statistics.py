"""Intervals over seeds, paired tests over photographs or seeds, and Holm's correction for several."""

import math
import statistics
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from gan_style.evaluation.result import Estimate

FEWEST_UNITS = 6  # with five, no outcome of signed ranks is rarer than one in sixteen
FEWEST_SEEDS = 3

Units = Mapping[Hashable, Mapping[str, float]]  # seed -> photograph or painting -> value


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval, and what was taken as the sample."""

    value: float
    low: float
    high: float
    over: Literal["seeds", "photographs"]
    seeds: int


@dataclass(frozen=True)
class Paired:
    """A method against the default on the same photographs, for the seeds that both have."""

    difference: float  # mean of method - default
    p: float  # two-sided
    over: Literal["seeds", "photographs"]
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
    """Wilcoxon's signed ranks over photographs; where these are too few, Student's paired t over seeds."""
    seeds = [seed for seed in method if seed in default]
    gaps = [differences(method[seed], default[seed]) for seed in seeds]
    units = sorted({unit for of_seed in gaps for unit in of_seed})
    by_unit = [statistics.fmean(of_seed[unit] for of_seed in gaps if unit in of_seed) for unit in units]
    by_seed = [statistics.fmean(of_seed.values()) for of_seed in gaps if of_seed]
    if len(by_unit) >= FEWEST_UNITS:
        p = float(stats.wilcoxon(by_unit).pvalue) if any(by_unit) else 1.0
        return Paired(statistics.fmean(by_unit), p, "photographs", len(units), len(seeds))
    if len(by_seed) >= FEWEST_SEEDS:
        # Two runs of one recipe and seed are equal, and equal differences have no spread to test by.
        spread = len(set(by_seed)) > 1
        p = float(stats.ttest_1samp(by_seed, 0.0).pvalue) if spread else float(not any(by_seed))
        return Paired(statistics.fmean(by_seed), p, "seeds", len(units), len(seeds))
    return None


def differences(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {unit: one[unit] - other[unit] for unit in set(one) & set(other)}


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down: the k-th smallest of m times m - k + 1, none below the one before it."""
    adjusted, before = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        before = max(before, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = before
    return adjusted
