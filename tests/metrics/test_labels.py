"""Label agreement: on scores written by hand, and through a small network with random weights."""

import keras
import numpy as np
import pytest

from gan_style.metrics.labels import Classifier, top1, top5
from gan_style.system.errors import UserError

SIZES, TOPS = ((224, 224), (224, 224), (40, 61)), (256, 100, 256)  # of pictures, and their brightness


@pytest.fixture(scope="module")
def mobilenet():
    """Random kernels that keep activations of order one (He et al. 2015): scores tell pictures apart."""
    rng, network = np.random.default_rng(0), keras.applications.MobileNet(weights=None)
    for layer in network.layers:
        one_each = isinstance(layer, keras.layers.DepthwiseConv2D)
        layer.set_weights([he(rng, array, one_each) for array in layer.get_weights()])
    return network


def he(rng, array, one_each):
    """A kernel (height, width, in, out); other arrays as they are."""
    fan_in = np.prod(array.shape[: 2 if one_each else 3])
    return rng.normal(0, np.sqrt(2 / fan_in), array.shape) if array.ndim == 4 else array


@pytest.fixture(scope="module")
def folder(mobilenet, tmp_path_factory):
    """Weights of the network with its classes and without them, and those of another one."""
    folder = tmp_path_factory.mktemp("classifiers")
    mobilenet.save_weights(folder / "whole.weights.h5")
    keras.Model(mobilenet.input, mobilenet.layers[-5].output).save_weights(folder / "features.weights.h5")
    other = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(32, 3), keras.layers.Dense(1000)])
    other.save_weights(folder / "other.weights.h5")
    return folder


@pytest.fixture
def classifier(folder):
    return Classifier("MobileNet", str(folder / "whole.weights.h5"))


def test_a_label_agrees_if_the_photographs_first_is_among_the_paintings_first():
    source = np.eye(8)[[3, 3, 3, 3]]  # label 3 on all photographs
    fake = np.array(
        [
            [0, 1, 2, 9, 3, 4, 5, 6],  # first
            [0, 1, 2, 5, 6, 7, 8, 9],  # fifth
            [0, 1, 2, 4, 5, 6, 7, 8],  # fifth again, of eight
            [9, 8, 7, 3, 6, 5, 1, 0],  # sixth
        ]
    )
    assert top1(fake, source).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert top5(fake, source).tolist() == [1.0, 1.0, 1.0, 0.0]
    assert top1(source, source).tolist() == [1.0] * 4


def test_scores_that_are_all_the_same_agree_with_one_label_only():
    blank = np.full((8, 8), 0.125)
    assert top1(blank, np.eye(8)).sum() == 1
    assert top5(blank, np.eye(8)).sum() == 5


def test_a_classifier_sees_pictures_as_its_network_was_trained_to(classifier, mobilenet, rng, monkeypatch):
    monkeypatch.setattr("gan_style.metrics.labels.BATCH", 2)
    pictures = [rng.integers(0, top, (*size, 3), np.uint8) for top, size in zip(TOPS, SIZES, strict=True)]
    scores = classifier(pictures)
    assert (scores.shape, scores.dtype) == ((3, 1000), np.float32)
    pixels = np.stack(pictures[:2]).astype(np.float32)
    expected = mobilenet(keras.applications.mobilenet.preprocess_input(pixels), training=False)
    np.testing.assert_allclose(scores[:2], expected, rtol=1e-4, atol=1e-7)
    assert not np.allclose(scores[0], scores[1], rtol=0.1)
    assert top1(scores, scores).all()
    assert top5(scores, scores).all()


def test_a_classifier_computes_in_float32_under_mixed_precision(folder):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    classifier = Classifier("MobileNet", str(folder / "whole.weights.h5"))
    assert {layer.compute_dtype for layer in classifier.model.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "mixed_bfloat16"


def test_scores_that_are_no_numbers_are_refused(classifier):
    last = classifier.model.get_layer("conv_preds")
    last.set_weights([weight * np.nan for weight in last.get_weights()])
    with pytest.raises(UserError, match="MobileNet: some scores of the classifier are not finite"):
        classifier([np.zeros((32, 32, 3), np.uint8)])


@pytest.mark.parametrize(
    ("network", "file", "message"),
    [
        ("MobileNet", "other.weights.h5", "other.weights.h5: these are no weights of MobileNet with its"),
        ("MobileNet", "features.weights.h5", "features.weights.h5: these are no weights of MobileNet with"),
        ("MobileNet", "nowhere.h5", "there is no file .*nowhere.h5; the weights of MobileNet are a local"),
        ("MobileNot", "whole.weights.h5", "there is no keras.applications.MobileNot; known: .*MobileNet"),
    ],
)
def test_mistakes_are_named_in_one_sentence(folder, network, file, message, recwarn):
    with pytest.raises(UserError, match=message) as caught:
        Classifier(network, str(folder / file))
    assert "\n" not in str(caught.value)
    assert not [warning for warning in recwarn if "load" in str(warning.message)]
