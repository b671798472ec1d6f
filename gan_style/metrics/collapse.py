"""Ways to please a loss without painting: hand back the input, always the same, a hidden code, or flicker."""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from gan_style.metrics.fidelity import mse
from gan_style.metrics.pairs import Pairs, members
from gan_style.metrics.pictures import check, check_pair, luminance
from gan_style.system.errors import UserError

FINE = 2.0  # pixels: sigma of the blur that takes away what is called detail
ROUNDING = 12**-0.5  # levels: what storing 8 bits does to every pixel


def identity_collapse(fake: np.ndarray, source: np.ndarray) -> float:
    """How much of the fake's fine detail is the source's: 1 is the input in any colours, 0 detail of its own.

    The size of the correlation of both luminances without their low frequencies.
    """
    check_pair(fake, source)
    ours, theirs = _detail(fake), _detail(source)
    sizes = np.linalg.norm(ours) * np.linalg.norm(theirs)
    return float(np.abs(np.sum(ours * theirs)) / sizes) if sizes > 0 else 0.0


def spread(
    vectors: np.ndarray, groups: np.ndarray | None = None, counted: np.ndarray | None = None
) -> np.ndarray:
    """Mean distance (...,) between the embeddings (N, D) of different originals: 0 is a constant output.

    How much each original counts (..., G) is one if not given.
    """
    if len(vectors) < 2:
        raise UserError("diversity needs at least two pictures")
    belonging = members(len(vectors), groups)
    counted = np.ones(belonging.shape[0]) if counted is None else counted
    return Pairs.of(cdist(vectors, vectors), belonging, belonging).apart().mean(counted, counted)


def with_noise(fake: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """The fake with Gaussian noise of `sigma` levels of 0..255."""
    check(fake)
    noise = np.random.default_rng(seed).normal(0.0, sigma, fake.shape)
    return np.clip(np.round(fake + noise), 0, 255).astype(np.uint8)


def with_jpeg(fake: np.ndarray, quality: int) -> np.ndarray:
    """The fake as a JPEG of this quality (1..95) shows it."""
    check(fake)
    stored = io.BytesIO()
    Image.fromarray(fake).save(stored, "JPEG", quality=quality)
    return np.asarray(Image.open(stored, formats=("JPEG",)))


def steganography(
    source: np.ndarray,
    cycled: np.ndarray,
    cycled_after: np.ndarray,
    *,
    fake: np.ndarray,
    perturbed: np.ndarray,
) -> float:
    """Cycle error after perturbing the fake, over the most that an honest cycle would make (Chu et al. 2017).

    `cycled` is the cycle reconstruction of `fake`, `cycled_after` that of `perturbed`. One that reads what
    everyone sees passes a perturbation on, but does not enlarge it: its error is at most the sum of the two,
    so that honest pairs stay below about 1. A photograph stored in a faint pattern is lost with it: far above
    1.
    """
    honest = _rms(cycled, source) + _rms(perturbed, fake)
    return _rms(cycled_after, source) / max(honest, ROUNDING)


def flicker(fakes: np.ndarray, sources: np.ndarray) -> float:
    """Mean change from frame to frame (T, H, W, 3) that the sources do not have, in levels of 0..255."""
    if fakes.shape != sources.shape or len(fakes) < 2:
        shapes = f"{fakes.shape} and {sources.shape}"
        raise UserError(f"flicker needs two or more frames of both, of one size: {shapes}")
    ours, theirs = (np.abs(np.diff(frames.astype(np.float32), axis=0)) for frames in (fakes, sources))
    return float(np.maximum(ours - theirs, 0.0).mean(dtype=np.float64))


def _detail(picture: np.ndarray) -> np.ndarray:
    brightness = luminance(picture)
    return brightness - gaussian_filter(brightness, FINE)


def _rms(picture: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(mse(picture, other)))
