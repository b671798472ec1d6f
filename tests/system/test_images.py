"""Whatever a camera or an editor writes comes in upright and in sRGB, and goes out the way it came."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from gan_style.system import images


def ramp(mode: str = "RGB") -> Image.Image:
    y, x = np.mgrid[:40, :60]
    return Image.fromarray(np.stack([x * 4, y * 6, 255 - x * 4], -1).astype(np.uint8)).convert(mode)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_orientation_is_applied_and_survives(tmp_path: Path, orientation: int, suffix: str):
    exif = Image.Exif()
    exif[images.ORIENTATION] = orientation
    path = tmp_path / f"photo{suffix}"
    ramp().save(path, exif=exif, **({"lossless": True} if suffix == ".webp" else {}))
    picture = images.read(path)
    with Image.open(path) as original:
        upright = ImageOps.exif_transpose(original)
        np.testing.assert_array_equal(picture.pixels, np.asarray(upright.convert("RGB")))
        written = images.write(tmp_path / "out" / path.name, picture)
        with Image.open(written) as copy:
            assert copy.size == original.size
            # Pillow turns TIFFs upright while decoding and drops the tag: so do we.
            assert copy.getexif().get(images.ORIENTATION, 1) == (1 if suffix == ".tif" else orientation)
            assert copy.format == original.format
            difference = np.abs(
                np.asarray(ImageOps.exif_transpose(copy).convert("RGB"), int)
                - np.asarray(upright.convert("RGB"), int)
            )
            assert difference.mean() < 3


def test_alpha_is_composited_on_white_and_survives(tmp_path: Path):
    rgba = ramp("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    rgba.save(tmp_path / "a.png")
    picture = images.read(tmp_path / "a.png")
    assert picture.pixels[0, 0].min() > 250
    written = images.write(tmp_path / "b.png", picture)
    with Image.open(written) as copy:
        np.testing.assert_array_equal(np.asarray(copy.getchannel("A")), np.asarray(rgba.getchannel("A")))


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path):
    values = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)
    for name in ("deep.png", "deep.tif"):
        Image.fromarray(values).save(tmp_path / name)
        np.testing.assert_array_equal(images.read(tmp_path / name).pixels[..., 0].ravel(), np.arange(256))


def test_float_tiff_is_scaled(tmp_path: Path):
    Image.fromarray(np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)).save(tmp_path / "f.tif")
    np.testing.assert_array_equal(images.read(tmp_path / "f.tif").pixels[..., 0].ravel(), np.arange(256))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str):
    path = tmp_path / ("a.jpg" if mode in ("CMYK", "YCbCr") else "a.png")
    ramp(mode).save(path)
    pixels = images.read(path).pixels
    assert pixels.shape == (40, 60, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - np.asarray(ramp(mode).convert("RGB"), int)).mean() < 6


def test_a_colour_profile_is_applied_and_survives(tmp_path: Path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    ramp().save(tmp_path / "p.png", icc_profile=lab.tobytes())
    picture = images.read(tmp_path / "p.png")
    assert np.abs(picture.pixels.astype(int) - np.asarray(ramp(), int)).max() <= 2
    with Image.open(images.write(tmp_path / "q.png", picture)) as copy:
        assert copy.info["icc_profile"] == lab.tobytes()


@pytest.mark.parametrize(
    ("suffix", "expected"), [(".bmp", "PNG"), (".gif", "PNG"), (".mpo", "JPEG"), (".webp", "WEBP")]
)
def test_formats_that_cannot_be_kept_become_png(tmp_path: Path, suffix: str, expected: str):
    options = {"save_all": True, "append_images": [ramp()]} if suffix == ".mpo" else {}
    ramp().save(tmp_path / f"a{suffix}", **options)
    with Image.open(
        images.write(tmp_path / "out" / f"a{suffix}", images.read(tmp_path / f"a{suffix}"))
    ) as copy:
        assert copy.format == expected
        assert copy.size == (60, 40)


def test_a_broken_profile_is_no_obstacle(tmp_path: Path):
    ramp().save(tmp_path / "p.png", icc_profile=b"not a profile at all")
    np.testing.assert_array_equal(images.read(tmp_path / "p.png").pixels, np.asarray(ramp()))


def junk(path: Path) -> dict[str, bytes]:
    ramp().save(path / "good.png")
    good = (path / "good.png").read_bytes()
    return {"empty.png": b"", "text.jpg": b"hello", "cut.png": good[: len(good) // 2]}


def test_bad_files_are_named_with_their_reason(tmp_path: Path):
    for name, content in junk(tmp_path).items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(images.BadImage, match=name):
            images.read(tmp_path / name)
    with pytest.raises(images.BadImage, match="no such file"):
        images.read(tmp_path / "nowhere.png")


def test_a_decompression_bomb_is_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "bomb.png"
    Image.new("1", (200, 200)).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("the picture was decoded"))
    with pytest.raises(images.BadImage, match="more pixels than the limit"):
        images.read(path)


def test_bytes_and_signed_are_inverse():
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(images.to_bytes(images.to_signed(every)), every)
    assert images.to_signed(every).min() == -1
    assert images.to_signed(every).max() == 1


@pytest.mark.parametrize(("size", "longest", "least", "expected"), [
    ((40, 20), 80, 1, (40, 20)), ((300, 200), 150, 1, (150, 100)),
    ((1000, 2), 100, 1, (100, 1)), ((1000, 80), 100, 64, (100, 64)),
])  # fmt: skip
def test_pictures_are_scaled_down_and_never_up(size, longest, least, expected):
    assert images.reduced(np.zeros((*size, 3), np.uint8), longest, least).shape[:2] == expected
