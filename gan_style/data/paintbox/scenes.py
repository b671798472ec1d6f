"""Procedurally drawn scenes: any number of varied landscapes and still lifes, each from a seed.

Five or six photographs teach a network those photographs. These pictures need not fool anyone: they
only have to hold what photographs hold, smooth gradients, textures, edges and shading at many scales.
Everything here works on float32 canvases (H, W, 3) in 0..1 and coordinate grids in 0..1, y downwards.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

Rng = np.random.Generator


def draw_scene(seed: int, size: int) -> np.ndarray:
    """One picture (size, size, 3) uint8, wholly determined by its seed."""
    rng = np.random.default_rng([seed, 20])
    composition = (landscape, landscape, still_life)[rng.integers(3)]
    canvas = composition(size, rng)
    canvas = ndimage.gaussian_filter(canvas, (0.5, 0.5, 0))
    canvas = canvas ** rng.uniform(0.8, 1.25) + rng.normal(0, rng.uniform(0.003, 0.015), canvas.shape)
    return (np.clip(canvas, 0, 1) * 255).astype(np.uint8)


def landscape(size: int, rng: Rng) -> np.ndarray:
    y, _ = grid(size)
    horizon = rng.uniform(0.3, 0.65)
    canvas = sky(size, horizon, rng)
    for depth in np.sort(rng.uniform(-0.22, 0.05, rng.integers(1, 4))):
        canvas = over(canvas, hill(size, horizon + depth, rng))
    canvas = over(canvas, (water if rng.random() < 0.4 else field)(size, canvas, horizon, rng))
    for _ in range(rng.integers(0, 4)):
        canvas = over(canvas, building(size, rng.uniform(0.05, 0.95), horizon + rng.uniform(0.0, 0.2), rng))
    for _ in range(rng.integers(0, 7)):
        canvas = over(canvas, tree(size, rng.uniform(0, 1), horizon + rng.uniform(0.0, 0.4), rng))
    haze = rng.uniform(0, 0.25) * np.exp(-np.abs(y - horizon) / 0.12)
    return canvas * (1 - haze[..., None]) + haze[..., None] * canvas.mean((0, 1))


def still_life(size: int, rng: Rng) -> np.ndarray:
    y, x = grid(size)
    edge = rng.uniform(0.35, 0.7)
    light = np.array([rng.uniform(-1, 1), -rng.uniform(0.3, 1.0)])
    paint = colour(rng, 0.2, 0.8)
    wall = paint * (0.75 + 0.4 * fractal(size, rng, 3)[..., None] + 0.25 * (x * light[0])[..., None])
    grain = fractal(size, rng, int(rng.integers(6, 30)), stretch=rng.choice([1, 8]))
    table = colour(rng, 0.25, 0.75) * (0.6 + 0.6 * grain[..., None])
    canvas = np.where((y > edge)[..., None], table, wall)
    for base in np.sort(rng.uniform(edge + 0.02, 0.98, rng.integers(2, 7))):
        radius = rng.uniform(0.07, 0.22)
        centre = (rng.uniform(0.05, 0.95), base - radius)
        canvas = over(canvas, shadow(size, centre, radius, light))
        canvas = over(canvas, solid(size, centre, radius, light, rng))
    return canvas


# Layers: each returns its colour (H, W, 3) and its coverage (H, W); `over` lays it on the canvas.
Layer = tuple[np.ndarray, np.ndarray]


def over(canvas: np.ndarray, layer: Layer) -> np.ndarray:
    paint, coverage = layer
    return canvas + (paint - canvas) * np.clip(coverage, 0, 1)[..., None]


def sky(size: int, horizon: float, rng: Rng) -> np.ndarray:
    y, _ = grid(size)
    top, low = colour(rng, 0.25, 0.8, blue=rng.uniform(0, 0.5)), colour(rng, 0.5, 1.0)
    height = np.clip(y / horizon, 0, 1)[..., None] ** rng.uniform(0.6, 1.6)
    vapour = fractal(size, rng, int(rng.integers(2, 5)), stretch=2)
    cover = np.clip((vapour - rng.uniform(0.45, 0.75)) * 4, 0, 1)
    clouds = (np.ones(3) * rng.uniform(0.8, 1), cover * rng.uniform(0.3, 0.95))
    return over(top * (1 - height) + low * height, clouds)


def hill(size: int, level: float, rng: Rng) -> Layer:
    y, _ = grid(size)
    ridge = level + rng.uniform(0.05, 0.25) * (profile(size, rng) - 0.5)
    relief = fractal(size, rng, int(rng.integers(4, 14)))
    light = 0.55 + 0.8 * relief[..., None] + 0.6 * np.gradient(relief, axis=1)[..., None] * size / 20
    return colour(rng, 0.15, 0.6) * light, soft(y - ridge, size)


def field(size: int, canvas: np.ndarray, horizon: float, rng: Rng) -> Layer:
    y, _ = grid(size)
    near, far = colour(rng, 0.15, 0.7, green=0.15), colour(rng, 0.3, 0.8)
    nearness = np.clip((y - horizon) / (1 - horizon), 0, 1)[..., None]
    blades = fractal(size, rng, int(rng.integers(15, 50)), stretch=rng.choice([0.4, 1, 3]))
    patches = fractal(size, rng, 4, stretch=3)
    light = 0.5 + 0.5 * patches[..., None] + (0.2 + 0.5 * nearness) * blades[..., None]
    return (far + (near - far) * nearness) * light, soft(y - horizon, size)


def water(size: int, canvas: np.ndarray, horizon: float, rng: Rng) -> Layer:
    """The scene above the horizon, mirrored, rippled and tinted."""
    y, x = grid(size)
    ripples = fractal(size, rng, 24, stretch=6) - 0.5
    row = np.clip((2 * horizon - y + 0.06 * ripples * (y - horizon + 0.1)) * size, 0, size - 1).astype(int)
    column = np.clip((x + 0.05 * ripples) * size, 0, size - 1).astype(int)
    mirrored = canvas[row, column] * 0.8 + 0.2 * colour(rng, 0.1, 0.5, blue=0.2)
    return mirrored * (0.85 + 0.5 * ripples[..., None]), soft(y - horizon, size)


def tree(size: int, at: float, foot: float, rng: Rng) -> Layer:
    y, x = grid(size)
    height, leaf = rng.uniform(0.1, 0.45), fractal(size, rng, int(rng.integers(14, 40)))
    u, v = (x - at) / (height * rng.uniform(0.25, 0.5)), (y - foot + 0.65 * height) / (0.45 * height)
    crown = np.hypot(u, v)
    leaves = np.clip((1.15 - crown + 1.2 * (leaf - 0.5)) * 6, 0, 1)
    trunk = soft(0.02 * height + 0.01 - np.abs(x - at), size) * (y < foot) * (y > foot - height * 0.6)
    lit = 0.35 + leaf + 0.35 * (foot - 0.6 * height - y) / height
    green, brown = colour(rng, 0.15, 0.65, green=0.12) * lit[..., None], colour(rng, 0.1, 0.35)
    return np.where((leaves > 0.3)[..., None], green, brown), np.maximum(leaves, trunk)


def building(size: int, at: float, foot: float, rng: Rng) -> Layer:
    y, x = grid(size)
    wide, high = rng.uniform(0.05, 0.18), rng.uniform(0.12, 0.45)
    u, v = (x - at) / wide, (foot - y) / high
    roof = rng.uniform(0, 0.4)
    inside = (np.abs(u) < 1) & (v > 0) & (v < 1 + roof * (1 - np.abs(u)))
    columns, rows = rng.integers(2, 6), rng.integers(2, 8)
    window = ((u * columns / 2) % 1 > 0.45) & ((v * rows) % 1 > 0.5) & (v < 0.95)
    paint = colour(rng, 0.3, 0.9)
    light = 0.75 + 0.25 * np.sign(u - rng.uniform(-1, 1)) + 0.25 * fractal(size, rng, 30)
    front = np.where(window[..., None], colour(rng, 0.05, 0.4), paint * light[..., None])
    tiles = colour(rng, 0.2, 0.6) * (0.7 + 0.5 * (v * 40 % 1)[..., None] * 0.5)
    return np.where((v > 1)[..., None], tiles, front), inside.astype(float)


def solid(size: int, centre: tuple[float, float], radius: float, light: np.ndarray, rng: Rng) -> Layer:
    """A shaded, textured ellipsoid or jar with a highlight."""
    y, x = grid(size)
    power = rng.choice([2.0, 2.0, 2.6, 4.0])
    u, v = (x - centre[0]) / (radius * rng.uniform(0.6, 1.1)), (y - centre[1]) / radius
    distance = (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power)
    depth = np.sqrt(np.clip(1 - distance**2, 0, 1))
    shade = np.clip(0.3 + 0.5 * depth + 0.45 * (u * light[0] + v * light[1]), 0.05, 1.3)
    stripes = 0.25 * np.sign(np.sin(v * rng.uniform(4, 16) + u * rng.uniform(-4, 4))) * (rng.random() < 0.35)
    texture = 0.8 + 0.4 * fractal(size, rng, int(rng.integers(5, 40))) + stripes
    away = (u - 0.4 * light[0]) ** 2 + (v - 0.45 * light[1]) ** 2
    highlight = np.exp(-away / rng.uniform(0.005, 0.05)) * rng.uniform(0, 0.9)
    paint = colour(rng, 0.2, 0.95) * (shade * texture)[..., None] + highlight[..., None]
    return paint, soft((1 - distance) * radius, size)


def shadow(size: int, centre: tuple[float, float], radius: float, light: np.ndarray) -> Layer:
    y, x = grid(size)
    foot = centre[1] + 0.9 * radius
    blot = np.hypot((x - centre[0] + 0.5 * radius * light[0]) / (1.4 * radius), (y - foot) / (0.35 * radius))
    return np.zeros(3), 0.6 * np.clip(1.3 - blot, 0, 1)


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    return y, x


def colour(rng: Rng, low: float, high: float, *, green: float = 0.0, blue: float = 0.0) -> np.ndarray:
    """A colour of random brightness and saturation, leaning towards green or blue."""
    tint = rng.uniform(-1, 1, 3) * rng.uniform(0.05, 0.4) + np.array([0, green, blue])
    return np.clip(rng.uniform(low, high) + tint - tint.mean(), 0.02, 1)


def fractal(size: int, rng: Rng, cells: float, stretch: float = 1.0) -> np.ndarray:
    """Noise of several octaves in 0..1; at the coarsest `cells` across, `stretch` times wider than high."""
    total, weight = np.zeros((size, size), np.float32), 1.0
    while cells < size / 2:
        shape = (max(2, round(cells)), max(2, round(cells / stretch)))
        octave = Image.fromarray(rng.standard_normal(shape).astype(np.float32))
        total += weight * np.asarray(octave.resize((size, size), Image.Resampling.BICUBIC))
        weight, cells = weight * 0.55, cells * 2
    return (total - total.min()) / (np.ptp(total) + 1e-6)


def profile(size: int, rng: Rng) -> np.ndarray:
    """A wandering line in 0..1, one height for each column."""
    return fractal(size, rng, int(rng.integers(2, 5)))[size // 2]


def soft(distance: np.ndarray, size: int) -> np.ndarray:
    """Coverage of a shape from the distance inside its edge, antialiased over about two pixels."""
    return np.clip(distance * size / 2 + 0.5, 0, 1)
