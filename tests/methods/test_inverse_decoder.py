"""Networks that paint from features: mirrored shapes, odd sizes; the random encoder keeps what they need."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf
from skimage import data

from gan_style.features.random_encoder import RandomEncoder, pink_noise
from gan_style.methods.base.encoder import Encoder, cropped
from gan_style.networks.decoder import build_decoder
from gan_style.networks.deconvolution import build_deconvnet, build_inverse_decoder
from gan_style.networks.resnet import build_resnet_generator
from gan_style.system.errors import UserError
from gan_style.system.images import to_signed


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(lambda: RandomEncoder(levels=3, filters=8))


def test_johnsons_network_has_the_published_number_of_parameters():
    # c9s1-32, d64, d128, R128 x 5, u64, u32, c9s1-3, all but the last with an affine norm; counted by hand.
    ends = 9 * 9 * 3 * 32 + 32 + 64 + 9 * 9 * 32 * 3 + 3
    scales = 2 * (3 * 3 * 32 * 64 + 3 * 3 * 64 * 128) + (64 + 128 + 128 + 256) + (64 + 128 + 32 + 64)
    blocks = 5 * 2 * (3 * 3 * 128 * 128 + 128 + 256)
    network = build_resnet_generator(filters=32, blocks=5, kernel=9, affine=True)
    assert network.count_params() == ends + scales + blocks == 1_679_235
    assert network.compute_output_shape((1, 256, 256, 3)) == (1, 256, 256, 3)


def test_the_decoder_of_relu3_1_mirrors_vgg19():
    kernels = [
        variable.shape for variable in build_decoder([256], 2).trainable_variables if len(variable.shape) == 4
    ]
    assert kernels == [(3, 3, 256, 128), (3, 3, 128, 128), (3, 3, 128, 64), (3, 3, 64, 64), (3, 3, 64, 3)]


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (65, 18)])
def test_pictures_of_odd_sizes_come_back_at_their_size(size, encoder):
    images = tf.random.stateless_uniform((2, *size, 3), (1, 2), -1, 1)
    maps, deepest = encoder(images), encoder.deepest
    again = build_inverse_decoder(encoder.channels[deepest], encoder.halvings[deepest])(maps[deepest])
    assert cropped(again, images).shape == images.shape
    for layers in map(encoder.pyramid, range(3)):
        decoder = build_decoder([encoder.channels[layer] for layer in layers], encoder.halvings[deepest])
        assert cropped(decoder([maps[layer] for layer in layers]), images).shape == images.shape


def test_skip_connections_need_a_layer_of_every_size(encoder):
    class Gap(RandomEncoder):
        def __call__(self, images):
            maps = super().__call__(images)
            return {name: maps[name] for name in ("layer1", "layer3")}

    with pytest.raises(
        UserError, match=r"method\.skips: 1 need a layer of 1/2 .*; there are: layer1 1/1, layer3"
    ):
        Encoder(lambda: Gap(levels=3, filters=4)).pyramid(1)
    with pytest.raises(UserError, match=r"method\.skips: 3 need a layer of more than 1 "):
        encoder.pyramid(3)


def test_the_deconvnet_returns_any_size():
    network = build_deconvnet(filters=4, depth=3)
    assert network(tf.zeros((1, 37, 50, 3))).shape == (1, 37, 50, 3)


def test_an_encoder_knows_its_layers(encoder):
    assert encoder.halvings == {"layer1": 0, "layer2": 1, "layer3": 2}
    assert encoder.channels == {"layer1": 24, "layer2": 48, "layer3": 96}

    class Thirds(RandomEncoder):
        def __call__(self, images):
            return {"thirds": images[:, ::3, ::3]}

    with pytest.raises(UserError, match="layer 'thirds' makes 22 of 64 pixels"):
        Encoder(Thirds)


def test_random_layers_are_white_on_noise_and_keep_what_a_picture_is():
    bank = RandomEncoder(levels=3, filters=16)
    noise = tf.constant(np.concatenate([pink_noise(np.random.default_rng(seed)) for seed in range(1, 5)]))
    first = tf.nn.conv2d(noise, bank.kernels[0], 1, "VALID") + bank.biases[0]
    correlation = np.corrcoef(first.numpy().reshape(-1, 16).T)
    assert np.abs(correlation - np.diag(np.diag(correlation))).mean() < 0.2
    # A linear map can tell most of a photograph's pixels from its deepest features.
    photograph = to_signed(data.astronaut()[None, :256, :256])
    features = bank(photograph)["layer3"].numpy().reshape(64 * 64, -1).astype(np.float64)
    pixels = photograph.reshape(64, 4, 64, 4, 3).transpose(0, 2, 1, 3, 4).reshape(64 * 64, 48)
    train, test = np.arange(64 * 64) % 2 == 0, np.arange(64 * 64) % 2 == 1
    ones = np.ones((64 * 64, 1))
    weights = np.linalg.lstsq(np.hstack([features, ones])[train], pixels[train], rcond=None)[0]
    error = np.mean((np.hstack([features, ones])[test] @ weights - pixels[test]) ** 2)
    assert 10 * np.log10(4 / error) > 20


def test_the_random_encoder_keeps_brightness_and_colours_apart(rng):
    picture = rng.uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)
    grey = np.repeat(picture[..., :1], 3, axis=-1)
    bank = RandomEncoder(levels=2, filters=8)
    for layer, maps in bank(grey).items():
        brightness, *colours = np.split(maps.numpy(), 3, axis=-1)
        assert brightness.std((1, 2)).min() > 0.05, layer
        for colour in colours:
            np.testing.assert_allclose(colour.std((1, 2)), 0, atol=1e-4)
    # A change of hue that leaves the sum of the three as it is leaves brightness as it is.
    turned = bank(np.roll(picture, 1, axis=-1))
    for layer, maps in bank(picture).items():
        count = maps.shape[-1] // 3
        np.testing.assert_allclose(maps[..., :count], turned[layer][..., :count], atol=1e-4)
        assert np.abs(maps - turned[layer])[..., count:].mean() > 0.1


def test_the_random_encoder_is_the_same_everywhere():
    rounded = [np.round(array, 2) + 0.0 for array in RandomEncoder(levels=2, filters=8).arrays()]
    assert (
        hashlib.sha256(b"".join(array.tobytes() for array in rounded)).hexdigest()[:16] == "f2747b2c40161df8"
    )
