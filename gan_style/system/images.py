"""Pictures in and out. Inside the project pixels are RGB, sRGB, NHWC; uint8, or float32 in [-1, 1].

Where pictures are painted they may be uint16.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFont

from gan_style.system import disk
from gan_style.system.decoding import ORIENTATION as ORIENTATION
from gan_style.system.decoding import SRGB, UPRIGHT, decode
from gan_style.system.deep import decode_deep, is_deep
from gan_style.system.deep_files import FORMATS as DEEP_FORMATS
from gan_style.system.deep_files import save_deep
from gan_style.system.opening import KINDS, kind_of, opened
from gan_style.system.opening import SUFFIXES as SUFFIXES
from gan_style.system.opening import BadImage as BadImage
from gan_style.system.profiles import strips
from gan_style.system.progress import warn

# Formats kept on writing, and the suffix they get. Others become PNG.
STORED_AS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "TIFF": ".tif"}
MOST_TOLD = 20  # files of which it is told what was assumed about them
BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)  # as Pillow weighs colours
CAPTION = 13  # pixels: height of letters
_told: set[Path] = set()
# What turns upright pixels back, where it is not what turned them upright.
UNDO = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


@dataclass(frozen=True)
class Picture:
    """Upright sRGB pixels (H, W, 3), uint8 or uint16, and what has to survive a translation."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None  # (H, W) of the same
    orientation: int = 1  # the EXIF tag of the file; pixels here are already upright
    profile: bytes | None = None  # the RGB ICC profile of the file
    format: str = "PNG"
    grey: bool = False  # its channels are equal, and the file has only one


