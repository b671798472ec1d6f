"""pix2pix: its terms against NumPy, and dropout when painting."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.methods import Request
from gan_style.methods.base.contours import blurred_by
from tests.methods.by_numpy import close, l1, numbers
from tests.methods.test_methods import method_of, smooth_batch


def test_the_terms(tmp_path):
    one, batch = method_of("pix2pix", tmp_path, "method.generator.dropout=0"), smooth_batch()
    fake = one.generator.network(batch.source, training=True)

    def logits(picture):
        return np.asarray(one.discriminator.network(tf.concat([batch.source, picture], -1)), np.float64)

    real_loss, fake_loss = (
        np.log1p(np.exp(-logits(batch.target))).mean(),
        np.log1p(np.exp(logits(fake))).mean(),
    )
    metrics = one.step(batch)
    close(numbers(metrics["discriminator"]), {"adversarial": 0.5 * (real_loss + fake_loss)})
    distance = l1(fake, batch.target)
    assert float(metrics["generator"]["l1"]) == pytest.approx(distance, rel=1e-5)
    adversarial = float(metrics["generator"]["adversarial"])
    # Of the discriminator after its own step, on the same fake.
    assert adversarial == pytest.approx(np.log1p(np.exp(-logits(fake))).mean(), rel=1e-5)
    assert float(metrics["generator"]["total"]) == pytest.approx(adversarial + 100 * distance, rel=1e-5)


def test_each_fake_has_its_own_paintings_grams_to_reach(tmp_path):
    one, batch = method_of("pix2pix", tmp_path, "method.weights.style=1"), smooth_batch()
    one.prepare()
    one.measure([batch])
    terms = one.generator_terms(batch, batch.target)
    assert float(terms["style"]) == pytest.approx(0, abs=1e-5)
    swapped = one.generator_terms(batch, batch.target[::-1])
    assert float(swapped["style"]) > 0.05
    assert one.trained_with()


def test_the_generator_sees_what_the_blur_leaves_and_the_discriminator_the_photograph(tmp_path):
    shown = ("method.generator.dropout=0", "method.generator_input={input_blur: 6}")
    one, batch = method_of("pix2pix", tmp_path, *shown), smooth_batch()
    source = tf.cast(batch.source, tf.float32) + tf.random.stateless_normal(batch.source.shape, (1, 2)) * 0.2
    seen = blurred_by(source, 6)
    assert float(tf.reduce_mean(tf.abs(seen - source))) > 0.1
    painted = one.translate(source, Request())
    np.testing.assert_allclose(painted, one.generator.network(seen, training=True), atol=1e-3)
    judged = []
    terms = one.discriminator.terms
    one.discriminator.terms = lambda real, fake: judged.append((real, fake)) or terms(real, fake)
    one.step(batch._replace(source=source))
    for pictures in judged[0]:
        np.testing.assert_array_equal(pictures[..., :3], source)


def test_dropout_depends_on_the_seed_alone_when_painting(tmp_path):
    one, source = method_of("pix2pix", tmp_path), smooth_batch().source
    first, second, other = (np.asarray(one.translate(source, Request(seed=seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_noise_depends_on_the_seed_alone_when_painting(tmp_path):
    generator = "{kind: resnet, filters: 4, blocks: 1, noise_channels: 2}"
    one = method_of(
        "pix2pix", tmp_path, f"method.generator={generator}", "method.dropout_when_painting=false"
    )
    batch = smooth_batch()
    fakes = [np.asarray(one.forward(one.generator.network, batch.source)) for _ in range(2)]
    assert not np.array_equal(*fakes)  # in training each step draws its own
    first, second, other = (np.asarray(one.translate(batch.source, Request(seed=s))) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
