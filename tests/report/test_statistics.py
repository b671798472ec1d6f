"""Intervals and tests against closed forms, tables and SciPy."""

import numpy as np
import pytest
from scipy import stats

from gan_style.evaluation.result import Estimate
from gan_style.report.statistics import holm, paired, summarise, t_interval


def test_the_interval_over_three_seeds_is_students():
    # Quantile of t with 2 degrees of freedom: 4.30265; standard deviation of 1, 2, 3 is 1.
    interval = t_interval([1.0, 2.0, 3.0])
    assert interval.value == 2
    assert interval.high - 2 == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert 2 - interval.low == pytest.approx((interval.high - interval.low) / 2)
    assert interval.over == "seeds"


def test_the_interval_covers_the_truth_as_often_as_it_says(rng):
    covered = [
        some.low <= 5 <= some.high for some in (t_interval(list(rng.normal(5, 2, 3))) for _ in range(2000))
    ]
    assert 0.935 < np.mean(covered) < 0.965


def test_one_seed_keeps_its_own_interval():
    interval = summarise([Estimate(value=1, low=0.5, high=2)])
    assert (interval.value, interval.low, interval.high, interval.over, interval.seeds) == (
        1,
        0.5,
        2,
        "photographs",
        1,
    )


def test_several_seeds_do_not_use_the_bootstrap():
    seeds = [Estimate(value=value, low=-100, high=100) for value in (1.0, 2.0, 4.0)]
    low, high = stats.t.interval(0.95, 2, loc=7 / 3, scale=stats.sem([1, 2, 4]))
    interval = summarise(seeds)
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))


def test_pairs_are_averaged_over_common_seeds_and_tested_over_units():
    truth = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0, "f": 6.0}
    default = {0: truth, 1: truth, 2: {"a": 99.0}}
    method = {
        0: {"a": 0.9, "b": 1.7, "c": 3.1, "d": 3.3, "e": 4.1, "f": 5.3, "only here": 0.0},
        1: {"a": 0.7, "b": 1.7, "c": 3.1, "d": 3.5, "e": 4.1, "f": 5.1},
        5: {"a": 0.0},
    }
    test = paired(method, default)
    differences = [-0.2, -0.3, 0.1, -0.6, -0.9, -0.8]
    assert test.difference == pytest.approx(np.mean(differences))
    # Exact, by hand: ranks 2, 3, 1, 4, 6, 5; the positive ones sum to 1.
    # Of 64 sign patterns 2 reach 1 or less, on each side.
    assert test.p == pytest.approx(4 / 64)
    assert (test.over, test.units, test.seeds) == ("photographs", 6, 2)


def test_few_photographs_are_tested_over_seeds():
    default = {seed: {"a": 1.0, "b": 2.0} for seed in range(3)}
    method = {seed: {"a": 1.0 + gap, "b": 2.0 + gap + 0.1} for seed, gap in enumerate((-0.3, -0.5, -0.2))}
    test = paired(method, default)
    gaps = np.array([-0.25, -0.45, -0.15])
    t = gaps.mean() / (gaps.std(ddof=1) / np.sqrt(3))
    # Student's t with two degrees of freedom has a closed distribution function.
    assert test.p == pytest.approx(1 - abs(t) / np.sqrt(2 + t**2), rel=1e-6)
    assert (test.over, test.units, test.seeds) == ("seeds", 2, 3)
    assert paired({0: method[0], 1: method[1]}, default) is None


def test_no_difference_is_no_evidence_and_one_unit_is_no_test():
    same = {0: {name: float(index) for index, name in enumerate("abcdef")}}
    assert paired(same, same).p == 1
    assert paired({seed: {"a": 1.0} for seed in range(3)}, {seed: {"a": 1.0} for seed in range(3)}).p == 1
    assert paired({0: {"a": 1.0}}, {0: {"a": 2.0}}) is None
    assert paired({0: {"a": 1.0, "b": 1.0}}, {1: {"a": 2.0, "b": 2.0}}) is None


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
