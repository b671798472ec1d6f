"""From a unit back to the pixels: transposes, switches, receptive fields; the sheets of `gan-style units`."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.analysis.units import Response, peaks, side, stride, view
from gan_style.analysis.unpooling import (
    Convolve,
    Pool,
    Rectify,
    back,
    forward,
    project,
    receptive,
    vgg19_stack,
)
from gan_style.cli.main import main
from gan_style.features.vgg19_normalised import NormalisedVGG19
from tests.evaluation.stand_ins import write

SHAPES = {
    "preprocess": (1, 1, 3, 3),
    "conv1_1": (3, 3, 3, 64),
    "conv1_2": (3, 3, 64, 64),
    "conv2_1": (3, 3, 64, 128),
}
SHAPES |= {"conv2_2": (3, 3, 128, 128), "conv3_1": (3, 3, 128, 256)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    shapes = {
        f"{name}/{part}": shape
        for name, kernel in SHAPES.items()
        for part, shape in (("kernel", kernel), ("bias", kernel[3:]))
    }
    return write(tmp_path_factory.mktemp("vgg19") / "stand_in.npz", shapes)


@pytest.fixture(scope="module")
def stack(weights):
    return vgg19_stack(NormalisedVGG19(weights=weights, layers=("relu2_1",)))


@pytest.fixture
def linear(rng):
    """Convolutions alone: of 5, 1 and 3 pixels."""
    shapes = [(5, 5, 3, 4), (1, 1, 4, 6), (3, 3, 6, 5)]
    return [
        Convolve(rng.normal(size=shape).astype(np.float32), np.zeros(shape[-1], np.float32))
        for shape in shapes
    ]


def test_without_rectifiers_and_pools_the_projection_is_the_transpose(linear, rng):
    x, y = rng.normal(size=(2, 9, 7, 3)).astype(np.float32), rng.normal(size=(2, 9, 7, 5)).astype(np.float32)
    there, memory = forward(linear, x)
    assert there.shape == y.shape
    assert np.sum(there * y) == pytest.approx(np.sum(x * back(linear, y, memory)), rel=1e-4)


def test_a_projection_is_a_column_of_the_transposed_matrix(linear, rng):
    pixels = np.eye(5 * 4 * 3, dtype=np.float32).reshape(-1, 5, 4, 3)
    column = forward(linear, pixels)[0][
        :, 4, 0, 2
    ]  # of the matrix: what every pixel does to one unit in a corner
    x = rng.normal(size=(5, 4, 3)).astype(np.float32)
    activation = forward(linear, x[None])[0][0, 4, 0, 2]
    np.testing.assert_allclose(
        project(linear, x, (4, 0), 2), activation * column.reshape(5, 4, 3), rtol=1e-3, atol=1e-3
    )


def test_unpooling_keeps_exactly_the_maxima(rng):
    x = rng.normal(size=(2, 7, 6, 3))
    pooled, switches = Pool().forward(x)
    kept = Pool().back(pooled, switches)
    assert kept.shape == x.shape
    for n, down, right, channel in np.ndindex(*pooled.shape):
        window = x[n, 2 * down : 2 * down + 2, 2 * right : 2 * right + 2, channel]
        assert pooled[n, down, right, channel] == window.max()
        expected = np.where(window == window.max(), window, 0)
        np.testing.assert_array_equal(
            kept[n, 2 * down : 2 * down + 2, 2 * right : 2 * right + 2, channel], expected
        )
    assert (kept[:, 6] == 0).all()
    level = np.ones((1, 4, 4, 1))
    assert Pool().back(*Pool().forward(level)).sum() == 4  # of equals one is kept


def test_what_comes_back_is_rectified_not_what_went_there():
    y, kept = Rectify().forward(np.array([-1.0, 2, 3]))
    np.testing.assert_array_equal(y, [0, 2, 3])
    np.testing.assert_array_equal(Rectify().back(np.array([5.0, -1, 4]), kept), [5, 0, 4])


def test_the_stack_is_the_network(weights, stack, rng):
    pictures = rng.uniform(-1, 1, (1, 15, 18, 3)).astype(np.float32)
    expected = NormalisedVGG19(weights=weights, layers=("relu2_1",))(pictures)["relu2_1"]
    np.testing.assert_allclose(forward(stack, (pictures + 1) / 2)[0], expected, rtol=1e-4, atol=1e-4)


def test_a_unit_depends_on_its_receptive_field_and_on_all_of_it(stack, rng):
    x = rng.uniform(0, 1, (24, 24, 3)).astype(np.float32)
    assert receptive(stack, 5) == (6, 16)
    assert (side(stack), stride(stack)) == (10, 2)
    before = forward(stack, x[None])[0][0, 5, 5]
    for row, matters in ((5, False), (6, True), (15, True), (16, False)):
        other = x.copy()
        other[row] = rng.uniform(0, 1, (24, 3))
        assert (forward(stack, other[None])[0][0, 5, 5] != before).any() == matters


@pytest.mark.parametrize("place", [(0, 0), (5, 4), (9, 0), (3, 11)])
def test_the_receptive_field_alone_gives_the_projection_of_the_whole_picture(place, weights, rng):
    stack = vgg19_stack(NormalisedVGG19(weights=weights, layers=("relu3_1",)))
    picture = rng.integers(0, 256, (42, 48, 3), np.uint8)
    x = picture.astype(np.float32) / 255
    unit = int(forward(stack, x[None])[0][0, *place].argmax())
    whole = project(stack, x, place, unit)
    patch, shown = (tile.astype(int) for tile in view(stack, Response(1.0, None, picture, place), unit))
    assert patch.shape == shown.shape == (72, 72, 3)  # of 24 pixels, enlarged to three times
    (top, _), (left, _) = windows = [receptive(stack, at) for at in place]
    for down, right in np.ndindex(24, 24):
        y, x = top + down, left + right
        if 0 <= y < 42 and 0 <= x < 48:
            np.testing.assert_array_equal(patch[down * 3 + 1, right * 3 + 1], picture[y, x])
            expected = np.round(127.5 + 127.5 * whole[y, x] / np.abs(whole).max())
            assert np.abs(shown[down * 3 + 1, right * 3 + 1] - expected).max() <= 1
        else:
            assert (patch[down * 3 + 1, right * 3 + 1] == 255).all()
    outside = np.ones((42, 48), bool)
    outside[tuple(slice(max(0, first), end) for first, end in windows)] = False
    assert (whole[outside] == 0).all()


def test_peaks_come_from_the_highest_down_and_apart():
    responses = np.zeros((8, 9))
    responses[2, 3], responses[3, 4], responses[7, 8], responses[0, 0] = 5, 4, 3, -1
    assert list(peaks(responses, apart=1)) == [(5.0, (2, 3)), (3.0, (7, 8))]
    assert len(list(peaks(responses, apart=0))) == 3


def invoke(*arguments):
    return CliRunner().invoke(main, ["units", *map(str, arguments)])


@pytest.fixture
def edge_detector(tmp_path):
    """A network whose unit 7 of relu1_1 sees brightness rise from left to right; unit 8 sees nothing."""
    kernel = np.zeros((3, 3, 3, 64), np.float32)
    kernel[:, 0, :, 7], kernel[:, 2, :, 7] = -1, 1
    arrays = {
        "preprocess/kernel": np.eye(3, dtype=np.float32)[None, None],
        "preprocess/bias": np.zeros(3, np.float32),
    }
    np.savez(
        tmp_path / "edges.npz",
        **arrays,
        **{"conv1_1/kernel": kernel, "conv1_1/bias": np.zeros(64, np.float32)},
    )
    return tmp_path / "edges.npz"


def test_a_sheet_shows_what_excites_a_unit(edge_detector, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    plain, edge = np.full((40, 50, 3), 90, np.uint8), np.full((40, 50, 3), 10, np.uint8)
    edge[10, 30:] = 250  # one bright line that begins at 30
    Image.fromarray(plain).save(folder / "a.png")
    Image.fromarray(edge).save(folder / "b.png")
    (folder / "c.png").write_bytes(b"junk")
    told = invoke(
        "--weights",
        edge_detector,
        "--layer",
        "relu1_1",
        "--units",
        "8, 7",
        "--input",
        folder,
        "--output",
        tmp_path / "out",
    )
    assert told.exit_code == 0, told.output
    assert "c.png: not a picture" in told.stderr
    assert "unit 8 of relu1_1 responds to nothing" in told.stderr
    assert f"unit 7: most, 2.82, to {folder / 'b.png'} at pixel" in told.stdout
    sheet = np.asarray(Image.open(tmp_path / "out" / "relu1_1.png")).astype(int)
    tile = sheet[24 + 72 + 4 :, :72]
    assert (tile[:, 6] == 0).all()  # the projection: dark on the left, bright on the right, nothing between
    assert (tile[:, 66] == 255).all()
    assert (np.abs(tile[:, 36] - 127.5) <= 1).all()


def test_mistakes_are_one_message(edge_detector, tmp_path):
    photo = tmp_path / "photo.png"
    Image.new("RGB", (30, 30), "red").save(photo)
    (tmp_path / "junk.png").write_bytes(b"junk")
    for arguments, expected in (
        (["--units", "64"], "--units 64: '64' is none of the 64 units of relu1_1, 0 to 63"),
        (["--units", "1,-2"], "'-2' is none of"),
        (["--units", "1", "--layer", "relu9_1"], "no layer 'relu9_1'; it has: relu1_1,"),
        (["--units", "1", "--layer", "relu1_2"], "no array 'conv1_2/kernel'"),
        (["--units", "1"], "none of these units responds"),
        (["--units", "1", "--input", tmp_path / "nowhere"], "nowhere: there is no such file"),
    ):
        told = invoke("--weights", edge_detector, "--layer", "relu1_1", "--input", photo, *arguments)
        assert told.exit_code == 2, told.output
        assert expected in told.stderr
    told = invoke(
        "--weights", edge_detector, "--layer", "relu1_1", "--units", "1", "--input", tmp_path / "junk.png"
    )
    assert told.exit_code == 2
    assert "none of the pictures can be used" in told.stderr
