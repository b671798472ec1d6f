"""A TIFF by rows: the strips or tiles that hold them are put, as they are, into a small TIFF of their own.

So the same decoder reads them that reads whole files, with compression, palette, profile and 16 bits.
"""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from gan_style.system.decoding import ORIENTATION, PLANES
from gan_style.system.opening import BadImage, Rationed
from gan_style.system.rows.files import (
    BITS,
    CHANNELS,
    COMPRESSION,
    COUNTS,
    HEIGHT,
    OFFSETS,
    PHOTOMETRIC,
    PROFILE,
    ROWS,
    WIDTH,
)

TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_COUNTS = 322, 323, 324, 325
FILL_ORDER, PREDICTOR, COLOUR_MAP, EXTRA, SAMPLE_FORMAT, XMP = 266, 317, 320, 338, 339, 700
LEAST, MOST = 340, 341
REPEATED = (
    *(BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, ORIENTATION, CHANNELS, PLANES, PREDICTOR, COLOUR_MAP),
    *(TILE_WIDTH, TILE_LENGTH, EXTRA, SAMPLE_FORMAT, XMP, PROFILE),
)
RAW = 1
COMPRESSIONS = (RAW, 5, 8, 32946, 32773)  # LZW, deflate under two numbers, PackBits
COLOURS = (0, 1, 2, 3)  # greys, white or black as zero; RGB; a palette
MOST_BESIDE = 4_000_000  # bytes of profile and description, which every small TIFF repeats
SLACK = 65536  # bytes: compressed noise is larger than it was


class TiffReader:
    """Rows anywhere, though a strip or tile is decoded as a whole."""

    def __init__(self, path: Path) -> None:
        """ValueError or KeyError: of a kind that cannot be read by rows."""
        self.path = path
        self.tags = tags = read_tags(path)
        self.width, self.height = tags[WIDTH], tags[HEIGHT]
        tiled = TILE_WIDTH in tags
        bits = set(tags.get(BITS, (1,)))
        # Of greys that declare their range, what is white may depend on all of the picture.
        odd = {*tags.get(SAMPLE_FORMAT, (1,)), tags.get(PLANES, 1)} != {1} or {LEAST, MOST} & set(tags)
        beside = sum(len(tags.get(tag, b"")) for tag in (PROFILE, XMP))
        if odd or bits not in ({8}, {16}) or beside > MOST_BESIDE or tags[PHOTOMETRIC] not in COLOURS:
            raise ValueError("of a rare kind")
        if tags.get(COMPRESSION, RAW) not in COMPRESSIONS:
            raise ValueError("compressed in a rare way")
        across = tags[TILE_WIDTH] if tiled else self.width
        self.step = tags[TILE_LENGTH] if tiled else min(self.height, tags.get(ROWS, self.height))
        if min(across, self.step, self.width, self.height) < 1:
            raise ValueError("without pixels")
        self.columns, self.stored = -(-self.width // across), self.step
        self.bits, self.has_alpha = max(bits), EXTRA in tags
        self.row_bytes = across * tags.get(CHANNELS, 1) * self.bits // 8
        self.offsets = tags[TILE_OFFSETS if tiled else OFFSETS]
        self.counts = tags.get(TILE_COUNTS if tiled else COUNTS)
        self.by_row = not tiled and tags.get(COMPRESSION, RAW) == RAW
        if self.by_row:
            self.step = 1
        elif self.counts is None or len(self.counts) < len(self.offsets):
            raise ValueError("its parts have no length")
        if len(self.offsets) < -(-self.height // self.stored) * self.columns:
            raise ValueError("parts are missing")

    def part(self, top: int, bottom: int) -> tuple[bytes, int]:
        """A TIFF of these rows, and how many others stand before them in it."""
        first, last = top // self.step, -(-bottom // self.step)
        rows = slice(first * self.step, min(self.height, last * self.step))
        with self.path.open("rb") as file:
            pieces = list(self._raw(file, rows) if self.by_row else self._whole(file, first, last))
        return self.tiff(pieces, rows.stop - rows.start), top - rows.start

    def _raw(self, file: BinaryIO, rows: slice) -> Iterator[bytes]:
        """Of strips that are not compressed, only the rows."""
        row = rows.start
        while row < rows.stop:
            strip, within = divmod(row, self.stored)
            end = min(rows.stop, (strip + 1) * self.stored)
            yield taken(file, self.offsets[strip] + within * self.row_bytes, (end - row) * self.row_bytes)
            row = end

    def _whole(self, file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
        for number in range(first * self.columns, last * self.columns):
            if self.counts[number] > 2 * self.stored * self.row_bytes + SLACK:
                raise BadImage("a part of it is longer than its pixels can be")
            yield taken(file, self.offsets[number], self.counts[number])

    def tiff(self, pieces: list[bytes], height: int) -> bytes:
        tags = ImageFileDirectory_v2(prefix=self.tags.prefix)
        for tag in REPEATED:
            if tag in self.tags:
                tags.tagtype[tag] = self.tags.tagtype[tag]
                tags[tag] = self.tags[tag]
        tags[WIDTH], tags[HEIGHT] = self.width, height
        tiled = TILE_WIDTH in self.tags
        lengths = [len(piece) for piece in pieces]
        if self.by_row:
            tags[ROWS], lengths = height, [sum(lengths)]
        elif not tiled:
            tags[ROWS] = self.stored
        starts = tuple(accumulate(lengths[:-1], initial=0))
        tags[TILE_COUNTS if tiled else COUNTS] = tuple(lengths)
        tags[TILE_OFFSETS if tiled else OFFSETS] = starts
        head = b"MM\0*\0\0\0\x08" if tags.prefix == b"MM" else b"II*\0\x08\0\0\0"
        if tiled:  # to those of strips Pillow adds what stands before the pixels
            before = len(head) + len(tags.tobytes(len(head)))
            tags[TILE_OFFSETS] = tuple(before + start for start in starts)
        return b"".join([head, tags.tobytes(len(head)), *pieces])

    def close(self) -> None:
        """Nothing stays open."""


def read_tags(path: Path) -> Any:
    """Of the first picture."""
    with Rationed(path) as file:
        head = file.read(8)
        if head[:4] in (b"II+\0", b"MM\0+"):
            head += file.read(8)
        tags = ImageFileDirectory_v2(head)
        file.seek(tags.next)
        tags.load(file)
        return tags


def taken(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    content = file.read(length)
    if len(content) < length:
        raise BadImage("the file ends in the middle of its pixels")
    return content
