"""Styles by name, or as pictures, as weights: of the whole picture, or for every pixel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from gan_style.methods.base.contours import blurred_by
from gan_style.methods.base.request import Request, StyleImage
from gan_style.system.errors import UserError

SEAM = 9  # blurs of variance 1, in pixels squared, where masks of two styles meet


def everywhere(weights: Any, pictures: Any) -> Any:
    """Style weights (N, styles) as a map (N, H, W, styles), the same in every pixel."""
    count, height, width, _ = ops.shape(pictures)
    return ops.broadcast_to(
        ops.cast(weights, "float32")[:, None, None], (count, height, width, weights.shape[-1])
    )


def by_masks(masks: Mapping[str, np.ndarray], styles: Sequence[str], images: Any) -> Any:
    """Masks (H, W), or (N, H, W), in 0..1 as style weights, soft where they meet; without any, all alike."""
    every = [np.broadcast_to(masks.get(name, 0.0), images.shape[:3]) for name in styles]
    soft = blurred_by(ops.convert_to_tensor(np.stack(every, -1).astype(np.float32)), SEAM) + 1e-6
    return soft / ops.sum(soft, axis=-1, keepdims=True)


def as_weights(named: Mapping[str, float], styles: Sequence[str], key: str = "styles") -> np.ndarray:
    for name in named:
        if name not in styles:
            raise UserError(
                f"{key}: there is no style '{name}' in this run; it has: "
                + (", ".join(styles) or "one only, without a name")
            )
    weights = np.array([named.get(name, 0.0) for name in styles], np.float32)
    if not (np.isfinite(weights.sum()) and weights.min() >= 0 and weights.sum() > 0):
        raise UserError(f"{key}: weights must not be negative, and one must be above 0")
    return weights


def check_names(request: Request, styles: Sequence[str]) -> None:
    """Raise where a request names styles or masks that the run does not have."""
    if request.styles is not None:
        as_weights(request.styles, styles)
    if request.masks is not None:
        as_weights(dict.fromkeys(request.masks, 1.0), styles, "masks")


def check_style_images(pictures: Sequence[StyleImage], masks: Mapping[str, np.ndarray] | None) -> None:
    """Raise where weights cannot be shares, or a mask is without its picture."""
    numbers = [str(number) for number in range(1, len(pictures) + 1)]
    as_weights(
        {number: weight for number, (_, weight) in zip(numbers, pictures, strict=True)},
        numbers,
        "style images",
    )
    for name in masks or {}:
        if name not in numbers:
            raise UserError(
                f"mask '{name}': expected the number of a style image, 1 to {len(numbers)}, "
                "as in --mask 1=FILE"
            )
    for number in numbers:
        if masks and number not in masks:
            raise UserError(
                f"style image {number} has no mask, and others have: "
                f"say where it is painted, as in --mask {number}=FILE"
            )
