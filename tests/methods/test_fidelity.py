"""The published methods as algorithms: constants, layers, order of updates, and every loss against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style import layers
from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.losses.patch_nce import patch_nce
from gan_style.optim.optimizers import Adam
from tests.methods.small_methods import recipe
from tests.methods.test_methods import method_of, smooth_batch


def test_what_a_method_is_by_its_name_alone(tmp_path):
    weights = {
        "cyclegan": {"adversarial": 1, "cycle": 10, "identity": 5},
        "pix2pix": {"adversarial": 1, "likeness": 100},
        "cut": {"adversarial": 1, "contrast": 0.5, "identity_contrast": 0.5},
        "fastcut": {"adversarial": 1, "contrast": 10, "identity_contrast": 0},
    }
    for method, expected in weights.items():
        (tmp_path / "recipe.yaml").write_text(recipe(method, "a", "b"))
        config = load(tmp_path / "recipe.yaml", Experiment).config.method
        assert config.weights.model_dump() == expected
        assert config.adversarial == ("bce" if method == "pix2pix" else "lsgan")
        assert getattr(config, "flip_equivariance", False) == (method == "fastcut")
    assert (Adam().learning_rate, Adam().beta_1, Adam().beta_2, Adam().constant, Adam().clip_norm) == (
        2e-4,
        0.5,
        0.999,
        0.5,
        None,
    )


def test_unit_vectors_are_divided_by_their_length_and_a_little():
    vectors = np.array([[3, 4], [0, 1e-7], [0, 0]], np.float32)
    np.testing.assert_allclose(layers.UnitVector()(vectors), [[0.6, 0.8], [0, 0.5], [0, 0]], rtol=1e-6)


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
    method, moved = method_of(method, tmp_path), []
    for player in method.players():
        apply = player.optimizer.apply_gradients

        def noted(*arguments, name=player.name, apply=apply, **options):
            moved.append(name)
            return apply(*arguments, **options)

        player.optimizer.apply_gradients = noted
    method.step(smooth_batch())
    assert moved == order


def numbers(terms) -> dict[str, float]:
    return {name: float(value) for name, value in terms.items()}


def close(actual, expected) -> None:
    assert {
        name: value for name, value in actual.items() if name not in ("total", "gradient_norm")
    } == pytest.approx(expected, rel=1e-5)


def l1(a, b) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).mean())


def lsgan(logits, wanted) -> float:
    return float(np.square(np.asarray(logits, np.float64) - wanted).mean())


def test_the_terms_of_cyclegan(tmp_path):
    one, batch = method_of("cyclegan", tmp_path, "method.pool_size=0"), smooth_batch()
    forth, back = one.source_to_target, one.target_to_source
    fake_target, fake_source = forth(batch.source), back(batch.target)
    expected = {
        "adversarial": lsgan(one.target_discriminator(fake_target), 1)
        + lsgan(one.source_discriminator(fake_source), 1),
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
    one, batch = method_of("pix2pix", tmp_path, "method.generator.dropout=0"), smooth_batch()
    fake = one.generator(batch.source, training=True)

    def judged(picture):
        return np.asarray(one.discriminator(tf.concat([batch.source, picture], -1)), np.float64)

    real_loss, fake_loss = (
        np.log1p(np.exp(-judged(batch.target))).mean(),
        np.log1p(np.exp(judged(fake))).mean(),
    )
    metrics = one.step(batch)
    close(numbers(metrics["discriminator"]), {"adversarial": 0.5 * (real_loss + fake_loss)})
    likeness = l1(fake, batch.target)
    assert float(metrics["generator"]["likeness"]) == pytest.approx(likeness, rel=1e-5)
    adversarial = float(metrics["generator"]["adversarial"])
    # Judged by the discriminator after its own step, on the same fake.
    assert adversarial == pytest.approx(np.log1p(np.exp(-judged(fake))).mean(), rel=1e-5)
    assert float(metrics["generator"]["total"]) == pytest.approx(adversarial + 100 * likeness, rel=1e-5)


def test_patch_nce_against_numpy():
    rng = np.random.default_rng(0)
    query, key = (
        vectors / np.linalg.norm(vectors, axis=-1, keepdims=True) for vectors in rng.normal(size=(2, 3, 7, 5))
    )
    expected = []
    for image in range(3):
        for place in range(7):
            scores = np.array([query[image, place] @ key[image, other] for other in range(7)]) / 0.07
            expected.append(-np.log(np.exp(scores[place]) / np.exp(scores).sum()))
    query, key = tf.constant(query, tf.float32), tf.constant(key, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch([query, key])
        given = patch_nce(query, key, 0.07)
    np.testing.assert_allclose(float(given), np.mean(expected), rtol=1e-5)
    towards_query, towards_key = tape.gradient(given, [query, key])
    assert np.abs(towards_query).max() > 0.01
    assert towards_key is None  # what a photograph's places look like is given


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


@pytest.mark.parametrize(
    ("method", "weights"),
    [("cut", {"contrast": 0.5, "identity_contrast": 0.5}), ("fastcut", {"contrast": 10})],
)
def test_the_terms_of_cut(method, weights, tmp_path):
    """With every place compared, chance has no part in it."""
    one, batch = (
        method_of(method, tmp_path, "method.num_patches=2000", "method.flip_equivariance=false"),
        smooth_batch(),
    )
    fake = one.generator(batch.source)
    expected = {"contrast": contrast(one, one.encoder(fake), one.encoder(batch.source))}
    if method == "cut":
        expected["identity_contrast"] = contrast(
            one, one.encoder(one.generator(batch.target)), one.encoder(batch.target)
        )
    critic = 0.5 * (lsgan(one.discriminator(batch.target), 1) + lsgan(one.discriminator(fake), 0))
    metrics = one.step(batch)
    close(numbers(metrics["discriminator"]), {"adversarial": critic})
    # Judged by the discriminator after its own step, on the same fake.
    expected["adversarial"] = lsgan(one.discriminator(fake), 1)
    close(numbers(metrics["generator"]), expected)
    total = expected["adversarial"] + sum(weight * expected[name] for name, weight in weights.items())
    assert float(metrics["generator"]["total"]) == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("flip", [True, False])
def test_fastcut_compares_mirrored_pictures_mirrored_back(flip, tmp_path):
    one, batch = method_of("fastcut", tmp_path, "method.num_patches=2000"), smooth_batch()
    assert (one.weights["contrast"], one.weights["identity_contrast"]) == (10, 0)

    def turned(images):
        return images[:, :, ::-1] if flip else images

    painted, keys = one.paint(batch.source, flip=tf.constant(flip))
    np.testing.assert_allclose(painted, one.generator(turned(batch.source)), atol=1e-6)
    terms = one.generator_terms(batch, painted, keys, tf.constant(flip))
    expected = contrast(one, [turned(layer) for layer in one.encoder(painted)], one.encoder(batch.source))
    assert float(terms["contrast"]) == pytest.approx(expected, rel=1e-5)
    unturned = contrast(one, one.encoder(painted), one.encoder(batch.source))
    assert (abs(unturned - expected) > 1e-3) == flip


def test_fastcut_flips_by_chance(tmp_path):
    one, batch, seen = method_of("fastcut", tmp_path), smooth_batch(), []
    assert one.config.flip_equivariance
    paint = one.paint
    one.paint = lambda pictures, flip: (seen.append(bool(flip)), paint(pictures, flip))[1]
    for _ in range(8):
        one.step(batch)
    assert set(seen) == {True, False}


def test_dropout_depends_on_the_seed_alone_when_painting(tmp_path):
    from gan_style.methods import Request

    one, source = method_of("pix2pix", tmp_path), smooth_batch().source
    first, second, other = (np.asarray(one.translate(source, Request(seed=seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
