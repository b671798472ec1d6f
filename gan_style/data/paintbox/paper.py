"""What lies under paint and pencil: smooth noise, and the tooth of rough paper."""

import numpy as np
from scipy import fft


def noise(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise (H, W) of mean 0 and deviation 1, correlated over about `scale` pixels.

    Filtered as a spectrum, which wraps around: its statistics are the same at the border as within.
    """
    height, width = shape
    frequency = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)[None])
    white = fft.rfft2(rng.standard_normal(shape).astype(np.float32))
    spectrum = white * np.exp(-0.5 * (2 * np.pi * scale * frequency) ** 2)
    spectrum[0, 0] = 0
    smooth = fft.irfft2(spectrum, shape)
    return (smooth / (smooth.std() + 1e-9)).astype(np.float32)


def tooth(shape: tuple[int, int], rng: np.random.Generator, coarse: float = 0.6) -> np.ndarray:
    """Height of rough paper (H, W), mean 0 and deviation about 1: fine bumps, and coarse ones."""
    return 0.8 * noise(shape, 0.9, rng) + coarse * noise(shape, 2.2, rng)
