"""Curved brush strokes, after Hertzmann, "Painterly Rendering with Curved Brush Strokes" (1998)."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Strokes:
    """Strokes of one brush: `paths` (count, steps, 2) as x, y; `lengths` points of each are used."""

    paths: np.ndarray
    lengths: np.ndarray
    colours: np.ndarray  # (count, 3), 0..255
    radius: float


def stroke_origins(error: np.ndarray, cell: int, threshold: float, rng: np.random.Generator) -> np.ndarray:
    """The worst pixel of each grid cell whose mean error is above the threshold, as x, y in random order."""
    height, width = error.shape
    rows, columns = -(-height // cell), -(-width // cell)
    padded = np.pad(error, ((0, rows * cell - height), (0, columns * cell - width)), mode="edge")
    cells = padded.reshape(rows, cell, columns, cell).swapaxes(1, 2).reshape(rows, columns, cell * cell)
    # A little noise on the error, so that flat regions do not start every stroke in the same corner.
    worst = (cells + rng.uniform(0, 4, cells.shape)).argmax(-1)
    y = np.arange(rows)[:, None] * cell + worst // cell
    x = np.arange(columns)[None, :] * cell + worst % cell
    chosen = (cells.mean(-1) > threshold) & (x < width) & (y < height)
    return rng.permutation(np.stack([x[chosen], y[chosen]], -1).astype(np.float32))


def contour_field(reference: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Unit vectors (H, W, 2) along an image's contours; where it is flat, slowly turning at random."""
    grey = reference @ LUMINANCE
    dy, dx = (ndimage.gaussian_filter(grey, radius, order=order) for order in ((1, 0), (0, 1)))
    xx, xy, yy = (ndimage.gaussian_filter(product, 2 * radius) for product in (dx * dx, dx * dy, dy * dy))
    # The structure tensor's double angle averages direction without cancelling opposite gradients.
    turn = [ndimage.gaussian_filter(rng.standard_normal(grey.shape), 6 * radius) for _ in range(2)]
    flat = 0.6 / (np.hypot(*turn).mean() + 1e-9)
    angle = 0.5 * np.arctan2(-2 * xy + flat * turn[0], yy - xx + flat * turn[1])
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


def trace(
    reference: np.ndarray,
    canvas: np.ndarray,
    field: np.ndarray,
    origins: np.ndarray,
    radius: float,
    steps: int,
    rng: np.random.Generator,
) -> Strokes:
    """Follow a field of directions from each origin while the stroke's colour improves the canvas."""
    height, width = reference.shape[:2]
    x, y = origins[:, 0].copy(), origins[:, 1].copy()
    colours = reference[y.astype(int), x.astype(int)]
    paths = np.repeat(origins[:, None], steps, axis=1)
    lengths = np.ones(len(origins), int)
    alive = np.ones(len(origins), bool)
    heading = field[y.astype(int), x.astype(int)] * rng.choice([-1, 1], (len(origins), 1))
    for step in range(1, steps):
        row, column = y.astype(int), x.astype(int)
        direction = field[row, column]
        direction = direction * np.where((direction * heading).sum(-1, keepdims=True) < 0, -1, 1)
        heading = 0.5 * direction + 0.5 * heading
        heading /= np.linalg.norm(heading, axis=-1, keepdims=True) + 1e-6
        x = np.clip(x + radius * heading[:, 0], 0, width - 1)
        y = np.clip(y + radius * heading[:, 1], 0, height - 1)
        here = reference[y.astype(int), x.astype(int)]
        worse = np.abs(here - canvas[y.astype(int), x.astype(int)]).sum(-1) < np.abs(here - colours).sum(-1)
        alive &= ~(worse & (step > 2))
        paths[:, step] = np.where(alive[:, None], np.stack([x, y], -1), paths[:, step - 1])
        lengths += alive
    return Strokes(paths, lengths, colours, radius)


def draw(strokes: Strokes, canvas: Image.Image, jitter: float, rng: np.random.Generator) -> None:
    """Draw strokes bristle by bristle on an RGBA canvas whose fourth channel is the paint's thickness."""
    count = len(strokes.paths)
    if not count:  # nothing is left to paint
        return
    bristles = max(3, round(strokes.radius * 1.2))
    tones = rng.normal(0, 1, (count, bristles))
    body = np.concatenate([strokes.colours, 128 + 20 * tones.mean(1, keepdims=True)], -1)
    # A stroke differs from its neighbours in tone, and less in hue.
    body[:, :3] += rng.normal(0, 1.4 * jitter, (count, 1)) + rng.normal(0, 0.5 * jitter, (count, 3))
    hairs = body[:, None] + tones[..., None] * np.array([0.8 * jitter] * 3 + [34])
    lines = bristle_lines(strokes, bristles)
    paint = ImageDraw.Draw(canvas)
    width = 2 * strokes.radius
    paths, lengths = strokes.paths.reshape(count, -1).tolist(), (2 * strokes.lengths).tolist()
    marks = zip(paths, lengths, _inks(body), lines, _inks(hairs), strict=True)
    for path, length, ink, hair_lines, hair_inks in marks:
        paint.line(path[:length], fill=tuple(ink), width=round(width), joint="curve")
        for x, y in (path[:2], path[length - 2 : length]):
            paint.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=tuple(ink))
        for line, hair in zip(hair_lines, hair_inks, strict=True):
            paint.line(line[:length], fill=tuple(hair))


def bristle_lines(strokes: Strokes, bristles: int) -> list[list[list[float]]]:
    """Each stroke's path shifted across its width, once for each bristle: flat lists of x, y."""
    tangents = np.gradient(strokes.paths, axis=1)
    normals = np.stack([-tangents[..., 1], tangents[..., 0]], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-6
    offsets = np.linspace(-strokes.radius, strokes.radius, bristles)[:, None, None]
    shifted = strokes.paths[:, None] + offsets * normals[:, None]
    lines: list[list[list[float]]] = shifted.reshape(len(normals), bristles, -1).tolist()
    return lines


def _inks(colours: np.ndarray) -> list:
    inks: list = np.clip(colours, 0, 255).astype(int).tolist()
    return inks
