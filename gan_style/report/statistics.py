"""Figures of several trainings: means, intervals and tests that know seeds *and* photographs, and Holm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from gan_style.evaluation.intervals import Chance, half_width, of_units, probability, too_few
from gan_style.evaluation.jackknife import Units
from gan_style.evaluation.result import Estimate

FEWEST_SEEDS = 3
FOLDS, FEWEST_FOLDS = "folds", 5  # of a cross-validation, in which every fold has its own photographs

Over = Literal["seeds", "photographs"]


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval, for other seeds and other photographs, or of one run for the latter."""

    value: float
    low: float | None = None
    high: float | None = None
    over: Over = "seeds"
    why_not: str = ""  # such as "3 photographs"

    @property
    def ends(self) -> tuple[float, float]:
        """For plots: the value itself where there is no interval."""
        return (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True)
class Sample:
    """One figure of one method: its value for every seed, and what the originals contribute to the mean."""

    seeds: tuple[float, ...]
    units: Units

    @classmethod
    def of(cls, runs: Mapping[tuple[int, int], Estimate]) -> "Sample":
        """`runs` by seed and fold; -1 where there are no folds."""
        by_seed: dict[int, list[float]] = {}
        by_fold: dict[int, list[float]] = {}
        for (seed, fold), estimate in runs.items():
            by_seed.setdefault(seed, []).append(estimate.value)
            by_fold.setdefault(fold, []).append(estimate.value)
        seeds = tuple(fmean(values) for values in by_seed.values())
        if -1 in by_fold:
            return cls(seeds, in_the_mean(list(runs.values())))
        return cls(seeds, {FOLDS: {str(fold): fmean(values) for fold, values in by_fold.items()}})

    @property
    def value(self) -> float:
        return fmean(self.seeds)

    def blocks(self, group: str, groups: Units) -> dict[str, float]:
        """What the originals of a group contribute; where they do not matter, each the value itself."""
        return self.units.get(group) or dict.fromkeys(groups[group], self.value)

    def chances(self) -> list[Chance]:
        """Of the seeds; one has none that could be known."""
        return [Chance.of(self.seeds)] if len(self.seeds) > 1 else []

    def shortage(self) -> str:
        """Why this sample has neither an interval nor a test; empty where it has."""
        if FOLDS in self.units:
            count = len(self.units[FOLDS])
            return f"{count} folds" if count < FEWEST_FOLDS else ""
        return too_few(self.units)


@dataclass(frozen=True)
class Test:
    """A method against the default, on the photographs that both have."""

    difference: float  # mean of method - default
    p: float  # two-sided
    seeds: int
    units: int


def in_the_mean(runs: Sequence[Estimate]) -> Units:
    """What each original contributes in the mean over runs.

    A run without a group does not depend on it: whatever is left out, it is what it is.
    """
    if not all(run.units for run in runs):
        return {}
    found: Units = {}
    for group in {group: None for run in runs for group in run.units}:
        having = [run.units[group] for run in runs if group in run.units]
        names = [name for name in having[0] if all(name in blocks for blocks in having)]
        found[group] = {
            name: fmean(run.units.get(group, {}).get(name, run.value) for run in runs) for name in names
        }
    return found


def interval(sample: Sample) -> Interval:
    """One run's is that of its photographs alone; two seeds are too few to say how much seeds differ."""
    seeds = len(sample.seeds)
    alone = seeds == 1 and FOLDS not in sample.units
    over: Over = "photographs" if alone else "seeds"
    why_not = sample.shortage()
    if not why_not and 1 < seeds < FEWEST_SEEDS:
        why_not = f"{seeds} seeds"
    if why_not:
        return Interval(sample.value, over=over, why_not=why_not)
    half = half_width([*of_units(sample.units), *sample.chances()])
    return Interval(sample.value, sample.value - half, sample.value + half, over)


def compared(method: Sample, default: Sample) -> Test | None:
    """Student's t of the difference; none from one seed or two, from few photographs, or over folds."""
    for sample in (method, default):
        if sample.shortage() or FOLDS in sample.units or len(sample.seeds) < FEWEST_SEEDS:
            return None
    groups = {**method.units, **default.units}
    units = {
        group: differences(*(sample.blocks(group, groups) for sample in (method, default)))
        for group in groups
    }
    if too_few(units):
        return None
    gap = method.value - default.value
    p = probability(gap, [*of_units(units), *method.chances(), *default.chances()])
    return Test(gap, p, min(len(method.seeds), len(default.seeds)), min(map(len, units.values())))


def differences(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {unit: one[unit] - other[unit] for unit in one if unit in other}


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down: the k-th smallest of m times m - k + 1, none below the one before it."""
    adjusted, before = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        before = max(before, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = before
    return adjusted
