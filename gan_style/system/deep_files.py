"""Pictures of 16 bits into PNG and TIFF: of those Pillow writes greys alone."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from gan_style.system.decoding import ORIENTATION
from gan_style.system.profiles import Convert, from_srgb, strips

FORMATS = ("PNG", "TIFF")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels
UP = 2  # the filter of a row: what it differs by from the one above
# Tags of a TIFF.
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, CHANNELS, ROWS, COUNTS = (
    *(256, 257, 258, 259, 262, 273, 277, 278, 279),
)
ALPHA, PROFILE = 338, 34675


def save_deep(
    file: BinaryIO,
    pixels: np.ndarray,
    alpha: np.ndarray | None,
    kind: str,
    profile: bytes | None,
    orientation: int,
) -> None:
    """`pixels` (H, W, 3), or (H, W, 1) of greys, upright and in sRGB."""
    convert, profile = from_srgb(profile)
    pixels = turned_back(pixels, orientation)
    alpha = None if alpha is None else turned_back(alpha, orientation)
    height, width, channels = pixels.shape
    shape = height, width, channels + (alpha is not None)
    write = {"PNG": png, "TIFF": tiff}[kind]
    write(file, shape, stored(pixels, alpha, convert), profile, orientation)


def turned_back(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """As a file of this EXIF orientation stores what is upright here."""
    pixels = pixels.swapaxes(0, 1) if orientation >= 5 else pixels
    down, along = -1 if orientation in (3, 4, 6, 7) else 1, -1 if orientation in (2, 3, 7, 8) else 1
    return pixels[::down, ::along]


def stored(pixels: np.ndarray, alpha: np.ndarray | None, convert: Convert | None) -> Iterator[np.ndarray]:
    """From top to bottom, in the file's own colours."""
    for rows in strips(pixels):
        strip = convert(pixels[rows]) if convert is not None else pixels[rows]
        yield strip if alpha is None else np.concatenate([strip, alpha[rows, :, None]], -1)


def png(
    file: BinaryIO,
    shape: tuple[int, int, int],
    parts: Iterator[np.ndarray],
    profile: bytes | None,
    orientation: int,
) -> None:
    height, width, channels = shape
    file.write(SIGNATURE)
    putchunk(file, b"IHDR", struct.pack(">2I5B", width, height, 16, PNG_COLOURS[channels], 0, 0, 0))
    if profile is not None:
        putchunk(file, b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))
    if orientation != 1:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        putchunk(file, b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    packer, above = zlib.compressobj(), np.zeros((1, 2 * width * channels), np.uint8)
    for part in parts:
        rows = np.ascontiguousarray(part, ">u2").view(np.uint8).reshape(len(part), -1)
        lines = np.full((len(rows), 1 + rows.shape[1]), UP, np.uint8)
        lines[:, 1:] = rows - np.concatenate([above, rows[:-1]])
        putchunk(file, b"IDAT", packer.compress(lines.tobytes()))
        above = rows[-1:]
    putchunk(file, b"IDAT", packer.flush())
    putchunk(file, b"IEND")


def tiff(
    file: BinaryIO,
    shape: tuple[int, int, int],
    parts: Iterator[np.ndarray],
    profile: bytes | None,
    orientation: int,
) -> None:
    """Not compressed, as Pillow writes others."""
    height, width, channels = shape
    tags = ImageFileDirectory_v2(prefix=b"II")
    tags[WIDTH], tags[HEIGHT], tags[BITS], tags[CHANNELS] = width, height, (16,) * channels, channels
    tags[COMPRESSION], tags[PHOTOMETRIC] = 1, 2 if channels >= 3 else 1
    # Pillow adds to the offset what stands before the pixels.
    tags[OFFSETS], tags[ROWS], tags[COUNTS] = 0, height, 2 * height * width * channels
    if channels in (2, 4):
        tags[ALPHA] = 2  # not multiplied into the colours
    if profile is not None:
        tags[PROFILE] = profile
    if orientation != 1:
        tags[ORIENTATION] = orientation
    file.write(b"II*\0" + struct.pack("<I", 8))
    tags.save(file)
    for part in parts:
        file.write(part.astype("<u2").tobytes())
