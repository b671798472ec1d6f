"""Pictures of any size in tiles: nobody can tell where one ends."""

from dataclasses import replace
from itertools import combinations
from threading import Thread

import numpy as np
import pytest
from click.testing import CliRunner
from keras import ops

from gan_style.cli.main import main
from gan_style.inference import painting, tiles
from gan_style.inference.painting import paint
from gan_style.inference.tiles import Canvas, Part, collected, painted_rows, tiles_along, up
from gan_style.methods import Request
from gan_style.methods.base.tiling import WholePicture, of_whole
from gan_style.networks.layers import statistics
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.images import Picture
from gan_style.system.places import Places
from tests.methods.test_methods import method_of

DABS = "method.generator_input={dabs: {widths: [4, 2]}, input_blur: 1}"
U_NET = "method.generator={kind: unet, filters: 2, depth: 7}"  # deep: its pixels depend on all others
NOISE = "method.generator.noise_channels=2"
RANDOM = ["gan", "cartoon", "feedforward", "deconvnet", "multistyle", "cyclegan", "cut", "fastcut"]
OPTIONS = {
    "gan": [DABS, NOISE],
    "cartoon": ["method.generator_input={edge_lines: 20, abstraction: {radius: 2}}"],
    "feedforward": ["method.generator_input={stroke_noise: 0.1}"],
    "deconvnet": [DABS],
}


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 11, 3), np.uint8)
    return images.resize(coarse, height, width)


class Remembered(WholePicture):
    """The last one that was made."""

    last: "Remembered"

    def __init__(self) -> None:
        super().__init__()
        Remembered.last = self


def both_ways(method, request: Request, monkeypatch, masks=None, size=(200, 248), margin: int = 8):
    """A picture in tiles, and at once with the same statistics."""
    monkeypatch.setattr(tiles, "WholePicture", Remembered)
    tiling = method.tiling()
    sides = [up(side + 2 * margin, tiling.multiple) for side in size]
    canvas = Canvas(smooth(*size), margin, *sides)
    cuts = {name: replace(canvas, pixels=mask) for name, mask in (masks or {}).items()}
    halo = up(tiling.network_reach, tiling.multiple)
    pixels = (2 * halo + 4 * tiling.multiple + 40) ** 2
    rows = painted_rows(method, canvas, cuts, request, tiling, pixels, lambda act: act())
    found = collected(rows, canvas.pixels)
    everything = Part(0, 0, *sides)
    if cuts:
        request = replace(request, masks={name: cut.cut(everything)[None] for name, cut in cuts.items()})
    with of_whole(Remembered.last):
        given = ops.convert_to_tensor(images.to_signed(canvas.cut(everything)[None]))
        whole = images.to_bytes(ops.convert_to_numpy(method.translate(given, request))[0])
    count = len(
        list(
            tiles_along(
                sides[0], int(pixels**0.5) // tiling.multiple * tiling.multiple, halo, tiling.multiple
            )
        )
    )
    assert count > 1
    return found.astype(int), whole[margin : margin + size[0], margin : margin + size[1]].astype(int)


@pytest.mark.parametrize(
    "kind", ["gan", *(pytest.param(kind, marks=pytest.mark.slow) for kind in RANDOM if kind != "gan")]
)
def test_tiles_are_the_whole_picture(kind, tmp_path, monkeypatch):
    method = method_of(kind, tmp_path, *OPTIONS.get(kind, []))
    found, whole = both_ways(method, method.default_request(3), monkeypatch)
    assert np.ptp(whole) > 20
    assert np.abs(found - whole).max() <= 1


def test_tiles_of_a_painting_are_the_whole_painted_again(tmp_path, monkeypatch):
    method = method_of("gan", tmp_path, *OPTIONS["gan"])
    found, whole = both_ways(method, Request(seed=3, painting=True), monkeypatch)
    assert np.abs(found - whole).max() <= 1
    photograph, _ = both_ways(method, Request(seed=3), monkeypatch)
    assert np.abs(found - photograph).max() > 1


def test_any_style_in_regions_is_the_whole_picture(tmp_path, monkeypatch):
    method = method_of("adain", tmp_path)
    styles = tuple((images.to_signed(smooth(64, 64, seed)), 1.0) for seed in (1, 2))
    request = Request(style_images=styles, strength=0.7)
    left = np.repeat(np.linspace(1, 0, 248, dtype=np.float32)[None], 200, axis=0)
    found, whole = both_ways(method, request, monkeypatch, {"1": left, "2": 1 - left})
    assert np.abs(found - whole).max() <= 1
    # And the moments that were summed over the tiles are the whole's own.
    found, _ = both_ways(method, replace(request, strength=None), monkeypatch, margin=0)
    picture = Picture(smooth(200, 248))
    own = paint(method, picture, 248, replace(request, strength=None)).pixels.astype(int)
    assert np.abs(found - own).max() <= 2


