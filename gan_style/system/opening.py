"""A picture file is opened for what it holds, by a decoder of a short list, within bytes and seconds."""

import io
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile, UnidentifiedImageError, features
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from gan_style.system.errors import UserError

# What a file may be, by the names that such files have. Nothing else is ever asked to decode one: among all
# that Pillow can open there are formats that start programs.
NAMES = {"PNG": "png", "JPEG": "jpg jpeg", "WEBP": "webp", "TIFF": "tif tiff", "BMP": "bmp", "GIF": "gif"}
NAMES |= {"PPM": "ppm"} | ({"AVIF": "avif"} if features.check("avif") else {})
FORMATS = tuple(NAMES)
KINDS = {f".{name}": kind for kind, names in NAMES.items() for name in names.split()}
SUFFIXES = frozenset(KINDS)
# What people have that is none of these, by how it begins.
FOREIGN = {
    "PostScript": (b"%!", b"\xc5\xd0\xd3\xc6"),
    "a PDF": (b"%PDF",),
    "a web page": (b"<!doctype", b"<html"),
    "SVG or other XML": (b"<svg", b"<?xml"),
    "a ZIP archive": (b"PK",),
    "a Photoshop file": (b"8BPS",),
    "JPEG 2000": (b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51"),
    "JPEG XL": (b"\xff\x0a", b"\0\0\0\x0cjxl"),
    "HEIC": tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis")),
    "OpenEXR": (b"\x76\x2f\x31\x01",),
}

MAX_PIXELS = 200_000_000
MAX_FILE_BYTES = 1_000_000_000  # 16-bit RGBA of 100 megapixels, uncompressed, is 800 MB
MAX_HEADER_BYTES = 32_000_000  # all that stands before the pixels: profiles, comments, lists of strips
MAX_SECONDS = 30.0  # of this thread's processor, so that a busy machine or a slow disk refuses nothing
# libjpeg works off all that it is given before it can be stopped: hundreds of scans are 64 KB, but few 4 KB.
JPEG_READS = 4096

# Pillow refuses twice this on opening, before any decoder has taken memory for it.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


class BadImage(UserError):
    """A file that is no usable picture, and why."""


class TooLarge(BadImage):
    """More pixels or bytes than a picture may have that is decoded whole."""


class Rationed(io.BufferedReader):
    """A file that gives `left` bytes and no more, and nothing any more once its time is up."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.left = MAX_HEADER_BYTES
        self.ends = time.thread_time() + MAX_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() > self.ends:
            raise BadImage(f"takes longer to decode than the limit of {MAX_SECONDS:g} seconds")
        content = super().read(size)
        if size is not None and size >= 0:  # a decoder that takes the file whole takes it once
            self.left -= len(content)
        if self.left < 0:
            raise BadImage("its parts are too large, or are read again and again")
        return content


@contextmanager
def opened(path: Path) -> Iterator[ImageFile.ImageFile]:
    """A picture of which the header is read, and not yet the pixels."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for, a device never ends
        what = "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe"
        raise BadImage(f"is {what}, not a file")
    if about.st_size > MAX_FILE_BYTES:
        raise TooLarge(f"{about.st_size:,} bytes are more than the limit of {MAX_FILE_BYTES:,}")
    with Rationed(path) as file:
        try:
            image = Image.open(file, formats=FORMATS)
        except UnidentifiedImageError:
            raise BadImage(_refusal(file)) from None
        except Image.DecompressionBombError:
            raise TooLarge(f"it has more pixels than the limit of {MAX_PIXELS:,}") from None
        with image:
            if image.format in ("JPEG", "MPO"):
                image.decodermaxblock = JPEG_READS
            file.left += about.st_size
            yield image


def kind_of(image: Image.Image) -> str:
    """Phones' JPEGs with a second picture are MPO to Pillow, and JPEG to everyone else."""
    return "JPEG" if image.format == "MPO" else image.format or ""


def _refusal(file: Rationed) -> str:
    """Why no decoder of the list takes it."""
    file.seek(0)
    head = file.read(64)
    readable = f"not a picture format that is read here ({', '.join(FORMATS)})"
    if not head:
        return "the file is empty"
    begins = head.lstrip().lower()
    for name, starts in FOREIGN.items():
        if any(start.lower() in (begins[: len(start)], begins[4 : 4 + len(start)]) for start in starts):
            return f"is {name}, {readable}"
    if not (kind := next((one for one in FORMATS if Image.OPEN[one][1](head) is True), None)):  # type: ignore[misc]
        return readable
    also = f" ({_channels(file)}); save it with 8 or 16 bits a channel" if kind == "TIFF" else ""
    return f"is a damaged {kind}, or one of a kind that is not read{also}"


def _channels(file: Rationed) -> str:
    """What the pixels of a TIFF are, such as '3 channels of 32-bit floats'."""
    try:
        file.seek(0)
        tags = ImageFileDirectory_v2(file.read(8))
        file.seek(tags.next)
        tags.load(file)
        what = {1: "integers", 2: "signed integers", 3: "floats"}[tags.get(339, (1,))[0]]
        return f"{tags.get(277, 1)} channels of {tags.get(258, (1,))[0]}-bit {what}"
    except Exception:  # whatever a damaged one leads to
        return "its channels are not described"
