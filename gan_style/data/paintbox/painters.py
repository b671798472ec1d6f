"""Painters: deterministic programs that turn a photograph (H, W, 3) uint8 into a painting of it."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
from PIL import Image
from scipy import ndimage

from gan_style.data.paintbox import strokes
from gan_style.data.paintbox.sketch import sketch
from gan_style.data.paintbox.watercolor import watercolor


def oil(
    photo: np.ndarray,
    seed: int,
    *,
    brushes: tuple[float, ...] = (8, 4, 2),
    thresholds: tuple[float, ...] = (0, 16, 24),
    jitter: float = 9.0,
    relief: float = 1.0,
) -> np.ndarray:
    """Layers of curved strokes: fine brushes go only where coarse ones left an error above the threshold."""
    rng = np.random.default_rng(seed)
    ground = tuple(int(mean) for mean in photo.mean((0, 1)))
    canvas = Image.new("RGBA", photo.shape[1::-1], (*ground, 128))
    for radius, threshold in zip(brushes, thresholds, strict=True):
        reference = ndimage.gaussian_filter(photo.astype(np.float32), (radius / 2, radius / 2, 0))
        painted = np.asarray(canvas, np.float32)[..., :3]
        # Differences finer than the brush are strokes, not mistakes.
        error = np.abs(ndimage.gaussian_filter(reference - painted, (radius, radius, 0))).sum(-1)
        origins = strokes.stroke_origins(error, round(1.2 * radius), threshold, rng)
        field = strokes.contour_field(reference, radius, rng)
        layer = strokes.trace(reference, painted, field, origins, radius, steps=10, rng=rng)
        strokes.draw(layer, canvas, jitter, rng)
    *colour, height = np.moveaxis(np.asarray(canvas, np.float32), -1, 0)
    return lit_from_above(np.stack(colour, -1), height, relief)


def lit_from_above(colour: np.ndarray, height: np.ndarray, strength: float) -> np.ndarray:
    """Shade thick paint by its slope towards the top edge: mirroring the picture leaves the light."""
    slope = ndimage.gaussian_filter(height, 0.7, order=(1, 0))
    return np.clip(colour + strength * slope[..., None], 0, 255).astype(np.uint8)


def cartoon(
    photo: np.ndarray, seed: int, *, colours: int = 12, smoothing: float = 2.0, line: float = 1.0
) -> np.ndarray:
    """Flat regions of few colours, bounded by dark contours."""
    smooth = photo.astype(np.float32)
    for _ in range(3):  # medians flatten without moving edges
        smooth = median(smooth, 5)
    rng = np.random.default_rng(seed)
    image, method = Image.fromarray(smooth.astype(np.uint8)), Image.Quantize.MEDIANCUT
    quantised = image.quantize(colours, method=method, dither=Image.Dither.NONE)
    flat = median(np.asarray(quantised.convert("RGB"), np.float32), 3)
    vivid = flat.mean(-1, keepdims=True) + 1.25 * (flat - flat.mean(-1, keepdims=True)) + rng.normal(0, 2, 3)
    grey = ndimage.gaussian_filter(smooth @ strokes.LUMINANCE, smoothing / 2)
    edges = ndimage.gaussian_filter(np.hypot(ndimage.sobel(grey, 0), ndimage.sobel(grey, 1)), 0.6)
    ink = np.clip((edges - 40) / 50, 0, 1)[..., None] * line
    return np.clip(vivid * (1 - ink) + 25 * ink, 0, 255).astype(np.uint8)


def median(image: np.ndarray, size: int) -> np.ndarray:
    return np.stack([ndimage.median_filter(channel, size) for channel in np.moveaxis(image, -1, 0)], -1)


Painter = Literal["oil", "cartoon", "watercolor", "sketch"]
PAINTERS: dict[Painter, Callable[[np.ndarray, int], np.ndarray]] = {
    "oil": oil,
    "cartoon": cartoon,
    "watercolor": watercolor,
    "sketch": sketch,
}

EMBEDDED = "paintbox"  # in place of a folder: pictures that come with the code


def check_painters(styles: Mapping[str, str]) -> None:
    for name, place in styles.items():
        if place == EMBEDDED and name not in PAINTERS:
            known = ", ".join(get_args(Painter))
            raise ValueError(f"styles.{name}: the paintbox has no painter of this name, only {known}")
