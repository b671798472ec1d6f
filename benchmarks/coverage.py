"""How often the printed 95 % intervals cover the truth, and how often equal methods are called different.

    python -m benchmarks.coverage [--trials 1000]

Every interval of an evaluation or a report is made by its own code from simulated pictures or values, of
which the truth is known: of means and scores from the distribution that they are drawn from, of distances
between sets as the mean over all trials (KID is unbiased; density and coverage depend on the number of
pictures, and the truth is their expectation at this number). The table of docs/evaluation.md.
"""

from collections.abc import Callable, Iterator
from functools import partial

import click
import numpy as np

from gan_style.evaluation.calibration import calibrated, estimate
from gan_style.evaluation.jackknife import Jackknifed, leave_out
from gan_style.evaluation.result import Estimate
from gan_style.metrics import distribution
from gan_style.report.statistics import FEWEST_FOLDS, Sample, compared, interval

UNITS, SEEDS = (10, 24, 60), (1, 3, 5)
DIMENSIONS, CROPS = 24, 2
Rng = np.random.Generator
Draw = Callable[[Rng, int, int], tuple[list[Estimate], float]]  # rng, seeds, units -> a figure a seed, truth


def normal(rng: Rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape)


def skewed(rng: Rng, *shape: int) -> np.ndarray:
    """Mean 0, variance 1, skewness 1.4: a few photographs are much harder than the others."""
    return (rng.gamma(2.0, size=shape) - 2.0) / np.sqrt(2.0)


def jackknifed(values: np.ndarray) -> Jackknifed:
    """The mean of one value a photograph (units,)."""
    originals, labels = leave_out({"photographs": [f"{index:03d}" for index in range(len(values))]})
    return Jackknifed.of(originals["photographs"].means(values), labels)


def mean(rng: Rng, seeds: int, units: int, shape: Callable[..., np.ndarray], of_seeds: float) -> tuple:
    """Values with an effect of the seed, of the photograph, and of both; one run's truth is its own."""
    training = of_seeds * normal(rng, seeds, 1)
    values = training + shape(rng, 1, units) + 0.4 * normal(rng, seeds, units)
    truth = float(training[0, 0]) if seeds == 1 else 0.0
    return [estimate(jackknifed(row), keep=True) for row in values], truth


def score(rng: Rng, seeds: int, units: int) -> tuple[list[Estimate], float]:
    """Photographs differ in how far they are from their paintings, methods in how far they come."""
    identity = 1.0 + 0.25 * skewed(rng, units)
    real = 0.1 * identity + 0.02 * normal(rng, units)
    training = 0.06 * normal(rng, seeds, 1)
    left = 0.4 + training + 0.15 * skewed(rng, 1, units) + 0.05 * normal(rng, seeds, units)
    found = [calibrated("lower", *map(jackknifed, (row * identity, identity, real))).score for row in left]
    truth = (1 - 0.4 - (float(training[0, 0]) if seeds == 1 else 0.0)) / 0.9
    return [one for one in found if one], truth


def sets(rng: Rng, seeds: int, units: int, *, paired: bool, name: str) -> tuple[list[Estimate], float]:
    """Crops of photographs and of paintings as vectors; a training shifts and narrows what it paints."""
    photographs, theirs = (normal(rng, units, 1, DIMENSIONS) for _ in range(2))
    theirs = photographs if paired else theirs
    targets = vectors(rng, theirs)
    groups = {"photographs": originals(units)} | ({} if paired else {"paintings": originals(units)})
    counted, labels = leave_out(groups)
    ours, painted = counted["photographs"], counted.get("paintings", counted["photographs"])
    found = []
    # One run's truth is its own: it is the same run in every trial.
    trainings = np.random.default_rng(0) if seeds == 1 else rng
    for _ in range(seeds):
        fakes = 0.8 * vectors(rng, photographs) + 0.25 + 0.06 * normal(trainings, DIMENSIONS)
        if name == "kid":
            known = distribution.kernels(fakes, targets, ours.member, painted.member, paired=paired)
            values = distribution.kid(known, ours.counted, painted.counted)
        else:
            both = distribution.density_and_coverage(fakes, targets, ours.weights(), painted.weights())
            values = both[("density", "coverage").index(name)]
        found.append(estimate(Jackknifed.of(values, labels), keep=True))
    return found, np.nan


