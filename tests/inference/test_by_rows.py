"""Large pictures painted by rows: the same as in tiles held in memory."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.inference import by_rows, sampling, tiles
from gan_style.inference.tiles import Canvas, painted_rows, up
from gan_style.methods import Request
from gan_style.methods.base.tiling import Tiling
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.rows import source
from tests.inference.test_tiles import DABS, NOISE, smooth
from tests.methods.test_methods import method_of

SIDES = 420, 260


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch):
    monkeypatch.setattr(source, "AT_ONCE", 50 * SIDES[1])
    monkeypatch.setattr(tiles, "COPY", 64 * 64)


def stored(path: Path) -> Path:
    Image.fromarray(smooth(*SIDES)).save(path)
    return path


@pytest.mark.parametrize(("kind", "options"), [("gan", [DABS, NOISE]), ("adain", [])])
def test_rows_are_painted_as_the_same_tiles_in_memory(kind, options, tmp_path):
    method = method_of(kind, tmp_path, *options)
    styles = ((images.to_signed(smooth(64, 64, 1)), 1.0),)
    request = Request(style_images=styles) if kind == "adain" else Request(seed=3)
    path, tiling, margin = stored(tmp_path / "a.png"), method.tiling(), 8
    room = (tiles.least_side(tiling) + 96) ** 2
    sides = [up(side + 2 * margin, tiling.multiple) for side in SIDES]
    how = ({}, request, tiling, room, lambda act: act())
    held = np.concatenate([*painted_rows(method, Canvas(images.read(path).pixels, margin, *sides), *how)])
    with source.by_rows(path, 0) as rows:
        parts = list(painted_rows(method, Canvas(rows, margin, *sides), *how))
    assert len(parts) > 2
    np.testing.assert_array_equal(np.concatenate(parts), held)
    assert np.ptp(held) > 20


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        (200, [Request(seed=0)]),
        (1000, [Request(seed=0), Request(seed=0)]),
        (1000, [Request(stroke_scale=2.0)]),
        (1000, [Request(masks={"oil": np.ones(SIDES, np.float32)})]),
    ],
)
def test_what_needs_the_whole_picture_is_not_painted_by_rows(size, requests, tmp_path):
    painted = sampling.Painted(None, requests, size, 0, 2**31, False, lambda act: act())
    with source.by_rows(stored(tmp_path / "a.png"), 0) as rows:
        assert painted.by_rows(rows) is None


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
