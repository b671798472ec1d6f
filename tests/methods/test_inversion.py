"""Inversion: what is invertible comes back, and no pixel is overlooked.

What it shares with gatys is tested there.
"""

import numpy as np
import tensorflow as tf

from gan_style.features import FeatureBank
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.optim.player import gradient
from tests.methods.optimised import goal_of, method_of, run_all, written

__all__ = ["written"]


class Invertible(FeatureBank):
    """Every 2x2 block of pixels through one invertible matrix: linear, and nothing is lost."""

    def __init__(self, rng):
        self.matrix = rng.normal(size=(12, 12)).astype(np.float32) + 4 * np.eye(12, dtype=np.float32)

    def arrays(self):
        return [self.matrix]

    def __call__(self, pictures):
        return {"blocks": tf.linalg.matmul(tf.nn.space_to_depth(pictures, 2), self.matrix)}


def test_the_inverse_crime(written, rng):
    method = method_of(written("inversion", "layer: blocks", 40), "data.size=48")
    method.frozen = FrozenFeatures(lambda: Invertible(rng))
    run_all(method, 40)
    error = np.mean((method.pyramid.result() - method.subject.content) ** 2)
    assert 10 * np.log10(4 / error) > 40


def test_features_see_the_last_pixels_of_odd_sizes(written):
    bank = "{kind: random_encoder, levels: 4, filters: 4}"
    method = method_of(
        written("inversion", "layer: layer4, initial_image: noise, optimizer: {kind: lbfgs}", bank=bank)
    )
    method.prepare()
    level = method.pyramid.levels[-1]
    assert tuple(level.size) == (53, 64)
    slope = gradient(lambda image: goal_of(method).terms(image)["features"], level.start)
    assert (np.abs(slope[0]).max((1, 2)) > 0).all()
