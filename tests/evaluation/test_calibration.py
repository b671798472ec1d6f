"""Intervals from whole photographs, and scores between the identity baseline and real vs real."""

import numpy as np
import pytest

from gan_style.evaluation.calibration import Draws, calibrated, estimate, separable
from gan_style.evaluation.result import Estimate


def test_photographs_are_resampled_whole_and_count_alike(rng):
    groups = ["b"] * 6 + ["a"] * 2 + ["c"]
    draws = Draws.of(groups, seed=0)
    assert draws.names == ("a", "b", "c")
    assert draws.counts.shape == (1001, 3)
    assert (draws.counts[0] == 1).all()
    assert (draws.counts.sum(1) == 3).all()
    values = np.array([2.0] * 6 + [10.0] * 2 + [0.0])
    means = draws.means(values)
    assert means[0] == pytest.approx(4.0)  # not (12 + 20) / 9
    expected = {round((a * 10 + b * 2) / 3, 6) for a in range(4) for b in range(4 - a)}
    assert set(np.round(means, 6)) == expected  # every way to draw three photographs, and nothing between
    assert draws.units(values) == {"a": 10.0, "b": 2.0, "c": 0.0}


def test_the_interval_covers_the_truth_as_often_as_it_says(rng):
    """Photographs differ more than the crops of one do: resampling crops would be far too sure."""
    covered = 0
    for trial in range(200):
        photographs = rng.normal(5.0, 1.0, 25)
        values = (photographs[:, None] + rng.normal(0, 0.1, (25, 4))).ravel()
        found = estimate(
            Draws.of([f"p{index // 4}" for index in range(100)], seed=trial, replicas=300).means(values)
        )
        covered += found.low <= 5.0 <= found.high
    assert 0.88 <= covered / 200 <= 0.98


def draws_of(values):
    return Draws.of([f"p{index}" for index in range(len(values))], seed=0).means(np.asarray(values, float))


def test_identity_scores_zero_and_real_vs_real_one(rng):
    identity, real = draws_of(rng.normal(1.0, 0.1, 12)), draws_of(rng.normal(0.1, 0.05, 12))
    for method, expected in ((identity, 0.0), (real, 1.0), ((identity + real) / 2, 0.5)):
        score = calibrated("lower", method, identity, real).score
        assert (score.value, score.low, score.high) == pytest.approx(
            (expected, expected, expected), abs=1e-12
        )
        assert calibrated("higher", -method, -identity, -real).score.value == pytest.approx(expected)


def test_a_planted_better_method_excludes_the_worse_one(rng):
    photographs = rng.normal(1.0, 0.3, 12)  # hard and easy ones, for everybody
    real = photographs * 0.05
    better, worse = (
        photographs * (0.2 + rng.normal(0, 0.02, 12)),
        photographs * (0.6 + rng.normal(0, 0.02, 12)),
    )
    scores = [
        calibrated("lower", draws_of(one), draws_of(photographs), draws_of(real)).score
        for one in (better, worse)
    ]
    assert scores[0].value > scores[1].value
    assert scores[0].low > scores[1].high


def test_references_that_overlap_give_no_score(rng):
    noise = rng.normal(1.0, 0.3, 6)
    figure = calibrated("lower", draws_of(noise), draws_of(noise), draws_of(noise * 1.02))
    assert (figure.score, figure.note) == (None, "not separable")
    wrong_way = calibrated("lower", draws_of(noise), draws_of(noise), draws_of(noise + 5))
    # Real targets that are worse than the identity baseline calibrate nothing.
    assert wrong_way.note == "not separable"
    assert calibrated("lower", draws_of(noise), draws_of(noise), None).note == "no reference to compare with"
    assert (
        calibrated("lower", draws_of(noise), draws_of(noise), draws_of(noise + 5), why_not="a fault").score
        is None
    )
    assert not separable(
        Estimate(value=1, low=0.5, high=1.5), Estimate(value=0.4, low=0.3, high=0.6), "lower"
    )
    assert separable(Estimate(value=1, low=0.7, high=1.5), Estimate(value=0.4, low=0.3, high=0.6), "lower")


def test_draws_without_a_value_are_left_out():
    found = estimate(np.array([2.0, 1.0, np.nan, 3.0]))
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 1.05, 2.95))
