"""A large picture as an array of which some rows are in memory at a time."""

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageFile

from gan_style.system import images
from gan_style.system.decoding import MAX_SIDE, Decoded, decode
from gan_style.system.deep import decode_deep, is_deep
from gan_style.system.opening import FORMATS, BadImage
from gan_style.system.rows.pngs import PngReader
from gan_style.system.rows.tiffs import TiffReader

MOST_PIXELS = 2_000_000_000  # of a picture; hours of painting
MOST_TIFF = 2**32 - 2**24  # bytes of pixels
AT_ONCE = 2**20  # pixels that are decoded together
MOST_AT_ONCE = 2**24  # where a strip or tile of a TIFF has so many
DECODING = 24  # bytes a pixel, of those that are decoded together


# Each refuses what is of another format.
READERS: dict[str, Callable[[Path], "Reader"]] = {"PNG": PngReader, "TIFF": TiffReader}


class Reader(Protocol):
    width: int
    height: int
    bits: int  # of a channel
    has_alpha: bool
    step: int  # rows that are decoded together, at least

    def part(self, top: int, bottom: int) -> tuple[bytes, int]: ...

    def close(self) -> None: ...


class Rows:
    """Upright sRGB pixels (H, W, 3) over white, uint8 or uint16: `rows[top:bottom]`, best from top to bottom.

    What is given is overwritten when other rows are asked for.
    """

    def __init__(self, path: Path, reader: Reader, kind: str) -> None:
        self.path, self.reader, self.format = path, reader, kind
        self.shape = reader.height, reader.width, 3
        self.at_once = max(reader.step, AT_ONCE // reader.width)
        self.first, self.last = 0, 0  # the rows that are in memory
        begin = self._decoded(0, 1)
        self.orientation, self.grey, self.profile = begin.orientation, begin.grey, begin.profile
        self.dtype = begin.pixels.dtype
        self.held = np.empty((0, reader.width, 4), self.dtype)

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self._read(rows)[..., :3]

    def alpha(self, rows: slice) -> np.ndarray:
        return self._read(rows)[..., 3]

    @cached_property
    def transparent(self) -> bool:
        """Whether anything can be seen through, for which all of a file that has alpha is read."""
        opaque = np.iinfo(self.dtype).max
        return self.reader.has_alpha and any((self.alpha(rows) < opaque).any() for rows in self.parts())

    @property
    def decoding(self) -> int:
        """Bytes that it takes to decode some rows."""
        return self.at_once * self.shape[1] * DECODING

    def resized(self, height: int, width: int) -> np.ndarray:
        """As `images.resize` gives it of the whole picture: first along each row, then down."""
        deep = self.dtype == np.uint16
        narrow = np.empty((self.shape[0], width, 3), np.float32 if deep else np.uint8)
        for rows in self.parts():
            part = self._decoded(rows.start, rows.stop).pixels
            if deep:
                for channel in range(3):
                    values = part[..., channel].astype(np.float32)
                    narrow[rows, :, channel] = images.resize(values, len(part), width)
            else:
                narrow[rows] = images.resize(part, len(part), width)
        if not deep:
            return images.resize(narrow, height, width)
        floats = [images.resize(narrow[..., channel], height, width) for channel in range(3)]
        return np.stack([np.clip(np.round(one), 0, 65535).astype(np.uint16) for one in floats], -1)

    def parts(self) -> Iterator[slice]:
        """Rows that are decoded together."""
        for top in range(0, self.shape[0], self.at_once):
            yield slice(top, min(self.shape[0], top + self.at_once))

    def _read(self, rows: slice) -> np.ndarray:
        top, bottom = rows.start, rows.stop
        if not self.first <= top <= bottom <= self.last:
            self._hold(top, bottom)
        return self.held[top - self.first : bottom - self.first]

    def _hold(self, top: int, bottom: int) -> None:
        """Of what is in memory the rows from `top` on stay there."""
        kept = (
            self.held[top - self.first : self.last - self.first]
            if self.first <= top < self.last
            else self.held[:0]
        )
        if len(self.held) < bottom - top:
            self.held = np.empty((bottom - top, self.shape[1], 4), self.dtype)
        self.held[: len(kept)] = kept
        self.first, self.last = top, top + len(kept)
        while self.last < bottom:
            end = min(bottom, self.last + self.at_once)
            found = self._decoded(self.last, end)
            place = self.held[self.last - top : end - top]
            place[..., :3] = found.pixels
            place[..., 3] = np.iinfo(self.dtype).max if found.alpha is None else found.alpha
            self.last = end

    def _decoded(self, top: int, bottom: int) -> Decoded:
        with images.telling(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content, before = self.reader.part(top, bottom)
            found = decoded(content)
            pixels = found.pixels[before:][: bottom - top]
            if found.orientation == 1 and pixels.shape != (bottom - top, *self.shape[1:]):
                raise BadImage("a part of it has other sides than it should have")
            alpha = None if found.alpha is None else found.alpha[before:][: bottom - top]
            return replace(found, pixels=pixels, alpha=alpha)

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *problem: object) -> None:
        self.reader.close()


def decoded(content: bytes) -> Decoded:
    """As `images.read` decodes a file."""

    def again() -> ImageFile.ImageFile:
        return Image.open(io.BytesIO(content), formats=FORMATS)

    with again() as image:
        return decode_deep(image, again, ignored) if is_deep(image, ignored) else decode(image, ignored)


def ignored(note: str) -> None:
    """Of a part of a picture it says nothing."""


def by_rows(path: Path, room: int) -> Rows | None:
    """A picture that takes more than `room` bytes when it is decoded whole.

    None of all others, and of those that are not stored by rows, or not upright.
    """
    if not path.is_file():  # a pipe would be waited for
        return None
    for kind, opening in READERS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reader = opening(path)
        except Exception:  # of another kind, or damaged: reading it whole tells
            continue
        if decoded_bytes(reader) <= room or reader.step * reader.width > MOST_AT_ONCE:
            return None
        refuse_huge(path, reader, kind)
        rows = Rows(path, reader, kind)
        if rows.orientation == 1:
            return rows
        reader.close()
    return None


def decoded_bytes(reader: Reader) -> int:
    """Of the whole picture: what Pillow holds, and the result beside it."""
    return pixels_of(reader) * reader.bits


def pixels_of(reader: Reader) -> int:
    return reader.height * reader.width


def refuse_huge(path: Path, reader: Reader, kind: str) -> None:
    """By its header, before anything is decoded."""
    size = f"{path}: {reader.width}x{reader.height} pixels"
    if pixels_of(reader) > MOST_PIXELS or max(reader.height, reader.width) > MAX_SIDE:
        raise BadImage(f"{size}, where there may be {MOST_PIXELS:,}, and {MAX_SIDE:,} along a side")
    if kind == "TIFF" and pixels_of(reader) * 4 * reader.bits // 8 > MOST_TIFF:
        raise BadImage(f"{size} do not fit into a TIFF of 4 GiB; save it as PNG")
