"""Intervals from whole photographs, and scores between the identity baseline and real vs real."""

import numpy as np
import pytest
from scipy import stats

from gan_style.evaluation.calibration import calibrated, estimate
from gan_style.evaluation.jackknife import MOST_BLOCKS, Jackknifed, leave_out, lift


def test_photographs_are_left_out_whole_and_count_alike():
    originals, labels = leave_out({"photographs": ["b"] * 6 + ["a"] * 2 + ["c"], "paintings": ["x", "y"]})
    assert labels == (*(("photographs", name) for name in "abc"), ("paintings", "x"), ("paintings", "y"))
    photographs = originals["photographs"]
    means = photographs.means(np.array([2.0] * 6 + [10.0] * 2 + [0.0]))
    assert means == pytest.approx([4.0, 1.0, 5.0, 6.0, 4.0, 4.0])  # not (12 + 20) / 9
    units = Jackknifed.of(means, labels).units()["photographs"]
    assert units == pytest.approx({"a": 10.0, "b": 2.0, "c": 0.0}), "of a mean, each original's own value"
    assert photographs.weights()[0] == pytest.approx([1 / 6] * 6 + [0.5] * 2 + [1])


def test_of_many_photographs_neighbours_are_left_out_together():
    originals, labels = leave_out({"photographs": [f"{index:03d}" for index in range(150)]})
    assert len(labels) == 50 <= MOST_BLOCKS
    assert set((originals["photographs"].counted[1:] == 0).sum(axis=1)) == {3}
    assert (originals["photographs"].counted == 0).sum() == 150, "each once"


def figure_of(values):
    originals, labels = leave_out({"photographs": [f"p{index:02d}" for index in range(len(values))]})
    return Jackknifed.of(originals["photographs"].means(np.asarray(values, float)), labels)


def test_the_interval_of_a_mean_is_students(rng):
    values = rng.normal(5.0, 1.0, 12)
    found = estimate(figure_of(values))
    low, high = stats.t.interval(0.95, 11, loc=values.mean(), scale=stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.units == {}


def test_three_photographs_have_no_interval_and_say_so(rng):
    noise = rng.normal(0, 0.01, (3, 3))
    figure = calibrated("lower", *map(figure_of, (0.5 + noise[0], 1.0 + noise[1], 0.1 + noise[2])))
    assert (figure.method.low, figure.method.high, figure.no_interval) == (None, None, "3 photographs")
    assert figure.score.value == pytest.approx(0.5 / 0.9, abs=0.05)
    assert figure.score.low is None


def test_identity_scores_zero_and_real_vs_real_one(rng):
    identity, real = figure_of(rng.normal(1.0, 0.1, 12)), figure_of(rng.normal(0.1, 0.05, 12))
    half = lift(lambda one, other: (one + other) / 2, identity, real)
    for method, expected in ((identity, 0.0), (real, 1.0), (half, 0.5)):
        score = calibrated("lower", method, identity, real).score
        assert (score.value, score.low, score.high) == pytest.approx((expected,) * 3, abs=1e-12)
        higher = [lift(lambda one: -one, figure) for figure in (method, identity, real)]
        assert calibrated("higher", *higher).score.value == pytest.approx(expected)


def test_a_planted_better_method_excludes_the_worse_one(rng):
    photographs = rng.normal(1.0, 0.3, 12)  # hard and easy ones, for everybody
    left = {
        name: photographs * (share + rng.normal(0, 0.02, 12))
        for name, share in (("better", 0.2), ("worse", 0.6))
    }
    better, worse = (
        calibrated("lower", *map(figure_of, (one, photographs, photographs * 0.05))).score
        for one in left.values()
    )
    assert better.value > worse.value
    assert better.low > worse.high
    assert set(better.units["photographs"]) == {f"p{index:02d}" for index in range(12)}


def test_references_are_told_apart_on_the_same_photographs(rng):
    """Photographs differ more than the references do, whose own intervals therefore overlap."""
    hard = rng.normal(1.0, 0.5, 12)
    identity, real = hard, hard - 0.1 + rng.normal(0, 0.01, 12)
    figure = calibrated("lower", *map(figure_of, (hard - 0.05, identity, real)))
    assert figure.real.high > figure.identity.low
    assert figure.score.value == pytest.approx(0.5, abs=0.1)


def test_references_that_cannot_be_told_apart_give_no_score(rng):
    noise = rng.normal(1.0, 0.3, 6)
    method, near, wrong_way = figure_of(noise), figure_of(rng.permutation(noise)), figure_of(noise + 5)
    assert calibrated("lower", method, method, near).note == "not separable"
    # Real targets that are worse than the identity baseline calibrate nothing.
    assert calibrated("lower", method, method, wrong_way).note == "not separable"
    assert calibrated("lower", method, method, None).note == "no reference to compare with"
    assert calibrated("lower", method, method, wrong_way, why_not="a fault").note == "a fault"
    assert calibrated("lower", *[Jackknifed(0.5)] * 3).note == "not resampled"
    two = calibrated("lower", *map(figure_of, ([0.5, 0.5], [1.0, 1.1], [0.1, 0.1])))
    assert (two.score, two.note) == (None, "fewer than 3 photographs or paintings")


def test_a_figure_without_a_value_somewhere_has_no_interval():
    values = Jackknifed(2.0, {("photographs", f"p{index}"): np.nan for index in range(12)})
    found = estimate(values, keep=True)
    assert (found.value, found.low, found.units) == (2.0, None, {})
