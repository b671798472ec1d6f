"""Pictures of 16 bits are read and written with 16: each value, and what belongs to it."""

import contextlib
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tifffile
from PIL import Image

from gan_style.system import decoding, images
from gan_style.system.images import Picture
from tests.system.profiles import PROPHOTO, grey_profile, power, rgb_profile
from tests.system.test_decoding import MEASURED
from tests.system.test_images import ramp

WIDE = rgb_profile(PROPHOTO, power(1.8))


@pytest.fixture
def values(rng) -> np.ndarray:
    """(H, W, 4); the last one is opaque, so that colours are what they are."""
    noise = rng.integers(0, 65536, (37, 61, 4))
    noise[..., 3] = 65535
    return noise.astype(np.uint16)


def deep(path: Path) -> Picture:
    picture = images.read(path, as_stored=True)
    assert picture.pixels.dtype == np.uint16
    assert picture.alpha is None or picture.alpha.dtype == np.uint16
    assert images.read(path).pixels.dtype == np.uint8  # for all that does not ask
    return picture


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_of_libpng_is_read_exactly(tmp_path, values, channels):
    taken = values[..., {1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3]}[channels]]
    (tmp_path / "a.png").write_bytes(tf.io.encode_png(taken).numpy())
    picture = deep(tmp_path / "a.png")
    np.testing.assert_array_equal(
        picture.pixels, taken[..., : 3 if channels > 2 else 1].repeat(1 if channels > 2 else 3, -1)
    )
    assert picture.grey == (channels < 3)
    assert picture.format == "PNG"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "how",
    [{}, {"rowsperstrip": 5}, {"tile": (16, 32)}, {"compression": "zlib"},
     {"compression": "zlib", "predictor": True, "tile": (16, 16)}, {"compression": "lzma"}],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_tiff_of_tifffile_is_read_exactly(tmp_path, values, channels, how, order):
    colours = {"photometric": "rgb"} if channels > 1 else {"photometric": "minisblack"}
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    taken = values[..., :channels] if channels > 1 else values[..., 0]
    tifffile.imwrite(tmp_path / "a.tif", taken, byteorder=order, **colours, **extra, **how)
    picture = deep(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.pixels, values[..., :3] if channels > 1 else values[..., [0, 0, 0]])
    assert picture.grey == (channels == 1)
    assert picture.format == "TIFF"


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits"])
def test_compressions_of_pillow_too(tmp_path, values, compression):
    Image.fromarray(values[..., 0]).save(tmp_path / "a.tif", compression=compression)
    np.testing.assert_array_equal(deep(tmp_path / "a.tif").pixels[..., 1], values[..., 0])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("see_through", [False, True])
def test_a_png_is_written_as_it_is_read(tmp_path, values, orientation, grey, see_through):
    pixels = values[..., [0, 0, 0] if grey else [0, 1, 2]]
    alpha = np.linspace(0, 65535, 61).astype(np.uint16)[None].repeat(37, 0) if see_through else None
    pixels = pixels if alpha is None else decoding.over_white(pixels, alpha)
    path = images.write(tmp_path / "a.png", Picture(pixels, alpha, orientation, grey=grey))
    picture = deep(path)
    if alpha is None:
        np.testing.assert_array_equal(picture.pixels, pixels)
    else:
        np.testing.assert_array_equal(picture.alpha, alpha)
        np.testing.assert_array_equal(picture.pixels, decoding.over_white(pixels, alpha))
    assert (picture.grey, picture.orientation) == (grey, orientation)
    with Image.open(path) as stored:
        assert stored.size == ((37, 61) if orientation > 4 else (61, 37))
        stored.load()
    libpngs = tf.io.decode_png(path.read_bytes(), dtype=tf.uint16).numpy()
    assert libpngs.shape[2] == (1 if grey else 3) + see_through
    if orientation == 6:  # the camera was turned: rows are columns, from the bottom up
        np.testing.assert_array_equal(np.rot90(libpngs, -1)[..., 0], pixels[..., 0])


