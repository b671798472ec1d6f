"""Style distances against NumPy and SciPy, feature by feature."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan_style.metrics.textures import cosine, euclidean, gram, textures, wasserstein

DISTANCES = [gram, euclidean, cosine, wasserstein]


@pytest.fixture
def maps(rng):
    """Two pictures' feature maps in two layers, of different sizes and strengths."""
    fake = {"fine": rng.normal(0.4, 1.0, (16, 12, 5)), "coarse": 50 * rng.gamma(1.0, size=(6, 7, 4))}
    target = {"fine": rng.normal(0.0, 2.0, (10, 18, 5)), "coarse": 50 * rng.gamma(3.0, size=(5, 5, 4))}
    return fake, target


def flat(values):
    return values.reshape(-1, values.shape[-1])


def reference(name, ours, theirs):
    """One layer's distance from the definition."""
    a, b = flat(ours), flat(theirs)
    grams = [x.T @ x / len(x) for x in (a, b)]
    if name == "gram":
        return np.linalg.norm(grams[0] - grams[1]) / (np.linalg.norm(grams[0]) + np.linalg.norm(grams[1]))
    if name == "cosine":
        return 1 - np.sum(grams[0] * grams[1]) / np.linalg.norm(grams[0]) / np.linalg.norm(grams[1])
    if name == "euclidean":
        stats = [np.concatenate([x.mean(0), x.std(0)]) for x in (a, b)]
        return np.linalg.norm(stats[0] - stats[1]) / (np.linalg.norm(stats[0]) + np.linalg.norm(stats[1]))
    covariances = [np.cov(x.T, bias=True) for x in (a, b)]
    squared = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(
        covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real
    )
    return np.sqrt(squared) / sum(np.sqrt(np.mean(np.sum(x**2, axis=1))) for x in (a, b))


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_distance_is_the_mean_of_its_definition_over_layers(distance, maps):
    fake, target = maps
    expected = np.mean([reference(distance.__name__, fake[layer], target[layer]) for layer in fake])
    assert distance(textures(fake), textures(target)) == pytest.approx(expected, abs=1e-9)
    assert distance(textures(target), textures(fake)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_picture_is_at_no_distance_from_itself_however_its_places_are_shuffled(distance, maps, rng):
    fake, _ = maps
    order = rng.permutation(16 * 12)
    shuffled = {"fine": flat(fake["fine"])[order][:, None], "coarse": fake["coarse"][::-1]}
    assert distance(textures(fake), textures(shuffled)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("distance", DISTANCES)
def test_no_layers_scale_decides_and_nothing_leaves_its_range(distance, maps):
    fake, target = maps
    value = distance(textures(fake), textures(target))
    scaled = [{"fine": 1000 * m["fine"], "coarse": m["coarse"]} for m in (fake, target)]
    assert distance(*map(textures, scaled)) == pytest.approx(value, abs=1e-9)
    assert 0 < value < 1
    nothing = {layer: np.zeros_like(values) for layer, values in target.items()}
    assert distance(textures(nothing), textures(nothing)) == 0.0
    if distance is not cosine:
        assert distance(textures(fake), textures(nothing)) == pytest.approx(1.0)


@pytest.mark.parametrize("distance", DISTANCES)
def test_fewer_places_than_channels_are_no_trouble(distance, rng):
    few, many = rng.normal(size=(2, 3, 64)).astype(np.float32), rng.normal(size=(9, 9, 64)).astype(np.float32)
    assert 0 < distance(textures({"deep": few}), textures({"deep": many})) < 1
    assert distance(textures({"deep": few}), textures({"deep": few})) == pytest.approx(0.0, abs=1e-5)
