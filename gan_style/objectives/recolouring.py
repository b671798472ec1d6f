"""Keeping a photograph's colours in style transfer (Gatys et al. 2016b). Pixels (H, W, 3) in [-1, 1]."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from skimage.exposure import match_histograms

LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)
EPSILON = 1e-6  # variance added before a root is taken: pictures of one colour have none

Recolouring = Annotated[
    Literal["none", "luminance", "cholesky", "symmetric", "histogram"],
    Field(
        description="what the content keeps of its colours: none; all, only brightness being painted; or the style pictures take over "
        "its mean and covariance (by Cholesky's or the symmetric root) or its histograms"
    ),
]


def in_colours_of(content: np.ndarray, style: np.ndarray, how: Recolouring) -> np.ndarray:
    match how:
        case "none":
            return style
        case "luminance":
            return np.repeat(with_moments_of(luminance(content), luminance(style))[..., None], 3, axis=-1)
        case "histogram":
            return match_histograms(style, content, channel_axis=-1).astype(np.float32)
    return linearly_matched(content, style, how)


def linearly_matched(content: np.ndarray, style: np.ndarray, how: Literal["cholesky", "symmetric"]) -> np.ndarray:
    """A x + b for every pixel, so that means and covariances agree (section 3): A = root(content) root(style)^-1."""
    root = np.linalg.cholesky if how == "cholesky" else symmetric_root
    of_content, of_style = (pixels.reshape(-1, 3).astype(np.float64) for pixels in (content, style))
    roots = [root(np.cov(pixels.T, bias=True) + EPSILON * np.eye(3)) for pixels in (of_content, of_style)]
    matrix = roots[0] @ np.linalg.inv(roots[1])
    matched = (of_style - of_style.mean(0)) @ matrix.T + of_content.mean(0)
    return np.asarray(matched.reshape(style.shape), np.float32)


def symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T


def luminance(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels @ LUMINANCE, np.float32)


def with_moments_of(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """The style's brightness with the content's mean and deviation (equation 10)."""
    return (style - style.mean()) * (content.std() / (style.std() + EPSILON)) + content.mean()


def with_luminance(content: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """The content's colours at the painted brightness."""
    return np.clip(content + (luminance(painted) - luminance(content))[..., None], -1, 1)
