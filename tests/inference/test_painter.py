"""From Python: pictures of any kind in, painted ones of that kind out, as `gan-style sample` paints them."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import gan_style
from gan_style.inference.painting import paint
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.errors import UserError


@pytest.fixture(scope="module")
def painter(run):
    return gan_style.load(run.folder)


@pytest.fixture
def photograph(rng) -> np.ndarray:
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8))
    return np.asarray(coarse.resize((61, 37), Image.Resampling.BICUBIC))


def test_arrays_images_and_files_are_painted_alike(painter, photograph, tmp_path):
    expected = paint(painter.method, images.Picture(photograph), 512, Request(seed=3)).pixels
    Image.fromarray(photograph).save(tmp_path / "photo.png")
    array = painter(photograph, seed=3)
    assert isinstance(array, np.ndarray)
    np.testing.assert_array_equal(array, expected)
    image, file = painter([Image.fromarray(photograph), tmp_path / "photo.png"], seed=3)
    for one in (image, file):
        assert isinstance(one, Image.Image)
        np.testing.assert_array_equal(np.asarray(one), expected)


def test_alpha_and_greys(painter, photograph):
    see_through = Image.fromarray(photograph)
    see_through.putalpha(Image.fromarray(photograph[..., 0]))
    painted = painter(see_through)
    assert painted.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(painted)[..., 3], photograph[..., 0])
    grey = photograph[..., 0]
    np.testing.assert_array_equal(painter(grey), painter(np.repeat(grey[..., None], 3, axis=-1)))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.zeros((4, 4, 3), np.float32), r"array \(4, 4, 3\) of float32; expected a PIL image, an array"),
        (np.zeros((4, 4, 5), np.uint8), r"array \(4, 4, 5\) of uint8"),
        (7, "this is int; expected"),
        ("nowhere.png", "nowhere.png: there is no such file"),
    ],
)
def test_what_is_no_picture_is_named(painter, given, told):
    with pytest.raises(UserError, match=told):
        painter(given)


def test_what_a_method_does_not_understand_is_refused(painter, photograph):
    with pytest.raises(UserError, match="does not understand 'style_images'"):
        painter(photograph, style_image=photograph)


def test_nothing_heavy_is_imported_before():
    heavy = "[name for name in ('tensorflow', 'keras', 'numpy', 'PIL') if name in sys.modules]"
    told = subprocess.check_output(
        [sys.executable, "-c", f"import sys, gan_style; print({heavy})"], text=True
    )
    assert told.strip() == "[]"
