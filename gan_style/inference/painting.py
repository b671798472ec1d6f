"""One picture through a trained method, at its working size and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from keras import ops
from scipy import ndimage

from gan_style.methods import Method, Request
from gan_style.methods.base.request import StyleImage
from gan_style.system import images
from gan_style.system.errors import UserError

SMALLEST_SIDE = 64
SEAM = 2.0  # pixels over which a mask's border fades, inwards


def at_working_size(pictures: Sequence[StyleImage] | None, size: int) -> tuple[StyleImage, ...] | None:
    """Style pictures like the photographs: no longer than `size`, none too thin for convolutions."""
    if pictures is None:
        return None
    fitting = []
    for pixels, weight in pictures:
        small = images.reduced(images.to_bytes(pixels), size)
        margins = [(0, max(0, SMALLEST_SIDE - side)) for side in small.shape[:2]]
        fitting.append((images.to_signed(np.pad(small, [*margins, (0, 0)], mode="symmetric")), weight))
    return tuple(fitting)


def checked(method: Method, requests: Sequence[Request], size: int) -> list[Request]:
    """Requests with style pictures at the working size; what the method does not understand is refused."""
    fitting = [replace(one, style_images=at_working_size(one.style_images, size)) for one in requests]
    for request in fitting:
        method.check_request(request)
    return fitting


def paint(
    method: Method, picture: images.Picture, size: int, request: Request, reflect_pad: int = 0
) -> images.Picture:
    """Painted at the working size, which bounds the memory, and given back at its own."""
    height, width = picture.pixels.shape[:2]
    covered = coverage(request.masks, height, width) if request.masks is not None else None
    scale = min(1.0, size / max(height, width))
    working = [max(1, round(side * scale)) for side in (height, width)]
    pixels = images.resize(picture.pixels, *working)
    # Mirrored around, as zeros beyond the border leave marks; thin pictures until the convolutions have room.
    signed = images.to_signed(pixels)
    room = 0 if method.is_finished(signed) else SMALLEST_SIDE
    margins = [(reflect_pad, max(reflect_pad, room - side)) for side in working]
    roomy = np.pad(signed, [*margins, (0, 0)], mode="symmetric")
    if request.masks is not None:
        small = {name: np.clip(images.resize(mask, *working), 0, 1) for name, mask in request.masks.items()}
        masks = {name: np.pad(mask, margins, mode="symmetric") for name, mask in small.items()}
        request = replace(request, masks=masks)
    painted = method.translate(ops.convert_to_tensor(roomy[None]), request)
    inner = images.to_bytes(ops.convert_to_numpy(painted)[0])[reflect_pad:, reflect_pad:]
    result = images.resize(inner[: working[0], : working[1]], height, width)
    if request.strength is not None and scale < 1.0:
        # `1 - strength` of what the working size loses of the photograph is added back.
        lost = picture.pixels.astype(np.float32) - images.resize(pixels, height, width)
        result = np.clip(np.round(result + (1 - request.strength) * lost), 0, 255).astype(np.uint8)
    if covered is not None:
        change = result.astype(np.float32) - picture.pixels
        result = np.round(picture.pixels + covered[..., None] * change).astype(np.uint8)
    return replace(picture, pixels=result)


def coverage(masks: Mapping[str, np.ndarray], height: int, width: int) -> np.ndarray:
    """How far each pixel is painted over (H, W): 0 wherever all masks are 0, rising softly inside of them."""
    for name, mask in masks.items():
        if mask.shape != (height, width):
            size = f"{mask.shape[1]}x{mask.shape[0]}"
            raise UserError(f"the mask of '{name}' has {size} pixels, the picture {width}x{height}")
    total = np.clip(sum(masks.values()), 0, 1)
    inside = ndimage.gaussian_filter((total > 0).astype(np.float32), SEAM, mode="nearest")
    return total * np.clip(2 * inside - 1, 0, 1) * (total > 0)
