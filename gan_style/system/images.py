"""Pictures in and out. Inside the project pixels are RGB, sRGB, NHWC; uint8, or float32 in [-1, 1]."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from gan_style.system.errors import UserError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm"})
MAX_PIXELS = 200_000_000
ORIENTATION = 0x0112
# Formats kept on writing, by Pillow's name; phones' JPEGs with a second picture are MPO. Others become PNG.
STORED_AS = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP", "TIFF": "TIFF"}
SRGB = ImageCms.createProfile("sRGB")

# Pillow's own guard only warns below twice its limit; the one here looks at the header before decoding.
Image.MAX_IMAGE_PIXELS = None


class BadImage(UserError):
    """A file that is no usable picture, and why."""


@dataclass(frozen=True)
class Picture:
    """Upright sRGB pixels (H, W, 3) uint8, and what has to survive a translation."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None  # (H, W) uint8
    orientation: int = 1  # the EXIF tag of the file; pixels here are already upright
    profile: bytes | None = None  # the RGB ICC profile of the file
    format: str = "PNG"


def read(path: Path) -> Picture:
    """Decode a file: size guard, orientation, colour profile, alpha over white, 16 bits scaled."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return _normalise(image)
    except BadImage as problem:
        raise BadImage(f"{path}: {problem}") from None
    except FileNotFoundError:
        raise BadImage(f"{path}: there is no such file") from None
    except UnidentifiedImageError:
        reason = "the file is empty" if path.stat().st_size == 0 else "not a picture in a known format"
        raise BadImage(f"{path}: {reason}") from None
    except Exception as problem:  # decoders raise whatever they like on damaged files
        raise BadImage(f"{path}: cannot be decoded: {problem}") from None


def _normalise(image: Image.Image) -> Picture:
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(f"{image.width}x{image.height} pixels are more than the limit of {MAX_PIXELS:,}")
    image.load()
    orientation = image.getexif().get(ORIENTATION, 1)
    profile, kind = image.info.get("icc_profile"), STORED_AS.get(image.format or "", "PNG")
    image = _eight_bits(ImageOps.exif_transpose(image))
    alpha = _alpha(image)
    image, profile = _to_srgb(image, profile)
    pixels = np.asarray(image)
    if alpha is not None:
        cover = alpha[..., None].astype(np.float32) / 255
        pixels = np.round(pixels * cover + 255 * (1 - cover)).astype(np.uint8)
    return Picture(pixels, alpha, orientation if orientation in range(1, 9) else 1, profile, kind)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and float greys scaled to 8 bits; plain conversion would clip them to white."""
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        values = np.asarray(image, np.float64)
        # Pillow widens 16-bit PNGs to "I"; floats are taken as 0..1 unless they exceed it.
        top = 1.0 if image.mode == "F" and values.max() <= 1.0 else 255.0 if image.mode == "F" else 65535.0
        return Image.fromarray(np.clip(np.round(values * (255.0 / top)), 0, 255).astype(np.uint8))
    return image


def _alpha(image: Image.Image) -> np.ndarray | None:
    if not image.has_transparency_data:
        return None
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    return None if alpha.min() == 255 else alpha


def _to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """RGB in sRGB; the profile is kept if pictures can be converted back to it (an RGB one that works)."""
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGBA").convert("RGB") if image.has_transparency_data else image.convert("RGB")
    if profile is not None:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(space) == image.mode:
                converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
                assert converted is not None
                return converted, profile if space == "RGB" else None
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing about the colours: take them as sRGB
    return image.convert("RGB"), None


def write(path: Path, picture: Picture) -> Path:
    """Store a picture as its original was stored: format, orientation, profile, alpha. Returns the path."""
    image, profile = _from_srgb(Image.fromarray(picture.pixels), picture.profile)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    kind = picture.format
    lossy: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
    options = lossy.get(kind, {})
    if picture.orientation != 1:
        image = image.transpose(_UNDO[picture.orientation])
        exif = Image.Exif()
        exif[ORIENTATION] = picture.orientation
        options["exif"] = exif
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.with_suffix({"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "TIFF": ".tif"}[kind])
    partial = path.with_name(f".{path.name}.partial")
    image.save(partial, kind, icc_profile=profile, **options)
    partial.replace(path)
    return path


def _from_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """In the file's own colour space; scanners' profiles lead only into sRGB, and then it stays that."""
    if profile is None:
        return image, None
    try:
        converted = ImageCms.profileToProfile(image, SRGB, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image, None
    assert converted is not None
    return converted, profile


# What turns upright pixels back into the way a file with this EXIF orientation stores them.
_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def to_signed(pixels: Any) -> np.ndarray:
    """uint8 to float32 in [-1, 1]."""
    return np.asarray(pixels, np.float32) / np.float32(127.5) - np.float32(1)


def to_bytes(signed: Any) -> np.ndarray:
    """[-1, 1] to uint8, rounded and clipped."""
    return np.clip(np.round((np.asarray(signed, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)


def resize(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Lanczos; identity where the size is already right."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def reduced(pixels: np.ndarray, longest: int, least: int = 1) -> np.ndarray:
    """Scaled down, never up, to a longer side of so many pixels; the shorter one keeps at least `least`."""
    scale = min(1.0, longest / max(pixels.shape[:2]))
    return resize(pixels, *(max(least, round(side * scale)) for side in pixels.shape[:2]))


def contact_sheet(rows: Sequence[Sequence[np.ndarray]], gap: int = 4) -> np.ndarray:
    """Pictures of one size in rows on white: one photograph a column, one role a row."""
    height, width, _ = rows[0][0].shape
    columns = max(len(row) for row in rows)
    sheet = np.full(((height + gap) * len(rows) - gap, (width + gap) * columns - gap, 3), 255, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            sheet[r * (height + gap) :, c * (width + gap) :][:height, :width] = picture
    return sheet
