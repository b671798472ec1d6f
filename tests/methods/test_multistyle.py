"""Several styles from one generator: by name, blended, in a cascade, by masks, by the learned map."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_style.inference import painting
from gan_style.inference.requests import requests
from gan_style.losses.style_maps import averaged, map_entropy, style_classification, style_imbalance
from gan_style.methods import Request
from gan_style.methods.base.contours import blurred_by
from gan_style.methods.base.generator_input import with_edge_lines
from gan_style.methods.base.style_maps import by_masks
from gan_style.networks.attention import build_attention
from gan_style.networks.layers.norms import ConditionalInstanceNorm, InstanceNorm
from gan_style.system import images
from gan_style.system.errors import UserError
from tests.methods.test_methods import method_of, smooth_batch


@pytest.fixture
def trained(tmp_path):
    """A generator whose styles differ, as after long training."""
    method = method_of("multistyle", tmp_path, "method.ema_decay=0")
    for number, layer in enumerate(method.generator.network.layers):
        if isinstance(layer, ConditionalInstanceNorm):
            for weight in (layer.gamma, layer.beta):
                weight.assign(weight + 0.3 * tf.random.stateless_normal(weight.shape, (number, 7)))
        elif isinstance(layer, keras.layers.Conv2D) and layer.filters == 3:
            layer.kernel.assign(layer.kernel * 10)
    return method


def painted(method, picture, **asked):
    return np.asarray(method.translate(picture, Request(seed=1, **asked)))


def test_conditional_norm_of_one_style_is_an_instance_norm(rng):
    features = tf.constant(rng.normal(2, 3, (2, 6, 5, 4)), tf.float32)
    first = np.zeros((2, 6, 5, 2), np.float32)
    first[..., 0] = 1
    layer = ConditionalInstanceNorm()
    np.testing.assert_allclose(layer([features, first]), InstanceNorm()(features), atol=1e-5)
    layer.gamma.assign([[1, 1, 1, 1], [3, 3, 3, 3]])
    layer.beta.assign([[0, 0, 0, 0], [1, 2, 3, 4]])
    half = np.full((2, 6, 5, 2), 0.5, np.float32)
    np.testing.assert_allclose(
        layer([features, half]), 2 * InstanceNorm()(features) + [0.5, 1, 1.5, 2], atol=1e-4
    )


def test_style_classification_map_balance_and_map_entropy_against_numpy(rng):
    logits, maps = rng.normal(size=(2, 4, 4, 3)), rng.dirichlet((1, 1, 1), (2, 4, 4))
    expected = -(maps * (logits - np.log(np.exp(logits).sum(-1, keepdims=True)))).sum(-1).mean()
    np.testing.assert_allclose(
        style_classification(tf.constant(logits, tf.float32), tf.constant(maps, tf.float32)),
        expected,
        rtol=1e-5,
    )
    shares = maps.mean((0, 1, 2))
    np.testing.assert_allclose(
        style_imbalance(tf.constant(maps, tf.float32)),
        (shares * np.log(3 * shares)).sum(),
        rtol=1e-3,
        atol=1e-6,
    )
    assert float(style_imbalance(tf.fill((1, 2, 2, 3), 1 / 3))) == pytest.approx(0, abs=1e-6)
    entropy = -(maps * np.log(maps)).sum(-1).mean() / np.log(3)
    np.testing.assert_allclose(map_entropy(tf.constant(maps, tf.float32)), entropy, rtol=1e-5)
    assert float(map_entropy(tf.fill((1, 2, 2, 3), 1 / 3))) == pytest.approx(1, abs=1e-5)
    assert float(map_entropy(tf.one_hot([[[0, 2]]], 3))) == pytest.approx(0, abs=1e-5)


def test_maps_are_averaged_over_cells_that_share_pixels():
    maps = np.arange(2 * 5 * 6 * 1, dtype=np.float32).reshape(2, 5, 6, 1)
    halves = averaged(tf.constant(maps), 5, 3).numpy()
    np.testing.assert_allclose(halves, maps.reshape(2, 5, 3, 2, 1).mean(3), rtol=1e-6)
    cut = averaged(tf.constant(maps), 2, 6).numpy()  # two and a half rows each
    np.testing.assert_allclose(cut[:, 0], (maps[:, 0] + maps[:, 1] + 0.5 * maps[:, 2]) / 2.5, rtol=1e-6)


def test_the_attention_is_undecided_at_first_and_always_adds_up_to_one():
    network = build_attention(3, 4)
    maps = network(tf.random.stateless_normal((2, 37, 50, 3), (1, 2)))
    assert maps.shape == (2, 37, 50, 3)
    np.testing.assert_allclose(maps, 1 / 3, atol=1e-6)
    for weight in network.weights:
        weight.assign(tf.random.stateless_normal(weight.shape, (3, 4)))
    np.testing.assert_allclose(np.asarray(network(tf.ones((1, 24, 24, 3)))).sum(-1), 1, atol=1e-5)


def test_styles_differ_and_blends_lie_between(trained):
    picture = smooth_batch().source
    a, b = (painted(trained, picture, styles={name: 1.0}) for name in ("a", "b"))
    blend = painted(trained, picture, styles={"a": 2.0, "b": 2.0})
    assert np.abs(a - b).mean() > 1e-3
    assert np.abs(blend - a).mean() < np.abs(a - b).mean()
    assert np.abs(blend - b).mean() < np.abs(a - b).mean()
    np.testing.assert_allclose(painted(trained, picture, styles={"a": 3.0}), a, atol=1e-5)


def test_the_learned_map_is_the_default_and_can_be_held_to_some_styles(trained):
    picture = smooth_batch().source
    np.testing.assert_array_equal(painted(trained, picture), painted(trained, picture, attention=True))
    only_a = painted(trained, picture, styles={"a": 1.0}, attention=True)
    np.testing.assert_allclose(only_a, painted(trained, picture, styles={"a": 1.0}), atol=1e-4)


def test_masks_give_each_region_its_style_and_leave_the_rest_bit_for_bit(trained, rng):
    picture = images.Picture(rng.integers(0, 256, (70, 90, 3), np.uint8))
    left, right = np.zeros((70, 90), np.float32), np.zeros((70, 90), np.float32)
    left[10:60, 5:30], right[10:60, 55:85] = 1, 1
    result = painting.paint(trained, picture, 512, Request(seed=1, masks={"a": left, "b": right})).pixels
    outside = (left + right) == 0
    np.testing.assert_array_equal(result[outside], picture.pixels[outside])
    whole = {
        name: painting.paint(trained, picture, 512, Request(seed=1, styles={name: 1.0})).pixels
        for name in ("a", "b")
    }
    for name, other, inside in (("a", "b", np.s_[25:45, 12:22]), ("b", "a", np.s_[25:45, 65:75])):
        distance = {
            style: np.abs(result[inside].astype(float) - whole[style][inside]).mean()
            for style in (name, other)
        }
        assert distance[name] < distance[other]
    # Painted at half its size, pixels outside are still the photograph's.
    small = painting.paint(trained, picture, 45, Request(seed=1, masks={"a": left})).pixels
    np.testing.assert_array_equal(small[left == 0], picture.pixels[left == 0])


def test_where_two_masks_meet_the_seam_is_soft():
    left = np.zeros((64, 64), np.float32)
    left[:, :32] = 1
    maps = np.asarray(by_masks({"a": left, "b": 1 - left}, ["a", "b"], tf.zeros((1, 64, 64, 3))))[0, 32, :, 0]
    assert maps[5] > 0.99
    assert maps[58] < 0.01
    assert np.abs(np.diff(maps)).max() < 0.25


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"styles": {"c": 1.0}}, "there is no style 'c' in this run; it has: a, b"),
        ({"styles": {"a": -1.0}}, "weights must not be negative"),
        ({"masks": {"c": np.ones((32, 32))}}, "there is no style 'c'"),
    ],
)
def test_unknown_styles_are_refused(tmp_path, asked, expected):
    with pytest.raises(UserError, match=expected):
        painted(method_of("multistyle", tmp_path), smooth_batch().source, **asked)


def test_a_mask_of_another_size_is_refused(tmp_path):
    picture = images.Picture(np.zeros((40, 50, 3), np.uint8))
    with pytest.raises(UserError, match="the mask of 'a' has 20x40 pixels, the picture 50x40"):
        painting.paint(
            method_of("multistyle", tmp_path), picture, 64, Request(masks={"a": np.ones((40, 20))})
        )


def test_what_the_command_line_asks(tmp_path):
    plain = Request(seed=3)
    assert requests(plain, None, []) == [plain]
    assert [one.styles for one in requests(plain, "oil,cartoon", [])] == [{"oil": 1.0}, {"cartoon": 1.0}]
    assert requests(plain, "oil=0.7+cartoon=0.3", [])[0].styles == {"oil": 0.7, "cartoon": 0.3}
    assert requests(plain, "auto", [])[0].attention
    Image.fromarray(np.full((4, 5), 255, np.uint8)).save(tmp_path / "mask.png")
    (masked,) = requests(plain, None, [f"oil={tmp_path / 'mask.png'}"])
    np.testing.assert_array_equal(masked.masks["oil"], np.ones((4, 5)))
    for style, masks, expected in (
        ("oil=much", [], "'much' is no weight up to 1,000,000"),
        ("oil+oil", [], "expected a style"),
        ("", ["oil"], "expected STYLE=FILE"),
        ("oil", ["oil=x.png"], "give one of the two"),
        ("", [f"oil={tmp_path / 'none.png'}"], "there is no such file"),
    ):
        with pytest.raises(UserError, match=expected):
            requests(plain, style, masks)


def test_every_style_has_its_own_input(tmp_path):
    """Inputs are mixed as styles are; the colours come last, by the same weights."""
    inputs = "method.style_inputs={a: {input_blur: 3}, b: {edge_lines: 9}}"
    method = method_of("multistyle", tmp_path, inputs)
    batch = smooth_batch()
    method.inputs.observe_colours(batch)
    shown = {}
    method.requested_maps = lambda images, request, ask=method.requested_maps: shown.setdefault(
        "maps", ask(images, request)
    )
    method.noised = lambda network, seen, random, noised=method.noised: noised(
        network, shown.setdefault("seen", seen), random
    )
    method.translate(batch.source, Request(styles={"a": 1.0, "b": 3.0}, seed=0))
    mixed = 0.25 * blurred_by(batch.source, 3) + 0.75 * with_edge_lines(batch.source, 9)
    np.testing.assert_allclose(shown["seen"], method.inputs.palettes([mixed, shown["maps"]]), atol=1e-5)


def test_inputs_of_unknown_styles_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"method.style_inputs.c: there is no such style; the data has: a, b"):
        method_of("multistyle", tmp_path, "method.style_inputs={c: {input_blur: 3}}")


def test_colours_are_measured_in_training_and_kept_in_the_checkpoint(tmp_path):
    method, batch = method_of("multistyle", tmp_path), smooth_batch()
    method.step(batch)
    seen, mean, _ = method.copies["palettes"].get_layer("palette").variables
    assert seen.numpy().sum() == 2 * batch.source.shape[0]
    np.testing.assert_allclose(mean[0], np.asarray(batch.source).mean((0, 1, 2)), atol=1e-5)
