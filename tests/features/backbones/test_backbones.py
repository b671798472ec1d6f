"""Backbones with weights: forward passes against Keras, files or clear errors; what trained is refused."""

import keras
import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from gan_style.features.applications import Application
from gan_style.features.backbones import BackboneChoice, refuse_training_features
from gan_style.features.backbones.inception_v3 import InceptionV3
from gan_style.features.backbones.mobilenet_v2 import MobileNetV2
from gan_style.features.backbones.resizing import RESIZER, resized
from gan_style.features.backbones.squeezenet import SqueezeNet
from gan_style.features.backbones.vgg19 import VGG19, NormalisedVGG19
from gan_style.features.backbones.wavelets import Wavelets
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.system.errors import UserError
from tests.evaluation.stand_ins import SHARED, needs_shared, squeezenet_shapes, write

CONVOLUTIONS = {
    "conv1_1": (3, 64),
    "conv1_2": (64, 64),
    "conv2_1": (64, 128),
    "conv2_2": (128, 128),
    "conv3_1": (128, 256),
}
CAFFE_MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # BGR


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(3).uniform(-1, 1, (2, 70, 90, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def vgg19_files(tmp_path_factory):
    """Caffe's layout, and the same network with activations scaled by channel and preprocessing inside."""
    folder = tmp_path_factory.mktemp("vgg19")
    rng = np.random.default_rng(4)
    caffe, normalised, before = {}, {}, np.ones(3, np.float32)
    for name, (inputs, outputs) in CONVOLUTIONS.items():
        kernel = rng.normal(0, np.sqrt(2 / 9 / inputs), (3, 3, inputs, outputs)).astype(np.float32)
        bias, after = (
            rng.normal(0, 1, outputs).astype(np.float32),
            rng.uniform(0.01, 0.1, outputs).astype(np.float32),
        )
        caffe |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
        normalised |= {f"{name}/kernel": kernel / before[:, None] * after, f"{name}/bias": bias * after}
        before = after
    normalised |= {
        "preprocess/kernel": 255 * np.eye(3, dtype=np.float32)[None, None, ::-1],
        "preprocess/bias": -CAFFE_MEAN,
    }
    np.savez(folder / "caffe.npz", **caffe)
    np.savez(folder / "normalised.npz", **normalised)
    return str(folder / "caffe.npz"), str(folder / "normalised.npz"), before


@pytest.fixture(scope="module")
def mobilenet_files(tmp_path_factory):
    """Keras' own file, and one with the batch norms folded by hand."""
    folder = tmp_path_factory.mktemp("mobilenet")
    network = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(None, None, 3))
    rng = np.random.default_rng(5)
    folded, waiting = {}, None
    for layer in network.layers:
        name = (
            layer.name.replace("expanded_conv", "block_0")
            .replace("Conv1", "conv0")
            .replace("Conv_1", "convlast")
        )
        name = name.replace("block_", "block").replace("_", "/").removesuffix("/BN")
        if isinstance(layer, keras.layers.BatchNormalization):
            count = layer.gamma.shape[0]
            gamma, beta = rng.uniform(0.5, 1.5, count), rng.normal(0, 0.5, count)
            mean, variance = rng.normal(0, 0.1, count), rng.uniform(0.5, 1.5, count)
            layer.set_weights([gamma, beta, mean, variance])
            scale = gamma / np.sqrt(variance + layer.epsilon)
            kernel = waiting[1] * (scale[:, None] if "depthwise" in waiting[0] else scale)
            folded[f"{waiting[0]}/kernel"], folded[f"{waiting[0]}/bias"] = (
                kernel.astype(np.float32),
                (beta - mean * scale).astype(np.float32),
            )
        elif layer.weights:
            kernel = layer.get_weights()[0] * 2
            layer.set_weights([kernel])
            waiting = name, kernel
    network.save_weights(folder / "keras.weights.h5")
    np.savez(folder / "folded.npz", **folded)
    return str(folder / "keras.weights.h5"), str(folder / "folded.npz")


def test_folded_mobilenet_is_the_same_network(mobilenet_files, pictures):
    plain, folded = (MobileNetV2(weights=file) for file in mobilenet_files)
    np.testing.assert_allclose(folded.embed(pictures), plain.embed(pictures), rtol=1e-3, atol=1e-4)
    assert folded.embed(pictures).shape == (2, 1280)
    ((name, texture),) = folded(pictures).items()
    assert texture.shape == (2, 28, 28, 192)
    np.testing.assert_allclose(texture, plain(pictures)[name], rtol=1e-3, atol=1e-4)


def test_inception_is_pooled_at_299(tmp_path, pictures):
    pictures = pictures[:1]
    network = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(None, None, 3))
    network.save_weights(tmp_path / "inception.weights.h5")
    backbone = InceptionV3(weights=str(tmp_path / "inception.weights.h5"))
    expected = keras.ops.mean(network(resized(pictures, 299)), axis=(1, 2))
    np.testing.assert_allclose(backbone.embed(pictures), expected, rtol=1e-3, atol=1e-5)
    assert backbone.described() == {
        "kind": "inception_v3",
        "name": backbone.name,
        "sha256": backbone.fingerprint(),
        "side": 299,
        "resizer": RESIZER,
    }
    assert "Keras" in backbone.name


