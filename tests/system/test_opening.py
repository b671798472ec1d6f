"""Hostile and unlucky files: refused with a reason, within bytes and seconds, and no program is started."""

import contextlib
import io
import os
import struct
import subprocess
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from gan_style.system import images, opening
from tests.system.test_images import ramp

ENDLESS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n{ } loop\n%%EOF\n"
AVIF = ["AVIF"] if "AVIF" in opening.FORMATS else []


def stored(kind: str, **options) -> bytes:
    file = io.BytesIO()
    ramp().save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def ghostscript(tmp_path, monkeypatch):
    """A `gs` first on PATH that leaves a mark when it is started."""
    program, mark = tmp_path / "bin" / "gs", tmp_path / "started"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ntest $1 = --version\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return mark


@pytest.mark.parametrize(
    "content", [ENDLESS, b"\xc5\xd0\xd3\xc6" + struct.pack("<II", 32, 200) + bytes(20) + ENDLESS]
)
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".eps"])
def test_postscript_is_refused_and_no_ghostscript_is_started(tmp_path, ghostscript, content, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(subprocess.CalledProcessError), Image.open(path) as image:
        image.load()  # as Pillow does it, the fake one is started
    assert ghostscript.exists()
    ghostscript.unlink()
    with pytest.raises(
        images.BadImage, match=r"is PostScript, not a picture format that is read here \(PNG, JP"
    ):
        images.read(path)
    assert not ghostscript.exists()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "is a PDF"), (b"  <!DOCTYPE html><html>", "is a web page"), (b"<svg>", "is SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is HEIC"), (b"8BPS\0\1", "is a Photoshop file"),
        (b"hello", "not a picture format"), (b"", "the file is empty"),
        (b"\xff\xd8\xff", "is a damaged JPEG"),
        (b"II*\0\x08\0\0\0\0\0", "is a damaged TIFF"), (b"\x89PNG\r\n\x1a\n", "is a damaged PNG"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_named(tmp_path, content, what):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(images.BadImage, match=f"a.png: {what}"):
        images.read(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["PCX", "TGA", "ICO", "SGI", "JPEG2000", "DDS", "XBM"])
def test_formats_that_are_not_on_the_list_are_not_decoded(tmp_path, kind):
    ramp("1" if kind == "XBM" else "RGB").save(tmp_path / "a.png", kind)
    with Image.open(tmp_path / "a.png") as image:
        assert image.format == kind
    with pytest.raises(images.BadImage, match="not a picture format that is read here"):
        images.read(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "MPO", *AVIF])
def test_a_file_is_read_for_what_it_is_and_a_wrong_name_is_told(tmp_path, capsys, kind):
    two = {"save_all": True, "append_images": [ramp()]} if kind == "MPO" else {}
    right = tmp_path / f"right.{ {'JPEG': 'jpg', 'MPO': 'jpg'}.get(kind, kind.lower()) }"
    wrong = tmp_path / ("wrong.bmp" if kind != "BMP" else "wrong.png")
    for path in (right, wrong):
        path.write_bytes(stored(kind, **two))
        assert path.suffix in images.SUFFIXES
    picture = images.read(right)
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(images.read(wrong).pixels, picture.pixels)
    images.read(wrong)
    named = "JPEG" if kind == "MPO" else kind
    expected = f"warning: {wrong}: is {named} whatever its name says, and was read as that\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG", *AVIF])
def test_of_many_pictures_the_first_is_read(tmp_path, kind):
    others = [Image.new("RGB", (60, 40), (index, 0, 0)) for index in range(1, 20)]
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(stored(kind, save_all=True, append_images=others))
    np.testing.assert_allclose(images.read(path).pixels, np.asarray(ramp()), atol=70)
    assert images.read(path).pixels.std() > 30


def test_only_files_are_opened(tmp_path):
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "broken.png").symlink_to(tmp_path / "gone.png")
    for name, reason in {
        "folder.png": "is a folder, not a file",
        "pipe.png": "is a device or a pipe, not a file",
        "zero.png": "is a device or a pipe, not a file",
        "broken.png": "there is no such file",
        "x" * 300 + ".png": "cannot be read: File name too long",
        "a\0b.png": "cannot be decoded: embedded null byte",
    }.items():
        with pytest.raises(images.BadImage, match=reason):
            images.read(tmp_path / name)


