"""Blurring by matrix products: the same as blurring again and again."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.methods.base.generator_input import blurred_by, smoothed
from gan_style.networks.graph import Graph


@pytest.mark.parametrize("size", [(40, 52), (16, 7), (9, 300)])
def test_smoothing_is_blurring_with_mirrored_edges(size):
    images = tf.random.stateless_normal((2, *size, 2), (1, 2))
    expected = blurred_by(images, 24).numpy()
    for smooth in (smoothed, Graph(smoothed)):
        np.testing.assert_allclose(smooth(images, 24).numpy(), expected, atol=2e-6)
