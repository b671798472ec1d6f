"""The published methods as algorithms: constants, layers, order of updates, and every loss against NumPy."""

import numpy as np
import pytest

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.networks.layers import norms
from gan_style.optim.optimizers import Adam
from tests.methods.small_methods import recipe
from tests.methods.test_methods import method_of, smooth_batch


def test_what_a_method_is_by_its_name_alone(tmp_path):
    weights = {
        "cyclegan": {"adversarial": 1, "cycle": 10, "identity": 5},
        "pix2pix": {"adversarial": 1, "l1": 100, "style": 0},
        "cut": {"adversarial": 1, "nce": 0.5, "identity_nce": 0.5},
        "fastcut": {"adversarial": 1, "nce": 10, "identity_nce": 0},
    }
    for method, expected in weights.items():
        (tmp_path / "recipe.yaml").write_text(recipe(method, "a", "b"))
        config = load(tmp_path / "recipe.yaml", Experiment).config.method
        assert config.weights.model_dump() == {**expected, "r1": 0}
        assert config.gan_loss == ("bce" if method == "pix2pix" else "lsgan")
        assert getattr(config, "flip_equivariance", False) == (method == "fastcut")
    assert (Adam().learning_rate, Adam().beta_1, Adam().beta_2, Adam().decay_start, Adam().clip_norm) == (
        2e-4,
        0.5,
        0.999,
        0.5,
        "auto",  # not the papers': recipes that reproduce them turn it off
    )


def test_unit_vectors_are_divided_by_their_length_and_a_little():
    vectors = np.array([[3, 4], [0, 1e-7], [0, 0]], np.float32)
    np.testing.assert_allclose(norms.UnitVector()(vectors), [[0.6, 0.8], [0, 0.5], [0, 0]], rtol=1e-6)


@pytest.mark.parametrize("layer", [norms.InstanceNorm(), norms.BatchNorm()])
def test_the_epsilon_of_norms_is_inside_the_root(layer):
    images = np.zeros((2, 4, 4, 1), np.float32)
    images[:, ::2] = 2e-3  # a variance of 1e-6, below epsilon
    normal = layer(images).numpy() / (layer.gamma.numpy() if hasattr(layer, "gamma") else 1)
    np.testing.assert_allclose(normal.max(), 1e-3 / np.sqrt(1e-6 + 1e-5), rtol=1e-3)


def test_batch_norm_is_over_the_batch_and_the_same_when_painting():
    images = np.random.default_rng(0).normal(3, 2, (3, 5, 4, 2)).astype(np.float32)
    layer = norms.BatchNorm()
    expected = (images - images.mean((0, 1, 2))) / np.sqrt(images.var((0, 1, 2)) + 1e-5)
    for training in (True, False):
        given = layer(images, training=training).numpy()
        np.testing.assert_allclose(given, expected * layer.gamma.numpy(), atol=1e-4)
    assert len(layer.variables) == 2


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("gan", ["generator", "discriminator"]),
        ("pix2pix", ["discriminator", "generator"]),
        ("cyclegan", ["generators", "D_A", "D_B"]),
        ("cut", ["discriminator", "generator"]),
        ("fastcut", ["discriminator", "generator"]),
    ],
)
def test_the_order_of_updates(kind, order, tmp_path):
    method, moved = method_of(kind, tmp_path), []
    for player in method.players:
        apply = player.optimizer.apply_gradients

        def noted(*arguments, name=player.name, apply=apply, **options):
            moved.append(name)
            return apply(*arguments, **options)

        player.optimizer.apply_gradients = noted
    method.step(smooth_batch())
    assert moved == order
