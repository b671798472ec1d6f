"""Strokes to scale: as broad as was asked for, as sharp as they were learned."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scipy import ndimage
from skimage import data

import gan_style
from gan_style.cli.main import main
from gan_style.inference import strokes
from gan_style.inference.painting import MEMORY, checked, paint, painted_at_its_size
from gan_style.inference.strokes import sharpened, steps
from gan_style.methods import Request
from gan_style.methods.gatys import Gatys
from gan_style.methods.inversion import Inversion
from gan_style.system import images, profiles
from gan_style.system.errors import UserError
from gan_style.system.images import Picture
from tests.methods.test_methods import method_of


@pytest.fixture(scope="module")
def painter(run):
    return gan_style.load(run.folder)


@pytest.fixture(scope="module")
def oil():
    return gan_style.load("included/oil")


@pytest.fixture
def photograph(rng) -> np.ndarray:
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8))
    return np.asarray(coarse.resize((200, 160), Image.Resampling.BICUBIC))


def correlation_length(picture: np.ndarray) -> float:
    """Pixels over which the correlation of grey values falls to a half."""
    grey = picture - picture.mean()
    spectrum = np.abs(np.fft.fft2(grey)) ** 2
    correlation = np.fft.ifft2(spectrum).real
    falling = (correlation[0] + correlation[:, 0]) / (2 * correlation[0, 0])
    after = int(np.argmax(falling < 0.5))
    return after - (0.5 - falling[after]) / (falling[after - 1] - falling[after])


def steepness(picture: np.ndarray) -> float:
    """Of the steepest hundredth of its pixels: how sharp edges are."""
    return float(np.percentile(np.hypot(*np.gradient(picture)), 99))


def test_sizes_at_most_double_from_the_smallest_to_the_whole():
    assert steps(1) == [1.0]
    assert steps(8) == pytest.approx([1 / 8, 1 / 4, 1 / 2, 1])
    assert steps(3) == pytest.approx([1 / 3, 3**-0.5, 1])
    assert steps(1.1) == pytest.approx([1 / 1.1, 1])


def test_scale_one_changes_nothing(painter, photograph):
    expected = paint(painter.method, Picture(photograph), 160, Request(seed=3)).pixels
    np.testing.assert_array_equal(painter(photograph, seed=3, size=160, stroke_scale=1), expected)
    assert not np.array_equal(painter(photograph, seed=3, size=160, stroke_scale=2), expected)


def test_strokes_are_as_broad_as_asked_and_their_edges_sharp(oil):
    soft = np.random.default_rng(0).integers(60, 200, (4, 4, 3), np.uint8)
    photograph = images.resize(soft, 384, 384)  # what differs from it are strokes

    def grey(pixels: np.ndarray) -> np.ndarray:
        return pixels.mean(-1)

    paintings = {scale: grey(oil(photograph, size=384, stroke_scale=scale)) for scale in (1, 2, 4)}
    lengths = {scale: correlation_length(one - grey(photograph)) for scale, one in paintings.items()}
    print(lengths, {scale: steepness(one) for scale, one in paintings.items()})
    for scale in (2, 4):
        assert 0.7 * scale < lengths[scale] / lengths[1] < 1.3 * scale
        small = oil(images.resize(photograph, 384 // scale, 384 // scale))
        enlarged = grey(images.resize(small, 384, 384))
        assert steepness(paintings[scale]) > 0.75 * steepness(paintings[1])
        assert steepness(paintings[scale]) > 1.15 * steepness(enlarged)
        # Seen as a whole it is what the small painting is.
        blurred = [ndimage.gaussian_filter(one, 8) for one in (paintings[scale], enlarged)]
        assert np.abs(blurred[0] - blurred[1]).mean() < 1.5
    assert steepness(paintings[4]) > 1.6 * steepness(enlarged)


def test_a_painting_is_shown_without_fresh_dabs(oil):
    """Or broad strokes are broken into narrow ones."""
    painting = images.resize(oil(data.astronaut()[:128, 128:256]), 256, 256)
    as_painting, as_photograph = (
        painted_at_its_size(oil.method, painting, Request(painting=how), 0, MEMORY, lambda act: act())
        for how in (True, False)
    )
    changes = [np.abs(one.astype(int) - painting).mean() for one in (as_painting, as_photograph)]
    assert changes[0] < 0.6 * changes[1]


def test_colours_of_a_painting_stay_where_they_were(rng, monkeypatch):
    coarse = rng.integers(60, 190, (9, 11, 3), np.uint8)
    enlarged = images.resize(coarse, 90, 110)
    lighter = np.clip(enlarged.astype(int) + 30, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(sharpened(enlarged, lighter), enlarged)
    noise = rng.integers(0, 256, enlarged.shape, np.uint8)
    bounded = sharpened(enlarged, noise)
    assert (bounded >= ndimage.minimum_filter(enlarged, (3, 3, 1), mode="nearest")).all()
    assert (bounded <= ndimage.maximum_filter(enlarged, (3, 3, 1), mode="nearest")).all()
    monkeypatch.setattr(profiles, "STRIP_VALUES", 7 * 110 * 3)  # seven rows at once
    np.testing.assert_array_equal(sharpened(enlarged, noise), bounded)
    deep = sharpened(enlarged.astype(np.uint16) * 257, noise.astype(np.uint16) * 257)
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - bounded).max() <= 1


def test_without_strength_the_photograph_comes_back(photograph):
    class Identity:
        def is_finished(self, picture):
            return False

        def translate(self, pictures, request):
            return pictures

    asked = Request(strength=0.0, stroke_scale=2.0)
    painted = paint(Identity(), Picture(photograph), 200, asked).pixels
    assert np.abs(painted.astype(int) - photograph).max() <= 3  # of 255: enlarged twice, rounded each time


def test_masked_parts_alone_are_painted(tmp_path, photograph):
    method = method_of("multistyle", tmp_path)
    mask = np.zeros(photograph.shape[:2], np.float32)
    mask[:, :100] = 1
    asked = Request(masks={method.styles[0]: mask}, stroke_scale=2.0)
    painted = paint(method, Picture(photograph), 200, asked).pixels
    np.testing.assert_array_equal(painted[:, 100:], photograph[:, 100:])
    assert not np.array_equal(painted[:, :90], photograph[:, :90])


def test_what_is_too_large_is_refused_with_the_largest(painter, photograph):
    with pytest.raises(
        UserError, match=r"stroke_scale 4: of a picture painted at 200 pixels it is at most 3.1"
    ):
        painter(photograph, stroke_scale=4)
    with pytest.raises(UserError, match=r"stroke_scale 4: .*at 128 pixels it is at most 2$"):
        painter(photograph, stroke_scale=4, size=128)
    for wrong in (0.5, float("nan"), float("inf")):
        with pytest.raises(UserError, match="expected a number from 1 on"):
            painter(photograph, stroke_scale=wrong)


def test_what_lays_no_strokes_refuses(tmp_path):
    with pytest.raises(UserError, match="does not understand 'stroke_scale'"):
        checked(method_of("inverse_decoder", tmp_path), [Request(stroke_scale=2.0)], 512)
    for searching in (Gatys, Inversion):
        assert "stroke_scale" not in searching.understands


def test_the_command_line_paints_as_python_does(run, painter, photograph, tmp_path):
    Image.fromarray(photograph).save(tmp_path / "photo.png")
    words = ["sample", str(run.folder), "--output", str(tmp_path / "out"), "--size", "full"]
    words += ["--stroke-scale", "2.5"]
    done = CliRunner().invoke(main, [*words, "--input", str(tmp_path / "photo.png")])
    assert done.exit_code == 0, done.output
    expected = painter(photograph, stroke_scale=2.5)
    np.testing.assert_array_equal(images.read(tmp_path / "out" / "photo.png").pixels, expected)


def test_shards_paint_so_and_do_not_go_on_otherwise(run, painter, photograph, tmp_path):
    Image.fromarray(photograph).save(tmp_path / "photo.png")
    (tmp_path / "list").write_text(f"{tmp_path / 'photo.png'}\n")
    words = [
        "sample",
        str(run.folder),
        "--manifest",
        str(tmp_path / "list"),
        "--output",
        str(tmp_path / "out"),
    ]
    assert CliRunner().invoke(main, [*words, "--stroke-scale", "2", "--dry-run"]).exit_code == 0
    assert CliRunner().invoke(main, [*words, "--stroke-scale", "2"]).exit_code == 0
    (found,) = (tmp_path / "out").rglob("photo.png")
    np.testing.assert_array_equal(images.read(found).pixels, painter(photograph, stroke_scale=2))
    other = CliRunner().invoke(main, [*words, "--stroke-scale", "3"])
    assert other.exit_code != 0
    assert "stroke_scale" in other.output


def test_the_smallest_painting_has_room(painter, photograph):
    longer = max(photograph.shape)
    assert painter(photograph, stroke_scale=longer / strokes.SMALLEST_PAINTING).shape == photograph.shape
