"""What is taken out of a picture before it is painted, and what random strokes are put in."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.methods.base.abstraction import Abstraction, abstracted
from gan_style.methods.base.contours import blurred_by, smoothed
from gan_style.methods.base.generator_input import GeneratorInput, generator_input, target_input
from gan_style.methods.base.stroke_noise import stroke_filters
from gan_style.networks.graph import Graph


@pytest.mark.parametrize("size", [(40, 52), (16, 7), (9, 300)])
def test_smoothing_is_blurring_with_mirrored_edges(size):
    images = tf.random.stateless_normal((2, *size, 2), (1, 2))
    expected = blurred_by(images, 24).numpy()
    for smooth in (smoothed, Graph(smoothed)):
        np.testing.assert_allclose(smooth(images, 24).numpy(), expected, atol=2e-6)


def guided_by_numpy(image: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """He et al. 2013, algorithm 1, with the image as its own guide; windows are cut at the edges."""
    height, width, _ = image.shape

    def means(values):
        found = np.empty_like(values)
        for y in range(height):
            for x in range(width):
                window = values[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
                found[y, x] = window.mean(axis=(0, 1))
        return found

    mean, squares = means(image), means(image**2)
    variance = squares - mean**2
    slope = variance / (variance + epsilon)
    return means(slope) * image + means(mean - slope * mean)


@pytest.mark.parametrize("size", [(20, 24), (5, 31)])
def test_abstraction_is_the_guided_filter(size):
    image = np.random.default_rng(0).uniform(-1, 1, (*size, 3))
    expected = guided_by_numpy(guided_by_numpy(image, 3, 0.05), 3, 0.05)
    found = abstracted(tf.constant(image[None], tf.float32), Abstraction(radius=3, epsilon=0.05, times=2))
    np.testing.assert_allclose(found[0], expected, atol=1e-4)


def test_abstraction_takes_texture_and_leaves_edges():
    rng = np.random.default_rng(1)
    step = np.where(np.arange(64) < 32, -0.6, 0.6)[None, :, None] * np.ones((64, 1, 3))
    textured = step + rng.normal(0, 0.08, step.shape)
    found = abstracted(tf.constant(textured[None], tf.float32), Abstraction())[0].numpy()
    inside = found[8:-8, 8:24] - step[8:-8, 8:24]
    assert inside.std() < 0.3 * 0.08
    assert (found[:, 32] - found[:, 31]).mean() > 0.7 * 1.2


def test_targets_get_random_strokes_only_where_they_are_asked_for():
    images = tf.random.stateless_uniform((1, 32, 32, 3), (1, 2), -1, 1)
    plain = GeneratorInput(abstraction=Abstraction(), stroke_noise=0.3)
    seed = keras.random.SeedGenerator
    bare = target_input(images, plain, seed(3)).numpy()
    np.testing.assert_allclose(bare, abstracted(images, Abstraction()), atol=1e-6)
    noisy = plain.model_copy(update={"noisy_targets": True})
    np.testing.assert_array_equal(
        target_input(images, noisy, seed(3)), generator_input(images, plain, seed(3))
    )
    assert np.abs(target_input(images, noisy, seed(3)) - bare).mean() > 0.1


def test_longer_strokes_reach_further():
    short, long = stroke_filters(3.5), stroke_filters(7.0)
    assert (short.shape[0], long.shape[0]) == (17, 33)
    for filters in (short, long):
        np.testing.assert_allclose(np.square(filters).sum(axis=(0, 1)), 1, rtol=1e-5)
    spreads = []
    for filters in (short, long):
        weights, reach = filters[:, :, 0, 0] / filters[:, :, 0, 0].sum(), filters.shape[0] // 2
        spreads.append(np.sqrt(np.sum(weights.sum(axis=0) * np.arange(-reach, reach + 1) ** 2)))
    np.testing.assert_allclose(spreads, [3.5, 7.0], rtol=0.1)
