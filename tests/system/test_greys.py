"""Greys of more than 8 bits: neither black nor white for want of knowing their range, and never silently."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.system import images
from tests.system.tiffs import write_tiff

EVERY = np.arange(256).reshape(16, 16)


def told(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[np.ndarray, str]:
    """The levels that were read, and the warning."""
    pixels = images.read(path).pixels
    assert np.array_equal(pixels, pixels[..., :1].repeat(3, -1))
    return pixels[..., 0], capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "range_told"),
    [
        ((EVERY * 257).astype(np.uint16), None),
        ((EVERY / 255).astype(np.float32), None),
        ((EVERY * 100 - 12800).astype(np.int16), "-12800 to 12700"),
        ((EVERY * 8_000_000 - 1_000_000_000).astype(np.int32), "-1e+09 to 1.04e+09"),
        ((EVERY * 16_843_009).astype(np.uint32), "0 to 4.29497e+09"),
        ((EVERY * 16).astype(np.uint32), "0 to 4080"),
        ((EVERY - 128).astype(np.int8), "-128 to 127"),
        ((EVERY * 3.2 - 3.2).astype(np.float32), "-3.2 to 812.8"),
        ((EVERY / 170).astype(np.float32), "0 to 1.5"),
    ],
    ids=["u16", "unit", "i16", "i32", "u32", "small u32", "i8", "floats", "highlights"],
)
def test_values_are_scaled_by_their_range_and_what_was_assumed_is_told(tmp_path, capsys, values, range_told):
    levels, warning = told(write_tiff(tmp_path / "a.tif", values), capsys)
    np.testing.assert_array_equal(levels, EVERY)
    expected = f"{tmp_path}/a.tif: its values from {range_told} were taken as black to white"
    assert warning == (f"warning: {expected}\n" if range_told else "")


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize(("dtype", "mode"), [(np.float32, "F"), (np.int32, "I")])
def test_compressed_ones_too(tmp_path, capsys, compression, dtype, mode):
    values = (EVERY * 10 - 100).astype(dtype)
    assert Image.fromarray(values).mode == mode
    Image.fromarray(values).save(tmp_path / "a.tif", compression=compression)
    levels, warning = told(tmp_path / "a.tif", capsys)
    np.testing.assert_array_equal(levels, EVERY)
    assert "-100 to 2450" in warning


def test_a_declared_range_is_believed_where_the_values_keep_to_it(tmp_path, capsys):
    floats = (EVERY * 2).astype(np.float32)
    levels, warning = told(
        write_tiff(tmp_path / "a.tif", floats, {340: ("f", 0.0), 341: ("f", 1020.0)}), capsys
    )
    assert warning == ""
    np.testing.assert_array_equal(levels, np.round(EVERY / 2))
    levels, warning = told(
        write_tiff(tmp_path / "b.tif", floats, {340: ("f", 0.0), 341: ("f", 100.0)}), capsys
    )
    assert "from 0 to 510 were taken" in warning
    np.testing.assert_array_equal(levels, EVERY)
    shorts = (EVERY * 16).astype(np.uint16)
    levels, warning = told(write_tiff(tmp_path / "c.tif", shorts, {341: ("H", 4080), 340: ("H", 0)}), capsys)
    assert warning == ""
    np.testing.assert_array_equal(levels, EVERY)


def test_twelve_bits_are_not_taken_for_sixteen(tmp_path, capsys):
    pairs = (EVERY * 4095 / 255).round().astype(int).reshape(-1, 2)
    packed = np.stack([pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], -1)
    tags = {256: ("I", 16), 258: ("I", 12)}
    levels, warning = told(
        write_tiff(tmp_path / "a.tif", packed.astype(np.uint8).reshape(16, 24), tags), capsys
    )
    np.testing.assert_array_equal(levels, EVERY)
    assert warning == ""


@pytest.mark.parametrize("values", [EVERY * 257, EVERY / 255], ids=["integers", "floats"])
def test_where_white_is_zero_it_is_white(tmp_path, capsys, values):
    values = values.astype(np.uint16 if values.max() > 1 else np.float32)
    levels, _ = told(write_tiff(tmp_path / "a.tif", values, {262: ("I", 0)}), capsys)
    np.testing.assert_array_equal(levels, 255 - EVERY)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_of_which_few_are_used_are_dark_and_told(tmp_path, capsys, suffix):
    Image.fromarray((EVERY * 16).astype(np.uint16)).save(tmp_path / f"a{suffix}")
    levels, warning = told(tmp_path / f"a{suffix}", capsys)
    assert levels.max() == 16
    assert "reach only 4080 of 65535, so that it is nearly black" in warning
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / f"b{suffix}")
    assert told(tmp_path / f"b{suffix}", capsys)[1] == ""


def test_small_floats_are_dark_and_told(tmp_path, capsys):
    levels, warning = told(write_tiff(tmp_path / "a.tif", (EVERY / 255e3).astype(np.float32)), capsys)
    assert levels.max() == 0
    assert "reach only 0.001 of 1, so that it is nearly black" in warning


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path, wrong):
    values = (EVERY / 255).astype(np.float32)
    values[3, 4:6] = wrong
    with pytest.raises(
        images.BadImage, match=r"a.tif: 2 of its 256 values are not finite \(NaN or infinite\)"
    ):
        images.read(write_tiff(tmp_path / "a.tif", values))


def test_one_value_everywhere_is_told(tmp_path, capsys):
    levels, warning = told(write_tiff(tmp_path / "a.tif", np.full((4, 4), 7, np.float32)), capsys)
    assert levels.max() == 0
    assert "its values from 7 to 7 were taken as black to white" in warning


@pytest.mark.parametrize(
    ("dtype", "shape", "what"),
    [
        (np.float32, (8, 8, 3), "3 channels of 32-bit floats"),
        (np.int32, (8, 8, 3), "3 channels of 32-bit signed integers"),
        (np.float64, (8, 8), "1 channels of 64-bit floats"),
        (np.float16, (8, 8), "1 channels of 16-bit floats"),
    ],
)
def test_what_is_not_read_is_refused_by_what_it_holds(tmp_path, dtype, shape, what):
    with pytest.raises(images.BadImage, match=rf"a.tif: is .*TIFF.*\({what}\); save it with 8 or 16 bits"):
        images.read(write_tiff(tmp_path / "a.tif", np.zeros(shape, dtype)))


def test_a_file_is_told_of_once_and_a_folder_of_them_does_not_flood(tmp_path, capsys):
    for index in range(30):
        path = write_tiff(tmp_path / f"{index}.tif", EVERY.astype(np.int32))
        images.read(path)
        images.read(path)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert "19.tif" in lines[-2]
    assert "more pictures like these" in lines[-1]
