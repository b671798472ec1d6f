"""Edges as Canny finds them, blurred there only; negatives; the published rows of weights."""

import json

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage
from skimage import data
from skimage.feature import canny as reference

from gan_style.losses import perceptual
from gan_style.methods.base.contours import blurred_by
from gan_style.methods.base.edges import canny, edge_smoothed
from gan_style.system import images
from gan_style.system.errors import UserError
from tests.methods.test_methods import method_of, smooth_batch


@pytest.fixture(scope="module")
def photo():
    return tf.constant(images.to_signed(data.astronaut()[100:228, 150:278])[None])


def test_edges_agree_with_scikit_image(photo):
    edges = canny(photo).numpy()[0, 2:-2, 2:-2, 0] > 0
    grey = (perceptual.grey(photo).numpy()[0, ..., 0] + 1) * 127.5
    # Its steepness is Euclidean: at most ours, at least ours by the root of 2; it smooths a little itself.
    fewer, more = (
        reference(grey, sigma=0.1, low_threshold=100 / by, high_threshold=200 / by)[2:-2, 2:-2]
        for by in (1, 2**0.5)
    )
    assert edges.sum() > 100
    assert (edges & ndimage.binary_dilation(more, iterations=2)).sum() / edges.sum() > 0.95
    assert (ndimage.binary_dilation(edges, iterations=2) & fewer).sum() / fewer.sum() > 0.95


def test_only_the_neighbourhood_of_edges_is_blurred(photo):
    smoothed, edges = edge_smoothed(photo).numpy()[0], canny(photo).numpy()[0, ..., 0] > 0
    near = ndimage.maximum_filter(edges, 5)
    changed = np.abs(smoothed - photo.numpy()[0]).max(-1) > 1e-6
    assert not (changed & ~near).any()
    assert changed[near].mean() > 0.9
    steep = perceptual.total_variation(photo), perceptual.total_variation(tf.constant(smoothed[None]))
    assert float(steep[1]) < float(steep[0])


def test_a_flat_picture_has_no_edges():
    flat = tf.fill((1, 16, 16, 3), 0.3)
    np.testing.assert_array_equal(edge_smoothed(flat), flat)


@pytest.mark.parametrize(
    ("preset", "weights", "discriminator_weights"),
    [
        ("animegan", (300, 1.5, 3, 10, 0), (1, 1, 1, 0.1)),
        ("hayao", (300, 1.5, 2.5, 15, 1), (1.2, 1.2, 1.2, 0.8)),
        ("paprika", (300, 2, 0.6, 50, 0.1), (1, 1, 1, 0.005)),
        ("shinkai", (300, 1.2, 2, 10, 1), (1.7, 1.7, 1.7, 1)),
        ("cartoongan", (1, 10, 0, 0, 0), (1, 1, 0, 1)),
    ],
)
def test_presets(preset, weights, discriminator_weights):
    from gan_style.methods.cartoon import CartoonConfig

    vgg = {"kind": "application", "network": "VGG19", "layers": ["conv4_4"]}
    networks = {"generator": {"kind": "resnet"}, "discriminator": {"kind": "patchgan"}}
    features = {"content_features": vgg, "style_features": vgg}
    given = {"kind": "cartoon", "preset": preset, **features, **networks}
    config = CartoonConfig.model_validate_json(json.dumps(given))
    kept = config.weights
    assert (kept.adversarial, kept.content, kept.grey_style, kept.colour, kept.total_variation) == weights
    assert (
        config.discriminator_weights.real,
        config.discriminator_weights.fake,
        config.discriminator_weights.grey,
        config.discriminator_weights.edge_smoothed,
    ) == discriminator_weights


def test_terms_without_features_are_refused(tmp_path):
    content, style = "method.weights.content=1.5", "method.style_features=null"
    for changes, missing in (
        ([content], "weights.content needs content_features"),
        ([style], "weights.grey_style needs style_features"),
        ([content, style], "needs content_features and weights.grey_style needs style_features"),
    ):
        with pytest.raises(UserError, match=f"method: .*{missing}; the published weights .* VGG19's conv4_4"):
            method_of("cartoon", tmp_path, *changes)
    method_of("cartoon", tmp_path, style, "method.weights.grey_style=0")


def test_the_terms(tmp_path):
    one, batch = method_of("cartoon", tmp_path), smooth_batch()
    fake = one.generator.network(batch.source, training=True)
    grey = perceptual.grey(batch.target)
    seen = {
        "real": (batch.target, 1),
        "fake": (fake, 0),
        "grey": (grey, 0),
        "edge_smoothed": (edge_smoothed(grey), 0),
    }
    critic = sum(
        one.discriminator_weights[name] * np.square(one.discriminator.network(shown).numpy() - wanted).mean()
        for name, (shown, wanted) in seen.items()
    )
    metrics = one.step(batch)
    np.testing.assert_allclose(float(metrics["discriminator"]["adversarial"]), critic, rtol=1e-4)
    terms = {name: float(value) for name, value in metrics["generator"].items()}
    total = sum(
        one.weights[name] * terms[name]
        for name in ("adversarial", "structure", "grey_style", "colour", "total_variation")
    )
    np.testing.assert_allclose(terms["total"], total, rtol=1e-4)


def test_cartoons_are_drawn_again_from_what_blurring_leaves(tmp_path):
    settings = (
        "method.weights.target_reconstruction=8",
        "method.generator_input.input_blur=3",
        "method.weights.grey_style=2",
    )
    one, batch = method_of("cartoon", tmp_path, *settings), smooth_batch()
    again = one.generator.network(blurred_by(batch.target, 3), training=True)
    fakes = tf.concat([one.generator.network(blurred_by(batch.source, 3), training=True), again], 0)
    grey = perceptual.grey(batch.target)
    seen = {
        "real": (batch.target, 1),
        "fake": (fakes, 0),
        "grey": (grey, 0),
        "edge_smoothed": (edge_smoothed(grey), 0),
    }
    critic = sum(
        one.discriminator_weights[name] * np.square(one.discriminator.network(shown).numpy() - wanted).mean()
        for name, (shown, wanted) in seen.items()
    )
    painted, wanted = (one.style_features(perceptual.grey(pictures)) for pictures in (again, batch.target))
    metrics = one.step(batch)
    np.testing.assert_allclose(float(metrics["discriminator"]["adversarial"]), critic, rtol=1e-4)
    expected = {
        "target_reconstruction": np.abs(again.numpy() - batch.target.numpy()).mean(),
        "grey_style": float(perceptual.style(painted, wanted, one.config.gram)),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(float(metrics["generator"][name]), value, rtol=1e-3)
