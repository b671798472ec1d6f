"""Figures on held-out pictures while training: enough to choose a checkpoint, not to publish."""

from typing import Any

import numpy as np
from keras import ops

from gan_style.data.held_out import Validation
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.losses import perceptual
from gan_style.methods.base.method import Method
from gan_style.system import images

DECIDING = "style"  # the figure that names the best checkpoint
VALIDATION_SEED = 7


def paint_all(method: Method, held_out: Validation) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8, translated one by one to bound the memory, each in its target's style."""
    painted, targets = [], images.to_signed(held_out.target)
    for index, picture in enumerate(images.to_signed(held_out.source)):
        style = held_out.styles[index] if held_out.styles else ""
        request = method.default_request(VALIDATION_SEED, style, targets[index % len(targets)])
        painted.append(ops.convert_to_numpy(method.translate(ops.convert_to_tensor(picture[None]), request)))
    return images.to_bytes(np.concatenate(painted))


def figures(fake: np.ndarray, held_out: Validation) -> dict[str, float]:
    """`style`: relative Gram distance to the target pictures; `colour`: L1 of local colours to the source, of 255."""
    bank = RandomPyramid(seed=1)

    def features(pictures: np.ndarray) -> dict[str, Any]:
        return bank(ops.convert_to_tensor(images.to_signed(pictures)))

    # Without counterparts, all held-out targets together are the texture to reach.
    style = perceptual.style(
        features(fake), features(held_out.target), "relative", together=not held_out.paired
    )
    colour = perceptual.pooled_colour(
        ops.convert_to_tensor(fake, "float32"), ops.convert_to_tensor(held_out.source, "float32")
    )
    return {"style": float(style), "colour": float(colour)}


def sheet(fake: np.ndarray, held_out: Validation) -> np.ndarray:
    """Photographs above, what the generator makes of them below, and their true counterparts where there are any."""
    rows = [list(held_out.source), list(fake)]
    return images.contact_sheet([*rows, list(held_out.target)] if held_out.paired else rows)
