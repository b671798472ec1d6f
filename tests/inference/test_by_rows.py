"""Large pictures painted by rows: the same as in tiles held in memory, and nothing is left half written."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from gan_style.inference import by_rows, painting, sampling, tiles
from gan_style.inference.painting import STANDING
from gan_style.inference.tiles import Canvas, paint_in_tiles, painted_rows, up
from gan_style.methods import Request
from gan_style.methods.base.tiling import Tiling
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.rows import source
from gan_style.system.rows.files import Stored, png
from tests.inference.test_going_on import PLAIN, Stopped, files
from tests.inference.test_tiles import DABS, NOISE, smooth
from tests.methods.test_methods import method_of

SIDES = 420, 260
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GAN = [DABS, NOISE]
MEMORY = 3 * STANDING


@pytest.fixture(autouse=True)
def everything_by_rows(monkeypatch):
    monkeypatch.setattr(sampling, "SHARE", 10**12)
    monkeypatch.setattr(source, "AT_ONCE", 50 * SIDES[1])
    monkeypatch.setattr(tiles, "COPY", 64 * 64)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(by_rows, "side_of_tiles", lambda tiling, *_: tiles.least_side(tiling) + 96)


def stored(path: Path, kind: str) -> Path:
    colours = smooth(*SIDES)
    deep = colours.astype(np.uint16) * 256 + np.arange(SIDES[1], dtype=np.uint16)[:, None]
    alpha = np.repeat(np.linspace(0, 255, SIDES[1]).astype(np.uint8)[None], SIDES[0], 0)
    match kind:
        case "deep":
            cv2.imwrite(str(path), np.dstack([deep, alpha.astype(np.uint16) * 257]))
        case "grey":
            Image.fromarray(deep[..., 0]).save(path)
        case "clear":
            Image.fromarray(np.dstack([colours, alpha])).save(path, icc_profile=SRGB)
        case _:
            Image.fromarray(colours).save(path)
    return path


@pytest.mark.parametrize(("kind", "options"), [("gan", GAN), ("adain", [])])
def test_rows_are_painted_as_the_same_tiles_in_memory(kind, options, tmp_path):
    method = method_of(kind, tmp_path, *options)
    styles = ((images.to_signed(smooth(64, 64, 1)), 1.0),)
    request = Request(style_images=styles) if kind == "adain" else Request(seed=3)
    path, tiling, margin = stored(tmp_path / "a.png", "deep"), method.tiling(), 8
    room = (tiles.least_side(tiling) + 96) ** 2
    sides = [up(side + 2 * margin, tiling.multiple) for side in SIDES]
    how = ({}, request, tiling, room, lambda act: act())
    pixels = images.read(path, as_stored=True).pixels
    held = paint_in_tiles(method, Canvas(pixels, margin, *sides), *how)
    with source.by_rows(path, 0) as rows:
        parts = list(painted_rows(method, Canvas(rows, margin, *sides), *how))
    assert len(parts) > 2
    np.testing.assert_array_equal(np.concatenate(parts), held)
    assert np.ptp(held) > 20


@pytest.mark.parametrize(
    ("kind", "name"), [("deep", "a.png"), ("clear", "a.tif"), ("grey", "b.tif"), ("", "c.png")]
)
@pytest.mark.usefixtures("small_tiles")
def test_what_is_stored_is_what_is_stored_otherwise(kind, name, run, tmp_path, monkeypatch):
    file, asked = stored(tmp_path / name, kind), ([PLAIN], "last", False, None, MEMORY, kind == "grey")
    # In memory, in tiles of the same size.
    monkeypatch.setattr(painting, "SURELY_FITTING", 0)
    assert sampling.sample(run, [file], tmp_path / "rows", 1000, *asked) == 0
    painted = images.read(tmp_path / "rows" / name, as_stored=True)
    monkeypatch.setattr(sampling, "by_rows", lambda *_: None)
    pixels = images.read(file, as_stored=True).pixels
    fitting_tiles(monkeypatch, pixels)
    assert sampling.sample(run, [file], tmp_path / "whole", 1000, *asked) == 0
    whole = images.read(tmp_path / "whole" / name, as_stored=True)
    assert np.abs(painted.pixels.astype(int) - whole.pixels).max() <= (
        1 if painted.pixels.dtype == np.uint8 else 257
    )
    assert painted.pixels.dtype == whole.pixels.dtype
    for mine, other in (
        (painted.alpha, whole.alpha),
        (painted.grey, whole.grey),
        (painted.profile, whole.profile),
    ):
        np.testing.assert_array_equal(mine, other)
    assert files(tmp_path / "rows")["sheet.png"] is not None


def fitting_tiles(monkeypatch, pixels: np.ndarray) -> None:
    """The whole picture has just the memory for tiles as small."""
    known = sampling.Painted.__call__

    def call(self, picture):
        tiling: Tiling = painting.tiling_of(self.method)
        room = (tiles.least_side(tiling) + 96) ** 2 * tiling.bytes_a_pixel
        object.__setattr__(self, "memory", STANDING + 2 * pixels.nbytes + room)
        return known(self, picture)

    monkeypatch.setattr(sampling.Painted, "__call__", call)


@pytest.mark.usefixtures("small_tiles")
def test_a_call_that_is_stopped_in_a_picture_leaves_nothing_of_it(run, tmp_path, monkeypatch):
    file, output = stored(tmp_path / "a.png", ""), tmp_path / "out"
    asked = (run, [file], output, 1000, [PLAIN])
    paint, painted = tiles.Tiler.paint, []

    def stopped(self, part, *given):
        painted.append(part)
        if len(painted) == 6:
            assert list(output.glob(".a.png.partial")), "and it had begun to be stored"
            raise Stopped
        return paint(self, part, *given)

    with monkeypatch.context() as patched:
        patched.setattr(tiles.Tiler, "paint", stopped)
        with pytest.raises(Stopped):
            sampling.sample(*asked)
    assert not [path for path in output.iterdir() if "a.png" in path.name]
    assert sampling.sample(*asked) == 0
    first = files(output)
    monkeypatch.setattr(sampling, "load_method", None)
    assert sampling.sample(*asked) == 0, "nothing is painted again"
    assert files(output) == first


@pytest.mark.usefixtures("small_tiles")
def test_a_picture_that_is_damaged_in_the_middle_is_named_and_the_others_are_painted(run, tmp_path, capsys):
    good, bad, output = stored(tmp_path / "good.png", ""), tmp_path / "bad.png", tmp_path / "out"
    with bad.open("wb") as file:
        png(file, Stored(*SIDES, 3, 8), [np.random.default_rng(0).integers(0, 256, (*SIDES, 3), np.uint8)])
    content = bytearray(bad.read_bytes())
    content[len(content) // 2] ^= 1
    bad.write_bytes(content)
    assert sampling.sample(run, [bad, good], output, 1000, [PLAIN]) == 2
    told = capsys.readouterr().err
    assert told.count("bad.png") == 1
    assert "1 of 2 pictures could not be painted" in told
    assert sorted(files(output)) == ["good.png", "sheet.png"]


def test_what_needs_the_whole_picture_is_painted_at_once(run, tmp_path, monkeypatch):
    file = stored(tmp_path / "a.png", "")
    monkeypatch.setattr(tiles, "painted_rows", None)
    for number, (size, requests) in enumerate(
        [(200, [PLAIN]), (1000, [PLAIN, PLAIN]), (1000, [Request(seed=0, stroke_scale=2.0)])]
    ):
        assert sampling.sample(run, [file], tmp_path / str(number), size, requests) == 0
        assert images.read(tmp_path / str(number) / "a.png").pixels.shape == (*SIDES, 3)


def test_tiles_get_smaller_with_the_width_until_none_fits(run):
    tiling = Tiling(multiple=4, input_reach=8, network_reach=8, bytes_a_pixel=1000)

    class Wide:
        dtype, decoding = np.dtype(np.uint8), 10**6

        def __init__(self, width: int) -> None:
            self.shape = 1000, width, 3

    def side(width: int) -> int:
        return by_rows.side_of_tiles(tiling, Wide(width), 2**28)

    found = [side(width) for width in (1000, 10_000, 100_000)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 2
    for width, one in zip((1000, 10_000, 100_000), found, strict=True):
        needed = 1000 * one**2 + width * (8 * (one + 2 * 16) + 3 * one) + 10**6
        assert 0.98 * 2**28 < needed <= 2**28
    with pytest.raises(UserError, match=r"--memory: .* 0\.\d GiB more are needed"):
        side(1_000_000)
