"""A gradient of 16 bits does not band when it is painted, and what is grey may stay grey."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from PIL import Image

import gan_style
from gan_style.cli.main import main
from gan_style.inference import painting
from gan_style.inference.painting import paint
from gan_style.inference.sheets import side_by_side
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.images import Picture
from tests.inference.test_sampling import Translator
from tests.methods.test_methods import method_of

# Of 8 bits there are 256.
MANY = 4 * 256


def gradient(height: int = 40, width: int = 3000) -> np.ndarray:
    """(H, W, 3); every level of a row is another one."""
    level = np.linspace(3000, 62000, width)
    row = np.stack([level, level[::-1], level / 2 + 9000], -1).round().astype(np.uint16)
    return np.repeat(row[None], height, axis=0)


def levels(pixels: np.ndarray) -> int:
    """Of the channel that has the fewest."""
    assert pixels.dtype == np.uint16
    return min(len(np.unique(channel)) for channel in np.moveaxis(pixels, -1, 0))


class Same(Translator):
    def translate(self, pictures, request):
        return pictures


class Darker(Translator):
    def translate(self, pictures, request):
        return pictures * 0.9 - 0.1


def test_what_is_not_changed_comes_back_exactly():
    pixels = gradient()
    np.testing.assert_array_equal(paint(Same(), Picture(pixels), 3000, Request(), 8).pixels, pixels)


@pytest.mark.parametrize("size", [3000, 700])
@pytest.mark.parametrize("strength", [None, 0.5])
def test_a_gradient_does_not_band(size, strength):
    painted = paint(Darker(), Picture(gradient()), size, Request(strength=strength))
    painted = paint(Darker(), painted, size, Request(strength=strength))  # as in a cascade
    assert levels(painted.pixels) > MANY
    eight = Picture(images.eight_bits(gradient()))
    for _ in range(2):
        eight = paint(Darker(), eight, size, Request(strength=strength))
    assert eight.pixels.dtype == np.uint8
    assert np.abs(painted.pixels / 257 - eight.pixels).max() < 3


def test_uncovered_places_stay_as_they_are_to_the_last_bit():
    mask = np.zeros((40, 3000), np.float32)
    mask[:, :1500] = 1
    painted = paint(Darker(), Picture(gradient()), 3000, Request(masks={"1": mask})).pixels
    np.testing.assert_array_equal(painted[:, 1500:], gradient()[:, 1500:])
    assert levels(painted[:, :1400]) > MANY


def test_tiles_have_sixteen_bits(tmp_path):
    method = method_of("cut", tmp_path)
    pixels = gradient(64, 2000)
    memory = painting.STANDING + 2 * pixels.nbytes + 500 * 64 * method.tiling().bytes_a_pixel
    painted = paint(method, Picture(pixels), 2000, Request(), memory=memory).pixels
    assert levels(painted) > MANY
    eight = paint(method, Picture(images.eight_bits(pixels)), 2000, Request(), memory=memory).pixels
    assert np.abs(painted / 257 - eight).mean() < 1


def test_a_sheet_has_eight():
    pixels = gradient(300, 400)
    sheet = side_by_side([(pixels, pixels)])
    np.testing.assert_array_equal(sheet[32:224, 0], images.eight_bits(images.resize(pixels, 192, 256))[:, 0])


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A gradient as PNG, with alpha, as TIFF, and in greys of 16 and 8 bits."""
    folder = tmp_path / "in"
    pixels = gradient(64)
    images.write(folder / "colour.png", Picture(pixels))
    images.write(folder / "alpha.png", Picture(pixels, pixels[..., 1], orientation=6))
    tifffile.imwrite(folder / "colour.tif", pixels, photometric="rgb")
    tifffile.imwrite(folder / "grey.tif", pixels[..., 0], photometric="minisblack")
    Image.fromarray(pixels[..., 0]).save(folder / "deepgrey.png")
    Image.fromarray(images.eight_bits(pixels[..., 0])).save(folder / "flatgrey.jpg")
    return folder


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.usefixtures("loaded_once")
def test_from_file_to_file(run, deep, tmp_path, grey):
    output = tmp_path / "out"
    chosen = ["sample", str(run.folder), "--input", str(deep), "--output", str(output), "--size", "full"]
    told = CliRunner().invoke(main, chosen + ["--grey"] * grey, catch_exceptions=False)
    assert told.exit_code == 0, told.output
    files = [path for path in output.iterdir() if path.suffix in images.SUFFIXES and path.stem != "sheet"]
    painted = {path.name: images.read(path, as_stored=True) for path in files}
    kept = ("grey.tif", "deepgrey.png", "flatgrey.jpg")
    for name, picture in painted.items():
        assert picture.grey == (grey and name in kept), name
        assert name == "flatgrey.jpg" or levels(picture.pixels) > MANY, name
    assert len(painted) == 6
    assert painted["alpha.png"].orientation == 6
    np.testing.assert_array_equal(painted["alpha.png"].alpha, gradient(64)[..., 1])


def test_pictures_of_a_list_too(run, deep, tmp_path):
    (tmp_path / "list.txt").write_text(f"{deep}/colour.tif\n{tmp_path}/some.tar\n")
    with tarfile.open(tmp_path / "some.tar", "w") as tar:
        tar.add(deep / "deepgrey.png", "grey.png")
    output = tmp_path / "out"
    chosen = ["--manifest", str(tmp_path / "list.txt"), "--output", str(output), "--shards", "1"]
    told = CliRunner().invoke(main, ["sample", str(run.folder), *chosen, "--grey"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    (tif,), (tar,) = output.rglob("*.tif"), output.rglob("*.tar")
    assert levels(images.read(tif, as_stored=True).pixels) > MANY
    with tarfile.open(tar) as members:
        content = members.extractfile("grey.png").read()
    with Image.open(io.BytesIO(content)) as grey:
        assert grey.mode == "I;16"
        assert len(np.unique(np.asarray(grey))) > MANY


@pytest.mark.usefixtures("loaded_once")
def test_from_python(run, deep):
    painter = gan_style.load(run.folder)
    pixels = gradient(64, 1100)
    painted = painter(pixels, size=1100)
    assert painted.shape == pixels.shape
    assert levels(painted) > MANY
    grey = painter(pixels[..., 0], size=1100, grey=True)
    assert grey.shape == pixels.shape[:2]
    assert levels(grey[..., None]) > MANY
    assert painter(pixels[..., 0], size=1100).shape == pixels.shape
    one = painter(Image.fromarray(images.eight_bits(pixels[..., 0])), grey=True)
    assert (one.mode, one.size) == ("L", (1100, 64))
    assert painter(deep / "colour.tif").mode == "RGB"
    assert painter(deep / "grey.tif", grey=True).mode == "L"
