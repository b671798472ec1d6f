"""Every method gives any picture back at its size, orientation and alpha, unmasked pixels as they were."""

import keras
import numpy as np
import pytest
from PIL import Image

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.inference import painting
from gan_style.methods import Request
from gan_style.system import images
from gan_style.training.build import build_method
from tests.inference.test_sampling import inputs
from tests.methods.small_methods import ONE_PICTURE, recipe

pytestmark = pytest.mark.usefixtures("untraced")

FEED_FORWARD = ("feedforward", "deconvnet", "adain", "inverse_decoder")


@pytest.fixture
def method(kind, tmp_path, pictures):
    """Untrained, and told to take few steps where it works on one picture."""
    places = "photos", "paintings"
    if kind in ONE_PICTURE:
        places = tuple(pictures(name, 1) / "00.png" for name in places)
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe(kind, *places))
    keras.utils.set_random_seed(0)
    return build_method(load(path, Experiment, ("train.steps=2",)).config, seed=0)


def request_of(method, style, mask):
    """A style image where one is needed, a mask where it is understood: by style name or image number."""
    return Request(
        style_images=method.default_request(0, style_image=style).style_images,
        masks={method.styles[0] if method.styles else "1": mask} if can_be_masked(method) else None,
    )


def can_be_masked(method) -> bool:
    return "masks" in method.understands and bool(
        method.styles or method.default_request(0, style_image=0).style_images
    )


@pytest.mark.parametrize("kind", [*FEED_FORWARD, *ONE_PICTURE])
def test_every_kind_of_picture_comes_back_as_it_was(method, tmp_path, rng):
    style = rng.uniform(-1, 1, (40, 30, 3)).astype(np.float32)
    for path in sorted(inputs(tmp_path / "in").iterdir()):
        picture = images.read(path)
        mask = np.zeros(picture.pixels.shape[:2], np.float32)
        mask[:, : mask.shape[1] // 2] = 1
        painted = painting.paint(method, picture, 64, request_of(method, style, mask))
        written = images.write(tmp_path / path.name, painted)
        with Image.open(path) as before, Image.open(written) as after:
            assert (after.size, after.format) == (before.size, before.format), path.name
            assert after.getexif().get(images.ORIENTATION) == before.getexif().get(images.ORIENTATION)
            if path.stem == "alpha":
                np.testing.assert_array_equal(np.asarray(after)[..., 3], np.asarray(before)[..., 3])
        assert path.stem == "tiny" or not np.array_equal(painted.pixels, picture.pixels), path.name
        if can_be_masked(method):
            np.testing.assert_array_equal(painted.pixels[mask == 0], picture.pixels[mask == 0])


@pytest.mark.parametrize("kind", ["adain"])
def test_style_images_may_be_of_any_kind_too(method, tmp_path):
    from gan_style.inference.requests import style_images

    photo = np.linspace(-1, 1, 64 * 50 * 3, dtype=np.float32).reshape(1, 64, 50, 3)
    for path in sorted(inputs(tmp_path / "in").iterdir()):
        shown = painting.at_working_size(style_images([str(path)]), 64)
        assert np.isfinite(np.asarray(method.translate(photo, Request(style_images=shown)))).all(), path.name
