"""Feed-forward networks: which pictures each term compares."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.losses import perceptual
from gan_style.methods.base.contours import blurred_by
from gan_style.system.errors import UserError
from tests.methods.test_methods import method_of, smooth_batch

EVERYTHING = "method.weights={style: 1, content: 1, colour: 1, structure: 1, total_variation: 1}"
RECONSTRUCTION = "method.weights.target_reconstruction=1"
BLUR = "method.generator_input={input_blur: 2}"


def terms_of(kind, tmp_path, *overrides):
    one, batch = method_of(kind, tmp_path, *overrides), smooth_batch()
    one.prepare()
    one.style.measure([batch.target])
    terms, fake = (
        one.terms(batch),
        one.generator.network(blurred_by(batch.source, one.config.generator_input.input_blur), training=True),
    )
    return one, batch, fake, {name: float(value) for name, value in terms.items()}


def test_it_compares_photographs_with_the_style_in_common(tmp_path):
    one, batch, fake, terms = terms_of("feedforward", tmp_path, EVERYTHING, BLUR)
    bank = one.style_features
    expected = {
        "style": perceptual.style_in_common(bank(fake), bank(batch.target), "normalised", one.style.scale),
        "content": perceptual.feature_content(bank(fake), bank(batch.source)),
        "colour": perceptual.pooled_colour(fake, batch.source),
        "structure": perceptual.coarse_structure(fake, batch.source),
        "total_variation": perceptual.total_variation(fake),
    }
    assert set(terms) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(terms[name], float(value), rtol=1e-3, err_msg=name)


def test_each_painting_is_painted_again_from_what_blurring_leaves_of_it(tmp_path):
    one, batch, fake, terms = terms_of("feedforward", tmp_path, RECONSTRUCTION, BLUR)
    again = one.generator.network(blurred_by(batch.target, 2), training=True)
    bank = one.style_features
    np.testing.assert_allclose(
        terms["target_reconstruction"], np.abs(again.numpy() - batch.target.numpy()).mean(), rtol=1e-4
    )
    np.testing.assert_allclose(
        terms["style"],
        float(perceptual.style(bank(again), bank(batch.target), "normalised", one.style.scale)),
        rtol=1e-3,
    )
    # The photographs are still held to themselves.
    content = perceptual.feature_content(one.content_features(fake), one.content_features(batch.source))
    np.testing.assert_allclose(terms["content"], float(content), rtol=1e-3)


def test_colours_count_as_much_more_as_the_recipe_says(tmp_path):
    one, batch, _, terms = terms_of("feedforward", tmp_path, RECONSTRUCTION, BLUR, "method.colour_gain=3")
    again = one.generator.network(blurred_by(batch.target, 2), training=True)
    again, target = (perceptual.with_colour_gain(some, 3) for some in (again, batch.target))
    np.testing.assert_allclose(
        terms["target_reconstruction"], float(np.abs(again - target).mean()), rtol=1e-4
    )
    bank, scale = one.style_features, one.style.scale
    expected = float(perceptual.style(bank(again), bank(target), "normalised", scale))
    np.testing.assert_allclose(terms["style"], expected, rtol=1e-3)


def test_photographs_and_paintings_painted_again_have_the_batchs_styles(tmp_path):
    data = "data={kind: gallery, source: a, styles: {oil: b, sketch: c}, crop: 32, batch: 2}"
    one, batch = method_of("feedforward", tmp_path, RECONSTRUCTION, BLUR, data), smooth_batch()
    for weight in one.generator.network.trainable_variables:  # new styles are all alike
        weight.assign_add(tf.random.stateless_normal(weight.shape, (len(weight.shape), 5), stddev=0.1))

    def painted(pictures, styles):
        maps = tf.tile(tf.one_hot(styles, 2)[:, None, None], (1, 32, 32, 1))
        return one.generator.network([blurred_by(pictures, 2), maps], training=True)

    terms = one.terms(batch)
    again, swapped = painted(batch.target, batch.style), painted(batch.target, batch.style[::-1])
    np.testing.assert_allclose(
        float(terms["target_reconstruction"]), np.abs(again - batch.target).mean(), rtol=1e-4
    )
    assert (
        abs(float(np.abs(swapped - batch.target).mean()) / float(terms["target_reconstruction"]) - 1) > 1e-3
    )
    fake = painted(batch.source, batch.style)
    content = perceptual.feature_content(one.content_features(fake), one.content_features(batch.source))
    np.testing.assert_allclose(float(terms["content"]), float(content), rtol=1e-3)


@pytest.mark.parametrize("kind", ["feedforward", "multistyle"])
def test_the_identity_is_learned_for_more_styles_than_a_batch_has_pictures(kind, tmp_path):
    four = "{oil: b, sketch: c, cartoon: d, watercolor: e}"
    data = f"data={{kind: gallery, source: a, styles: {four}, crop: 32, batch: 2}}"
    one, styles = method_of(kind, tmp_path, data), set()
    one.maps_of = lambda drawn, pictures: styles.update(np.asarray(drawn).tolist())
    one.paint = one.forward = lambda *arguments, **options: None
    for _ in range(40):
        one.in_any_style(one.generator.identity, smooth_batch().source)
    assert styles == set(range(len(one.styles)))


def test_target_reconstruction_needs_a_blur(tmp_path):
    with pytest.raises(
        UserError,
        match=r"weights\.target_reconstruction: paintings are painted again "
        r"from what generator_input\.input_blur or abstraction leave",
    ):
        method_of("feedforward", tmp_path, RECONSTRUCTION)
