"""Graphite on paper: hatching that follows the forms, a layer for each depth of shade, and contours."""

import numpy as np
from scipy import ndimage

from gan_style.data.paintbox import strokes
from gan_style.data.paintbox.paper import noise, tooth

PAPER = np.array([250, 247, 240], np.float32)
GRAPHITE = np.array([48, 48, 52], np.float32)
# Pixels around the picture that are drawn too and then cut off: strokes need not know where it ends.
MARGIN = 16


def sketch(
    photo: np.ndarray,
    seed: int,
    *,
    shades: tuple[float, ...] = (0.06, 0.22, 0.4, 0.58, 0.74),
    turns: tuple[float, ...] = (0.0, 0.2, -0.3, 0.6, 0.1),
    cell: int = 6,
) -> np.ndarray:
    """Hatching wherever the picture is darker than each shade, each layer turned (radians); contours last."""
    rng = np.random.default_rng(seed)
    wide = np.pad(photo, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="symmetric").astype(np.float32)
    dark = darkness(wide)
    directions = hand(wide, rng)
    lead = 0.4 * ndimage.gaussian_filter(dark, 1.5) ** 1.5  # smudged
    for shade, turn in zip(shades, turns, strict=True):
        lead += hatching(dark, shade, as_field(directions + turn), cell, rng)
    lead = ndimage.gaussian_filter(lead + contours(wide, rng), 0.4)
    hills = tooth(dark.shape, rng, coarse=0.25)
    # The tooth of the paper takes the lead off the pencil.
    covered = 1 - np.exp(-lead * np.clip(1 + 0.35 * hills, 0.1, None))
    drawing = (PAPER + (GRAPHITE - PAPER) * covered[..., None]) * (1 + 0.012 * hills[..., None])
    return np.clip(drawing[MARGIN:-MARGIN, MARGIN:-MARGIN], 0, 255).astype(np.uint8)


def darkness(photo: np.ndarray) -> np.ndarray:
    """From 0, bare paper, to 1, the deepest shade (H, W); pale and murky pictures are given more contrast."""
    grey = ndimage.gaussian_filter(photo @ strokes.LUMINANCE, 0.7)
    grey += 0.7 * (grey - ndimage.gaussian_filter(grey, 12))  # sets things off against what is behind them
    low, high = np.percentile(grey, (2, 95))
    low, high = min(low, 60.0), max(high, 160.0)
    return np.clip((high - grey) / (high - low), 0, 1) ** 1.3


def hand(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Angles (H, W) along the forms; where there are none, along the diagonal easy for a right hand."""
    x, y = np.moveaxis(strokes.contour_field(photo, 2.5, rng), -1, 0)
    slope = ndimage.gaussian_filter(ndimage.gaussian_gradient_magnitude(photo @ strokes.LUMINANCE, 2), 4)
    formed = slope / (slope + 2)
    # As squares of complex numbers, because a direction and its opposite are the same hatching.
    diagonal = np.exp(2j * (-np.pi / 4 + 0.25 * noise(slope.shape, 30, rng)))
    return np.angle(formed * (x + 1j * y) ** 2 + (1 - formed) * diagonal) / 2


def as_field(angles: np.ndarray) -> np.ndarray:
    """Unit vectors (H, W, 2)."""
    return np.stack([np.cos(angles), np.sin(angles)], -1)


def hatching(
    dark: np.ndarray, shade: float, field: np.ndarray, cell: int, rng: np.random.Generator
) -> np.ndarray:
    """Lead (H, W) of strokes that start within the shade and end with it, pressed harder where deeper."""
    depth = np.clip((dark - shade) / 0.25, 0, 1)
    origins = strokes.stroke_origins(4 * depth, cell, 0.2, rng)
    # Depth over a canvas of none: such strokes end where the depth has halved.
    hatches = strokes.trace(depth[..., None], np.zeros_like(depth)[..., None], field, origins, 3, 8, rng)
    return (0.3 + 0.9 * depth) * deposit(hatches, 0.12 + 0.33 * hatches.colours[:, 0], dark.shape, rng)


def contours(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lead (H, W) of short lines along the edges, wobbling and gone over more than once."""
    # The steepest channel: things of equal brightness have outlines too.
    channels = np.moveaxis(photo, -1, 0)
    slope = np.max([ndimage.gaussian_gradient_magnitude(channel, 1) for channel in channels], 0)
    strength = np.clip(slope / 20, 0, 1)
    ridge = slope >= ndimage.maximum_filter(slope, 3)
    y, x = np.nonzero(ridge & (strength > 0.15) & (rng.random(slope.shape) < 0.8 * strength))
    height, width = slope.shape
    origins = np.clip(np.stack([x, y], -1) + rng.normal(0, 0.4, (len(x), 2)), 0, (width - 1, height - 1))
    field = strokes.contour_field(photo, 0.9, rng)
    strong = strength[..., None]
    lines = strokes.trace(strong, np.zeros_like(strong), field, origins, 1.5, 10, rng)
    return deposit(lines, 0.05 + 0.65 * lines.colours[:, 0], slope.shape, rng)


def deposit(
    marks: strokes.Strokes, pressure: np.ndarray, shape: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Lead (H, W) that thin strokes leave, each pressed a little differently and lifted towards its end."""
    samples = round(2 * marks.radius * marks.paths.shape[1])  # two for each pixel of the longest
    along = np.linspace(0, 1, samples)
    last = marks.lengths[:, None] - 1
    place = along * last
    before = place.astype(int)
    row = np.arange(len(marks.paths))[:, None]
    start, end = marks.paths[row, before], marks.paths[row, np.minimum(before + 1, last)]
    points = start + (end - start) * (place - before)[..., None]
    lead = pressure * rng.uniform(0.6, 1.4, len(pressure)) * marks.radius * marks.lengths / samples
    return splat(points, lead[:, None] * np.minimum(1, 0.3 + 5 * along) * (1 - 0.8 * along**3), shape)


def splat(points: np.ndarray, weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """An image (H, W) of weights summed at points x, y (..., 2), each shared by the four pixels around it."""
    height, width = shape
    corner = np.floor(points).astype(int)
    part = points - corner
    total = np.zeros(height * width)
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        column, row = np.minimum(corner[..., 0] + dx, width - 1), np.minimum(corner[..., 1] + dy, height - 1)
        share = np.abs(1 - dx - part[..., 0]) * np.abs(1 - dy - part[..., 1]) * weights
        total += np.bincount((row * width + column).ravel(), share.ravel(), len(total))
    return total.reshape(shape)
