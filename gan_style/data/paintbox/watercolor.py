"""Watercolour: transparent glazes on rough paper, from broad washes to small touches.

Pigment is counted in optical density, -log of the light sent back: glazes add up, and none takes any away.
"""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from gan_style.data.paintbox.paper import noise, tooth

PAPER = np.array([254, 252, 247], np.float32)
LEVELS = 150  # of 8 bits for a density of 1: the deepest pigment fits


def watercolor(
    photo: np.ndarray,
    seed: int,
    *,
    brushes: tuple[float, ...] = (5, 2.5, 1.2),
    colours: tuple[int, ...] = (8, 14, 24),
    shares: tuple[float, ...] = (0.6, 0.85, 1.0),
    rims: float = 0.55,
    grain: float = 0.07,
) -> np.ndarray:
    """Glazes from coarse to fine: each adds what its share of the full depth still lacks."""
    rng = np.random.default_rng(seed)
    subject, hills = lightened(photo), tooth(photo.shape[:2], rng)
    painted = np.zeros_like(subject)
    for brush, count, share in zip(brushes, colours, shares, strict=True):
        wanted = share * washes(wobbled(subject, brush, rng), brush, count)
        glaze = bled(np.maximum(wanted - painted, 0), 2 * brush, rng)
        painted += glaze * settled(glaze, rims, rng)[..., None]
    # Pigment collects in the hollows of the paper; one sees it best where there is little.
    granules = 1 - grain * hills * (1 + 2 * np.exp(-3 * painted.mean(-1)))
    relief = 1 + 0.02 * ndimage.gaussian_filter(hills, 0.5, order=(1, 0))
    colour = PAPER * np.exp(-painted * np.maximum(granules, 0)[..., None]) * relief[..., None]
    return np.clip(colour, 0, 255).astype(np.uint8)


def lightened(photo: np.ndarray) -> np.ndarray:
    """The densities (H, W, 3) to paint: more colourful, highlights bare paper, shadows thin."""
    reflected = photo.astype(np.float32) / 255
    grey = reflected.mean(-1, keepdims=True)
    density = -np.log(np.clip(grey + 1.4 * (reflected - grey), 0.02, 1))
    density *= density / (density + 0.22)
    return density / (1 + 0.4 * density)


def wobbled(image: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """The image as a loose hand sees it: displaced by broad and by fine noise."""
    shape = image.shape[:2]
    shifts = [0.5 * scale * noise(shape, 3 * scale, rng) + 0.6 * noise(shape, 2, rng) for _ in range(2)]
    places = np.indices(shape) + np.stack(shifts)
    options = {"order": 1, "mode": "mirror"}
    channels = np.moveaxis(image, -1, 0)
    return np.stack([ndimage.map_coordinates(channel, places, **options) for channel in channels], -1)


def washes(density: np.ndarray, brush: float, count: int) -> np.ndarray:
    """Regions of few colours, each keeping something of its gradients."""
    levels = Image.fromarray(np.clip(density * LEVELS, 0, 255).astype(np.uint8))
    shrink = max(1, round(brush / 2))  # broad medians are slow
    median = levels.reduce(shrink).filter(ImageFilter.MedianFilter(2 * round(brush / shrink) + 1))
    smooth = median.resize(levels.size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(brush / 3))
    palette = smooth.reduce(3).quantize(count, kmeans=1)
    flat = smooth.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
    return (0.7 * np.asarray(flat, np.float32) + 0.3 * np.asarray(smooth, np.float32)) / LEVELS


def bled(glaze: np.ndarray, reach: float, rng: np.random.Generator) -> np.ndarray:
    """Where the paper happens to be wet, colours run into each other; elsewhere edges stay as they were."""
    wet = np.clip(2 * noise(glaze.shape[:2], 12, rng) - 0.8, 0, 1)[..., None]
    return glaze + wet * (ndimage.gaussian_filter(glaze, (reach, reach, 0)) - glaze)


def settled(glaze: np.ndarray, rims: float, rng: np.random.Generator) -> np.ndarray:
    """How much more or less than the mean has dried where (H, W): dark rims, blooms and streaks."""
    amount = glaze.mean(-1)
    # Water dries at the border of a wash first and draws pigment there.
    rim = (amount - ndimage.gaussian_filter(amount, 2)) / (0.04 + ndimage.gaussian_filter(amount, 3))
    flow = 0.25 * noise(amount.shape, 12, rng) + 0.1 * noise(amount.shape, 4, rng)
    return np.maximum(1 + flow + rims * np.clip(3 * rim, -0.5, 1.5), 0.1)
