"""Distances of sets against loops, closed forms and SciPy."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan_style.metrics import distribution
from gan_style.metrics.distribution import (
    artfid,
    fid,
    fid_shortage,
    frechet,
    gaussian,
    kernels,
    kid,
    kid_subsets,
    structure_kid,
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


def test_float32_embeddings_lose_nothing(rng):
    fakes, targets = rng.normal(size=(9, 4)).astype(np.float32), rng.normal(size=(7, 4)).astype(np.float32)
    assert kid(kernels(fakes, targets)) == pytest.approx(
        looped_kid(fakes.astype(float), targets.astype(float)), rel=1e-10
    )


def looped_apart(fakes, targets, fake_groups, target_groups, ours, theirs, *, paired=False):
    """Means over pairs of different originals of those that count."""

    def mean(one, other, groups, others, counts, their_counts, apart):
        pairs = [
            (i, j)
            for i in range(len(one))
            for j in range(len(other))
            if counts[groups[i]] and their_counts[others[j]] and not (apart and groups[i] == others[j])
        ]
        return np.mean([kernel(one[i], other[j]) for i, j in pairs])

    within = mean(fakes, fakes, fake_groups, fake_groups, ours, ours, True)
    within += mean(targets, targets, target_groups, target_groups, theirs, theirs, True)
    return within - 2 * mean(fakes, targets, fake_groups, target_groups, ours, theirs, paired)


def test_kid_compares_no_pictures_of_one_original_whoever_is_left_out(rng):
    fakes, targets = rng.normal(size=(7, 3)), rng.normal(0.3, 1.0, size=(6, 3))
    fake_groups, target_groups = np.array([0, 0, 1, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 2, 3])
    known = kernels(fakes, targets, fake_groups, target_groups)
    counted = np.array([[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 0, 1]])
    expected = [
        looped_apart(fakes, targets, fake_groups, target_groups, ours, theirs)
        for ours, theirs in zip(counted, counted[::-1], strict=True)
    ]
    assert kid(known, counted, counted[::-1]) == pytest.approx(expected, rel=1e-10)
    groups = fake_groups[:6]
    paired = kernels(fakes[:6], targets, groups, paired=True)
    expected = looped_apart(fakes[:6], targets, groups, groups, (1, 0, 1), (1, 0, 1), paired=True)
    assert kid(paired, np.array([1, 0, 1])) == pytest.approx(expected, rel=1e-10)
    assert np.isnan(kid(paired, np.array([1, 0, 0]))), "of one original there is nothing to compare"


@pytest.mark.parametrize("originals", [3, 10, 30])
def test_unpaired_kid_of_one_population_is_zero_however_few_its_originals_are(rng, originals):
    """Four crops of each, correlated by a half: pairs of crops counted as different gave 1.3, 0.4, 0.1."""
    groups, values, subsets = np.repeat(np.arange(originals), 4), [], []
    for _ in range(60):
        sets = [
            np.sqrt(0.5) * (rng.normal(size=(originals, 1, 161)) + rng.normal(size=(originals, 4, 161)))
            for _ in range(2)
        ]
        fakes, targets = (one.reshape(-1, 161) for one in sets)
        values.append(float(kid(kernels(fakes, targets, groups, groups))))
        subsets.append(kid_subsets(fakes, targets, groups, groups, size=len(fakes) // 2, count=10).mean())
        naive = float(kid(kernels(fakes, targets)))
    for some in (values, subsets):
        assert abs(np.mean(some)) < max(4 * np.std(some) / np.sqrt(60), 0.002)
    assert naive > 2 / originals, "which is what crops counted as different gave"


def test_two_paintings_of_the_same_photographs_are_at_no_distance(rng):
    """As in the paintbox: few photographs, several crops each; motifs weigh more than their painting."""
    groups = np.repeat(np.arange(6), 4)
    known, naive = [], []
    for _ in range(300):
        photographs = rng.normal(size=(6, 1, 8)) + 0.3 * rng.normal(size=(6, 4, 8))
        first, second = (photographs.reshape(24, 8) + 0.1 * rng.normal(size=(24, 8)) for _ in range(2))
        known.append(float(kid(kernels(first, second, groups, paired=True))))
        naive.append(float(kid(kernels(first, second, groups, groups))))
    assert abs(np.mean(known)) < 4 * np.std(known) / np.sqrt(300)
    assert np.mean(naive) < -20 * np.std(known), "counting counterparts would have shifted it"


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
    weights = (np.ones((1, len(one))) for one in (fakes, targets))
    return [float(one[0]) for one in distribution.density_and_coverage(fakes, targets, *weights)]


def test_density_and_coverage_are_those_of_the_definition(rng):
    fakes, targets = rng.normal(0.5, 0.7, size=(25, 3)), rng.normal(size=(30, 3))
    reach = [sorted(np.linalg.norm(x - y) for y in targets)[5] for x in targets]
    inside = [[np.linalg.norm(x - fake) < r for fake in fakes] for x, r in zip(targets, reach, strict=True)]
    density, coverage = density_and_coverage(fakes, targets)
    assert density == pytest.approx(np.sum(inside) / (5 * len(fakes)))
    assert coverage == pytest.approx(np.mean([any(row) for row in inside]))


def test_fakes_and_targets_are_both_left_out_of_density_and_coverage(rng):
    fakes, targets = rng.normal(0.2, 0.8, size=(30, 3)), rng.normal(size=(20, 3))
    weights = [np.ones((3, len(one))) for one in (fakes, targets)]
    weights[0][1, :10] = 0
    weights[1][2, 5:9] = 0
    found = np.array(distribution.density_and_coverage(fakes, targets, *weights)).T
    left = np.delete(targets, slice(5, 9), axis=0)
    expected = [
        density_and_coverage(*two) for two in ((fakes, targets), (fakes[10:], targets), (fakes, left))
    ]
    np.testing.assert_allclose(found, expected)
    assert len(set(found[:, 0])) == 3


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
    for both in (artfid, structure_kid):
        assert both(0.0, 0.0) == 1.0
        assert both(0.5, 2.0) == 4.5