def test_an_unreadable_file_is_told_as_such(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(io, "FileIO", refused)
    (tmp_path / "a.png").write_bytes(stored("PNG"))
    with pytest.raises(images.BadImage, match=r"a.png: cannot be read: Permission denied$"):
        images.read(tmp_path / "a.png")


def test_a_file_of_too_many_bytes_is_not_opened(tmp_path):
    with (tmp_path / "a.png").open("wb") as file:
        file.write(stored("PNG"))
        file.truncate(opening.MAX_FILE_BYTES + 1)  # a hole: it takes no room
    with pytest.raises(images.BadImage, match="1,000,000,001 bytes are more than the limit of 1,000,000,000"):
        images.read(tmp_path / "a.png")


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def scans(width: int, height: int, count: int) -> bytes:
    """A grey progressive JPEG of scans that say nothing, each about all of its pixels, in a few bytes."""

    def segment(marker: int, content: bytes) -> bytes:
        return bytes((255, marker)) + struct.pack(">H", len(content) + 2) + content

    blocks = -(-width // 8) * -(-height // 8)
    bits = "011111111111111" * -(-blocks // 32767)  # the end of this and the next 32,766 blocks
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    head = segment(0xDB, b"\0" + b"\x10" * 64) + segment(
        0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    )
    table = segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    return b"\xff\xd8" + head + table + (segment(0xDA, b"\1\1\0\1\x3f\0") + data) * count + b"\xff\xd9"


def slow_to_decode() -> dict[str, bytes]:
    png, zeros = stored("PNG"), zlib.compress(bytes(1_000_000))
    gif = stored("GIF")
    return {
        "profiles.png": png[:33] + chunk(b"iCCP", b"a\0\0" + zeros) * 1000 + png[33:],
        "chunks.png": png[:33] + chunk(b"teSt") * 400_000 + png[33:],
        "scans.jpg": scans(1600, 1200, 2000),
        "markers.jpg": b"\xff\xd8" + b"\xff\xfe\0\2" * 400_000 + stored("JPEG")[2:],
        "extensions.gif": gif[:13] + b"!\xf9\4\0\0\0\0\0" * 200_000 + gif[13:],
        "plain.ppm": b"P3 1000 1000 255\n" + b"1 " * 3_000_000,
    }


@pytest.mark.parametrize("name", slow_to_decode())
def test_a_picture_takes_so_many_seconds_and_no_more(tmp_path, monkeypatch, name):
    (tmp_path / name).write_bytes(slow_to_decode()[name])
    monkeypatch.setattr(opening, "MAX_SECONDS", 0.1)
    started = time.thread_time()
    with pytest.raises(images.BadImage, match=r"takes longer to decode than the limit of 0\.1 seconds"):
        images.read(tmp_path / name)
    assert time.thread_time() - started < 1


def test_a_header_has_so_many_bytes_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_HEADER_BYTES", 300_000)
    jpeg = stored("JPEG")
    comment = b"\xff\xfe\xff\xff" + bytes(65533)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8" + comment * 3 + jpeg[2:])
    assert images.read(tmp_path / "a.jpg").pixels.shape == (40, 60, 3)
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8" + comment * 5 + jpeg[2:])
    with pytest.raises(images.BadImage, match="its parts are too large"):
        images.read(tmp_path / "b.jpg")


def tags_that_share_their_bytes(count: int, size: int) -> bytes:
    """EXIF, and the beginning of a TIFF, of which every tag points to the same bytes."""
    offset = 8 + 2 + 12 * count + 4
    entries = b"".join(struct.pack("<HHII", 40_000 + index, 7, size, offset) for index in range(count))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(4 + size)


def test_tags_and_texts_take_no_more_memory_than_their_file(tmp_path):
    """Pillow 13 sees to these: earlier ones copied the shared bytes for every tag, 80 MB here."""
    exif = tags_that_share_their_bytes(2500, 32_000)
    png, jpeg = stored("PNG"), stored("JPEG")
    files = {
        "a.jpg": b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + jpeg[20:],
        "a.png": png[:33] + chunk(b"eXIf", exif) + png[33:],
        "a.webp": stored("WEBP", exif=exif),
        "b.png": png[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(8_000_000))) + png[33:],
        "a.tif": exif,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        tracemalloc.start()
        try:
            images.read(tmp_path / name)
        except images.BadImage:
            assert name in ("a.tif", "b.png")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000, name


def damaged(rng: np.random.Generator) -> list[tuple[str, bytes]]:
    """Every format cut at every sixteenth, with bytes flipped anywhere, and with any header."""
    kinds = ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "PPM", *AVIF]
    good = {kind: stored(kind) for kind in kinds}
    good |= {"LZW": stored("TIFF", compression="tiff_lzw"), "PROGRESSIVE": stored("JPEG", progressive=True)}
    files = [
        (f"{kind} cut {n}", data[: len(data) * n // 16]) for kind, data in good.items() for n in range(16)
    ]
    for kind, data in good.items():
        for index in range(30):
            changed = bytearray(data)
            first = 64 if index % 2 else len(data)  # most of what matters is in the beginning
            for place in rng.integers(0, min(first, len(data)), rng.integers(1, 6)):
                changed[place] = rng.integers(256)
            files.append((f"{kind} flipped {index}", bytes(changed)))
    return files


def test_damaged_files_raise_nothing_else(tmp_path, rng):
    refused, files = [], damaged(rng)
    for name, content in files:
        path = tmp_path / f"{name}.png"
        path.write_bytes(content)
        try:
            pixels = images.read(path).pixels
        except images.BadImage as problem:
            refused.append((path, str(problem)))
        else:
            assert pixels.dtype == np.uint8, name
            assert pixels.ndim == 3, name
            assert pixels.size > 0, name
    assert all(text.startswith(f"{path}: ") and "\n" not in text for path, text in refused)
    assert len(files) > 400
    assert len(files) / 3 < len(refused) < len(files)


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 5), (65535, 65535), (2**31 - 1, 2**31 - 1)])
def test_sizes_that_no_picture_has(tmp_path, width, height):
    png = stored("PNG")
    header = chunk(b"IHDR", struct.pack(">II", width, height) + png[24:29])
    (tmp_path / "a.png").write_bytes(png[:8] + header + png[33:])
    (tmp_path / "a.ppm").write_bytes(b"P6 %d %d 255\n" % (width, height))
    (tmp_path / "a.bmp").write_bytes(
        stored("BMP")[:18] + struct.pack("<ii", width, height) + stored("BMP")[26:]
    )
    for name in ("a.png", "a.ppm", "a.bmp"):
        with pytest.raises(images.BadImage, match=name):
            images.read(tmp_path / name)
