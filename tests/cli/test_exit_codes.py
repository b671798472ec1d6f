"""Wrong style images, masks, weights and layers, as their users meet them: exit code 2 and one message."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from tests.evaluation.stand_ins import write
from tests.methods.small_methods import ONE_PICTURE, recipe
from tests.small import by_hand


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pictures of 48x40 pixels, a mask of another size, no picture at all, weights of another shape."""
    folder = tmp_path_factory.mktemp("mistakes")
    rng = np.random.default_rng(0)
    for name in ("photos", "paintings"):
        (folder / name).mkdir()
        for index in range(4):
            Image.fromarray(rng.integers(0, 256, (40, 48, 3), np.uint8)).save(folder / name / f"{index}.png")
    Image.fromarray(np.full((7, 9), 255, np.uint8)).save(folder / "small.png")
    (folder / "broken.png").write_bytes(b"no picture")
    write(
        folder / "wrong.npz",
        {"preprocess/kernel": (1, 1, 3, 3), "preprocess/bias": (3,), "conv1_1/kernel": (3, 3, 3, 32)},
    )
    return folder


def train(folder, method, *overrides):
    places = (
        folder / name / "0.png" if method in ONE_PICTURE else folder / name
        for name in ("photos", "paintings")
    )
    (folder / f"{method}.yaml").write_text(recipe(method, *places))
    arguments = [
        "train",
        str(folder / f"{method}.yaml"),
        "train.steps=1",
        *overrides,
        "--runs",
        str(folder / "runs"),
    ]
    return CliRunner().invoke(main, arguments)


@pytest.fixture(scope="module")
def trained(folder):
    with by_hand():
        for method in ("adain", "gatys"):
            assert train(folder, method).exit_code == 0
    return folder


def refused(result, expected):
    assert result.exit_code == 2, result.output
    assert expected in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("method", ["adain", "gatys"])
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--style-image", "HERE/nowhere.png"], "nowhere.png: there is no such file"),
        (["--style-image", "HERE/broken.png"], "broken.png: not a picture"),
        (["--style-image", "HERE/photos/1.png=-1"], "style images: weights must not be negative"),
        (
            ["--style-image", "HERE/photos/1.png", "--mask", "1=HERE/small.png"],
            "the mask of '1' has 9x7 pixels, the picture 48x40",
        ),
        (
            ["--style-image", "HERE/photos/1.png", "--mask", "1=HERE/nowhere.png"],
            "nowhere.png: there is no such file",
        ),
        (
            ["--style-image", "HERE/photos/1.png", "--mask", "2=HERE/photos/2.png"],
            "mask '2': expected the number of a style image, 1 to 1",
        ),
        (["--style", "oil"], "style"),
    ],
)
def test_painting(method, arguments, expected, trained):
    given = [argument.replace("HERE", str(trained)) for argument in arguments]
    command = [
        "sample",
        method,
        "--runs",
        str(trained / "runs"),
        "--input",
        str(trained / "photos/0.png"),
        *given,
    ]
    refused(CliRunner().invoke(main, command), expected)


def test_adain_without_a_style_image(trained):
    command = ["sample", "adain", "--runs", str(trained / "runs"), "--input", str(trained / "photos/0.png")]
    refused(CliRunner().invoke(main, command), "name one, or several, with --style-image")


@pytest.mark.parametrize(
    ("method", "bank"), [("adain", "encoder"), ("gatys", "features"), ("feedforward", "style_features")]
)
@pytest.mark.parametrize(
    ("weights", "layers", "expected"),
    [
        ("wrong.npz", "[relu1_1]", "'conv1_1/kernel' has shape (3, 3, 3, 32), (3, 3, 3, 64) was expected"),
        ("nowhere.npz", "[relu1_1]", "nowhere.npz"),
        ("photos/0.png", "[relu1_1]", "this is no readable .npz file"),
        ("wrong.npz", "[relu9_1]", "has no layer 'relu9_1'; it has: relu1_1"),
    ],
)
def test_frozen_features(method, bank, weights, layers, expected, folder):
    block = f"{{kind: vgg19_normalised, weights: {folder / weights}, layers: {layers}}}"
    refused(train(folder, method, f"method.{bank}={block}"), expected)


@pytest.mark.parametrize(
    ("method", "override", "expected"),
    [
        ("gatys", "method.style_layers=[relu9_1]", "no layer 'relu9_1' at this size; they have: level0"),
        ("inversion", "method.layer=relu9_1", "no layer 'relu9_1' at this size; they have: level0"),
        ("gatys", "data.styles={a: nowhere.png}", "data.styles.a: nowhere.png: there is no such file"),
        ("gatys", "data.content=nowhere.png", "data.content: nowhere.png: there is no such file"),
    ],
)
def test_one_picture(method, override, expected, folder):
    refused(train(folder, method, override), expected)
