"""The gan method on real tensors: who moves when, terms of weight 0, pool, identity warm-up, translation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.config.load import load
from gan_style.data.batches import Batch
from gan_style.experiment.recipe import Experiment
from gan_style.losses import perceptual
from gan_style.methods import Request
from gan_style.methods.base import generator_input
from gan_style.methods.base.contours import blurred_by
from gan_style.methods.base.diffaugment import augmented
from gan_style.methods.base.stroke_noise import LENGTH, with_stroke_noise
from gan_style.optim.image_pool import ImagePool
from gan_style.system.errors import UserError
from gan_style.training.build import build_method


def method_of(path, *overrides):
    keras.utils.set_random_seed(0)  # whatever ran before
    return build_method(load(path, Experiment, overrides).config, seed=0)


def colourful(pictures):
    """What the small recipe compares with targets: its `colour_gain` is 3."""
    grey = tf.reduce_mean(pictures, axis=-1, keepdims=True)
    return grey + 3 * (pictures - grey)


def random_batch(seed: int = 0) -> Batch:
    return Batch(*tf.unstack(tf.random.stateless_uniform((2, 2, 32, 32, 3), (seed, 1), -1, 1)))


def weights(network: keras.Model) -> list[np.ndarray]:
    return [weight.numpy().copy() for weight in network.trainable_variables]


def moved(before, network) -> bool:
    return any(not np.array_equal(old, new) for old, new in zip(before, weights(network), strict=True))


def test_a_step_moves_both_players_and_gives_every_term(small_recipe):
    method = method_of(small_recipe)
    before = [weights(network) for network in (method.generator.network, method.discriminator.network)]
    metrics = method.step(random_batch())
    assert all(
        moved(old, network)
        for old, network in zip(before, (method.generator.network, method.discriminator.network), strict=True)
    )
    assert set(metrics["generator"]) == {
        "colour",
        "structure",
        "total_variation",
        "adversarial",
        "target_reconstruction",
        "style",
        "total",
        "gradient_norm",
    }
    assert set(metrics["discriminator"]) == {"adversarial", "r1", "total", "gradient_norm"}
    terms = {
        name: float(value)
        for name, value in metrics["generator"].items()
        if name not in ("total", "gradient_norm")
    }
    weighted = sum(method.weights[name] * value for name, value in terms.items())
    np.testing.assert_allclose(metrics["generator"]["total"], weighted, rtol=1e-5)


def test_the_discriminator_judges_paintings_in_the_colours_that_fakes_are_judged_in(
    small_recipe, monkeypatch
):
    method, judged = method_of(small_recipe), []
    terms = method.discriminator.terms
    monkeypatch.setattr(
        method.discriminator, "terms", lambda *both: judged.append(both) or terms(*both), raising=True
    )
    batch = random_batch()
    method.step(batch)
    ((real, fake),) = judged
    np.testing.assert_allclose(real, colourful(batch.target), atol=1e-5)
    assert fake.shape == (4, *real.shape[1:])


def test_terms_of_weight_zero_are_never_computed(small_recipe):
    method = method_of(
        small_recipe, "method.weights.style=0", "method.weights.r1=0", "method.weights.structure=0"
    )
    method.style_features = None  # would raise if it were asked
    metrics = method.step(random_batch())
    assert not {"style", "structure"} & set(metrics["generator"])
    assert "r1" not in metrics["discriminator"]


def test_identity_warmup_trains_the_generator_alone_to_give_the_photo_back(small_recipe):
    method = method_of(small_recipe)
    assert [method.step_at(step) == method.identity.identity_warmup for step in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    before = weights(method.discriminator.network)
    metrics = method.identity.identity_warmup(random_batch())
    assert set(metrics) == {"generator"}
    assert set(metrics["generator"]) == {"reconstruction", "total", "gradient_norm"}
    assert not moved(before, method.discriminator.network)


def test_it_overfits_one_batch(small_recipe):
    weights = (
        "method.weights.adversarial=0",
        "method.weights.r1=0",
        "method.weights.target_reconstruction=0",
        "method.generator_input={}",
    )
    method = method_of(
        small_recipe, *weights, "method.generator_optimizer.learning_rate=5e-3", "train.steps=1000"
    )
    step, batch = tf.function(method.step, autograph=False), random_batch()
    first = float(step(batch)["generator"]["total"])
    assert any(float(step(batch)["generator"]["total"]) < 0.6 * first for _ in range(90))


def test_r1_is_half_the_squared_gradient_norm_of_a_patch(small_recipe):
    method = method_of(small_recipe, "method.diffaugment=[]")
    real = random_batch().target
    with tf.GradientTape() as tape:
        tape.watch(real)
        patches = tf.reshape(tf.reduce_sum(method.discriminator.network(real), 0), (-1,))
    slopes = tape.jacobian(patches, real).numpy()  # (patches, N, H, W, 3): no picture's logits see another
    expected = 0.5 * np.mean(np.sum(slopes**2, (2, 3, 4)))
    found = [float(method.discriminator.r1_penalty(real)) for _ in range(30)]
    assert np.std(found) > 0, "signs are drawn anew"
    np.testing.assert_allclose(np.mean(found), expected, rtol=0.05)


def test_r1_does_not_depend_on_the_crop(small_recipe):
    """A sum over patches would be 25 times as much at 256 pixels as at 64, of their mean a fiftieth."""
    deep = "method.discriminator={kind: patchgan, filters: 16, depth: 3}"
    method = method_of(small_recipe, deep)
    coarse = tf.random.stateless_uniform((2, 128, 128, 3), (1, 2), -1, 1)
    texture = tf.image.resize(coarse, (256, 256)) + tf.random.stateless_normal(
        (2, 256, 256, 3), (3, 4), 0, 0.1
    )
    penalties = [float(method.discriminator.r1_penalty(texture[:, :side, :side])) for side in (64, 128, 256)]
    assert max(penalties) < 1.3 * min(penalties)


def test_the_pool_hands_back_what_it_was_given_before():
    pool = ImagePool(4, (2, 2, 3), seed=1)
    exchange = tf.function(pool.exchange, autograph=False)
    returned = [exchange(tf.fill((1, 2, 2, 3), float(value)))[0, 0, 0, 0].numpy() for value in range(60)]
    assert returned[:4] == [0, 1, 2, 3]
    older = [back for value, back in enumerate(returned) if back != value]
    assert 15 < len(older) < 42
    assert len(set(older)) == len(older), "a fake that was handed back is replaced"
    assert ImagePool(0, (2, 2, 3), 1).exchange("same") == "same"


@pytest.mark.parametrize("policy", ["colour", "translation", "cutout"])
def test_augmentation_changes_pictures_and_lets_gradients_through(policy):
    images = tf.random.stateless_uniform((3, 16, 16, 3), (1, 2), 0.1, 1)
    with tf.GradientTape() as tape:
        tape.watch(images)
        changed = augmented(images, [policy], keras.random.SeedGenerator(3))
        total = tf.reduce_sum(changed)
    assert changed.shape == images.shape
    assert not np.allclose(changed, images)
    slopes = np.abs(tape.gradient(total, images)).sum(-1)
    assert slopes.max() > 0
    if policy == "cutout":
        assert ((changed.numpy() == 0).all(-1)).sum((1, 2)).min() > 0
    if policy == "translation":
        source, result = images.numpy()[0], changed.numpy()[0]
        assert any(
            np.allclose(np.roll(source, (dy, dx), (0, 1))[4:-4, 4:-4], result[4:-4, 4:-4])
            for dy in range(-2, 3)
            for dx in range(-2, 3)
        )


def test_the_input_blur_is_a_gaussian_of_that_variance():
    point = np.zeros((1, 41, 41, 1), np.float32)
    point[0, 20, 20] = 1
    blurred = blurred_by(tf.constant(point), 4).numpy()[0, :, :, 0]
    offsets = np.arange(41) - 20
    np.testing.assert_allclose(blurred.sum(), 1, rtol=1e-5)
    np.testing.assert_allclose((blurred.sum(0) * offsets**2).sum(), 4, rtol=1e-4)


def test_edge_lines_are_drawn_along_contours_and_nowhere_else():
    ramp = np.zeros((1, 32, 64, 3), np.float32)
    ramp[:, :, :16] = 0.8  # an edge, beside a slope too gentle for ink
    ramp[:, :, 16:] = 0.2 + 0.004 * np.arange(48)[:, None]
    drawn = generator_input.with_edge_lines(tf.constant(ramp), 12.0).numpy()[0]
    np.testing.assert_allclose(drawn[:, 15:17], -1, atol=1e-5)
    # The slope is squared: 0.004 a pixel times 12 is black by 0.0023.
    flat = ramp[0, :, 30:50]
    np.testing.assert_allclose(drawn[:, 30:50], flat - (12 * 0.004) ** 2 * (flat + 1), atol=1e-5)
    np.testing.assert_allclose(drawn[:, :7], ramp[0, :, :7], atol=1e-5)


def test_stroke_noise_has_its_strength_and_leaves_the_mean():
    flat = tf.zeros((4, 64, 50, 3))
    strokes = with_stroke_noise(flat, 0.2, (4,), LENGTH, keras.random.SeedGenerator(1)).numpy()
    assert strokes.shape == flat.shape
    assert abs(strokes.mean()) < 0.05
    assert 0.1 < strokes.std() < 0.3


def test_target_reconstruction_is_the_paintings_painted_again(small_recipe):
    method = method_of(
        small_recipe,
        "method.generator_input.stroke_noise=0",
        "method.generator.noise_channels=0",
        "method.diffaugment=[]",
    )
    batch = random_batch()
    method.prepare()
    method.style.measure([batch.target])
    how = method.config.generator_input
    seen = generator_input.generator_input(batch.source, how, method.random)
    fakes = method.forward(
        method.generator.network, generator_input.with_targets(seen, batch.target, how, method.random)
    )
    terms = method.generator_terms(*batch[:2], fakes)
    again = method.generator.network(blurred_by(batch.target, 1))
    np.testing.assert_allclose(fakes[2:], again, atol=1e-4)
    adversarial = method.discriminator.generator_loss(colourful(fakes))
    np.testing.assert_allclose(terms["adversarial"], adversarial, rtol=1e-4)
    missed = colourful(again - batch.target)
    np.testing.assert_allclose(terms["target_reconstruction"], np.abs(missed).mean(), rtol=1e-4)
    bank = method.style_features
    own, common = (
        perceptual.style(
            bank(colourful(some)),
            bank(colourful(batch.target)),
            "normalised",
            method.style.scale,
            together=together,
        )
        for some, together in ((again, False), (fakes[:2], True))
    )
    np.testing.assert_allclose(terms["style"], (own + common) / 2, rtol=1e-3)


def test_translation_is_repeatable_by_seed_and_leaves_training_alone(small_recipe):
    method = method_of(small_recipe)
    images = random_batch().source[:1, :, :29]
    state = method.random.state.numpy().copy()
    one, again, other = (method.translate(images, Request(seed=seed)).numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == (1, 32, 29, 3)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(method.random.state.numpy(), state)


def test_what_is_not_understood_is_refused(small_recipe):
    method = method_of(small_recipe)
    with pytest.raises(UserError, match="does not understand 'direction'; it understands: seed, strength"):
        method.translate(random_batch().source, Request(direction="back"))


def test_precisions_agree_in_the_first_step(small_recipe):
    totals = []
    for policy in ("float32", "mixed_bfloat16"):
        keras.mixed_precision.set_global_policy(policy)
        keras.utils.set_random_seed(5)
        method = method_of(
            small_recipe,
            "method.generator.noise_channels=0",
            "method.generator_input.stroke_noise=0",
            "method.diffaugment=[]",
        )
        assert all(variable.dtype == "float32" for variable in method.generator.network.variables)
        totals.append(float(method.step(random_batch())["generator"]["total"]))
    np.testing.assert_allclose(totals[0], totals[1], rtol=0.05)
