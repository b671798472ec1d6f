"""Every faster way to compute is the same function: results and gradients, against the plain way."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.networks.layers import winograd
from gan_style.networks.layers.biases import Conv2DTranspose
from gan_style.networks.layers.convolutions import WINOGRAD_CHANNELS, Conv2D, by_blocks
from gan_style.networks.layers.fused_norm import NORM_EPSILON
from gan_style.networks.layers.norms import BatchNorm, InstanceNorm
from gan_style.networks.layers.padding import CropBorder, ReflectionPad
from gan_style.system import bands, machine, processor
from gan_style.system.bands import in_two_bands
from gan_style.system.machine import Machine

FLOAT32 = 1e-5  # relative, of results and gradients
WIDE = WINOGRAD_CHANNELS["float32"]
BFLOAT16 = 1e-2  # of which plain convolutions have 2e-3, as bfloat16 keeps 8 bits


def drawn(*shape, seed=1):
    return tf.random.stateless_normal(shape, (seed, 2))


def plain(images, kernel):
    return tf.nn.conv2d(images, kernel, 1, "VALID")


def differentiated(act, *inputs):
    """The result, and the gradient at each input of its product with fixed random numbers."""

    @tf.function(autograph=False)
    def both(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            result = act(*inputs)
            total = tf.reduce_sum(tf.cast(result, tf.float32) * drawn(*result.shape, seed=9))
        return [result, *tape.gradient(total, inputs)]

    return [np.asarray(tf.cast(tensor, tf.float32), np.float64) for tensor in both(*inputs)]


def assert_same(found, wanted, tolerance):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.shape == other.shape
        assert np.linalg.norm(one - other) <= tolerance * np.linalg.norm(other)


@pytest.mark.parametrize("sides", [(2, 2), (8, 12), (7, 5), (1, 3)])
def test_winograd_is_a_convolution(sides):
    height, width = sides
    inputs = drawn(2, height + 2, width + 2, 24), drawn(3, 3, 24, 40)
    assert_same(differentiated(winograd.convolved, *inputs), differentiated(plain, *inputs), FLOAT32)


def test_winograd_of_sizes_that_are_unknown_while_tracing():
    images, kernel = drawn(1, 15, 22, 8), drawn(3, 3, 8, 8)
    unknown = tf.function(
        lambda images: winograd.convolved(images, kernel),
        input_signature=[tf.TensorSpec((1, None, None, 8))],
    )
    assert_same([unknown(images).numpy()], [plain(images, kernel).numpy()], FLOAT32)


def test_winograd_in_bfloat16_leaves_the_picture_as_it_is():
    inputs = [tf.cast(tensor, tf.bfloat16) for tensor in (drawn(2, 10, 10, 32), drawn(3, 3, 32, 32))]
    found = differentiated(winograd.with_kernel_gradient_by_tiles, *inputs)
    wanted = differentiated(plain, *inputs)
    assert_same(found[:2], wanted[:2], 0)
    assert_same(found[2:], wanted[2:], BFLOAT16)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", FLOAT32), ("bfloat16", BFLOAT16)])
def test_blocks_of_results_are_a_convolution(dtype, tolerance):
    inputs = [tf.cast(tensor, dtype) for tensor in (drawn(2, 14, 20, 16), drawn(7, 7, 16, 3))]
    assert_same(differentiated(by_blocks, *inputs), differentiated(plain, *inputs), tolerance)


@pytest.mark.parametrize("rows", [8, 9, 11, 14])
@pytest.mark.parametrize("stride", [1, 2])
def test_two_bands_are_one_convolution(rows, stride):
    inputs = drawn(1, rows, 9, 6), drawn(4, 4, 6, 5)
    wanted = differentiated(lambda *both: tf.nn.conv2d(*both, stride, "VALID"), *inputs)
    assert_same(differentiated(lambda *both: in_two_bands(*both, stride), *inputs), wanted, FLOAT32)


@pytest.mark.parametrize(("isa", "taken"), [("AVX2", True), ("ALL", False)])
def test_bands_where_a_processor_is_slow_for_single_images(monkeypatch, isa, taken):
    monkeypatch.setattr(processor, "known_flags", lambda: frozenset({"avx2", "avx512f"}))
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", isa)
    seen = []
    monkeypatch.setattr(bands, "in_two_bands", lambda *all: seen.append(all) or plain(*all[:2]))
    Conv2D(2, 3)(drawn(1, 6, 6, 3))
    assert bool(seen) == taken


def test_a_wide_layer_takes_winograd_only_where_the_machine_says_so(monkeypatch):
    layer, taken = Conv2D(WIDE, 3), []
    images = drawn(1, 6, 6, WIDE)
    monkeypatch.setattr(winograd, "convolved", lambda *both: taken.append(both) or plain(*both))
    for way in ("direct", "winograd"):
        monkeypatch.setattr(machine, "in_use", Machine("float32", 1, "", way))
        layer(images)
        assert bool(taken) == (way == "winograd")


@pytest.mark.parametrize("images", [drawn(2, 8, 8, WIDE), drawn(1, 9, 6, WIDE)])
def test_a_wide_layer_learns_what_that_of_keras_does(images):
    """Of variables, not of tensors."""
    results = []
    for kind in (Conv2D, keras.layers.Conv2D):
        layer = kind(WIDE, 3, kernel_initializer=keras.initializers.RandomNormal(seed=1))
        with tf.GradientTape() as tape:
            painted = layer(images)
            total = tf.reduce_sum(painted * drawn(*painted.shape, seed=3))
        slopes = tape.gradient(total, [layer.kernel.value, layer.bias.value])
        results.append([np.asarray(tensor, np.float64) for tensor in (painted, *slopes)])
    assert_same(*results, FLOAT32)


@pytest.mark.parametrize("arguments", [{"strides": 2}, {"padding": "same"}, {"dilation_rate": 2}])
def test_other_wide_layers_are_as_keras_has_them(arguments):
    ours, theirs = (
        kind(WIDE, 3, **arguments, kernel_initializer=keras.initializers.RandomNormal(seed=1))
        for kind in (Conv2D, keras.layers.Conv2D)
    )
    images = drawn(1, 8, 8, WIDE)
    np.testing.assert_array_equal(ours(images), theirs(images))


def test_names_of_layers_stay_those_of_keras():
    """Weights are stored under them."""
    keras.utils.clear_session()
    assert [Conv2D(1, 1).name, keras.layers.Conv2D(1, 1).name] == ["conv2d", "conv2d_1"]


@pytest.mark.parametrize("size", [(2, 8, 9, 3), (1, 4, 5, 6), (3, 2, 3, 2)])
@pytest.mark.parametrize("margin", [0, 1, 2])
def test_mirrored_margins(size, margin):
    if margin >= min(size[1:3]):
        return
    margins = [[0, 0], [margin, margin], [margin, margin], [0, 0]]
    found = differentiated(ReflectionPad(margin), drawn(*size))
    assert_same(found, differentiated(lambda images: tf.pad(images, margins, "REFLECT"), drawn(*size)), 1e-6)


def test_a_border_cut_away():
    found = differentiated(CropBorder(1, 2), drawn(2, 7, 8, 3))
    assert_same(found, differentiated(lambda images: images[:, 1:-2, 1:-2], drawn(2, 7, 8, 3)), 0)


def by_hand(axes, scale, shift):
    def normalised(images):
        # Not tf.nn.moments, whose second derivative is wrong: it stops the gradient at the mean.
        mean = tf.reduce_mean(images, axes, keepdims=True)
        variance = tf.reduce_mean(tf.square(images - mean), axes, keepdims=True)
        return (images - mean) * tf.math.rsqrt(variance + NORM_EPSILON) * scale + shift

    return normalised


@pytest.mark.parametrize(("norm", "axes"), [(InstanceNorm(True), (1, 2)), (BatchNorm(), (0, 1, 2))])
def test_fused_norms(norm, axes):
    norm.build((None, None, None, 6))
    norm.gamma.assign(drawn(6, seed=3))
    norm.beta.assign(drawn(6, seed=4))
    images = 2 * drawn(3, 8, 9, 6) + 5
    wanted = differentiated(by_hand(axes, drawn(6, seed=3), drawn(6, seed=4)), images)
    assert_same(differentiated(norm, images), wanted, FLOAT32)
    any_number = tf.function(norm, input_signature=[tf.TensorSpec((None, None, None, 6))])
    assert_same([any_number(images).numpy()], wanted[:1], FLOAT32)


def test_fused_norms_can_be_differentiated_twice():
    """The gradient penalty R1 does."""

    def slope(act):
        def inner(images):
            with tf.GradientTape() as tape:
                tape.watch(images)
                total = tf.reduce_sum(act(images) ** 3)
            return tape.gradient(total, images)

        return inner

    images = drawn(2, 5, 6, 4)
    wanted = differentiated(slope(by_hand((1, 2), 1.0, 0.0)), images)
    assert_same(differentiated(slope(InstanceNorm()), images), wanted, FLOAT32)


@pytest.mark.parametrize("layer", [Conv2D(8, 1), Conv2DTranspose(8, 4, strides=2, padding="same")])
def test_slopes_of_biases_are_sums_in_bfloat16_too(layer):
    half = type(layer).from_config({**layer.get_config(), "dtype": "mixed_bfloat16", "name": "half"})
    for one in (layer, half):
        one.build((None, None, None, 4))
    half.set_weights(layer.get_weights())
    pictures, uphill = drawn(4, 64, 64, 4), 0.05 + drawn(4, 64, 64, 8, seed=3)

    def slope(one):
        with tf.GradientTape() as tape:
            found = tf.cast(one(pictures), tf.float32)
            total = tf.reduce_sum(found * tf.image.resize(uphill, found.shape[1:3]))
        return tape.gradient(total, one.bias.value)

    # Added up in bfloat16 they were 9 to 35 % short.
    assert_same([np.asarray(slope(half))], [np.asarray(slope(layer))], BFLOAT16)
