"""The game is the same for every adversarial method: scales and heads, augmentation, penalty."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.losses.adversarial import ADVERSARIAL as LOSSES
from gan_style.methods.base.diffaugment import augmented
from gan_style.methods.base.discriminator import mean_over_heads
from gan_style.networks.layers.spectral import SpectralConv2D
from gan_style.networks.patchgan import build_multiscale_patchgan, build_patchgan
from gan_style.networks.projected import build_projected_heads, chosen, spread
from gan_style.system.errors import UserError
from tests.methods.small_methods import ADVERSARIAL, SMALL_BANK
from tests.methods.test_methods import method_of, smooth_batch

MULTISCALE = "{kind: multiscale, scales: 2, filters: 4, depth: 1}"
PROJECTED = f"{{kind: projected, filters: 4, features: {SMALL_BANK}}}"


def test_each_scale_is_a_patchgan_at_half_the_size():
    """Wang et al. 2018, section 3.2: the same architecture at other sizes, with weights of its own."""
    both = build_multiscale_patchgan(filters=4, depth=2, scales=2)
    images = keras.random.uniform((2, 64, 48, 3), -1, 1, seed=1)
    expected = []
    for seen, logits in zip((images, tf.nn.avg_pool2d(images, 2, 2, "VALID")), both.outputs, strict=True):
        alone = build_patchgan(filters=4, depth=2)
        alone.set_weights(keras.Model(both.inputs, logits).get_weights())
        expected.append(alone(seen))
    assert both.count_params() == 2 * alone.count_params()
    for found, wanted in zip(both(images), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def features() -> dict[str, tf.Tensor]:
    sides, channels = (32, 16, 8, 4), (6, 8, 10, 12)
    return {
        f"f{side}": tf.random.stateless_normal((2, side, side, count), (side, 1))
        for side, count in zip(sides, channels, strict=True)
    }


def test_projections_are_random_fixed_and_the_same_in_every_run():
    one, other = (build_projected_heads(features(), 1, 4, seed=0) for _ in range(2))
    fixed = [layer for layer in one.layers if layer.weights and not layer.trainable]
    # Cross-channel mixing at four depths, cross-scale mixing from three of them up.
    assert sorted(layer.kernel_size[0] for layer in fixed) == [1, 1, 1, 1, 3, 3, 3]
    twins = [layer for layer in other.layers if layer.weights and not layer.trainable]
    for layer, twin in zip(fixed, twins, strict=True):
        np.testing.assert_array_equal(layer.kernel, twin.kernel)
        assert 0.7 < float(np.std(layer.kernel)) * np.prod(layer.kernel.shape[:3]) ** 0.5 < 1.3
    learning = [layer for layer in one.layers if layer.trainable_weights]
    assert all(isinstance(layer, SpectralConv2D) for layer in learning)


def test_every_head_sees_its_depth_and_all_that_lie_below_it():
    maps = features()
    heads = build_projected_heads(maps, 1, 4, seed=0)
    before = [np.asarray(logits) for logits in heads(list(maps.values()))]
    assert len(before) == 4
    for number, name in enumerate(maps):
        changed = {**maps, name: maps[name] + 1}
        after = [np.asarray(logits) for logits in heads(list(changed.values()))]
        moved = [not np.allclose(*pair, atol=1e-6) for pair in zip(before, after, strict=True)]
        assert moved == [place <= number for place in range(4)]


def test_of_many_layers_four_are_taken_from_the_finest_to_the_deepest():
    maps = {f"l{n}": tf.zeros((1, 64 // 2**n, 64 // 2**n, 2)) for n in (5, 0, 1, 2, 3, 4)}
    assert list(chosen(maps)) == ["l0", "l2", "l3", "l5"]
    assert spread(7) == [0, 2, 4, 6]


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_are_means_over_heads(kind):
    rng = np.random.default_rng(0)
    real, fake = (
        [rng.normal(size=(2, side, side, 1)).astype(np.float32) for side in (4, 2)] for _ in range(2)
    )
    loss = LOSSES[kind]
    found = float(mean_over_heads(loss.discriminator, real, fake))
    each = [float(loss.discriminator(*pair)) for pair in zip(real, fake, strict=True)]
    assert found == pytest.approx(np.mean(each))


@pytest.mark.parametrize(
    ("kind", "discriminator"), [*((kind, PROJECTED) for kind in ADVERSARIAL), ("pix2pix", MULTISCALE)]
)
def test_every_adversarial_method_plays_every_game(kind, discriminator, tmp_path):
    game = (
        f"method.discriminator={discriminator}",
        "method.diffaugment=[colour, translation, cutout]",
        "method.weights.r1=0.5",
    )
    if kind == "pix2pix" and discriminator == PROJECTED:
        with pytest.raises(UserError, match="'projected' judges single pictures"):
            method_of(kind, tmp_path, *game)
        return
    one = method_of(kind, tmp_path, *game)
    one.prepare()
    networks = {name: network for name, network in one.networks.items() if "discriminator" in name}
    before = {name: network.get_weights() for name, network in networks.items()}
    metrics = one.step(smooth_batch())
    judged = [terms for player, terms in metrics.items() if player in ("discriminator", "D_A", "D_B")]
    assert len(judged) == len(networks)
    for terms in judged:
        assert float(terms["r1"]) > 0
        total = terms["adversarial"] + 0.5 * terms["r1"] + terms.get("style_classification", 0)
        np.testing.assert_allclose(terms["total"], total, rtol=1e-5)
    for name, network in networks.items():
        moved = [not np.array_equal(*pair) for pair in zip(before[name], network.get_weights(), strict=True)]
        frozen = [weight for weight in network.non_trainable_weights if "left" not in weight.path]
        assert sum(moved) == len(moved) - len(frozen)


def test_what_a_discriminator_looks_through_may_not_judge(tmp_path):
    one = method_of("cut", tmp_path, f"method.discriminator={PROJECTED}")
    assert [bank.fingerprint() for bank in one.trained_with()] == [
        one.discriminator.features.bank.fingerprint()
    ]


def test_frozen_features_hand_gradients_on_to_the_picture(tmp_path):
    one = method_of("gan", tmp_path, f"method.discriminator={PROJECTED}")
    picture = smooth_batch().target
    with tf.GradientTape() as tape:
        tape.watch(picture)
        loss = one.discriminator.generator_loss(picture)
    slope = tape.gradient(loss, picture).numpy()
    assert np.isfinite(slope).all()
    assert (np.abs(slope).max(axis=(1, 2, 3)) > 0).all()


def test_pairs_are_augmented_alike_in_photograph_and_painting():
    """For pix2pix: both halves of the six channels move, lose their square and change colour together."""
    images = keras.random.uniform((3, 32, 32, 3), -1, 1, seed=2)
    pairs = tf.concat([images, images], -1)
    for policy in ("colour", "translation", "cutout"):
        changed = augmented(pairs, [policy], keras.random.SeedGenerator(3)).numpy()
        np.testing.assert_allclose(changed[..., :3], changed[..., 3:], atol=1e-6)
        alone = augmented(images, [policy], keras.random.SeedGenerator(3)).numpy()
        np.testing.assert_allclose(changed[..., :3], alone, atol=1e-5)
