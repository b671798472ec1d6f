"""Intervals and tests against closed forms, tables, and truths that are known."""

from functools import partial

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage import FIGURES, called_different, covered, covered_by_folds, mean, normal
from gan_style.evaluation.result import Estimate
from gan_style.report.statistics import Sample, compared, holm, interval

PHOTOGRAPHS = [f"photo{index:02d}" for index in range(12)]


def run(values):
    """One run's figure, from what it reached on each photograph."""
    names = PHOTOGRAPHS[: len(values)]
    units = {"photographs": dict(zip(names, map(float, values), strict=True))}
    return Estimate(value=float(np.mean(values)), units=units)


def sample(table):
    """Of a method's figures (seeds, photographs)."""
    return Sample.of({(seed, -1): run(values) for seed, values in enumerate(table)})


def test_an_interval_knows_seeds_and_photographs(rng):
    table = rng.normal(size=(3, 12)) + 2 * rng.normal(size=(3, 1))
    found = interval(sample(table))
    # Variances of both means, added; degrees of freedom after Satterthwaite.
    parts = np.array([table.mean(1).var(ddof=1) / 3, table.mean(0).var(ddof=1) / 12])
    freedom = parts.sum() ** 2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 11)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(parts.sum())
    assert found.value == pytest.approx(table.mean())
    assert (found.low, found.high) == (pytest.approx(table.mean() - half), pytest.approx(table.mean() + half))
    agreeing = interval(sample(np.repeat(table[:1], 3, axis=0)))
    assert agreeing.high - agreeing.low > 0, "seeds that agree say nothing of other photographs"


def test_one_seeds_interval_is_that_of_its_photographs(rng):
    values = rng.normal(size=12)
    found = interval(sample(values[None]))
    low, high = stats.t.interval(0.95, 11, loc=values.mean(), scale=stats.sem(values))
    assert (found.low, found.high, found.over) == (pytest.approx(low), pytest.approx(high), "photographs")


@pytest.mark.parametrize(
    ("seeds", "photographs", "why_not"),
    [(3, 3, "3 photographs"), (3, 9, "9 photographs"), (2, 12, "2 seeds")],
)
def test_too_few_have_no_interval_and_no_verdict(rng, seeds, photographs, why_not):
    ours = sample(rng.normal(size=(seeds, photographs)))
    found = interval(ours)
    assert (found.low, found.high, found.why_not) == (None, None, why_not)
    assert found.ends == (found.value, found.value)
    assert compared(ours, sample(rng.normal(5, 1, size=(seeds, photographs)))) is None


def test_one_seed_gives_no_verdict_whatever_the_photographs_say(rng):
    default = rng.normal(size=12)
    assert compared(sample(default[None] + 5), sample(default[None])) is None
    three = sample(np.tile(default, (3, 1)))
    assert compared(sample(default[None] + 5), three) is None


@pytest.mark.parametrize(
    "name", ["mean, skewed, seeds differ by a third", "score", "KID, pairs", "KID, no pairs"]
)
@pytest.mark.parametrize(("seeds", "units"), [(3, 10), (5, 10)])
def test_intervals_cover_the_truth_as_often_as_they_say(name, seeds, units):
    trials = 60 if name.startswith("KID") else 200
    assert covered(FIGURES[name], seeds, units, trials) >= 0.9 - 1.7 * np.sqrt(0.09 / trials)


@pytest.mark.slow
@pytest.mark.parametrize("units", [10, 24, 60])
@pytest.mark.parametrize("seeds", [1, 3, 5])
@pytest.mark.parametrize("name", FIGURES)
def test_every_printed_interval_covers_the_truth(name, seeds, units):
    if name.startswith("coverage") and units < 60:
        pytest.skip("has no interval")
    assert covered(FIGURES[name], seeds, units, 300) >= 0.9 - 1.7 * np.sqrt(0.09 / 300)


def test_seeds_of_one_recipe_do_not_differ(rng):
    """By its photographs alone one training differs from the next nearly always."""
    draw = partial(mean, shape=normal, of_seeds=0.5)
    assert called_different(draw, 3, 12, 300) < 0.08
    alone = []
    for _ in range(100):
        one, other = (run(values) for values in 0.5 * normal(rng, 2, 1) + 0.1 * normal(rng, 2, 12))
        gaps = [one.units["photographs"][name] - other.units["photographs"][name] for name in PHOTOGRAPHS]
        alone.append(stats.wilcoxon(gaps).pvalue < 0.05)
    assert np.mean(alone) > 0.7


def test_a_planted_difference_is_found_on_the_photographs_that_both_have(rng):
    hard = rng.normal(size=12)
    tables = [hard + shift + 0.1 * rng.normal(size=(3, 12)) for shift in (-1.0, 0.0)]
    test = compared(*map(sample, tables))
    assert test.difference == pytest.approx(tables[0].mean() - tables[1].mean())
    assert test.p < 0.001
    assert (test.seeds, test.units) == (3, 12)
    same = compared(sample(tables[0]), sample(tables[0]))
    assert same.p > 0.9
    assert compared(*[sample(np.ones((3, 12)))] * 2).p == 1


def test_paintings_count_though_one_run_does_not_depend_on_them(rng):
    """A density of 0 stays 0 whatever is left out, and has no paintings among its units."""
    paintings = {f"painting{index:02d}": float(value) for index, value in enumerate(rng.normal(1, 3, 12))}

    def with_paintings(one):
        units = {**one.units, "paintings": {name: one.value + value - 1 for name, value in paintings.items()}}
        return one.model_copy(update={"units": units})

    runs = [run(values) for values in rng.normal(0, 0.1, size=(3, 12))]
    far = Sample.of({(seed, -1): with_paintings(one) for seed, one in enumerate(runs)})
    some = Sample.of({(seed, -1): with_paintings(one) if seed else one for seed, one in enumerate(runs)})
    without = Sample.of({(seed, -1): one for seed, one in enumerate(runs)})
    assert set(some.units) == {"photographs", "paintings"}
    assert some.units["paintings"]["painting00"] == pytest.approx(
        (runs[0].value + sum(one.value + paintings["painting00"] - 1 for one in runs[1:])) / 3
    )
    assert interval(far).high - interval(far).low > 5 * (interval(without).high - interval(without).low)
    near = Sample.of(
        {(seed, -1): run(values) for seed, values in enumerate(rng.normal(1, 0.1, size=(3, 12)))}
    )
    assert compared(near, without).p < 0.05 < compared(near, far).p
    assert compared(near, far).p == pytest.approx(compared(far, near).p)


def test_folds_are_tested_on_photographs_of_their_own(rng):
    folds = {(0, fold): run(rng.normal(fold / 10, 1, 12)) for fold in range(5)}
    values = [one.value for one in folds.values()]
    found = interval(Sample.of(folds))
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high, found.over) == (pytest.approx(low), pytest.approx(high), "seeds")
    fewer = Sample.of({key: one for key, one in folds.items() if key[1] < 4})
    assert interval(fewer).why_not == "4 folds"
    assert covered_by_folds(12, 200) > 0.9


@pytest.mark.parametrize(
    ("raw", "corrected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.6, 0.5], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([], []),
    ],
)
def test_holm_against_the_textbook(raw, corrected):
    assert holm(raw) == pytest.approx(corrected)


def test_holm_keeps_the_error_rate_of_the_family(rng):
    wrong = [min(holm(list(rng.uniform(size=8)))) < 0.05 for _ in range(2000)]
    assert np.mean(wrong) < 0.065
