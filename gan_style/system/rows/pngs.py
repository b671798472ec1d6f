"""A PNG by rows: they are unpacked as far as they are needed, and given as small PNGs of their own.

So the same decoder reads them that reads whole files, with palette, transparency, profile and 16 bits.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk

from gan_style.system.opening import BadImage
from gan_style.system.rows.files import SIGNATURE

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
MOST_CHUNKS = 4_000_000
MOST_BESIDE = 4_000_000  # bytes of all chunks but the pixels', which every small PNG repeats
PIECE = 2**16  # compressed bytes
# By the bytes of a pixel, as which Pillow takes filters off it; of 16 bits it keeps one byte at a time.
MODES = {1: ("L", ["L"]), 2: ("LA", ["LA"]), 3: ("RGB", ["RGB"]), 4: ("RGBA", ["RGBA"])}
MODES |= {6: ("RGB", ["RGB;16B", "RGB;16L"]), 8: ("RGBA", ["RGBA;16B", "RGBA;16L"])}


class PngReader:
    """Rows from the first to the last; to go back is to begin again."""

    step = 1  # rows, the fewest that are decoded

    def __init__(self, path: Path) -> None:
        """ValueError: of a kind that cannot be read by rows, or damaged; BadImage: too large in its parts."""
        self.path, self.beside = path, b""
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) != SIGNATURE:
                raise ValueError("no PNG")
            self._take_chunks(file)
        if self.bits not in DEPTHS.get(self.colour, ()) or self.interlaced:
            raise ValueError("interlaced, or of no known kind")
        bits = CHANNELS[self.colour] * self.bits
        self.row_bytes, self.pixel_bytes = -(-self.width * bits // 8), max(1, bits // 8)
        self.has_alpha = self.colour in (4, 6) or b"tRNS" in self.beside
        self.lines: Lines | None = None
        self.done = 0

    def _take_chunks(self, file: BinaryIO) -> None:
        """All but the pixels, also what stands behind them: there may be the orientation."""
        self.width, self.height, self.bits, self.colour, *_, self.interlaced = (0,) * 6
        self.start, kept = 0, io.BytesIO()
        for name, length in chunks(file):
            if name == b"IDAT":
                self.start = self.start or file.tell() - 8
                file.seek(length + 4, 1)
                continue
            if kept.tell() + length > MOST_BESIDE or name in (b"acTL", b"CgBI"):
                raise ValueError("animated, or with a lot beside its pixels")
            content = file.read(length)
            file.seek(4, 1)
            if name == b"IHDR":
                (*size,) = struct.unpack(">2I5B", content)
                self.width, self.height, self.bits, self.colour, _, _, self.interlaced = size
            elif name != b"IEND":
                putchunk(kept, name, content)
        if not (self.start and self.width and self.height):
            raise ValueError("no pixels")
        self.beside = kept.getvalue()

    def part(self, top: int, bottom: int) -> tuple[bytes, int]:
        """A PNG of just these rows, none before them."""
        if self.lines is None or top < self.done:
            self.close()
            self.lines, self.done = Lines(self.path, self.start), 0
            self.above = np.zeros(self.row_bytes, np.uint8)
        while self.done < top:
            self._next(min(top, self.done + max(1, bottom - top)))
        rows = self._next(bottom)
        packed = np.concatenate([np.zeros((len(rows), 1), np.uint8), rows], 1)
        return self.png(zlib.compress(packed.tobytes(), 0), len(rows)), 0

    def png(self, pixels: bytes, height: int) -> bytes:
        file = io.BytesIO()
        file.write(SIGNATURE)
        head = struct.pack(">2I5B", self.width, height, self.bits, self.colour, 0, 0, 0)
        putchunk(file, b"IHDR", head)
        file.write(self.beside)
        putchunk(file, b"IDAT", pixels)
        putchunk(file, b"IEND")
        return file.getvalue()

    def _next(self, bottom: int) -> np.ndarray:
        """The bytes of rows (N, row_bytes), each with its filter taken off."""
        assert self.lines is not None
        count = bottom - self.done
        filtered = self.lines.read(count * (1 + self.row_bytes))
        rows = unfiltered(filtered, self.above, self.pixel_bytes)
        self.above, self.done = rows[-1].copy(), bottom
        if bottom == self.height:
            self.lines.finish()
        return rows

    def close(self) -> None:
        if self.lines is not None:
            self.lines.file.close()
            self.lines = None


class Lines:
    """What the chunks of pixels unpack to, in order."""

    def __init__(self, path: Path, start: int) -> None:
        self.file = path.open("rb")
        self.file.seek(start)
        self.inflater, self.left, self.sum = zlib.decompressobj(), 0, 0
        self.open = False  # within a chunk

    def read(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            if self.inflater.eof:
                raise BadImage("its pixels end before the last row")
            packed = self.inflater.unconsumed_tail or self._packed()
            more = self.inflater.decompress(packed, count - len(found))
            if not packed and not more:
                raise BadImage("its pixels end before the last row")
            found += more
        return bytes(found)

    def finish(self) -> None:
        """What the check sum at the end says."""
        while not self.inflater.eof:
            packed = self.inflater.unconsumed_tail or self._packed()
            if self.inflater.decompress(packed, PIECE) or not packed:
                return

    def _packed(self) -> bytes:
        """Some compressed bytes; none where the chunks of pixels end."""
        while not self.left:
            if self.open:
                if self.file.read(4) != struct.pack(">I", self.sum):
                    raise BadImage("it is damaged: the check sum of a part of its pixels is wrong")
                self.open = False
            head = self.file.read(8)
            if len(head) < 8 or head[4:] != b"IDAT":
                self.file.seek(-len(head), 1)
                return b""
            self.open, self.left, self.sum = True, int.from_bytes(head[:4], "big"), zlib.crc32(b"IDAT")
        packed = self.file.read(min(self.left, PIECE))
        if not packed:
            raise BadImage("the file ends in the middle of its pixels")
        self.left, self.sum = self.left - len(packed), zlib.crc32(packed, self.sum)
        return packed


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Names and lengths; whoever takes one leaves the file behind its check sum."""
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        yield head[4:], int.from_bytes(head[:4], "big")
    raise BadImage(f"has more than {MOST_CHUNKS:,} chunks")


def unfiltered(filtered: bytes, above: np.ndarray, pixel_bytes: int) -> np.ndarray:
    """Rows of bytes (N, row_bytes). Each row begins with the number of its filter, as in a PNG."""
    packed = zlib.compress(b"\0" + above.tobytes() + filtered, 0)
    size = len(above) // pixel_bytes, 1 + len(filtered) // (1 + len(above))
    mode, raw = MODES[pixel_bytes]
    orders = [np.asarray(Image.frombytes(mode, size, packed, "zip", order, 0)) for order in raw]
    return np.stack(orders, -1).reshape(size[1], -1)[1:]