def test_normalised_vgg_differs_from_keras_by_scale_and_at_the_edges_only(vgg19_files, pictures):
    plain, normalised = (
        VGG19(weights=vgg19_files[0])(pictures),
        NormalisedVGG19(weights=vgg19_files[1])(pictures),
    )
    (first,), (second,) = plain.values(), normalised.values()
    np.testing.assert_allclose(
        second[:, 4:-4, 4:-4], first[:, 4:-4, 4:-4] * vgg19_files[2], rtol=1e-3, atol=1e-3
    )
    assert np.abs(second - first * vgg19_files[2])[:, 0].max() > 0.1


def test_moments_of_the_maps_are_the_vectors(tmp_path, pictures):
    backbone = SqueezeNet(weights=write(tmp_path / "squeezenet.npz", squeezenet_shapes()))
    features = np.asarray(backbone(pictures)["fire3"], np.float64)
    assert features.shape[-1] == 128
    np.testing.assert_allclose(
        backbone.embed(pictures),
        np.log1p(np.concatenate([features.mean((1, 2)), features.std((1, 2))], -1)),
        rtol=1e-4,
    )


def test_resizing_averages_and_keeps_what_is_smooth():
    stripes = np.tile(np.array([1, -1], np.float32), 256)[None, None, :, None] * np.ones(
        (1, 512, 1, 3), np.float32
    )
    assert np.abs(resized(stripes, 224)[:, :, 2:-2]).max() < 0.02
    ramp = np.linspace(-0.9, 0.9, 512, dtype=np.float32)[None, :, None, None] * np.ones(
        (1, 1, 300, 3), np.float32
    )
    np.testing.assert_allclose(
        resized(ramp, 224)[0, 4:-4, 7, 1],
        np.interp((np.arange(224) + 0.5) * 512 / 224 - 0.5, np.arange(512), ramp[0, :, 0, 0])[4:-4],
        atol=1e-5,
    )
    assert np.abs(resized(np.sign(ramp), 224)).max() <= 1


def test_backbones_are_chosen_in_a_recipe(tmp_path):
    adapter = TypeAdapter(BackboneChoice)
    assert isinstance(adapter.validate_json('{"kind": "wavelets"}')(), Wavelets)
    file = write(tmp_path / "squeezenet.npz", squeezenet_shapes())
    assert isinstance(adapter.validate_python({"kind": "squeezenet", "weights": file})(), SqueezeNet)
    with pytest.raises(ValidationError, match="weights"):
        adapter.validate_python({"kind": "vgg19_normalised"})


