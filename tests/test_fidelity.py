"""The published methods at their published sizes: parameters, shapes, first weights, constants, order of updates, schedule, losses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style import layers
from gan_style.losses.contrastive import patch_nce
from gan_style.networks.patchgan import build_patchgan
from gan_style.networks.projection import build_projection_heads
from gan_style.networks.resnet import build_resnet_generator
from gan_style.networks.unet import build_unet_generator
from gan_style.objectives.optimizers import ADAM_EPSILON, Adam, ConstantThenLinear
from tests.objectives.methods import METHODS
from tests.objectives.test_methods import objective_of, smooth_batch

CUT_LAYERS = ("picture", "down1", "down2", "block1", "block5")


@pytest.fixture(scope="module")
def published():
    return {
        "resnet": build_resnet_generator(),
        "cut": build_resnet_generator(antialias=True, decoder="bilinear", initial="xavier"),
        "unet": build_unet_generator(),
        "patchgan": build_patchgan(),
        "cut patchgan": build_patchgan(antialias=True, initial="xavier"),
        "conditional patchgan": build_patchgan(6, norm="batch"),
    }


@pytest.mark.parametrize(
    ("name", "parameters", "channels", "output"),
    [
        ("resnet", 11_378_179, 3, (1, 256, 256, 3)),
        ("cut", 11_378_179, 3, (1, 256, 256, 3)),
        ("unet", 54_413_955, 3, (1, 256, 256, 3)),
        ("patchgan", 2_764_737, 3, (1, 30, 30, 1)),
        ("cut patchgan", 2_764_737, 3, (1, 30, 30, 1)),
        ("conditional patchgan", 2_768_705, 6, (1, 30, 30, 1)),
    ],
)
def test_parameters_and_shapes(published, name, parameters, channels, output):
    network = published[name]
    assert sum(int(np.prod(weight.shape)) for weight in network.trainable_variables) == parameters
    assert network.compute_output_shape((1, 256, 256, channels)) == output


def test_cut_compares_the_layers_that_its_authors_number_0_4_8_12_16(published):
    shapes = [published["cut"].get_layer(name).output.shape[-1] for name in CUT_LAYERS]
    assert shapes == [3, 128, 256, 256, 256]
    encoder = keras.Model(published["cut"].input, [published["cut"].get_layer(name).output for name in CUT_LAYERS])
    sides = [shape[1] for shape in encoder.compute_output_shape((1, 256, 256, 3))]
    assert sides == [262, 256, 128, 64, 64]
    heads = build_projection_heads(shapes, 256, "xavier")
    assert heads.count_params() == 560_384


@pytest.mark.parametrize("name", ["resnet", "unet", "patchgan", "conditional patchgan"])
def test_first_weights_are_normal_with_deviation_002(published, name):
    kernels = [weight.numpy() for weight in published[name].trainable_variables if weight.name == "kernel" and np.prod(weight.shape) > 5000]
    assert kernels
    for kernel in kernels:
        np.testing.assert_allclose(kernel.std(), 0.02, rtol=0.05)
        np.testing.assert_allclose(kernel.mean(), 0, atol=1e-3)
    for weight in published[name].trainable_variables:
        if weight.name in ("bias", "beta"):
            assert not weight.numpy().any()
    gammas = np.concatenate([weight.numpy() for weight in published[name].trainable_variables if weight.name == "gamma"] or [np.ones(1)])
    np.testing.assert_allclose(gammas.mean(), 1, atol=0.005)


@pytest.mark.parametrize("name", ["cut", "cut patchgan"])
def test_first_weights_of_cut_are_xavier_with_gain_002(published, name):
    for weight in published[name].trainable_variables:
        if weight.name == "kernel" and np.prod(weight.shape) > 20_000:
            height, width, entering, leaving = weight.shape
            expected = 0.02 * np.sqrt(2 / (height * width * (entering + leaving)))
            np.testing.assert_allclose(weight.numpy().std(), expected, rtol=0.03)


def test_constants():
    assert ADAM_EPSILON == 1e-8
    assert layers.NORM_EPSILON == 1e-5
    assert layers.LEAK == 0.2
    assert (Adam().learning_rate, Adam().beta_1, Adam().beta_2, Adam().constant) == (2e-4, 0.5, 0.999, 0.5)


@pytest.mark.parametrize("layer", [layers.InstanceNorm(), layers.BatchNorm()])
def test_the_epsilon_of_norms_is_inside_the_root(layer):
    images = np.zeros((2, 4, 4, 1), np.float32)
    images[:, ::2] = 2e-3  # a variance of 1e-6, below epsilon
    normal = layer(images).numpy() / (layer.gamma.numpy() if hasattr(layer, "gamma") else 1)
    np.testing.assert_allclose(normal.max(), 1e-3 / np.sqrt(1e-6 + 1e-5), rtol=1e-3)


def test_batch_norm_is_over_the_batch_and_the_same_when_painting():
    images = np.random.default_rng(0).normal(3, 2, (3, 5, 4, 2)).astype(np.float32)
    layer = layers.BatchNorm()
    expected = (images - images.mean((0, 1, 2))) / np.sqrt(images.var((0, 1, 2)) + 1e-5)
    for training in (True, False):
        given = layer(images, training=training).numpy()
        np.testing.assert_allclose(given, expected * layer.gamma.numpy(), atol=1e-4)
    assert len(layer.variables) == 2


def test_the_rate_is_constant_for_half_the_epochs_and_falls_to_zero():
    steps = 200 * 10  # epochs of ten steps
    schedule = ConstantThenLinear(2e-4, 0.5, steps)
    for epoch, share in ((0, 1), (99, 1), (100, 1), (125, 0.75), (150, 0.5), (200, 0)):
        np.testing.assert_allclose(float(schedule(epoch * 10)), 2e-4 * share, rtol=1e-5)


@pytest.mark.parametrize(
    ("method", "order"),
    [
        ("gan", ["generator", "discriminator"]),
        ("pix2pix", ["discriminator", "generator"]),
        ("cyclegan", ["generators", "discriminators"]),
        ("cut", ["discriminator", "generator"]),
        ("fastcut", ["discriminator", "generator"]),
    ],
)
def test_the_order_of_updates(method, order, tmp_path):
    objective, moved = objective_of(method, tmp_path), []
    for player in objective.players():
        apply = player.optimizer.apply_gradients

        def noted(*arguments, name=player.name, apply=apply, **options):
            moved.append(name)
            return apply(*arguments, **options)

        player.optimizer.apply_gradients = noted
    objective.step(smooth_batch())
    assert moved == order


def numbers(terms) -> dict[str, float]:
    return {name: float(value) for name, value in terms.items()}


def close(actual, expected) -> None:
    assert {name: value for name, value in actual.items() if name not in ("total", "gradient_norm")} == pytest.approx(expected, rel=1e-4)


def l1(a, b) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).mean())


def lsgan(logits, wanted) -> float:
    return float(np.square(np.asarray(logits, np.float64) - wanted).mean())


def test_the_terms_of_cyclegan(tmp_path):
    one, batch = objective_of("cyclegan", tmp_path, "objective.pool=0"), smooth_batch()
    forth, back = one.source_to_target, one.target_to_source
    fake_target, fake_source = forth(batch.source), back(batch.target)
    expected = {
        "adversarial": lsgan(one.target_discriminator(fake_target), 1) + lsgan(one.source_discriminator(fake_source), 1),
        "cycle": l1(back(fake_target), batch.source) + l1(forth(fake_source), batch.target),
        "identity": l1(back(batch.source), batch.source) + l1(forth(batch.target), batch.target),
    }
    total = expected["adversarial"] + 10 * expected["cycle"] + 5 * expected["identity"]
    critics = 0.0
    for discriminator, real, fake in (
        (one.source_discriminator, batch.source, fake_source),
        (one.target_discriminator, batch.target, fake_target),
    ):
        critics += 0.5 * (lsgan(discriminator(real), 1) + lsgan(discriminator(fake), 0))
    metrics = one.step(batch)
    close(numbers(metrics["generators"]), expected)
    assert float(metrics["generators"]["total"]) == pytest.approx(total, rel=1e-5)
    close(numbers(metrics["discriminators"]), {"adversarial": critics})


def test_the_terms_of_pix2pix(tmp_path):
    one, batch = objective_of("pix2pix", tmp_path, "objective.generator.dropout=0"), smooth_batch()
    fake = one.generator(batch.source, training=True)

    def judged(picture):
        return np.asarray(one.discriminator(tf.concat([batch.source, picture], -1)), np.float64)

    real_loss, fake_loss = np.log1p(np.exp(-judged(batch.target))).mean(), np.log1p(np.exp(judged(fake))).mean()
    metrics = one.step(batch)
    close(numbers(metrics["discriminator"]), {"adversarial": 0.5 * (real_loss + fake_loss)})
    likeness = l1(fake, batch.target)
    assert float(metrics["generator"]["likeness"]) == pytest.approx(likeness, rel=1e-5)
    adversarial = float(metrics["generator"]["adversarial"])
    # Judged by the discriminator after its own step, on the same fake.
    assert adversarial == pytest.approx(np.log1p(np.exp(-judged(fake))).mean(), rel=1e-4)
    assert float(metrics["generator"]["total"]) == pytest.approx(adversarial + 100 * likeness, rel=1e-5)


def test_patch_nce_against_numpy():
    rng = np.random.default_rng(0)
    query, key = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True) for vectors in rng.normal(size=(2, 3, 7, 5)))
    expected = []
    for image in range(3):
        for place in range(7):
            scores = np.array([query[image, place] @ key[image, other] for other in range(7)]) / 0.07
            expected.append(-np.log(np.exp(scores[place]) / np.exp(scores).sum()))
    given = patch_nce(tf.constant(query, tf.float32), tf.constant(key, tf.float32), 0.07)
    np.testing.assert_allclose(float(given), np.mean(expected), rtol=1e-5)


def contrast(one, painted, original) -> float:
    """PatchNCE by NumPy between two lists of feature maps, every place compared."""
    projected = []
    for maps in (painted, original):
        flat = [tf.reshape(layer, (-1, layer.shape[-1])) for layer in maps]
        projected.append([np.asarray(vectors, np.float64) for vectors in one.heads(flat)])
    losses = []
    for queries, keys in zip(*projected, strict=True):
        for query, key in zip(np.split(queries, 2), np.split(keys, 2), strict=True):  # two pictures
            scores = query @ key.T / 0.07
            losses.append((np.log(np.exp(scores).sum(1)) - np.diag(scores)).mean())
    return float(np.mean(losses))


def test_the_terms_of_cut(tmp_path):
    """With every place compared, chance has no part in it."""
    one, batch = objective_of("cut", tmp_path, "objective.patches=2000"), smooth_batch()
    expected = {
        "contrast": contrast(one, one.encoder(one.generator(batch.source)), one.encoder(batch.source)),
        "identity_contrast": contrast(one, one.encoder(one.generator(batch.target)), one.encoder(batch.target)),
    }
    metrics = numbers(one.step(batch)["generator"])
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-4)
    assert metrics["total"] == pytest.approx(metrics["adversarial"] + 0.5 * (metrics["contrast"] + metrics["identity_contrast"]), rel=1e-5)


@pytest.mark.parametrize("flip", [True, False])
def test_fastcut_compares_mirrored_pictures_mirrored_back(flip, tmp_path):
    one, batch = objective_of("fastcut", tmp_path, "objective.patches=2000"), smooth_batch()
    assert (one.weights["contrast"], one.weights["identity_contrast"]) == (10, 0)

    def turned(images):
        return images[:, :, ::-1] if flip else images

    painted, keys = one.paint(batch.source, flip=tf.constant(flip))
    np.testing.assert_allclose(painted, one.generator(turned(batch.source)), atol=1e-6)
    terms = one.generator_terms(batch, painted, keys, tf.constant(flip))
    expected = contrast(one, [turned(layer) for layer in one.encoder(painted)], one.encoder(batch.source))
    assert float(terms["contrast"]) == pytest.approx(expected, rel=1e-4)
    unturned = contrast(one, one.encoder(painted), one.encoder(batch.source))
    assert (abs(unturned - expected) > 1e-3) == flip


def test_fastcut_flips_by_chance(tmp_path):
    one, batch, seen = objective_of("fastcut", tmp_path), smooth_batch(), []
    assert one.config.flip_equivariance
    paint = one.paint
    one.paint = lambda pictures, flip: (seen.append(bool(flip)), paint(pictures, flip))[1]
    for _ in range(8):
        one.step(batch)
    assert set(seen) == {True, False}


def test_every_published_kind_has_the_published_weights(tmp_path):
    assert objective_of("cyclegan", tmp_path).weights == {"adversarial": 1, "cycle": 10, "identity": 5}
    assert objective_of("pix2pix", tmp_path).weights == {"adversarial": 1, "likeness": 100}
    assert objective_of("cut", tmp_path).weights == {"adversarial": 1, "contrast": 0.5, "identity_contrast": 0.5}
    assert {"cyclegan", "pix2pix", "cut", "fastcut"} <= set(METHODS)


def test_dropout_depends_on_the_seed_alone_when_painting(tmp_path):
    from gan_style.objectives import Request

    one, source = objective_of("pix2pix", tmp_path), smooth_batch().source
    first, second, other = (np.asarray(one.translate(source, Request(seed=seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
