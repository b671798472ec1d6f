"""Large pictures by rows: what is read is what reading them whole gives."""

import struct
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from gan_style.system import images
from gan_style.system.images import BadImage
from gan_style.system.rows import saving, source
from gan_style.system.rows.files import Stored, png, tiff
from gan_style.system.rows.source import by_rows

HEIGHT, WIDTH = 83, 61
STEP = 19  # rows that are asked for
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
NOISE = np.random.default_rng(0)
DEEP = NOISE.integers(0, 65536, (HEIGHT, WIDTH, 4), np.uint16)
DEEP[..., 3] = np.where(np.arange(WIDTH) < 20, 30000, 65535)
SMOOTH = (np.indices((HEIGHT, WIDTH)).sum(0)[..., None] + [0, 40, 90] + NOISE.integers(0, 9, 3)).astype(
    np.uint8
)
CLEAR = np.dstack([SMOOTH, DEEP[..., 3] // 257]).astype(np.uint8)


def pillow(pixels: np.ndarray, mode: str = "", **how):
    def write(path: Path) -> None:
        image = Image.fromarray(pixels)
        (image.convert(mode) if mode else image).save(path, **how)

    return write


def of_tifffile(pixels: np.ndarray, **how):
    return lambda path: tifffile.imwrite(path, pixels, **how)


def of_opencv(pixels: np.ndarray):
    return lambda path: cv2.imwrite(str(path), pixels)


COLOURS, GREYS = DEEP[..., :3], DEEP[..., 0]
TILES = {"tile": (32, 48)}
STRIPS = {"rowsperstrip": 20, "photometric": "rgb"}
WRITERS = {
    "rgb.png": pillow(SMOOTH),
    "profile.png": pillow(SMOOTH, icc_profile=SRGB),
    "grey.png": pillow(SMOOTH[..., 0]),
    "grey-alpha.png": pillow(CLEAR, "LA"),
    "alpha.png": pillow(CLEAR),
    "bits.png": pillow(SMOOTH, "1"),
    "palette.png": pillow(SMOOTH, "P"),
    "palette-4.png": pillow(SMOOTH // 16 % 9, "P", bits=4, transparency=3),
    "one-clear.png": pillow(SMOOTH, transparency=tuple(int(level) for level in SMOOTH[40, 30])),
    "grey-16.png": pillow(GREYS),
    "rgb-16.png": of_opencv(COLOURS),
    "alpha-16.png": of_opencv(DEEP),
    "raw.tif": pillow(SMOOTH),
    "alpha-lzw.tif": pillow(CLEAR, compression="tiff_lzw"),
    "profile-deflate.tif": pillow(SMOOTH, compression="tiff_adobe_deflate", icc_profile=SRGB),
    "palette-packed.tif": pillow(SMOOTH, "P", compression="packbits"),
    "grey-16-lzw.tif": pillow(GREYS, compression="tiff_lzw"),
    "strips-16.tif": of_tifffile(COLOURS, byteorder=">", **STRIPS),
    "strips-predicted.tif": of_tifffile(COLOURS, compression="zlib", predictor=True, **STRIPS),
    "tiles.tif": of_tifffile(SMOOTH, photometric="rgb", **TILES),
    "tiles-16.tif": of_tifffile(COLOURS, photometric="rgb", byteorder=">", compression="zlib", **TILES),
    "big.tif": of_tifffile(SMOOTH, bigtiff=True, compression="zlib", **STRIPS),
    "white-is-zero.tif": of_tifffile(GREYS, photometric="miniswhite", rowsperstrip=20),
}


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    monkeypatch.setattr(source, "AT_ONCE", 7 * WIDTH)


@pytest.fixture(params=WRITERS)
def file(request, tmp_path) -> Path:
    path = tmp_path / request.param
    WRITERS[request.param](path)
    return path


def test_rows_are_those_of_the_whole_picture(file):
    whole = images.read(file, as_stored=True)
    alpha = np.full((HEIGHT, WIDTH), np.iinfo(whole.pixels.dtype).max) if whole.alpha is None else whole.alpha
    with by_rows(file, 0) as rows:
        assert (rows.dtype, rows.shape) == (whole.pixels.dtype, whole.pixels.shape)
        assert (rows.grey, rows.profile, rows.format) == (whole.grey, whole.profile, whole.format)
        assert rows.transparent == (whole.alpha is not None)
        # Overlapping, as tiles are; and from the beginning once more.
        for top in [*range(0, HEIGHT, STEP), 5]:
            part = slice(top, min(HEIGHT, top + STEP + 9))
            np.testing.assert_array_equal(rows[part], whole.pixels[part])
            np.testing.assert_array_equal(rows.alpha(part), alpha[part])
        np.testing.assert_array_equal(rows.resized(23, 17), images.resize(whole.pixels, 23, 17))


TURNED = Image.Exif()
TURNED[0x0112] = 6
WHOLE = {
    "a.jpg": pillow(SMOOTH),
    "turned.png": pillow(SMOOTH, exif=TURNED),
    "floats.tif": of_tifffile(SMOOTH[..., 0].astype(np.float32)),
    "planes.tif": of_tifffile(np.moveaxis(SMOOTH, -1, 0), photometric="rgb", planarconfig="separate"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_others_are_read_whole(name, tmp_path):
    WHOLE[name](tmp_path / name)
    assert images.read(tmp_path / name).pixels.size
    assert by_rows(tmp_path / name, 0) is None


def test_small_pictures_are_read_whole(tmp_path):
    pillow(SMOOTH)(tmp_path / "a.png")
    assert by_rows(tmp_path / "a.png", 8 * HEIGHT * WIDTH) is None
    assert by_rows(tmp_path / "a.png", 8 * HEIGHT * WIDTH - 1) is not None


def read(path: Path) -> None:
    with by_rows(path, 0) as rows:
        for top in range(0, HEIGHT, STEP):
            rows[top : min(HEIGHT, top + STEP)]


@pytest.mark.parametrize("name", ["rgb-16.png", "strips-16.tif", "tiles-16.tif"])
def test_a_file_that_ends_too_early_is_refused_by_its_name(name, tmp_path):
    path = tmp_path / name
    WRITERS[name](path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(BadImage, match=f"{name}: (the file|its pixels) end"):
        read(path)


def test_a_png_that_is_damaged_is_refused_by_its_name(tmp_path):
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        png(file, Stored(HEIGHT, WIDTH, 4, 16), [DEEP[:40], DEEP[40:]])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # which its check sum tells: noise unpacks to other noise
    path.write_bytes(content)
    with pytest.raises(BadImage, match=r"a\.png: .*(check sum|decompressing)"):
        read(path)


def test_there_is_a_limit_all_the_same(tmp_path):
    head = struct.pack(">2I5B", 900_000, 900_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")]
    content = b"".join(
        struct.pack(">I", len(one)) + name + one + struct.pack(">I", zlib.crc32(name + one))
        for name, one in chunks
    )
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    with pytest.raises(BadImage, match=r"bomb\.png: 900000x900000 pixels, where there may be 2,000,000,000"):
        by_rows(tmp_path / "bomb.png", 0)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(
    "name", ["profile.png", "alpha.png", "grey-16.png", "alpha-16.png", "alpha-lzw.tif", "tiles-16.tif"]
)
def test_what_is_stored_by_rows_is_what_is_stored_at_once(name, grey, tmp_path):
    """The rows as they are, and a painting that is grey stored as grey."""
    WRITERS[name](tmp_path / name)
    picture = images.read(tmp_path / name, as_stored=True)
    picture = images.as_grey(picture) if grey else replace(picture, grey=False)
    with (tmp_path / f"whole-{name}").open("wb") as file:
        images.save(file, picture)
    with by_rows(tmp_path / name, 0) as rows, (tmp_path / f"rows-{name}").open("w+b") as file:
        parts = (rows[top : min(HEIGHT, top + STEP)] for top in range(0, HEIGHT, STEP))
        saving.save(file, saving.RowPainting(rows, parts, grey))
    whole, found = (images.read(tmp_path / f"{how}-{name}", as_stored=True) for how in ("whole", "rows"))
    np.testing.assert_array_equal(found.pixels, whole.pixels)
    np.testing.assert_array_equal(found.alpha, whole.alpha)
    assert (found.grey, found.profile, found.format) == (whole.grey, whole.profile, whole.format)
    assert found.pixels.dtype == whole.pixels.dtype


@pytest.mark.parametrize(("write", "name"), [(png, "a.png"), (tiff, "a.tif")])
def test_memory_does_not_grow_with_the_height(write, name, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "AT_ONCE", 50 * 300)
    peaks = []
    for height in (500, 2000):
        with (tmp_path / name).open("wb") as file:
            write(
                file,
                Stored(height, 300, 3, 8),
                (np.full((10, 300, 3), top % 256, np.uint8) for top in range(height // 10)),
            )
        tracemalloc.start()
        with by_rows(tmp_path / name, 0) as rows:
            for top in range(0, height, 100):
                assert rows[top : top + 100][-1, 0, 0] == (top // 10 + 9) % 256
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 50_000