@pytest.mark.parametrize("backbone", [SqueezeNet, NormalisedVGG19, MobileNetV2])
def test_bad_files_are_named(backbone, tmp_path):
    with pytest.raises(UserError, match=r"there is no file .*nowhere\.npz"):
        backbone(weights=str(tmp_path / "nowhere.npz"))
    for content in (b"junk", b"", b"PK\x03\x04 torn"):
        (tmp_path / "junk.npz").write_bytes(content)
        with pytest.raises(UserError, match=r"junk\.npz: this is no readable \.npz"):
            backbone(weights=str(tmp_path / "junk.npz"))
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UserError, match=r"single\.npz: this is no readable \.npz"):
        backbone(weights=str(tmp_path / "single.npz"))


def test_bad_arrays_are_named(tmp_path):
    shapes = squeezenet_shapes()
    file = tmp_path / "broken.npz"
    for name, array, problem in (
        (
            "features.9.squeeze.weight",
            np.zeros((48, 256, 3, 3), np.float32),
            r"has shape \(48, 256, 3, 3\), \(48, 256, 1, 1\) was expected",
        ),
        ("features.0.bias", np.full(64, np.nan, np.float32), "finite"),
        ("features.0.bias", np.zeros(64, np.int32), "int32"),
        ("features.0.bias", np.array([None] * 64), "no readable"),
    ):
        write(file, shapes)
        np.savez(file, **{**np.load(file), name: array})
        with pytest.raises(UserError, match=rf"broken\.npz: .*{problem}") as caught:
            SqueezeNet(weights=str(file))
        assert "readable" in problem or name in str(caught.value)


def test_what_trained_never_measures(vgg19_files, mobilenet_files, tmp_path):
    caffe, normalised, _ = vgg19_files
    trained = [
        RandomPyramid(),
        Application(network="VGG19", layers=("block1_conv1", "block2_conv1"), weights=caffe),
    ]
    for backbone in (VGG19(weights=caffe), NormalisedVGG19(weights=normalised)):
        with pytest.raises(
            UserError, match=r"the backbone VGG19 relu3_1 .* was trained with \(Application\).*'wavelets'"
        ):
            refuse_training_features(backbone, trained)
    with pytest.raises(UserError, match="wavelets v1 is the network"):
        refuse_training_features(Wavelets(), [Wavelets()])
    with pytest.raises(UserError, match="MobileNetV2"):
        refuse_training_features(
            MobileNetV2(weights=mobilenet_files[1]), [MobileNetV2(weights=mobilenet_files[0])]
        )
    refuse_training_features(Wavelets(), trained)
    # Another training of the same network may measure.
    squeezenets = [
        SqueezeNet(weights=write(tmp_path / f"{seed}.npz", squeezenet_shapes(), seed)) for seed in (0, 1)
    ]
    refuse_training_features(squeezenets[0], [squeezenets[1], *trained])


@needs_shared
def test_the_real_mobilenet_knows_a_photograph_again():
    from skimage import data

    backbone = MobileNetV2(
        weights=str(SHARED / "mobilenet_v2/mobilenet_v2_1.0_224_features_bnfolded_fp16.npz")
    )
    photos = [
        picture[: 8 * 30, 40 : 40 + 8 * 30, :3]
        for picture in (data.astronaut(), data.chelsea(), data.coffee(), data.rocket())
    ]
    signed = np.stack(photos).astype(np.float32) / 127.5 - 1
    first, second = (
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for vectors in (backbone.embed(signed), backbone.embed(signed[:, 12:-12, :-24][:, :, ::-1]))
    )
    likeness = first @ second.T
    assert (likeness.argmax(1) == np.arange(4)).all()
    assert np.diag(likeness).min() > 0.7 > np.max(likeness - 9 * np.eye(4)) + 0.1


@needs_shared
def test_normalised_activations_have_mean_one():
    from skimage import data

    backbone = NormalisedVGG19(weights=str(SHARED / "vgg19_normalised/vgg19_normalised_relu3_1.npz"))
    photos = (
        np.stack(
            [picture[:256, :256, :3] for picture in (data.astronaut(), data.chelsea(), data.coffee())]
        ).astype(np.float32)
        / 127.5
        - 1
    )
    assert np.mean(backbone(photos)["relu3_1"]) == pytest.approx(1, abs=0.25)
