"""Decoding takes the memory of its result and little more, and gives what the plain formulas give."""

import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from gan_style.system import decoding, images, opening
from tests.system.test_images import ramp

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def plainly(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Whole pictures through float32, as simply as it can be said."""
    image = ImageOps.exif_transpose(image)
    alpha = np.asarray(image.convert("RGBA").getchannel("A")) if image.has_transparency_data else None
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGBA").convert("RGB") if image.has_transparency_data else image.convert("RGB")
    if image.mode == "RGB" and "icc_profile" in image.info:
        image = ImageCms.profileToProfile(image, PROFILE, decoding.SRGB, outputMode="RGB")
    pixels = np.asarray(image.convert("RGB"))
    if alpha is None:
        return pixels, None
    cover = alpha[..., None].astype(np.float32) / 255
    pixels = np.round(pixels * cover + 255 * (1 - cover)).astype(np.uint8)
    return pixels, None if alpha.min() == 255 else alpha


def varied(mode: str) -> Image.Image:
    image = ramp().convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize(
    ("mode", "orientation", "profile"),
    [
        *((mode, 6, None) for mode in ("1", "L", "P", "LA", "RGB", "CMYK", "P-", "RGB-", "L-")),
        *((mode, 3, PROFILE) for mode in ("L", "P", "RGBA", "RGB", "CMYK", "P-", "RGB-", "L-")),
        *(("RGBA", orientation, None) for orientation in range(1, 9)),
    ],
)
def test_strips_are_bit_for_bit_the_whole(tmp_path, monkeypatch, mode, orientation, profile):
    """A mode with a minus leaves out one colour or grey, or has a palette with alpha."""
    monkeypatch.setattr(decoding, "STRIP_PIXELS", 7 * 60)
    exif, image = Image.Exif(), varied(mode.strip("-"))
    exif[images.ORIENTATION] = orientation
    left_out = {"P-": bytes(range(256)), "RGB-": image.getpixel((9, 9)), "L-": 100}.get(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(path, exif=exif, icc_profile=profile and profile.tobytes(), transparency=left_out)
    with Image.open(path) as stored:
        pixels, alpha = plainly(stored)
    picture = images.read(path)
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.pixels.flags.c_contiguous
    assert (picture.alpha is None) == (alpha is None)
    if alpha is not None:
        np.testing.assert_array_equal(picture.alpha, alpha)


MEASURED = """
import sys
from pathlib import Path
from gan_style.system import images
def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
before = peak()
images.read(Path(sys.argv[1]))
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_process_takes_no_more_than_was_reckoned(tmp_path: Path):
    """It was 43 bytes a pixel, and is 8."""
    path = tmp_path / "a.png"
    Image.new("LA", (3000, 3000)).save(path, compress_level=1)
    assert path.stat().st_size < 500_000
    with Image.open(path) as image:
        reckoned = decoding.bytes_needed(image)
    assert reckoned == 3000 * 3000 * 8
    took = int(subprocess.check_output([sys.executable, "-c", MEASURED, str(path)], text=True))
    assert took < reckoned + 40_000_000  # the strip that is worked on, and what is loaded for it


@pytest.mark.parametrize(
    ("size", "mode", "kind"),
    [((12000, 9000), "RGB", "JPEG"), ((16320, 12240), "RGB", "JPEG"), ((14000, 14000), "CMYK", "JPEG"),
     ((8000, 6250), "RGBA", "PNG"), ((14000, 14000), "LA", "PNG"), ((10000, 9000), "RGB", "WEBP")],
)  # fmt: skip
def test_large_honest_pictures_are_below_the_limit(size, mode, kind):
    image = Image.Image()
    image._size, image._mode, image.format = size, mode, kind  # as after reading a header
    assert decoding.bytes_needed(image) <= decoding.MAX_BYTES


def test_what_needs_more_memory_is_refused_before_decoding(tmp_path, monkeypatch):
    ramp().save(tmp_path / "a.png")
    monkeypatch.setattr(decoding, "MAX_BYTES", 19_199)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("the picture was decoded"))
    expected = r"a.png: decoding 60x40 pixels of mode RGB \(PNG\) takes 19,200 bytes of memory, more than the"
    with pytest.raises(images.BadImage, match=expected):
        images.read(tmp_path / "a.png")


def test_rows_of_millions_of_pixels_are_refused(tmp_path):
    Image.new("L", (1_000_001, 1)).save(tmp_path / "a.png")
    with pytest.raises(images.BadImage, match="1000001x1 pixels, where each side may have 1 to 1,000,000"):
        images.read(tmp_path / "a.png")


def test_a_huge_tile_of_a_small_tiff_counts(tmp_path):
    ramp().save(tmp_path / "a.tif", compression="tiff_adobe_deflate")
    with Image.open(tmp_path / "a.tif") as image:
        plain = decoding.bytes_needed(image)
        image.tag_v2[322] = image.tag_v2[323] = 30_000
        assert decoding.bytes_needed(image) > 2_400_000_000 > 1000 * plain


def webp(side: int) -> bytes:
    """A canvas of side x side, of which a frame of 16x16 is painted: 90 bytes."""
    tiny = io.BytesIO()
    Image.new("RGB", (16, 16)).save(tiny, "WEBP", lossless=True)
    three = lambda number: struct.pack("<I", number)[:3]  # noqa: E731
    frame = three(0) * 2 + three(15) * 2 + three(100) + b"\0" + tiny.getvalue()[12:]
    chunks = [(b"VP8X", b"\2\0\0\0" + three(side - 1) * 2), (b"ANIM", bytes(6)), (b"ANMF", frame)]
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_canvas_of_webp_is_refused_before_it_is_allocated(tmp_path):
    (tmp_path / "a.webp").write_bytes(webp(100))
    assert images.read(tmp_path / "a.webp").pixels.shape == (100, 100, 3)
    (tmp_path / "b.webp").write_bytes(webp(14_000))
    with pytest.raises(images.BadImage, match="takes 3,136,000,000 bytes"):
        images.read(tmp_path / "b.webp")
    (tmp_path / "c.webp").write_bytes(webp(40_000))
    with pytest.raises(images.BadImage, match=f"more pixels than the limit of {opening.MAX_PIXELS:,}"):
        images.read(tmp_path / "c.webp")
