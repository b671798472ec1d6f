"""An opened picture as upright sRGB pixels, made strip by strip, so that only they are held whole twice."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin

from gan_style.system.greys import Levels, levels_of
from gan_style.system.opening import BadImage

MAX_BYTES = 2_400_000_000  # at the peak of decoding: any JPEG, PNG or TIFF of 200 megapixels
MAX_SIDE = 1_000_000  # pixels; the strips that are worked on have at least one whole row
STRIP_PIXELS = 2**18
ORIENTATION = 0x0112
PLANES = 284  # the tag of a TIFF: 2 where each channel is stored by itself
SRGB = ImageCms.createProfile("sRGB")
# Of one pixel, as Pillow holds it; 4 in all other modes.
STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
# What turns the pixels of a file with this EXIF orientation upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Decoded:
    pixels: np.ndarray  # (H, W, 3) uint8, of `deep` uint16
    alpha: np.ndarray | None  # (H, W) of the same
    orientation: int  # the EXIF tag
    profile: bytes | None  # the RGB ICC profile, if colours can be taken back to it
    grey: bool  # the file has no colours


def decode(image: Image.Image, tell: Callable[[str], None]) -> Decoded:
    """Orientation, colour profile, alpha over white, deep greys scaled; `tell` hears what was assumed."""
    check(image)
    image.load()
    orientation = image.getexif().get(ORIENTATION, 1)
    levels = levels_of(image, lambda: strips(image), tell)
    transparent = image.has_transparency_data and levels is None
    mode = "L" if levels else image.mode if image.mode in ("RGB", "CMYK", "L") else "RGB"
    transform, profile = _to_srgb(image.info.get("icc_profile"), mode)
    pixels = np.empty((*upright_size(image, orientation), 3), np.uint8)
    alpha = np.empty(pixels.shape[:2], np.uint8) if transparent else None
    for place, strip in upright(image, orientation):
        pixels[place], cover = _colours(strip, levels, transparent, transform)
        if alpha is not None:
            alpha[place] = cover
    grey = levels is not None or image.mode in ("1", "L", "LA")
    return Decoded(pixels, opaque(alpha), orientation if orientation in UPRIGHT else 1, profile, grey)


def check(image: Image.Image) -> None:
    """By its header, before anything is decoded."""
    if not 0 < min(image.size) <= max(image.size) <= MAX_SIDE:
        raise BadImage(f"{image.width}x{image.height} pixels, where each side may have 1 to {MAX_SIDE:,}")
    if (needed := bytes_needed(image)) > MAX_BYTES:
        size = f"{image.width}x{image.height} pixels of mode {image.mode} ({image.format})"
        memory = f"{needed:,} bytes of memory, more than the limit of {MAX_BYTES:,}"
        raise BadImage(f"decoding {size} takes {memory}; make it smaller first")
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.info["compression"] == "raw":
        planes, bits = image.tag_v2.get(PLANES, 1), image.tag_v2.get(258, (1,))
        if planes == 2 and len(bits) > 1 and max(bits) > 8:  # of which Pillow takes each byte for a value
            raise BadImage("stores its channels one after the other; compress it, or store them together")


def bytes_needed(image: Image.Image) -> int:
    """What memory decoding takes at its peak, by the header: Pillow's pixels, and beside them the larger of
    what its decoder works with and the result."""
    area = image.width * image.height
    match image.format:
        case "JPEG" | "MPO":
            beside = area * 2 * len(image.getbands())  # the coefficients, of which progressive ones all stay
        case "WEBP" | "AVIF":
            beside = area * 12  # planes of 16 bits, a canvas, a copy
        case _:
            beside = _tiff_block(image) if isinstance(image, TiffImagePlugin.TiffImageFile) else 0
    return area * STORED.get(image.mode, 4) + max(beside, area * 4)


def strips(image: Image.Image) -> Iterator[Image.Image]:
    """The picture from top to bottom, in parts of its width."""
    rows = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(image.height, top + rows)))


def upright_size(image: Image.Image, orientation: int) -> tuple[int, int]:
    """Rows and columns."""
    return image.size if orientation in (5, 6, 7, 8) else image.size[::-1]


def upright(
    image: Image.Image, orientation: int
) -> Iterator[tuple[slice | tuple[slice, slice], Image.Image]]:
    """The strips turned upright, and where each belongs in the upright picture."""
    bottom = 0
    for strip in strips(image):
        top, bottom = bottom, bottom + strip.height
        backwards = orientation in (3, 4, 6, 7)
        along = slice(image.height - bottom, image.height - top) if backwards else slice(top, bottom)
        turned = strip.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else strip
        yield (slice(None), along) if orientation in (5, 6, 7, 8) else along, turned


def _tiff_block(image: TiffImagePlugin.TiffImageFile) -> int:
    """Bytes of a compressed TIFF's largest part, unpacked whole: a tile may be larger than the picture."""
    if image.info["compression"] == "raw":
        return 0
    tags, (width, height) = image.tag_v2, image.size
    across, down = tags.get(322, width), tags.get(323, min(height, tags.get(278, height)))
    each = tags.get(277, 1) * max(tags.get(258, (1,))) // 8
    return across * down * (max(4, each) + (6 if "jpeg" in image.info["compression"] else 0))


def _to_srgb(profile: bytes | None, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, bytes | None]:
    """From the profile's colours, and the profile if pictures can be taken back to it (an RGB one)."""
    if profile is not None:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(space) == mode:
                return ImageCms.buildTransform(source, SRGB, mode, "RGB"), profile if space == "RGB" else None
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing about the colours: take them as sRGB
    return None, None


def _colours(
    strip: Image.Image,
    levels: Levels | None,
    transparent: bool,
    transform: ImageCms.ImageCmsTransform | None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """A strip's sRGB pixels over white, and its alpha."""
    if levels is not None:
        strip = levels(strip)
    cover = None
    if transparent:
        whole = strip.convert("RGBA")
        cover = np.asarray(whole.getchannel("A"))
        strip = strip if strip.mode in ("RGB", "CMYK", "L") else whole
    if transform is not None:
        strip = transform.apply(strip if strip.mode == transform.input_mode else strip.convert("RGB"))
    pixels = np.asarray(strip.convert("RGB"))
    if cover is not None:
        pixels = over_white(pixels, cover)
    return pixels, cover


def over_white(pixels: np.ndarray, cover: np.ndarray) -> np.ndarray:
    white = int(np.iinfo(pixels.dtype).max)
    share = cover[..., None].astype(np.float32) / white
    return np.round(pixels * share + white * (1 - share)).astype(pixels.dtype)


def opaque(alpha: np.ndarray | None) -> np.ndarray | None:
    """None where nothing can be seen through."""
    return None if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max else alpha
