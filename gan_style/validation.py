"""Figures on held-out pictures while training: enough to choose a checkpoint, not to publish."""

from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops

from gan_style import images
from gan_style.data.dataset import HeldOut
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.losses import perceptual
from gan_style.objectives import Objective, Request

DECIDING = "style"  # the figure that names the best checkpoint
VALIDATION_SEED = 7


def paint_all(objective: Objective, held_out: HeldOut) -> np.ndarray:
    """Held-out pictures (N, S, S, 3) uint8, translated one by one to bound the memory, each in its target's style."""
    request = Request(seed=VALIDATION_SEED) if "seed" in objective.understands else Request()
    painted = []
    for index, picture in enumerate(images.to_signed(held_out.source)):
        asked = request
        if held_out.styles and objective.styles:
            asked = replace(request, styles={held_out.styles[index]: 1.0})
        if objective.needs_style_images:
            asked = replace(asked, style_images=((images.to_signed(held_out.target[index % len(held_out.target)]), 1.0),))
        painted.append(ops.convert_to_numpy(objective.translate(ops.convert_to_tensor(picture[None]), asked)))
    return images.to_bytes(np.concatenate(painted))


def goal(objective: Objective, held_out: HeldOut) -> HeldOut:
    """What held-out pictures are to become: where a method gives photographs back, the photographs themselves."""
    return replace(held_out, target=held_out.source, paired=True) if objective.gives_back else held_out


def figures(fake: np.ndarray, held_out: HeldOut) -> dict[str, float]:
    """`style`: relative Gram distance to the target pictures; `colour`: L1 of local colours to the source, of 255."""
    bank = RandomPyramid(seed=1)

    def features(pictures: np.ndarray) -> dict[str, Any]:
        return bank(ops.convert_to_tensor(images.to_signed(pictures)))

    # Without counterparts, all held-out targets together are the texture to reach.
    style = perceptual.style(features(fake), features(held_out.target), "relative", together=not held_out.paired)
    colour = perceptual.pooled_colour(ops.convert_to_tensor(fake, "float32"), ops.convert_to_tensor(held_out.source, "float32"))
    return {"style": float(style), "colour": float(colour)}


def sheet(fake: np.ndarray, held_out: HeldOut) -> np.ndarray:
    """Photographs above, what the generator makes of them below, and their true counterparts where there are any."""
    rows = [list(held_out.source), list(fake)]
    return images.contact_sheet([*rows, list(held_out.target)] if held_out.paired else rows)
