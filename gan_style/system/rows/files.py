"""PNG and TIFF, written from rows that come one after the other."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from gan_style.system.decoding import ORIENTATION

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels
UP = 2  # the filter of a row: what it differs by from the one above
# Tags of a TIFF.
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, CHANNELS, ROWS, COUNTS = (
    *(256, 257, 258, 259, 262, 273, 277, 278, 279),
)
ALPHA, PROFILE = 338, 34675


@dataclass(frozen=True)
class Stored:
    """What a file says of its pixels."""

    height: int
    width: int
    channels: int
    bits: int  # of a channel: 8 or 16
    profile: bytes | None = None
    orientation: int = 1


def png(file: BinaryIO, stored: Stored, parts: Iterable[np.ndarray]) -> None:
    """`parts`: rows (N, width, channels), from top to bottom."""
    putting = struct.pack(
        ">2I5B", stored.width, stored.height, stored.bits, PNG_COLOURS[stored.channels], *(0,) * 3
    )
    file.write(SIGNATURE)
    putchunk(file, b"IHDR", putting)
    if stored.profile is not None:
        putchunk(file, b"iCCP", b"ICC Profile\0\0" + zlib.compress(stored.profile))
    if stored.orientation != 1:
        exif = Image.Exif()
        exif[ORIENTATION] = stored.orientation
        putchunk(file, b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    bytes_each = stored.bits // 8
    packer, above = zlib.compressobj(), np.zeros((1, bytes_each * stored.width * stored.channels), np.uint8)
    for part in parts:
        rows = np.ascontiguousarray(part, f">u{bytes_each}").view(np.uint8).reshape(len(part), -1)
        lines = np.full((len(rows), 1 + rows.shape[1]), UP, np.uint8)
        lines[:, 1:] = rows - np.concatenate([above, rows[:-1]])
        putchunk(file, b"IDAT", packer.compress(lines.tobytes()))
        above = rows[-1:].copy()
    putchunk(file, b"IDAT", packer.flush())
    putchunk(file, b"IEND")


def tiff(file: BinaryIO, stored: Stored, parts: Iterable[np.ndarray]) -> None:
    """Not compressed, as Pillow writes others."""
    channels, bytes_each = stored.channels, stored.bits // 8
    tags = ImageFileDirectory_v2(prefix=b"II")
    tags[WIDTH], tags[HEIGHT], tags[BITS] = stored.width, stored.height, (stored.bits,) * channels
    tags[CHANNELS], tags[COMPRESSION], tags[PHOTOMETRIC] = channels, 1, 2 if channels >= 3 else 1
    # Pillow adds to the offset what stands before the pixels.
    size = bytes_each * stored.height * stored.width * channels
    tags[OFFSETS], tags[ROWS], tags[COUNTS] = 0, stored.height, size
    if channels in (2, 4):
        tags[ALPHA] = 2  # not multiplied into the colours
    if stored.profile is not None:
        tags[PROFILE] = stored.profile
    if stored.orientation != 1:
        tags[ORIENTATION] = stored.orientation
    file.write(b"II*\0" + struct.pack("<I", 8))
    tags.save(file)
    for part in parts:
        file.write(part.astype(f"<u{bytes_each}").tobytes())
