"""The published layers below relu3_1, with stand-in weights: no real ones that reach so far were at hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.methods import Request
from gan_style.optim.player import compiled
from gan_style.training.build import build_method
from tests.evaluation.stand_ins import write
from tests.methods.small_methods import SMALL_RESNET
from tests.methods.test_methods import moved, smooth_batch, state

GATYS_STYLE = "[relu1_1, relu2_1, relu3_1, relu4_1, relu5_1]"
pytestmark = pytest.mark.slow  # VGG19 to its fifth block, a minute of one core
JOHNSON_STYLE = "[block1_conv2, block2_conv2, block3_conv3, block4_conv3]"


def vgg_shapes(blocks):
    """Of a VGG whose blocks have so many convolutions, to the first one of the fifth block."""
    shapes, inputs = {"preprocess/kernel": (1, 1, 3, 3), "preprocess/bias": (3,)}, 3
    for block, (count, channels) in enumerate(zip(blocks, (64, 128, 256, 512, 512), strict=True), start=1):
        for place in range(1, count + 1):
            layer = f"conv{block}_{place}"
            shapes |= {f"{layer}/kernel": (3, 3, inputs, channels), f"{layer}/bias": (channels,)}
            inputs = channels
    return shapes


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory) -> str:
    return write(tmp_path_factory.mktemp("vgg19") / "vgg19.npz", vgg_shapes((2, 2, 4, 4, 1)))


@pytest.fixture(scope="module")
def vgg16(tmp_path_factory) -> str:
    return write(tmp_path_factory.mktemp("vgg16") / "vgg16.npz", vgg_shapes((2, 2, 3, 3, 0)))


def method_of(tmp_path, data, method):
    path = tmp_path / "recipe.yaml"
    path.write_text(f"data: {data}\nmethod: {method}\ntrain: {{steps: 4, threads: 2, precision: float32}}\n")
    keras.utils.set_random_seed(0)
    return build_method(load(path, Experiment).config, seed=0)


def folders(crop=32):
    return f"{{kind: folders, source: a, target: b, crop: {crop}, batch: 2}}"


def test_adain_at_relu4_1(vgg19, tmp_path):
    layers = "[relu1_1, relu2_1, relu3_1, relu4_1]"
    encoder = f"{{kind: vgg19_normalised, weights: {vgg19}, layers: {layers}}}"
    method = method_of(tmp_path, folders(), f"{{kind: adain, encoder: {encoder}}}")
    assert method.decoder.input_shape[-1] == 512
    before = state(method)
    terms = method.step(smooth_batch())["decoder"]
    assert all(np.isfinite(float(value)) for value in terms.values())
    assert moved(before, state(method)) == {"decoder"}
    style = np.random.default_rng(0).uniform(-1, 1, (50, 64, 3)).astype(np.float32)
    painted = method.translate(tf.zeros((1, 70, 65, 3)), Request(style_images=((style, 1.0),)))
    assert painted.shape == (1, 70, 65, 3)


def test_gatys_with_content_at_relu4_2_and_style_to_relu5_1(vgg19, tmp_path, pictures):
    folder = pictures("pictures", 2)
    seen = "[relu1_1, relu2_1, relu3_1, relu4_1, relu4_2, relu5_1]"
    features = f"{{kind: vgg19_normalised, weights: {vgg19}, layers: {seen}}}"
    layers = f"content_layers: [relu4_2], style_layers: {GATYS_STYLE}, weights: {{content: 1, style: 1}}"
    start = "initial_image: noise, optimizer: {kind: adam}"
    method = method_of(
        tmp_path,
        f"{{kind: fixed, content: {folder / '00.png'}, size: 48, styles: {{a: {folder / '01.png'}}}}}",
        f"{{kind: gatys, gram: gatys, features: {features}, {layers}, {start}}}",
    )
    method.aim()
    assert list(method.steps[-1].args[1].targets.layer_weights) == GATYS_STYLE.strip("[]").split(", ")
    step = compiled(method.step_at(0))
    totals = [float(step(None)["image"]["total"]) for _ in range(4)]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] < totals[0]


def test_feedforward_with_johnsons_layers_of_vgg16(vgg16, tmp_path):
    banks = [
        f"{{kind: application, network: VGG16, layers: {layers}, weights: {vgg16}}}"
        for layers in (JOHNSON_STYLE, "[block3_conv3]")
    ]
    method = method_of(
        tmp_path,
        folders(),
        f"{{kind: feedforward, generator: {SMALL_RESNET}, gram: johnson, weights: {{style: 1, content: 1}}, "
        f"style_features: {banks[0]}, content_features: {banks[1]}}}",
    )
    before = state(method)
    terms = method.step(smooth_batch())["generator"]
    assert {"style", "content"} <= terms.keys()
    assert all(np.isfinite(float(value)) for value in terms.values())
    assert moved(before, state(method)) == {"generator"}


def test_the_reverse_vgg_to_relu5_1(vgg19, tmp_path):
    encoder = f"{{kind: vgg19_normalised, weights: {vgg19}, layers: [relu4_2, relu5_1]}}"
    method = method_of(tmp_path, folders(), f"{{kind: inverse_decoder, encoder: {encoder}}}")
    terms = method.step(smooth_batch())["decoders"]
    assert {"relu4_2", "relu5_1"} <= terms.keys()
    assert {
        layer: again.shape for layer, again in method.reconstructions(tf.zeros((1, 33, 48, 3))).items()
    } == {
        "relu4_2": (1, 33, 48, 3),
        "relu5_1": (1, 33, 48, 3),
    }
