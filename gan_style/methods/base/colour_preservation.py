"""Keeping a photograph's colours in style transfer (Gatys et al. 2016b). Pixels (H, W, 3) in [-1, 1]."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from skimage.exposure import match_histograms

from gan_style.losses.perceptual import LUMINANCE
from gan_style.networks.colour_transfer import colour_matched

EPSILON = 1e-6  # added to deviations: pictures of one brightness have none

PreserveColour = Annotated[
    Literal["none", "luminance", "linear", "histogram"],
    Field(
        description="what the content keeps of its colours: none; all, only brightness being painted; "
        "or the style pictures take their mean and covariance (linear) or their histograms from it"
    ),
]


def in_colours_of(content: np.ndarray, style: np.ndarray, how: PreserveColour) -> np.ndarray:
    match how:
        case "none":
            return style
        case "luminance":
            return np.repeat(with_moments_of(luminance(content), luminance(style))[..., None], 3, axis=-1)
        case "linear":
            return np.asarray(colour_matched(style[None], content[None]))[0]
        case "histogram":
            return match_histograms(style, content, channel_axis=-1).astype(np.float32)


def luminance(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels @ np.array(LUMINANCE, np.float32))


def with_moments_of(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """The style's brightness with the content's mean and deviation (equation 10)."""
    return (style - style.mean()) * (content.std() / (style.std() + EPSILON)) + content.mean()


def with_luminance(content: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """The content's colours at the painted brightness."""
    return np.clip(content + (luminance(painted) - luminance(content))[..., None], -1, 1)