def read(path: Path, *, as_stored: bool = False) -> Picture:
    """Decode a file: orientation, colour profile, alpha over white, deep greys scaled. Only ever BadImage.

    Of an animation, or a file of several pages, it is the first picture. `as_stored`: of more than 8 bits a
    channel it is uint16, and a grey one is to be written as grey.
    """
    with telling(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with opened(path) as image:
            notes: list[str] = []
            kind = kind_of(image)
            if KINDS.get(path.suffix.lower(), kind) != kind:
                notes.append(f"is {kind} whatever its name says, and was read as that")
            if as_stored and is_deep(image, notes.append):
                found = decode_deep(image, partial(opened, path), notes.append)
            else:
                found = decode(image, notes.append)
        _tell(path, notes)
        stored = kind if kind in STORED_AS else "PNG"
        grey = as_stored and found.grey
        return Picture(found.pixels, found.alpha, found.orientation, found.profile, stored, grey)


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Whatever goes wrong while a file is read becomes BadImage, which names it."""
    try:
        yield
    except BadImage as problem:
        raise BadImage(f"{path}: {problem}") from None
    except FileNotFoundError:
        raise BadImage(f"{path}: there is no such file") from None
    except Exception as problem:  # decoders raise whatever they like on damaged files
        unread = isinstance(problem, OSError) and problem.strerror
        reason = f"read: {unread}" if unread else f"decoded: {problem or type(problem).__name__}"
        raise BadImage(f"{path}: cannot be {reason}") from None


def _tell(path: Path, notes: Sequence[str]) -> None:
    """What was assumed about a file, once; of a folder full of such files not every one is named."""
    if not notes or path in _told or len(_told) > MOST_TOLD:
        return
    _told.add(path)
    last = "there are more pictures like these, which are not named"
    warn(last if len(_told) > MOST_TOLD else f"{path}: {'; '.join(notes)}")


def write(path: Path, picture: Picture) -> Path:
    """Store a picture as its original was stored: format, orientation, profile, alpha. Returns the path."""
    path = path.with_suffix(STORED_AS[picture.format])
    with disk.replacing(path, durable=False) as file:
        save(file, picture)
    return path


def save(file: BinaryIO, picture: Picture) -> None:
    """Encode into an open file."""
    pixels = picture.pixels[..., :1] if picture.grey else picture.pixels
    if pixels.dtype == np.uint16 and picture.format in DEEP_FORMATS:
        save_deep(file, pixels, picture.alpha, picture.format, picture.profile, picture.orientation)
        return
    picture = shallow(picture)
    plain = Image.fromarray(picture.pixels[..., 0] if picture.grey else picture.pixels)
    image, profile = from_srgb(plain, picture.profile)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    lossy: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
    options = lossy.get(picture.format, {})
    if picture.orientation != 1:
        image = image.transpose(UNDO.get(picture.orientation, UPRIGHT[picture.orientation]))
        exif = Image.Exif()
        exif[ORIENTATION] = picture.orientation
        options["exif"] = exif
    image.save(file, picture.format, icc_profile=profile, **options)


def stored_suffix(suffix: str) -> str:
    """That of a painting of a picture whose name ends so, as far as its name tells."""
    return STORED_AS.get(KINDS.get(suffix.lower(), ""), ".png")


def from_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """In the file's own colour space; scanners' profiles lead only into sRGB, and then it stays that."""
    if profile is None:
        return image, None
    try:
        converted = ImageCms.profileToProfile(image, SRGB, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image, None
    assert converted is not None
    return converted, profile


def to_signed(pixels: Any) -> np.ndarray:
    """uint8 or uint16 to float32 in [-1, 1]."""
    half = 32767.5 if getattr(pixels, "dtype", None) == np.uint16 else 127.5
    return np.asarray(pixels, np.float32) / np.float32(half) - np.float32(1)


def to_bytes(signed: Any) -> np.ndarray:
    """[-1, 1] to uint8, rounded and clipped."""
    return to_levels(signed, np.dtype(np.uint8))


def to_levels(signed: Any, dtype: np.dtype) -> np.ndarray:
    """[-1, 1] to uint8 or uint16, rounded and clipped."""
    top = int(np.iinfo(dtype).max)
    return np.clip(np.round((np.asarray(signed, np.float32) + 1) * (top / 2)), 0, top).astype(dtype)


def eight_bits(pixels: np.ndarray) -> np.ndarray:
    """uint16 as uint8, rounded; what is uint8 as it is."""
    return pixels if pixels.dtype == np.uint8 else np.round(pixels / np.float32(257)).astype(np.uint8)


def shallow(picture: Picture) -> Picture:
    """With 8 bits, for what holds no more."""
    alpha = None if picture.alpha is None else eight_bits(picture.alpha)
    return replace(picture, pixels=eight_bits(picture.pixels), alpha=alpha)


def as_grey(picture: Picture) -> Picture:
    """Its brightness in all channels, to be stored as one."""
    pixels = np.empty_like(picture.pixels)
    for rows in strips(pixels):
        pixels[rows] = np.round(picture.pixels[rows] @ BRIGHTNESS)[..., None]
    return replace(picture, pixels=pixels, grey=True)


def as_asked(picture: Picture, grey: bool) -> Picture:
    """A painting of a grey picture in colours, or grey as well."""
    if not picture.grey:
        return picture
    return as_grey(picture) if grey else replace(picture, grey=False)


def resize(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Lanczos; identity where the size is already right."""
    if pixels.shape[:2] == (height, width):
        return pixels
    if pixels.dtype == np.uint16:  # which Pillow has no colours of
        result = np.empty((height, width, pixels.shape[2]), np.uint16)
        for channel in range(pixels.shape[2]):
            floats = resize(pixels[..., channel].astype(np.float32), height, width)
            result[..., channel] = np.clip(np.round(floats), 0, 65535)
        return result
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def resize_field(field: np.ndarray, height: int, width: int) -> np.ndarray:
    """(H, W, C) of float32 by nearest neighbours: where it jumps, nothing lies between."""
    rows = (np.arange(height) + 0.5) * field.shape[0] / height
    columns = (np.arange(width) + 0.5) * field.shape[1] / width
    return field[np.ix_(rows.astype(int), columns.astype(int))]


def reduced(pixels: np.ndarray, longest: int, least: int = 1) -> np.ndarray:
    """Scaled down, never up, to a longer side of so many pixels; the shorter one keeps at least `least`."""
    scale = min(1.0, longest / max(pixels.shape[:2]))
    return resize(pixels, *(max(least, round(side * scale)) for side in pixels.shape[:2]))


def captioned(sheet: np.ndarray, text: str) -> np.ndarray:
    """A sheet with a line of text below it; as it is where there is nothing to say."""
    if not text:
        return sheet
    line = Image.new("RGB", (sheet.shape[1], CAPTION + 8), "white")
    ImageDraw.Draw(line).text((4, 4), text, fill="black", font=ImageFont.load_default(CAPTION))
    return np.concatenate([sheet, np.asarray(line)])


def contact_sheet(rows: Sequence[Sequence[np.ndarray]], gap: int = 4) -> np.ndarray:
    """Pictures of one size in rows on white: one photograph a column, one role a row."""
    height, width, _ = rows[0][0].shape
    columns = max(len(row) for row in rows)
    sheet = np.full(((height + gap) * len(rows) - gap, (width + gap) * columns - gap, 3), 255, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            sheet[r * (height + gap) :, c * (width + gap) :][:height, :width] = picture
    return sheet
