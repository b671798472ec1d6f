"""Distances of sets against loops, closed forms and SciPy."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan_style.evaluation.calibration import Draws, estimate
from gan_style.evaluation.metrics import distribution
from gan_style.evaluation.metrics.distribution import (
    artfid,
    fid,
    fid_shortage,
    frechet,
    gaussian,
    kernels,
    kid,
    kid_subsets,
)
from gan_style.system.errors import UserError


def kernel(x, y):
    return (np.dot(x, y) / len(x) + 1) ** 3


def looped_kid(fakes, targets):
    """Unbiased squared MMD as the paper's formula has it."""
    total = 0.0
    for pictures in (fakes, targets):
        n = len(pictures)
        total += sum(kernel(pictures[i], pictures[j]) for i in range(n) for j in range(n) if i != j) / (
            n * (n - 1)
        )
    return total - 2 * np.mean([kernel(x, y) for x in fakes for y in targets])


def test_kid_is_the_unbiased_estimator(rng):
    fakes, targets = rng.normal(size=(9, 4)), rng.normal(0.5, 1.5, size=(7, 4))
    assert kid(kernels(fakes, targets)) == pytest.approx(looped_kid(fakes, targets), rel=1e-10)
    groups = ["b", "a", "b", "c", "a", "b", "c", "c", "d"]
    assert kid(kernels(fakes, targets, np.array(groups))) == pytest.approx(
        looped_kid(fakes, targets), rel=1e-10
    )


def test_float32_embeddings_lose_nothing(rng):
    fakes, targets = rng.normal(size=(9, 4)).astype(np.float32), rng.normal(size=(7, 4)).astype(np.float32)
    assert kid(kernels(fakes, targets)) == pytest.approx(
        looped_kid(fakes.astype(float), targets.astype(float)), rel=1e-10
    )


def test_a_resample_counts_no_picture_against_its_own_copy(rng):
    """Against a loop over the resample: different pictures, in one copy of a group or in different groups."""
    fakes, targets = rng.normal(size=(6, 3)), rng.normal(0.3, 1.0, size=(5, 3))
    fake_groups, target_groups = np.array([0, 0, 1, 1, 1, 2]), np.arange(5)
    draws = np.array([2, 0, 3]), np.array([1, 3, 0, 2, 1])

    def resample(groups, drawn):
        return [
            (g, copy, i)
            for g, times in enumerate(drawn)
            for copy in range(times)
            for i in np.flatnonzero(groups == g)
        ]

    def within(pictures, drawn):
        pairs = [(i, j) for g, a, i in drawn for h, b, j in drawn if i != j and (g != h or a == b)]
        return np.mean([kernel(pictures[i], pictures[j]) for i, j in pairs])

    ours, theirs = resample(fake_groups, draws[0]), resample(target_groups, draws[1])
    across = np.mean([kernel(fakes[i], targets[j]) for _, _, i in ours for _, _, j in theirs])
    known = kernels(fakes, targets, fake_groups, target_groups)
    assert kid(known, *draws) == pytest.approx(
        within(fakes, ours) + within(targets, theirs) - 2 * across, rel=1e-10
    )
    batch = kid(known, np.stack([draws[0], np.ones(3)]), np.stack([draws[1], np.ones(5)]))
    assert batch == pytest.approx([kid(known, *draws), looped_kid(fakes, targets)])


def test_resampled_kid_lies_around_the_estimate_even_when_a_paintings_crops_are_alike(rng):
    """Counting copies as if they were other paintings would shift every resample by about +0.8 here."""
    painting = rng.normal(size=(2, 30, 1, 8))
    fakes, targets = (painting + 0.3 * rng.normal(size=(2, 30, 4, 8))).reshape(2, 120, 8)
    groups = np.repeat(np.arange(30), 4)
    known = kernels(fakes, targets, groups, groups)
    draws = [rng.multinomial(30, np.full(30, 1 / 30), size=4000) for _ in range(2)]
    resampled = kid(known, *draws)
    assert abs(resampled.mean() - kid(known)) < 0.15 * resampled.std()
    assert np.quantile(resampled, 0.025) < 0.3 * resampled.std() < np.quantile(resampled, 0.975)