def vectors(rng: Rng, originals: np.ndarray) -> np.ndarray:
    """Crops (units * CROPS, D) of one original resemble each other."""
    crops = np.sqrt(0.5) * (originals + normal(rng, len(originals), CROPS, DIMENSIONS))
    return crops.reshape(-1, DIMENSIONS)


def originals(units: int) -> list[str]:
    return [f"{index // CROPS:03d}" for index in range(units * CROPS)]


FIGURES: dict[str, Draw] = {
    "mean, normal, seeds differ little": partial(mean, shape=normal, of_seeds=0.05),
    "mean, normal, seeds differ as photographs do": partial(mean, shape=normal, of_seeds=1.0),
    "mean, skewed, seeds differ little": partial(mean, shape=skewed, of_seeds=0.05),
    "mean, skewed, seeds differ by a third": partial(mean, shape=skewed, of_seeds=0.3),
    "score": score,
    "KID, pairs": partial(sets, paired=True, name="kid"),
    "KID, no pairs": partial(sets, paired=False, name="kid"),
    "density, no pairs": partial(sets, paired=False, name="density"),
    "coverage, no pairs": partial(sets, paired=False, name="coverage"),
}


def covered(draw: Draw, seeds: int, units: int, trials: int, seed: int = 0) -> float:
    """The share of trials whose interval holds the truth."""
    rng = np.random.default_rng([seed, seeds, units])
    found, truths = [], []
    for _ in range(trials):
        estimates, truth = draw(rng, seeds, units)
        found.append(interval(Sample.of({(number, -1): one for number, one in enumerate(estimates)})))
        truths.append(truth)
    expected = np.where(np.isnan(truths), np.mean([one.value for one in found]), truths)
    ends = np.array([(one.low, one.high) for one in found], float)
    return float(np.mean((ends[:, 0] <= expected) & (expected <= ends[:, 1])))


def covered_by_folds(units: int, trials: int) -> float:
    """One training for each fold, tested on photographs of its own."""
    rng, hits = np.random.default_rng([2, units]), 0
    for _ in range(trials):
        values = 0.3 * normal(rng, FEWEST_FOLDS, 1) + skewed(rng, FEWEST_FOLDS, units)
        folds = {(0, fold): estimate(jackknifed(row), keep=True) for fold, row in enumerate(values)}
        low, high = interval(Sample.of(folds)).ends
        hits += low <= 0 <= high
    return hits / trials


def called_different(draw: Draw, seeds: int, units: int, trials: int) -> float:
    """The share of trials in which two methods that are one and the same have p below 0.05."""
    rng, wrong = np.random.default_rng([1, seeds, units]), 0
    for _ in range(trials):
        estimates, _ = draw(rng, 2 * seeds, units)
        halves = (estimates[:seeds], estimates[seeds:])
        pair = [Sample.of({(number, -1): one for number, one in enumerate(half)}) for half in halves]
        test = compared(*pair)
        wrong += test is not None and test.p < 0.05
    return wrong / trials


def table(trials: int) -> Iterator[str]:
    grid = [(seeds, units) for seeds in SEEDS for units in UNITS]
    yield f"| covers the truth | {' | '.join(f'{seeds} × {units}' for seeds, units in grid)} |"
    yield "| --- " * (1 + len(grid)) + "|"
    for name, draw in FIGURES.items():
        cells = [f"{covered(draw, *place, trials):.2f}" for place in grid]
        yield f"| {name} | {' | '.join(cells)} |"
    grid = [place for place in grid if place[0] > 1]
    yield ""
    yield f"| equal methods with p < 0.05 | {' | '.join(f'{seeds} × {units}' for seeds, units in grid)} |"
    yield "| --- " * (1 + len(grid)) + "|"
    for name, draw in FIGURES.items():
        cells = [f"{called_different(draw, *place, trials):.3f}" for place in grid]
        yield f"| {name} | {' | '.join(cells)} |"
    folds = [f"{covered_by_folds(units, trials):.2f} ({units} photographs each)" for units in (4, 12)]
    yield ""
    yield f"{FEWEST_FOLDS} folds of a cross-validation, one seed: {', '.join(folds)}"


@click.command()
@click.option("--trials", default=1000, show_default=True)
def main(trials: int) -> None:
    for line in table(trials):
        print(line, flush=True)


if __name__ == "__main__":
    main()
