"""How near a picture is to another one, pixel by pixel. Pictures (H, W, 3) uint8."""

import numpy as np
from scipy.ndimage import correlate1d

from gan_style.metrics.pictures import check_pair, window_means

RADIUS = 5  # of the 11 x 11 window of Wang et al. 2004
WINDOW = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / 1.5) ** 2)
WINDOW /= WINDOW.sum()
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# Wang et al. 2003, the finest first. They sum to 1.0001, and are used as printed, as the authors do.
SCALES = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
HIGHEST_PSNR = 100.0


def mse(fake: np.ndarray, source: np.ndarray) -> float:
    """Mean squared difference, in squared levels of 0..255."""
    check_pair(fake, source)
    return float(np.mean((fake.astype(np.float64) - source) ** 2))


def psnr(fake: np.ndarray, source: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB; at most 100, so that equal pictures make no mean infinite."""
    error = mse(fake, source)
    return HIGHEST_PSNR if error == 0 else min(HIGHEST_PSNR, float(10 * np.log10(255**2 / error)))


def ssim(fake: np.ndarray, source: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) in -1..1, averaged over the three channels."""
    check_pair(fake, source, 2 * RADIUS + 1)
    brightness, structure = _similarities(fake.astype(np.float64), source.astype(np.float64))
    return float(np.mean(brightness * structure))


def ms_ssim(fake: np.ndarray, source: np.ndarray) -> float:
    """Multi-scale structural similarity (Wang et al. 2003) in 0..1, averaged over the three channels.

    Five scales need 176 pixels; a smaller picture has fewer, whose weights are raised to the same sum.
    """
    check_pair(fake, source, 2 * RADIUS + 1)
    scales = min(len(SCALES), int(np.log2(min(fake.shape[:2]) / (2 * RADIUS + 1))) + 1)
    weights = SCALES[:scales] * (SCALES.sum() / SCALES[:scales].sum())
    pair = fake.astype(np.float64), source.astype(np.float64)
    product = np.ones(3)
    for scale, weight in enumerate(weights):
        brightness, structure = _similarities(*pair)
        similarity = brightness * structure if scale == scales - 1 else structure
        # Opposed structure has no real power; like the authors' code, it counts as none in common.
        product *= np.maximum(similarity.mean(axis=(0, 1)), 0.0) ** weight
        pair = window_means(pair[0], 2), window_means(pair[1], 2)
    return float(product.mean())


def _similarities(fake: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maps (H - 10, W - 10, 3) of the luminance term and of the contrast-and-structure term."""
    moments = np.stack([fake, source, fake**2 + source**2, fake * source])
    for axis in (1, 2):
        moments = correlate1d(moments, WINDOW, axis=axis)
    mean_fake, mean_source, mean_squares, mean_product = moments[:, RADIUS:-RADIUS, RADIUS:-RADIUS]
    both, squares = mean_fake * mean_source, mean_fake**2 + mean_source**2
    variances, covariance = mean_squares - squares, mean_product - both
    return (2 * both + C1) / (squares + C1), (2 * covariance + C2) / (variances + C2)