def test_paired_kid_leaves_counterparts_out_and_is_drawn_pair_by_pair(rng):
    """Against a loop over the resample: what is left out within a set is left out across."""
    fakes, targets = rng.normal(size=(6, 3)), rng.normal(0.3, 1.0, size=(6, 3))
    groups, drawn = np.array([0, 0, 1, 1, 1, 2]), np.array([2, 0, 3])
    resample = [
        (g, copy, i)
        for g, times in enumerate(drawn)
        for copy in range(times)
        for i in np.flatnonzero(groups == g)
    ]
    pairs = [(i, j) for g, a, i in resample for h, b, j in resample if i != j and (g != h or a == b)]
    looped = sum(
        sign * np.mean([kernel(one[i], other[j]) for i, j in pairs])
        for one, other, sign in ((fakes, fakes, 1), (targets, targets, 1), (fakes, targets, -2))
    )
    assert kid(kernels(fakes, targets, groups, paired=True), drawn) == pytest.approx(looped, rel=1e-10)


def test_two_paintings_of_the_same_photographs_are_at_no_distance(rng):
    """As in the paintbox: few photographs, several crops each; motifs weigh more than their painting."""
    groups = np.repeat(np.arange(6), 4)
    known, naive = [], []
    for _ in range(300):
        photographs = rng.normal(size=(6, 1, 8)) + 0.3 * rng.normal(size=(6, 4, 8))
        first, second = (photographs.reshape(24, 8) + 0.1 * rng.normal(size=(24, 8)) for _ in range(2))
        known.append(kernels(first, second, groups, paired=True))
        naive.append(kid(kernels(first, second, groups, groups)))
    values = np.array([kid(one) for one in known])
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(300)
    assert np.mean(naive) < -20 * values.std(), "counting counterparts would have shifted it"
    draws = rng.multinomial(6, np.full(6, 1 / 6), size=300)
    intervals = [np.nanpercentile(kid(one, draws), (2.5, 97.5)) for one in known]
    assert np.mean([low <= 0 <= high for low, high in intervals]) > 0.8


def test_kid_of_a_set_split_in_two_straddles_zero(rng):
    pictures = rng.gamma(2.0, size=(200, 16))
    values = []
    for _ in range(300):
        order = rng.permutation(200)
        values.append(float(kid(kernels(pictures[order[:100]], pictures[order[100:]]))))
    values = np.array(values)
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(300)
    assert 0.3 < np.mean(values < 0) < 0.8  # skewed to the right, so more than half are negative
    far = float(kid(kernels(pictures[:100] + 0.5, pictures[100:])))
    assert far > values.max(), "another distribution is told apart"


def test_subsets_lie_around_the_whole(rng):
    fakes, targets = rng.normal(0.3, 1.0, size=(150, 8)), rng.normal(size=(120, 8))
    values = kid_subsets(fakes, targets, size=50, count=400)
    assert abs(values.mean() - kid(kernels(fakes, targets))) < 5 * values.std() / np.sqrt(400)
    np.testing.assert_array_equal(kid_subsets(fakes, targets, size=50, count=400), values)
    whole = kid_subsets(fakes[:120], targets, size=120, count=3)
    assert whole == pytest.approx(float(kid(kernels(fakes[:120], targets))))
    paired = kid_subsets(fakes[:120], targets, size=50, count=400, paired=True)
    assert abs(paired.mean() - kid(kernels(fakes[:120], targets, paired=True))) < 5 * paired.std() / np.sqrt(
        400
    )


def test_frechet_has_the_closed_forms(rng):
    a, b = rng.uniform(0, 3, 5), rng.uniform(0, 3, 5)
    mean, other = rng.normal(size=5), rng.normal(size=5)
    closed = np.sum((mean - other) ** 2) + np.sum((np.sqrt(a) - np.sqrt(b)) ** 2)
    assert frechet(mean, np.diag(np.sqrt(a)), other, np.diag(np.sqrt(b))) == pytest.approx(closed, rel=1e-10)
    turned = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    roots = [np.diag(np.sqrt(variances)) @ turned.T for variances in (a, b)]
    assert frechet(turned @ mean, roots[0], turned @ other, roots[1]) == pytest.approx(closed, rel=1e-10)
    full = rng.normal(size=(2, 7, 5))
    covariances = [root.T @ root for root in full]
    general = np.sum((mean - other) ** 2) + np.trace(
        covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real
    )
    assert frechet(mean, full[0], other, full[1]) == pytest.approx(general, rel=1e-8)


