"""Figures on held-out pictures while training: enough to choose a checkpoint, not to publish."""

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
    """`style`: relative Gram distance to the targets; `colour`: L1 of local colours to the source, of 255."""
    bank = RandomPyramid(seed=1)
    ours, theirs = (bank(ops.convert_to_tensor(images.to_signed(one))) for one in (fake, held_out.target))
    # Without counterparts, all held-out targets together are the texture to reach.
    style = perceptual.style(ours, theirs, "relative", together=not held_out.paired)
    pixels = (ops.convert_to_tensor(one, "float32") for one in (fake, held_out.source))
    colour = perceptual.pooled_colour(*pixels)
    return {"style": float(style), "colour": float(colour)}


def sheet(fake: np.ndarray, held_out: Validation) -> np.ndarray:
    """Photographs above, their translations below, and their true counterparts where there are any."""
    rows = [list(held_out.source), list(fake)]
    return images.contact_sheet([*rows, list(held_out.target)] if held_out.paired else rows)
