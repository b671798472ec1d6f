"""CUT and FastCUT: PatchNCE and every term against NumPy, and mirrored batches."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.losses.patch_nce import patch_nce
from tests.methods.by_numpy import close, lsgan, numbers
from tests.methods.test_methods import method_of, smooth_batch


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


def nce_by_numpy(one, painted, original) -> float:
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
    ("kind", "weights"),
    [("cut", {"nce": 0.5, "identity_nce": 0.5}), ("fastcut", {"nce": 10})],
)
def test_the_terms(kind, weights, tmp_path):
    """With every place compared, chance has no part in it."""
    one, batch = (
        method_of(kind, tmp_path, "method.num_patches=2000", "method.flip_equivariance=false"),
        smooth_batch(),
    )
    fake = one.generator.network(batch.source)
    expected = {"nce": nce_by_numpy(one, one.encoder(fake), one.encoder(batch.source))}
    if kind == "cut":
        expected["identity_nce"] = nce_by_numpy(
            one, one.encoder(one.generator.network(batch.target)), one.encoder(batch.target)
        )
    critic = 0.5 * (
        lsgan(one.discriminator.network(batch.target), 1) + lsgan(one.discriminator.network(fake), 0)
    )
    metrics = one.step(batch)
    close(numbers(metrics["discriminator"]), {"adversarial": critic})
    # Of the discriminator after its own step, on the same fake.
    expected["adversarial"] = lsgan(one.discriminator.network(fake), 1)
    close(numbers(metrics["generator"]), expected)
    total = expected["adversarial"] + sum(weight * expected[name] for name, weight in weights.items())
    assert float(metrics["generator"]["total"]) == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("flip", [True, False])
def test_fastcut_compares_mirrored_pictures_mirrored_back(flip, tmp_path):
    one, batch = method_of("fastcut", tmp_path, "method.num_patches=2000"), smooth_batch()
    assert (one.weights["nce"], one.weights["identity_nce"]) == (10, 0)

    def turned(images):
        return images[:, :, ::-1] if flip else images

    painted, keys = one.translate_and_encode(batch.source, tf.constant(flip))
    np.testing.assert_allclose(painted, one.generator.network(turned(batch.source)), atol=1e-6)
    terms = one.generator_terms(painted, painted, keys, tf.constant(flip))
    expected = nce_by_numpy(one, [turned(layer) for layer in one.encoder(painted)], one.encoder(batch.source))
    assert float(terms["nce"]) == pytest.approx(expected, rel=1e-5)
    unturned = nce_by_numpy(one, one.encoder(painted), one.encoder(batch.source))
    assert (abs(unturned - expected) > 1e-3) == flip


def test_fastcut_flips_by_chance(tmp_path):
    one, batch, seen = method_of("fastcut", tmp_path), smooth_batch(), []
    assert one.config.flip_equivariance
    translate = one.translate_and_encode
    one.translate_and_encode = lambda pictures, flip: (seen.append(bool(flip)), translate(pictures, flip))[1]
    for _ in range(8):
        one.step(batch)
    assert set(seen) == {True, False}
