"""Colour transfer: photographs in the colours of a style."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.networks.colour_transfer import EPSILON, build_palette

MIX = np.array([[0.12, 0.02, 0], [0.05, 0.1, 0], [0, 0.04, 0.15]])


def colours(rng, mean, mix, pictures=6):
    return (rng.normal(size=(pictures, 16, 16, 3)) @ mix + mean).astype(np.float32)


@pytest.fixture
def measured(rng):
    """Photographs, a style of other colours, and a style of greys, shown in three batches."""
    model = build_palette(2)
    photographs, bright = colours(rng, (-0.2, 0, 0.1), MIX), colours(rng, (0.3, 0.2, 0.1), 0.5 * MIX.T)
    grey = np.repeat(colours(rng, (0.4, 0.4, 0.4), 0.15 * np.eye(3))[..., :1], 3, -1)
    for batch in np.split(np.arange(6), 3):
        pictures = np.concatenate([photographs[batch], bright[batch], grey[batch]])
        model.get_layer("palette").observe(tf.constant(pictures), tf.constant([0, 0, 1, 1, 2, 2]))
    return model, photographs, bright, grey


def one_style(which, pictures, styles=2):
    return tf.broadcast_to(tf.one_hot(which, styles), (*pictures.shape[:3], styles))


def moments(pictures):
    pixels = np.asarray(pictures, np.float64).reshape(-1, 3)
    return pixels.mean(0), np.cov(pixels.T, bias=True)


def test_photographs_take_over_the_styles_mean_and_covariance(measured):
    model, photographs, bright, grey = measured
    for which, style in enumerate((bright, grey)):
        found, wanted = (
            moments(pictures)
            for pictures in (model([tf.constant(photographs), one_style(which, photographs)]), style)
        )
        np.testing.assert_allclose(found[0], wanted[0], atol=2e-3)
        np.testing.assert_allclose(found[1], wanted[1], atol=3 * EPSILON)


def test_the_map_is_the_optimal_one_between_gaussians(measured):
    """Symmetric and positive, and it takes one covariance to the other: only the optimal map is both."""
    model, photographs, bright, _ = measured
    matrix = np.asarray(model.get_layer("palette").maps()[0], np.float64)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-4)
    assert np.linalg.eigvalsh(matrix).min() > 0
    (_, before), (_, after) = (moments(pictures) for pictures in (photographs, bright))
    np.testing.assert_allclose(matrix @ before @ matrix, after, atol=3 * EPSILON)


def test_a_style_in_the_photographs_colours_changes_nothing(rng):
    model, photographs = build_palette(1), colours(rng, (0, 0.1, 0.2), MIX)
    model.get_layer("palette").observe(
        tf.constant(np.concatenate([photographs, photographs])), tf.repeat([0, 1], 6)
    )
    np.testing.assert_allclose(
        model([tf.constant(photographs), one_style(0, photographs, 1)]), photographs.clip(-1, 1), atol=2e-3
    )


def test_a_style_not_seen_yet_changes_nothing_and_mixtures_lie_between(rng, measured):
    model, photographs, *_ = measured
    fresh = build_palette(2)
    fresh.get_layer("palette").observe(tf.constant(photographs), tf.zeros(6, tf.int32))
    np.testing.assert_allclose(
        fresh([tf.constant(photographs), one_style(1, photographs)]), photographs.clip(-1, 1), atol=2e-3
    )
    quiet = 0.2 * photographs  # nothing is clipped
    ends = [model([tf.constant(quiet), one_style(which, quiet)]) for which in (0, 1)]
    np.testing.assert_allclose(
        model([tf.constant(quiet), 0.5 * tf.ones((*quiet.shape[:3], 2))]), (ends[0] + ends[1]) / 2, atol=1e-5
    )
