"""Photographs and strokes made of noise, small and quick."""

import numpy as np
from scipy.ndimage import gaussian_filter


def photograph(rng, side=64):
    """Large smooth shapes."""
    field = gaussian_filter(rng.normal(size=(side, side, 3)), (8, 8, 0))
    return np.clip(128 + field * 900, 0, 255).astype(np.uint8)


def painted(photo, rng, strength=30):
    """Strokes: short diagonal ones, anew each time, on a simplified photograph."""
    noise = rng.normal(size=photo.shape[:2])
    strokes = sum(np.roll(np.roll(noise, shift, 0), shift, 1) for shift in range(-3, 4))[..., None] / 2.6
    return np.clip(gaussian_filter(photo.astype(float), (2, 2, 0)) + strength * strokes, 0, 255).astype(
        np.uint8
    )