@pytest.mark.parametrize("grey", [False, True])
def test_a_tiff_is_written_as_others_read_it(tmp_path, values, grey):
    pixels = values[..., [0, 0, 0] if grey else [0, 1, 2]]
    path = images.write(tmp_path / "a.tif", Picture(pixels, format="TIFF", grey=grey))
    np.testing.assert_array_equal(tifffile.imread(path), pixels[..., 0] if grey else pixels)
    np.testing.assert_array_equal(deep(path).pixels, pixels)
    path = images.write(tmp_path / "b.tif", Picture(pixels, pixels[..., 1], format="TIFF"))
    np.testing.assert_array_equal(tifffile.imread(path), np.dstack([pixels, pixels[..., 1]]))
    np.testing.assert_array_equal(deep(path).alpha, pixels[..., 1])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_wide_profile_is_honoured_and_survives(tmp_path, kind):
    """What is written in its colours is there in its colours, and back in sRGB as it was."""
    gradient = np.linspace(20000, 60000, 4096).astype(np.uint16)
    pixels = np.stack([gradient, gradient[::-1], gradient // 2 + 15000], -1)[None]
    path = images.write(tmp_path / "a.png", Picture(pixels, profile=WIDE, format=kind))
    with Image.open(path) as stored:
        assert stored.info["icc_profile"] == WIDE
        eight = np.asarray(stored.convert("RGB")).astype(int)
    assert np.abs(eight - pixels / 257).max() > 10
    np.testing.assert_allclose(images.read(path).pixels, pixels / 257, atol=4)  # of coarser steps
    back = deep(path)
    assert back.profile == WIDE
    assert np.abs(back.pixels.astype(int) - pixels).max() < 40
    assert min(len(np.unique(channel)) for channel in back.pixels[0].T) > 4000


def test_a_grey_profile_is_honoured(tmp_path):
    greys = np.linspace(0, 65535, 1024).astype(np.uint16)[None]
    Image.fromarray(greys).save(tmp_path / "a.png", icc_profile=grey_profile(power(1.0)))
    picture = deep(tmp_path / "a.png")
    eight = images.read(tmp_path / "a.png").pixels
    np.testing.assert_allclose(picture.pixels[0, 256:] / 257, eight[0, 256:], atol=2)
    assert picture.pixels[0, 512, 0] / 65535 == pytest.approx(0.735, abs=0.002)  # half the light
    assert len(np.unique(picture.pixels)) == 1024


def test_a_colour_that_is_left_out_is_seen_through(tmp_path, values):
    values[3, 4:9] = values[0, 0]
    png = tf.io.encode_png(values[..., :3]).numpy()
    body = b"tRNS" + values[0, 0, :3].astype(">u2").tobytes()
    chunk = struct.pack(">I", 6) + body + struct.pack(">I", zlib.crc32(body))
    (tmp_path / "a.png").write_bytes(png[:33] + chunk + png[33:])
    alpha = deep(tmp_path / "a.png").alpha
    assert (alpha == 0).sum() == 6
    assert alpha[3, 4] == 0
    assert alpha[3, 3] == 65535


def test_floats_and_integers_of_greys_have_sixteen_bits(tmp_path):
    floats = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)
    Image.fromarray(floats).save(tmp_path / "a.tif")
    assert len(np.unique(deep(tmp_path / "a.tif").pixels)) == 4096


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_eight_bits_stay_eight(tmp_path, mode):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    ramp(mode).save(path)
    plain, stored = images.read(path), images.read(path, as_stored=True)
    assert stored.pixels.dtype == np.uint8
    np.testing.assert_array_equal(stored.pixels, plain.pixels)
    assert stored.grey == (mode in ("L", "LA", "1"))
    with Image.open(images.write(tmp_path / "b.png", images.as_grey(stored))) as grey:
        assert grey.mode == "L"


def test_where_only_eight_are_read_it_is_told(tmp_path, values, capsys, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=["assocalpha"])
    assert images.read(tmp_path / "a.tif", as_stored=True).pixels.dtype == np.uint8
    assert (
        "a.tif: is read with 8 bits a channel, as its 16 are stored in a rare way" in capsys.readouterr().err
    )
    colours = values[..., :3].astype(">u2")
    header = f"P6\n{colours.shape[1]} {colours.shape[0]}\n65535\n".encode()
    (tmp_path / "c.ppm").write_bytes(header + colours.tobytes())
    assert images.read(tmp_path / "c.ppm", as_stored=True).pixels.dtype == np.uint8
    assert "c.ppm: is read with 8 bits a channel" in capsys.readouterr().err
    path = images.write(tmp_path / "b.png", Picture(values[..., :3]))
    monkeypatch.setattr(decoding, "MAX_BYTES", 37 * 61 * 15)
    assert images.read(path, as_stored=True).pixels.dtype == np.uint8
    assert "b.png: is read with 8 bits a channel, as it is very large" in capsys.readouterr().err


def test_channels_one_after_the_other(tmp_path, values, capsys):
    """Compressed they are read with 8 bits; otherwise Pillow takes bytes for values, and it was noise."""
    planes = np.moveaxis(values[..., :3], -1, 0)
    for name, compression in (("a.tif", "zlib"), ("b.tif", None)):
        how = {"photometric": "rgb", "planarconfig": "separate", "compression": compression}
        tifffile.imwrite(tmp_path / name, planes, **how)
    eight = images.read(tmp_path / "a.tif", as_stored=True).pixels
    assert np.abs(eight - values[..., :3] / 257).max() < 1
    assert "a.tif: is read with 8 bits" in capsys.readouterr().err
    with pytest.raises(images.BadImage, match=r"b.tif: stores its channels one after the other"):
        images.read(tmp_path / "b.tif")


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_damaged_ones_are_bad_images_and_nothing_else(tmp_path, values, rng, kind):
    good = images.write(tmp_path / "a.png", Picture(values[..., :3], profile=WIDE, format=kind)).read_bytes()
    path = tmp_path / "cut.png"
    for end in range(8, len(good) - 8, len(good) // 20):
        path.write_bytes(good[:end])
        with pytest.raises(images.BadImage, match=re.escape(str(path))) as told:
            images.read(path, as_stored=True)
        assert "\n" not in str(told.value)
    for _ in range(100):
        broken = np.frombuffer(good, np.uint8).copy()
        broken[rng.integers(0, len(good) if rng.random() < 0.5 else 400, 4)] = rng.integers(0, 256, 4)
        path.write_bytes(broken.tobytes())
        with contextlib.suppress(images.BadImage):
            images.read(path, as_stored=True)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(("kind", "see_through"), [("PNG", False), ("TIFF", True)])
def test_a_process_takes_no_more_than_was_reckoned(tmp_path, kind, see_through):
    pixels = np.zeros((2500, 2500, 3), np.uint16)
    path = images.write(
        tmp_path / "a.png", Picture(pixels, pixels[..., 0] if see_through else None, format=kind)
    )
    asked = MEASURED.replace("argv[1])", "argv[1]), as_stored=True")
    took = int(subprocess.check_output([sys.executable, "-c", asked, str(path)], text=True))
    assert took < 2500 * 2500 * 16 + 60_000_000


def test_levels_and_signed_are_inverse():
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    np.testing.assert_array_equal(images.to_levels(images.to_signed(every), every.dtype), every)
    assert images.to_signed(every).min() == -1
    assert images.to_signed(every).max() == 1


def test_sixteen_bits_are_resized_as_eight_are(rng):
    eight = images.resize(rng.integers(30, 226, (5, 6, 3), np.uint8), 40, 50)
    expected = images.resize(eight, 31, 77)
    found = images.resize(eight.astype(np.uint16) * 257, 31, 77)
    assert np.abs(found / 257 - expected).max() < 1.5
    np.testing.assert_array_equal(images.eight_bits(eight.astype(np.uint16) * 257), eight)
