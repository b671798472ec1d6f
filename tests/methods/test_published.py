"""The published recipes, from their files, in full size: networks, weights, constants, schedule, data."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.networks.layers import norms, resampling
from gan_style.training.build import build_method

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@dataclass(frozen=True)
class Paper:
    """What it says, of everything in which the recipes differ."""

    recipe: str
    pictures: int  # an epoch
    epochs: tuple[int, int]  # at the full rate, towards zero
    parameters: dict[str, int]
    weights: dict[str, float]
    patch: int  # pixels across, which one logit sees
    gan_loss: str = "lsgan"
    pool_size: int = 0


RESNET, PATCHGAN, HEADS = 11_378_179, 2_764_737, 560_384
CYCLEGAN = {
    "source_to_target": RESNET,
    "target_to_source": RESNET,
    "source_discriminator": PATCHGAN,
    "target_discriminator": PATCHGAN,
}
CUT = {"generator": RESNET, "heads": HEADS, "discriminator": PATCHGAN}
PIX2PIX = {"generator": 54_413_955, "discriminator": 2_768_705}
PAPERS = {
    "cyclegan": Paper(
        "monet/config",
        6287,
        (100, 100),
        CYCLEGAN,
        {"adversarial": 1, "cycle": 10, "identity": 5},
        70,
        pool_size=50,
    ),
    "pix2pix": Paper(
        "facades/config",
        400,
        (100, 100),
        PIX2PIX,
        {"adversarial": 1, "l1": 100, "style": 0},
        70,
        gan_loss="bce",
    ),
    # Blurring sees a little further than striding.
    "cut": Paper(
        "horse2zebra/config",
        1334,
        (200, 200),
        CUT,
        {"adversarial": 1, "nce": 0.5, "identity_nce": 0.5},
        84,
    ),
    "fastcut": Paper(
        "horse2zebra/ablations/fastcut",
        1334,
        (150, 50),
        CUT,
        {"adversarial": 1, "nce": 10, "identity_nce": 0},
        84,
    ),
}


@pytest.fixture(scope="module", params=PAPERS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def paper(kind):
    return PAPERS[kind]


@pytest.fixture(scope="module")
def recipe(paper):
    return load(EXPERIMENTS / f"{paper.recipe}.yaml", Experiment).config


@pytest.fixture(scope="module")
def method(recipe):
    keras.utils.set_random_seed(0)
    return build_method(recipe, seed=0)


def pictured(method) -> dict[str, keras.Model]:
    """The networks that see pictures."""
    return {name: network for name, network in method.networks.items() if name != "heads"}


def test_parameters_and_shapes(method, paper):
    found = {
        name: sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)
        for name, network in method.networks.items()
    }
    assert found == paper.parameters
    for name, network in pictured(method).items():
        expected = (1, 30, 30, 1) if "discriminator" in name else (1, 256, 256, 3)
        assert network.compute_output_shape((1, 256, 256, network.input.shape[-1])) == expected


def test_the_patch_that_one_logit_sees(recipe, paper):
    discriminator = recipe.method.discriminator.model_copy(
        update={"norm": "none", "filters": 4}
    )()  # a norm sees everything
    image = tf.random.stateless_normal((1, 256, 256, 3), (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(image)
        logit = discriminator(image)[0, 15, 15, 0]
    slope = np.abs(tape.gradient(logit, image)[0]).sum(-1)
    for axis in (0, 1):
        reached = np.flatnonzero(slope.sum(axis))
        assert reached.max() - reached.min() + 1 == paper.patch


def test_first_weights(method, kind):
    """Normal with deviation 0.02, or Xavier's with gain 0.02; never cut off; nothing is shifted."""
    for network in method.networks.values():
        for weight in network.trainable_variables:
            values = weight.numpy()
            if weight.name in ("bias", "beta"):
                assert not values.any()
            elif weight.name == "gamma":
                np.testing.assert_allclose(
                    [values.mean(), values.std()], [1, 0.02], atol=5 / np.sqrt(values.size) * 0.02
                )
            elif values.size > 10_000:
                *places, entering, leaving = values.shape
                spread = 0.02 * (
                    np.sqrt(2 / (np.prod(places) * (entering + leaving))) if "cut" in kind else 1
                )
                np.testing.assert_allclose(values.std(), spread, rtol=0.03)
                np.testing.assert_allclose(values.mean(), 0, atol=5 * spread / np.sqrt(values.size))
                assert np.abs(values).max() > 3.5 * spread


