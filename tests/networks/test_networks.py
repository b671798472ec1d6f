"""Layers against their definitions; any size comes back at its size."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from gan_style.networks.layers import norms, resampling, spectral
from gan_style.networks.layers.guided_filter import GuidedColours
from gan_style.networks.patchgan import build_patchgan
from gan_style.networks.resnet import build_resnet_generator


@pytest.mark.parametrize("upsampling", ["transposed", "nearest", "bilinear", "bilinear_separable"])
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (5, 6)])
def test_any_size_comes_back_in_a_compiled_graph(upsampling, size):
    network = build_resnet_generator(
        filters=4, blocks=1, kernel=3, upsampling=upsampling, input_skip="features", colour_guide=2
    )
    images = tf.random.stateless_normal((2, *size, 3), (1, 2))
    compiled = tf.function(network, input_signature=[tf.TensorSpec((None, None, None, 3))])
    painted = compiled(images)
    assert painted.shape == (2, *size, 3)
    brightness = tf.reduce_mean(painted, axis=-1)
    assert float(tf.reduce_max(tf.abs(brightness))) <= 1


def test_instance_norm_matches_numpy(rng):
    images = rng.normal(3, 2, (2, 7, 9, 4)).astype(np.float32)
    mean, variance = images.mean((1, 2), keepdims=True), images.var((1, 2), keepdims=True)
    np.testing.assert_allclose(
        norms.InstanceNorm()(images), (images - mean) / np.sqrt(variance + 1e-5), atol=1e-5
    )


def test_instance_norm_keeps_precise_statistics_in_bfloat16(rng):
    images = rng.normal(100, 1, (1, 64, 64, 2)).astype(np.float32)
    normal = norms.InstanceNorm(dtype="mixed_bfloat16")(images)
    assert normal.dtype == tf.bfloat16
    assert abs(float(tf.math.reduce_std(tf.cast(normal, tf.float32))) - 1) < 0.35


def test_the_skip_carries_brightness_that_norms_remove(rng):
    pattern = rng.uniform(-0.5, 0.5, (16, 16, 3)).astype(np.float32)
    pair = np.stack([pattern - 0.4, pattern + 0.4])
    for input_skip in ("features", "residual", "none"):
        network = build_resnet_generator(filters=8, blocks=1, kernel=3, input_skip=input_skip)
        dark, light = network(pair).numpy()
        assert (np.abs(dark - light).max() > 1e-3) == (input_skip != "none")


def test_guided_colours_change_where_brightness_does_and_brightness_stays(rng):
    """Two strokes, a dark red and a light green one; their colours are blurred and have a grain."""
    across = np.arange(32)
    brightness = np.where(across < 16, -0.3, 0.3)[None, :, None] * np.ones((32, 1, 1))
    green = 1 / (1 + np.exp(-(across - 15.5) / 2))[None, :, None]
    colours = 0.2 * ((1 - green) * [2, -1, -1] + green * [-1, 2, -1])
    pictures = (brightness + colours + rng.normal(0, 0.02, (32, 32, 3)))[None].astype(np.float32)
    found = GuidedColours(2)(pictures).numpy()
    np.testing.assert_allclose(found.mean(-1), pictures.mean(-1), atol=1e-6)

    def jump(some):
        return float((some[0, :, 16, 1] - some[0, :, 15, 1]).mean())

    def grain(some):
        return (some - some.mean(-1, keepdims=True))[0, :, 2:8].std(axis=0).mean()

    assert jump(found - found.mean(-1, keepdims=True)) > 2 * jump(pictures - pictures.mean(-1, keepdims=True))
    assert grain(found) < 0.4 * grain(pictures)


def test_depthwise_blocks_have_a_kernel_for_each_channel_and_mix_them_afterwards():
    whole, depthwise = (
        build_resnet_generator(filters=8, blocks=2, depthwise=some).count_params() for some in (False, True)
    )
    width = 32  # 8 channels, doubled twice
    of_one = 9 * width * width + width
    assert whole - depthwise == 4 * (of_one - (9 * width + width * width + width))


def test_a_separable_upsampler_has_as_many_weights_as_its_two_convolutions():
    sizes = [
        build_resnet_generator(filters=8, blocks=0, upsampling=kind).count_params()
        for kind in ("bilinear", "bilinear_separable")
    ]
    pairs = [(32, 16), (16, 8)]
    saved = [9 * wide * narrow - (9 * wide + wide * narrow) for wide, narrow in pairs]
    assert sizes[0] - sizes[1] == sum(saved)


def test_noise_reaches_every_scale():
    network = build_resnet_generator(filters=4, blocks=1, kernel=3, noise_channels=2)
    assert network.input.shape[-1] == 5
    mixers = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (1, 1)
    ]
    assert len(mixers) == 3


def test_transposed_upsampling_is_centred_as_padding_1_output_padding_1():
    layer = keras.layers.Conv2DTranspose(1, 3, strides=2, padding="valid", use_bias=False)
    images = np.zeros((1, 4, 4, 1), np.float32)
    images[0, 1, 2] = 1
    layer.build(images.shape)
    layer.kernel.assign(np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1))
    cropped = layer(images)[0, 1:, 1:, 0].numpy()
    assert cropped.shape == (8, 8)
    # out[2i - 1 + k] += in[i] * kernel[k]
    np.testing.assert_array_equal(cropped[1:4, 3:6], np.arange(9).reshape(3, 3))
    assert cropped.sum() == 36


def test_bilinear_doubling_matches_half_pixel_centres(rng):
    images = rng.normal(size=(1, 5, 6, 2)).astype(np.float32)
    expected = tf.image.resize(images, (10, 12), "bilinear")
    np.testing.assert_allclose(resampling.UpBilinear()(tf.constant(images)), expected, atol=1e-5)


def test_spectral_norm_bounds_the_kernel_and_leaves_it_as_it_was(rng):
    layer = spectral.SpectralConv2D(6, 3)
    images = tf.constant(rng.normal(size=(1, 8, 8, 4)).astype(np.float32))
    layer.build(images.shape)
    layer.kernel.assign(rng.normal(size=layer.kernel.shape) * 5)
    before = layer.kernel.numpy().copy()
    for _ in range(500):  # slow where the two largest singular values are close
        layer.power_iterate()
    sigma = np.linalg.svd(before.reshape(-1, 6), compute_uv=False)[0]
    expected = ops.conv(images, before / sigma) + layer.bias
    np.testing.assert_allclose(layer(images, training=True), expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(layer.kernel, before)


def test_power_iteration_is_the_only_thing_that_moves_the_estimate(rng):
    network = build_patchgan(filters=4, depth=1, spectral_norm=True)
    images = tf.constant(rng.normal(size=(1, 16, 16, 3)).astype(np.float32))
    first = network(images, training=True)
    np.testing.assert_array_equal(first, network(images, training=True))
    spectral.power_iterate(network)
    assert not np.array_equal(first, network(images, training=True))
