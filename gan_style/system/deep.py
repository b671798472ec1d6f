"""Pictures of more than 8 bits a channel, as 16.

Of a colour of 16 bits Pillow keeps the upper byte. Told that the bytes are in the other order, it keeps the
lower one: decoded twice, a file is read whole, by the same decoders and within the same limits as any other.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
from PIL import Image, ImageFile

from gan_style.system import decoding, profiles
from gan_style.system.decoding import ORIENTATION, PLANES, UPRIGHT, Decoded
from gan_style.system.greys import SIXTEEN, Levels, levels_of

TOP = 65535
OTHER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}  # orders of bytes
Again = Callable[[], AbstractContextManager[ImageFile.ImageFile]]  # opens the same file once more


def is_deep(image: ImageFile.ImageFile, tell: Callable[[str], None]) -> bool:
    """Whether it is read with 16 bits; `tell` hears of what has them and is not."""
    if image.mode not in (*SIXTEEN, "I", "F") and lower(image) is None:
        if ";16" in raw_mode(image) or is_wide_ppm(image):
            tell("is read with 8 bits a channel, as its 16 are stored in a rare way")
        return False
    # Beside what decoding takes otherwise, 4 channels of 2 bytes.
    if decoding.bytes_needed(image) + 8 * image.width * image.height > decoding.MAX_BYTES:
        tell("is read with 8 bits a channel, as it is very large")
        return False
    return True


def decode_deep(image: ImageFile.ImageFile, again: Again, tell: Callable[[str], None]) -> Decoded:
    """As `decode` does it."""
    decoding.check(image)
    split = lower(image)
    image.load()
    orientation = image.getexif().get(ORIENTATION, 1)
    levels = levels_of(image, lambda: decoding.strips(image), tell)
    left_out, profile = image.info.get("transparency"), image.info.get("icc_profile")
    if levels is not None:
        pixels, alpha = greys(image, orientation, levels), None
    else:
        values = colours(image, orientation, again)
        pixels, alpha = values[..., :3], values[..., 3] if values.shape[-1] == 4 else None
        if isinstance(left_out, tuple):
            alpha = np.where((pixels == left_out).all(-1), 0, TOP).astype(np.uint16)
    grey = levels is not None or split == GREY_AND_ALPHA
    to_srgb, profile = profiles.to_srgb(profile, "GRAY" if grey else "RGB")
    for rows in profiles.strips(pixels):
        if to_srgb is not None:
            pixels[rows] = to_srgb(pixels[rows])
        if alpha is not None:
            pixels[rows] = decoding.over_white(pixels[rows], alpha[rows])
    return Decoded(
        pixels, decoding.opaque(alpha), orientation if orientation in UPRIGHT else 1, profile, grey
    )


def greys(image: Image.Image, orientation: int, levels: Levels) -> np.ndarray:
    pixels = np.empty((*decoding.upright_size(image, orientation), 3), np.uint16)
    for place, strip in decoding.upright(image, orientation):
        pixels[place] = levels.scaled(strip, TOP)[..., None]
    return pixels


def colours(image: Image.Image, orientation: int, again: Again) -> np.ndarray:
    """(H, W, 3 or 4), of the decoded upper bytes and the lower ones."""
    size = decoding.upright_size(image, orientation)
    values = np.empty((*size, len(image.getbands())), np.uint16)
    for place, strip in decoding.upright(image, orientation):
        values[place] = np.asarray(strip).astype(np.uint16) << 8
    image.close()  # and its memory is free for the second one
    with again() as other:
        split = lower(other)
        assert split is not None
        raw, channels = split
        for number, tile in enumerate(other.tile):
            args = (raw, *tile.args[1:]) if isinstance(tile.args, tuple) else raw
            other.tile[number] = tile._replace(args=args)
        other.load()
        for place, strip in decoding.upright(other, orientation):
            values[place] |= np.asarray(strip)[..., channels[: values.shape[-1]]]
    return values


# Pillow has no lower bytes of these, but as 4 channels of 8 bits it keeps all.
GREY_AND_ALPHA = "RGBA", (1, 1, 1, 3)


def lower(image: ImageFile.ImageFile) -> tuple[str, tuple[int, ...]] | None:
    """The raw mode by which Pillow unpacks the lower bytes, and the channels where they then are."""
    raw = raw_mode(image)
    if raw == "LA;16B":
        return GREY_AND_ALPHA
    channels, _, order = raw.partition(";16")
    together = getattr(image, "tag_v2", {}).get(PLANES, 1) == 1
    if channels in ("RGB", "RGBX", "RGBA") and order in OTHER and together:
        return f"{channels};16{OTHER[order]}", (0, 1, 2, 3)
    return None


def is_wide_ppm(image: ImageFile.ImageFile) -> bool:
    """A PPM of colours with more levels than a byte has, of which Pillow makes bytes while it decodes."""
    if image.format != "PPM" or not image.tile or not isinstance(image.tile[0].args, tuple):
        return False
    most = image.tile[0].args[-1]  # the highest value of its header
    return isinstance(most, int) and most > 255


def raw_mode(image: ImageFile.ImageFile) -> str:
    """How a PNG or TIFF stores its pixels, in Pillow's words."""
    if image.format not in ("PNG", "TIFF") or not image.tile:
        return ""
    args = image.tile[0].args
    return str(args[0] if isinstance(args, tuple) else args)