def test_norms_and_slopes(method, kind):
    norm, other = (
        (norms.BatchNorm, norms.InstanceNorm) if kind == "pix2pix" else (norms.InstanceNorm, norms.BatchNorm)
    )
    for name, network in pictured(method).items():
        found = [layer for layer in network.layers if isinstance(layer, norm)]
        # ResNet: 3 going down, 2 in each of 9 blocks, 2 going up.
        # U-Net: 6 and 7; not the first, the innermost and the last layer.
        assert len(found) == (3 if "discriminator" in name else 13 if kind == "pix2pix" else 23)
        assert not any(isinstance(layer, other) for layer in network.layers)
        slopes = {
            layer.negative_slope for layer in network.layers if isinstance(layer, keras.layers.LeakyReLU)
        }
        assert slopes == ({0.2} if "discriminator" in name or kind == "pix2pix" else set())


def test_optimizers_and_the_rate_at_given_epochs(method, recipe, paper, kind):
    full, falling = paper.epochs
    assert recipe.train.steps == paper.pictures * (full + falling)
    assert len(method.players) == (3 if kind == "cyclegan" else 2)  # no identity phases
    for player in method.players:
        optimizer = player.optimizer
        assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon, player.clip_norm) == (
            0.5,
            0.999,
            1e-8,
            None,
        )
        assert player.usual_norm is None, "no spike is cut"
        for epoch, share in (
            (0, 1),
            (full, 1),
            (full + falling / 4, 0.75),
            (full + falling / 2, 0.5),
            (full + falling, 0),
        ):
            optimizer.iterations.assign(int(epoch * paper.pictures))
            np.testing.assert_allclose(player.learning_rate(), 2e-4 * share, rtol=1e-4, atol=1e-12)
        optimizer.iterations.assign(0)


def test_what_is_weighed_and_shown(recipe, paper):
    method, data = recipe.method, recipe.data
    assert method.weights.model_dump() == {**paper.weights, "r1": 0}
    assert method.diffaugment == ()
    assert (method.gan_loss, getattr(method, "pool_size", 0)) == (paper.gan_loss, paper.pool_size)
    assert (method.ema_decay, method.identity_warmup, method.identity_finetune) == (0, 0, 0)
    assert (data.load_size, data.crop, data.batch, data.augment.flip) == (286, 256, 1, True)
    assert (data.augment.scale, data.augment.rotate, data.augment.colour) == (1, 0, 0)


@pytest.mark.parametrize("kind", ["cut", "fastcut"], scope="module")
def test_cut_compares_the_layers_that_its_authors_number_0_4_8_12_16(method, recipe, kind):
    shapes = method.encoder.compute_output_shape((1, 256, 256, 3))
    assert [shape[1:] for shape in shapes] == [
        (262, 262, 3),
        (256, 256, 128),
        (128, 128, 256),
        (64, 64, 256),
        (64, 64, 256),
    ]
    config = recipe.method
    assert (config.num_patches, config.projection_width, config.temperature) == (256, 256, 0.07)
    assert config.flip_equivariance == (kind == "fastcut")


@pytest.mark.parametrize("kind", ["pix2pix"], scope="module")
def test_pix2pix_drops_half_of_the_three_innermost_layers_when_painting_too(method, recipe, kind):
    """CD512-CD512-CD512 are the first three layers of the decoder, which make 2, 4 and 8 pixels of one."""
    drops = [layer for layer in method.generator.network.layers if isinstance(layer, keras.layers.Dropout)]
    inner = keras.Model(method.generator.network.input, [layer.output for layer in drops])
    assert [shape[1:] for shape in inner.compute_output_shape((1, 256, 256, 3))] == [
        (2, 2, 512),
        (4, 4, 512),
        (8, 8, 512),
    ]
    assert {layer.rate for layer in drops} == {0.5}
    assert recipe.method.dropout_when_painting


@pytest.mark.parametrize("kind", ["cut", "fastcut"], scope="module")
def test_cut_blurs_wherever_it_changes_the_size(method):
    def count(network, *kinds):
        return [sum(isinstance(layer, kind) for layer in network.layers) for kind in kinds]

    assert count(
        method.generator.network, resampling.BlurDown, resampling.UpBilinear, keras.layers.Conv2DTranspose
    ) == [
        2,
        2,
        0,
    ]
    assert count(method.discriminator.network, resampling.BlurDown) == [3]
    for network in pictured(method).values():
        assert all(
            layer.strides == (1, 1) for layer in network.layers if isinstance(layer, keras.layers.Conv2D)
        )