def test_the_smaller_copy_says_what_the_whole_picture_has(tmp_path, monkeypatch):
    method = method_of("gan", tmp_path)
    found, _ = both_ways(method, Request(seed=0), monkeypatch, margin=0)
    own = paint(method, Picture(smooth(200, 248)), 248, Request(seed=0)).pixels.astype(int)
    assert np.abs(found - own).mean() < 5  # a copy of a third of the width


def test_a_tile_has_its_own_place_in_the_random_numbers():
    whole = Places(np.array([[7, 0, 0, 0]])).normal((1, 60, 70, 3)).numpy()
    tile = Places(np.array([[7, 0, 20, 30]])).normal((1, 25, 17, 3)).numpy()
    np.testing.assert_allclose(whole[:, 20:45, 30:47], tile, atol=1e-6)  # logarithms round
    assert abs(whole.mean()) < 0.05
    assert abs(whole.std() - 1) < 0.05
    neighbours = (whole[:, 1:] * whole[:, :-1]).mean(), (whole[:, :, 1:] * whole[:, :, :-1]).mean()
    assert np.abs(neighbours).max() < 0.05
    cells = Places(np.array([[7, 0, 0, 0]]))
    coarse, fine = cells.of_cells(4), cells.of_cells(2)
    drawn = [
        one.normal((1, 30, 30, 2)).numpy() for one in (cells, coarse.around(0), fine, coarse, fine.around(0))
    ]
    assert all(abs((a * b).mean()) < 0.1 for a, b in combinations(drawn, 2)), "nothing is drawn twice"
    others = [Places(np.array([row])).normal((1, 60, 70, 3)).numpy() for row in ([8, 0, 0, 0], [7, 1, 0, 0])]
    assert all(abs((whole * other).mean()) < 0.05 for other in others)


@pytest.mark.parametrize("length", [64, 100, 101, 300, 1000])
def test_tiles_along_a_side_cover_it_once(length):
    most, halo = 96, 16
    found = list(tiles_along(up(length, 4), most, halo, 4))
    kept = [place for one in found for place in range(one.first + one.kept, one.first + one.kept + one.keeps)]
    assert kept == list(range(up(length, 4)))
    assert {one.count for one in found} == {found[0].count}
    assert all(one.count <= most + 3 and one.first % 4 == 0 for one in found)
    for one in found[1:]:
        assert one.kept >= halo
    for one in found[:-1]:
        assert one.count - one.kept - one.keeps >= halo


def test_a_strip_of_four_rows_is_painted_in_tiles(tmp_path):
    method = method_of("cut", tmp_path)
    tiling = method.tiling()
    strip = np.concatenate([smooth(4, 2500)] * 2, axis=1)
    memory = painting.STANDING + 2 * strip.nbytes + 500 * 64 * tiling.bytes_a_pixel
    painted = paint(method, Picture(strip), 5000, Request(), memory=memory)
    assert painted.pixels.shape == strip.shape


def test_another_thread_paints_another_picture():
    whole, seen = WholePicture(), []
    with of_whole(whole, "measuring"):
        thread = Thread(target=lambda: seen.append(statistics.here.whole))
        thread.start()
        thread.join()
    assert seen == [None]


def test_too_little_memory_is_one_error(tmp_path):
    method = method_of("gan", tmp_path)
    with pytest.raises(UserError, match="--memory: a tile and what it depends on do not fit; "):
        paint(method, Picture(smooth(800, 900)), 900, Request(seed=0), memory=10**6)


@pytest.mark.parametrize("name", ["pix2pix", "gan"])
def test_what_sees_pictures_as_a_whole_names_the_size_that_fits(name, tmp_path):
    method = method_of(name, tmp_path, *([U_NET] if name == "gan" else []))
    assert method.tiling().network_reach is None
    memory, picture = painting.STANDING + 2**24, Picture(smooth(600, 900))
    with pytest.raises(UserError, match=r"900x600 pixels need .* GiB; --size ([0-9]+) fits$") as refused:
        paint(method, picture, 900, Request(), memory=memory)
    fits = int(str(refused.value).split()[-2])
    assert 64 < fits < 900
    assert paint(method, picture, fits, Request(), memory=memory).pixels.shape == (600, 900, 3)
    with pytest.raises(UserError, match=r"no size fits$"):
        paint(method, picture, 900, Request(), memory=painting.STANDING)


def test_sizes_are_pixels_or_full():
    refused = CliRunner().invoke(main, ["sample", "included/oil", "--size", "large"])
    assert refused.exit_code == 2
    assert "'large' is neither full nor a number of pixels from 16 on" in refused.output
