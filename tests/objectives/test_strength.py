"""Style strength: 0 is the photograph, and more strength is more style."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.config import load
from gan_style.errors import UserError
from gan_style.experiment import Experiment
from gan_style.objectives import Request
from gan_style.session import build_objective
from tests.objectives.test_gan import random_batch

RESIDUAL = ("objective.generator.colour_path=residual", "objective.average=0.9", "objective.generator_optimizer.learning_rate=1e-3")


def psnr(image, reference) -> float:
    return float(10 * np.log10(4 / np.mean(np.square(np.asarray(image) - np.asarray(reference)))))


@pytest.fixture
def trained(small_recipe):
    objective = build_objective(load(small_recipe, Experiment, (*RESIDUAL, "objective.warm_up=150", "train.steps=200")).config, 0)
    compiled, batch = {}, random_batch()
    for number in range(200):
        step = objective.step_at(number)
        compiled.setdefault(step, tf.function(step, autograph=False))(batch)
    return objective, batch.source


def test_strength_0_gives_the_photograph_back_and_1_what_was_learned(trained):
    objective, source = trained
    painted = {strength: objective.translate(source, Request(seed=1, strength=strength)) for strength in (None, 0.0, 0.3, 0.6, 1.0)}
    assert psnr(painted[0.0], source) > 40
    np.testing.assert_allclose(painted[1.0], painted[None], atol=1e-5)
    likeness = [psnr(painted[strength], source) for strength in (0.0, 0.3, 0.6, 1.0)]
    assert likeness == sorted(likeness, reverse=True)


def test_it_is_no_cross_fade(trained):
    objective, source = trained
    half, whole, none = (np.asarray(objective.translate(source, Request(seed=1, strength=strength))) for strength in (0.5, 1.0, 0.0))
    difference = np.abs(half - (whole + none) / 2).mean()
    assert difference > 0.05 * np.abs(whole - none).mean()


def test_without_a_warm_up_there_is_no_strength(small_recipe):
    objective = build_objective(load(small_recipe, Experiment, ("objective.warm_up=0",)).config, 0)
    with pytest.raises(UserError, match="without a warm-up"):
        objective.translate(random_batch().source, Request(strength=0.5))
