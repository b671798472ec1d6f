"""VGG19 with normalised activations as frozen features: against SciPy, gradients, precision, errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import TypeAdapter
from scipy.ndimage import correlate

from gan_style.features.vgg19_normalised import NormalisedVGG19
from gan_style.methods.base.choices import FeatureChoice
from gan_style.system.errors import UserError
from tests.evaluation.stand_ins import write

# Written out again, so that the code is not its own reference.
SHAPES = {
    "preprocess": (1, 1, 3, 3),
    "conv1_1": (3, 3, 3, 64),
    "conv1_2": (3, 3, 64, 64),
    "conv2_1": (3, 3, 64, 128),
    "conv2_2": (3, 3, 128, 128),
    "conv3_1": (3, 3, 128, 256),
    "conv3_2": (3, 3, 256, 256),
    "conv3_3": (3, 3, 256, 256),
    "conv3_4": (3, 3, 256, 256),
    "conv4_1": (3, 3, 256, 512),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    shapes = {
        f"{name}/{part}": shape
        for name, kernel in SHAPES.items()
        for part, shape in (("kernel", kernel), ("bias", kernel[3:]))
    }
    return write(tmp_path_factory.mktemp("vgg19") / "stand_in.npz", shapes)


@pytest.fixture
def pictures(rng):
    return rng.uniform(-1, 1, (1, 18, 17, 3)).astype(np.float32)


def mirrored_convolution(x, kernel, bias):
    """Features (H, W, C) with their edges mirrored about the outermost pixels' centres."""
    outputs = [
        sum(correlate(x[..., i], kernel[..., i, o], mode="mirror") for i in range(x.shape[-1]))
        for o in range(kernel.shape[-1])
    ]
    return np.stack(outputs, axis=-1) + bias


def test_layers_are_those_of_the_paper(weights, pictures):
    arrays = {name: array.astype(np.float64) for name, array in np.load(weights).items()}
    first = mirrored_convolution(
        (pictures[0] + 1) / 2 @ arrays["preprocess/kernel"][0, 0] + arrays["preprocess/bias"],
        *of(arrays, "1_1"),
    )
    second = mirrored_convolution(np.maximum(first, 0), *of(arrays, "1_2"))
    pooled = np.maximum(second, 0)[:18, :16].reshape(9, 2, 8, 2, 64).max(axis=(1, 3))
    third = mirrored_convolution(pooled, *of(arrays, "2_1"))
    maps = NormalisedVGG19(weights=weights, layers=("relu2_1", "relu1_1", "relu1_2"))(pictures)
    assert list(maps) == ["relu2_1", "relu1_1", "relu1_2"]
    for layer, expected in (("relu1_1", first), ("relu1_2", second), ("relu2_1", third)):
        np.testing.assert_allclose(maps[layer][0], np.maximum(expected, 0), rtol=1e-4, atol=1e-4)


def test_conv_is_relu_before_the_rectifier(weights, pictures):
    layers = ("conv2_1", "relu2_1", "conv1_2")
    maps = NormalisedVGG19(weights=weights, layers=layers)(pictures)
    assert list(maps) == list(layers)
    assert float(tf.reduce_min(maps["conv2_1"])) < 0
    np.testing.assert_array_equal(np.maximum(maps["conv2_1"], 0), maps["relu2_1"])
    assert len(NormalisedVGG19(weights=weights, layers=("conv1_2",)).arrays()) == 2 * 3


def of(arrays, place):
    return arrays[f"conv{place}/kernel"], arrays[f"conv{place}/bias"]


def test_deeper_layers_have_their_sizes_and_read_no_more_than_they_need(weights):
    x = np.zeros((2, 48, 35, 3), np.float32)
    maps = NormalisedVGG19(weights=weights, layers=("relu3_1", "relu4_1"))(x)
    assert {layer: tuple(features.shape) for layer, features in maps.items()} == {
        "relu3_1": (2, 12, 8, 256),
        "relu4_1": (2, 6, 4, 512),
    }
    assert len(NormalisedVGG19(weights=weights, layers=("relu2_1",)).arrays()) == 2 * 4
    with pytest.raises(UserError, match=r"stand_in\.npz: .* there is no array 'conv4_2/kernel'"):
        NormalisedVGG19(weights=weights, layers=("relu4_2",))


def test_gradients_reach_the_picture_in_a_compiled_step(weights, pictures, rng):
    bank = NormalisedVGG19(weights=weights)
    probe = rng.normal(size=bank(pictures)["relu3_1"].shape)

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(tf.cast(bank(x)["relu3_1"], tf.float64) * probe)
        return value, tape.gradient(value, x)

    steepest = gradient(tf.constant(pictures))[1].numpy()
    steepness = np.linalg.norm(steepest)
    low, high = (
        float(gradient(tf.constant(pictures + sign * 0.01 * steepest / steepness))[0]) for sign in (-1, 1)
    )
    assert steepness == pytest.approx((high - low) / 0.02, rel=0.01)


def test_it_stays_in_float32_under_mixed_precision(weights, pictures):
    exact = NormalisedVGG19(weights=weights)(pictures)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    maps = NormalisedVGG19(weights=weights)(pictures)
    for layer, features in exact.items():
        assert maps[layer].dtype == tf.float32
        np.testing.assert_array_equal(maps[layer], features)


def test_it_is_chosen_in_a_recipe(weights):
    choice = TypeAdapter(FeatureChoice).validate_python(
        {"kind": "vgg19_normalised", "weights": weights, "layers": ("relu1_2",)}
    )
    assert list(choice()(np.zeros((1, 8, 8, 3), np.float32))) == ["relu1_2"]


def test_mistakes_say_what_is_known(weights):
    with pytest.raises(
        UserError, match=r"no layer 'relu5_2'; it has: relu1_1, relu1_2, .*relu3_1.* relu5_1, conv1_1, .*5_1$"
    ):
        NormalisedVGG19(weights=weights, layers=("relu5_2",))
    with pytest.raises(UserError, match=r"pictures of 40x7 pixels are too small for relu3_1; 8 are needed"):
        NormalisedVGG19(weights=weights)(np.zeros((1, 7, 40, 3), np.float32))
    assert NormalisedVGG19(weights=weights)(np.zeros((1, 8, 8, 3), np.float32))["relu3_1"].shape == (
        1,
        2,
        2,
        256,
    )


def test_half_precision_errs_little_and_gives_single(weights, pictures):
    exact, half = (
        NormalisedVGG19(weights=weights, precision=precision)(pictures)
        for precision in ("float32", "bfloat16")
    )
    for layer, features in exact.items():
        assert half[layer].dtype == "float32"
        error = np.abs(half[layer] - features).mean() / np.abs(features).mean()
        assert 1e-5 < error < 0.01