def test_frechet_survives_singular_covariances(rng):
    flat = rng.normal(size=(4, 50))
    nowhere = np.zeros(50)
    turned = np.linalg.qr(rng.normal(size=(4, 4)))[0] @ flat  # another root of the same covariance
    assert frechet(nowhere, flat, nowhere, turned) == pytest.approx(0.0, abs=1e-10)
    assert frechet(nowhere, flat, nowhere, np.zeros((1, 50))) == pytest.approx(np.sum(flat**2))


def test_the_gaussian_of_samples_has_numpys_mean_and_covariance(rng):
    for samples in (rng.normal(3.0, 1.0, size=(40, 6)), rng.normal(size=(4, 6))):
        mean, root = gaussian(samples, len(samples) - 1)
        np.testing.assert_allclose(mean, samples.mean(0))
        np.testing.assert_allclose(root.T @ root, np.cov(samples.T), atol=1e-12)


def test_fid_is_refused_for_small_sets_unless_forced(rng):
    fakes, targets = rng.normal(size=(300, 6)), rng.normal(1.0, 1.0, size=(400, 6))
    with pytest.raises(UserError, match=r"300 against 400 pictures.*fewer than 2048 each"):
        fid(fakes, targets)
    fits = [(x.mean(0), np.cov(x.T)) for x in (fakes, targets)]
    root = sqrtm(fits[0][1] @ fits[1][1]).real
    expected = np.sum((fits[0][0] - fits[1][0]) ** 2) + np.trace(fits[0][1] + fits[1][1] - 2 * root)
    assert fid(fakes, targets, forced=True) == pytest.approx(expected)
    large = rng.normal(size=(2, 2048, 6))
    assert fid_shortage(*large) == ""
    assert fid(*large) < 0.05
    assert "fewer than 3001" in fid_shortage(np.zeros((2500, 3000)), np.zeros((2500, 3000)))


def density_and_coverage(fakes, targets):
    near = distribution.nearness(fakes, targets)
    return distribution.density(near).mean(), distribution.coverage(near).mean()


def test_density_and_coverage_are_those_of_the_definition(rng):
    fakes, targets = rng.normal(0.5, 0.7, size=(25, 3)), rng.normal(size=(30, 3))
    reach = [sorted(np.linalg.norm(x - y) for y in targets)[5] for x in targets]
    inside = [[np.linalg.norm(x - fake) < r for fake in fakes] for x, r in zip(targets, reach, strict=True)]
    density, coverage = density_and_coverage(fakes, targets)
    assert density == pytest.approx(np.sum(inside) / (5 * len(fakes)))
    assert coverage == pytest.approx(np.mean([any(row) for row in inside]))


def test_the_interval_of_coverage_lies_around_it(rng):
    """Resampled fakes would cover less than all of them do, in every draw."""
    targets = rng.normal(size=(40, 3)) + 10 * (np.arange(40) < 20)[:, None]
    covered = distribution.coverage(distribution.nearness(targets[:20] + 0.01, targets))
    assert covered.mean() == pytest.approx(0.5)
    found = estimate(Draws.of([f"painting{index // 2}" for index in range(40)], seed=0).means(covered))
    assert found.low < 0.45
    assert found.high > 0.55


def test_constant_output_covers_nothing_and_real_targets_nearly_all(rng):
    targets, others = rng.normal(size=(2, 200, 4))
    assert density_and_coverage(np.tile(targets[:1], (200, 1)), targets)[1] < 0.1
    density, coverage = density_and_coverage(others, targets)
    assert 0.8 < density < 1.2
    assert coverage > 0.9
    with pytest.raises(UserError, match="5 targets are too few"):
        density_and_coverage(others, targets[:5])


def test_embeddings_that_cannot_be_compared_are_refused(rng):
    with pytest.raises(UserError, match="same dimensions"):
        kernels(rng.normal(size=(5, 3)), rng.normal(size=(5, 4)))
    with pytest.raises(UserError, match="at least 2 pictures"):
        kernels(rng.normal(size=(1, 3)), rng.normal(size=(5, 3)))


def test_artfid_needs_both_content_and_style():
    assert artfid(0.0, 0.0) == 1.0
    assert artfid(0.5, 2.0) == 4.5
