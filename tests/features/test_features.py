"""Banks from keras.applications: by name, with their own preprocessing, from local files; clear errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.features.applications import Application, find_application
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.methods.base.choices import FeatureChoice
from gan_style.system.errors import UserError


@pytest.fixture(scope="module")
def vgg19_file(tmp_path_factory):
    """Stand-in weights: the real shapes, random values."""
    path = tmp_path_factory.mktemp("weights") / "vgg19.weights.h5"
    keras.applications.VGG19(weights=None, include_top=False).save_weights(path)
    return path


@pytest.mark.parametrize(
    ("network", "layer", "channels"),
    [
        ("VGG16", "block2_conv1", 128),
        ("VGG19", "block1_conv2", 64),
        ("MobileNetV2", "Conv1_relu", 32),
        ("ResNet50", "conv1_relu", 64),
    ],
)
def test_any_application_opens_by_the_same_door(network, layer, channels, tmp_path):
    module, build = find_application(network)
    source = build(weights=None, include_top=False, input_shape=(None, None, 3))
    source.save_weights(tmp_path / "stand-in.weights.h5")
    bank = Application(network=network, layers=(layer,), weights=str(tmp_path / "stand-in.weights.h5"))
    images = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    kept = images.copy()
    maps = bank(images)
    np.testing.assert_array_equal(images, kept)
    expected = keras.Model(source.input, source.get_layer(layer).output)(
        module.preprocess_input((images + 1) * 127.5)
    )
    np.testing.assert_allclose(maps[layer], expected, rtol=1e-4, atol=1e-4)
    assert maps[layer].shape[-1] == channels


def test_arrays_load_under_both_naming_schemes(tmp_path, rng):
    shapes = {"conv1_1": (3, 3, 3, 64), "conv1_2": (3, 3, 64, 64)}
    arrays = {f"{layer}/kernel": rng.normal(size=shape).astype(np.float32) for layer, shape in shapes.items()}
    arrays |= {f"{layer}/bias": np.zeros(64, np.float32) for layer in shapes}
    np.savez(tmp_path / "paper.npz", **arrays)
    np.savez(
        tmp_path / "keras.npz",
        **{name.replace("conv1_", "block1_conv"): array for name, array in arrays.items()},
    )
    images = rng.uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)
    banks = [
        Application(network="VGG19", layers=("block1_conv2",), weights=str(tmp_path / f"{name}.npz"))
        for name in ("paper", "keras")
    ]
    first, second = (bank(images)["block1_conv2"] for bank in banks)
    np.testing.assert_array_equal(first, second)
    assert banks[0].fingerprint() == banks[1].fingerprint() != RandomPyramid().fingerprint()


def test_vgg_gives_what_comes_before_a_rectifier(vgg19_file, tmp_path, rng):
    source = keras.applications.VGG19(weights=None, include_top=False)
    source.load_weights(vgg19_file)
    np.savez(tmp_path / "vgg.npz", **{weight.path: weight.numpy() for weight in source.weights})
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    bank = Application(network="VGG19", layers=("conv4_4", "block4_conv4"), weights=str(vgg19_file))
    alone = Application(network="VGG19", layers=("conv4_4",), weights=str(tmp_path / "vgg.npz"))
    images = rng.uniform(-1, 1, (1, 48, 32, 3)).astype(np.float32)
    before, after = bank(images).values()
    assert before.shape == (1, 6, 4, 512)
    assert before.dtype == tf.float32
    assert 0.1 < np.mean(before.numpy() < 0) < 0.9
    np.testing.assert_array_equal(np.maximum(before, 0), after)
    np.testing.assert_array_equal(alone(images)["conv4_4"], before)
    assert alone.fingerprint() == bank.fingerprint()


def test_features_stay_in_float32_under_mixed_precision(vgg19_file):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    bank = Application(network="VGG19", layers=("block1_conv1",), weights=str(vgg19_file))
    assert bank(tf.zeros((1, 16, 16, 3)))["block1_conv1"].dtype == tf.float32
    assert keras.config.dtype_policy().name == "mixed_bfloat16"


def test_mistakes_say_what_is_known(vgg19_file, tmp_path):
    with pytest.raises(UserError, match=r"no keras.applications.VGG18; known: .*VGG19"):
        Application(network="VGG18", layers=("a",))
    with pytest.raises(UserError, match=r"VGG19 has no layer 'conv9'; it has: .*block1_conv1"):
        Application(network="VGG19", layers=("conv9",), weights=str(vgg19_file))
    with pytest.raises(UserError, match="there is no file"):
        Application(network="VGG19", layers=("block1_conv1",), weights=str(tmp_path / "nowhere.h5"))
    (tmp_path / "junk.npz").write_bytes(b"junk")
    with pytest.raises(UserError, match="these are no weights of VGG19"):
        Application(network="VGG19", layers=("block1_conv1",), weights=str(tmp_path / "junk.npz"))
    np.savez(tmp_path / "wrong.npz", **{"block1_conv1/kernel": np.zeros((1, 1, 3, 64))})
    with pytest.raises(UserError, match=r"has shape \(1, 1, 3, 64\)"):
        Application(network="VGG19", layers=("block1_conv1",), weights=str(tmp_path / "wrong.npz"))


def test_without_network_or_file_both_ways_out_are_told(monkeypatch, tmp_path):
    def no_network(*args, **kwargs):
        raise OSError("URL fetch failure: no route to host")

    module = find_application("VGG19")[0]
    monkeypatch.setattr(keras.src.applications.vgg19.file_utils, "get_file", no_network)
    with pytest.raises(UserError) as caught:
        Application(network="VGG19", layers=("block1_conv1",))
    assert "could not be downloaded" in str(caught.value)
    assert "give its path as 'weights'" in str(caught.value)
    assert module is keras.applications.vgg19


def test_choices_build_banks():
    from pydantic import TypeAdapter

    choice = TypeAdapter(FeatureChoice).validate_json(
        '{"kind": "random_pyramid", "levels": 1, "kernels": [3], "filters": 2}'
    )
    assert choice()(tf.zeros((1, 16, 16, 3)))["level0"].shape == (1, 16, 16, 2)
