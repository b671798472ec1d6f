"""Figures on held-out pictures while training: enough to choose a checkpoint, not to publish."""

import numpy as np
from keras import ops

from gan_style.data.held_out import Validation
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.losses import perceptual
from gan_style.methods.base.method import Method
from gan_style.system import images

DECIDING = "style_and_content"  # the figure that names the best checkpoint
VALIDATION_SEED = 7
WINDOW = 8  # pixels: wider than strokes


def paint_all(method: Method, held_out: Validation) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8, translated one by one to bound the memory, each in its target's style."""
    painted = []
    for index, picture in enumerate(images.to_signed(held_out.source)):
        style = held_out.styles[index] if held_out.styles else ""
        shown = None if held_out.examples is None else images.to_signed(held_out.examples[index])
        request = method.default_request(VALIDATION_SEED, style, shown)
        painted.append(ops.convert_to_numpy(method.translate(ops.convert_to_tensor(picture[None]), request)))
    return images.to_bytes(np.concatenate(painted))


def figures(fake: np.ndarray, held_out: Validation) -> dict[str, float]:
    """What is left to reach and what was lost: the untouched photographs have style 1 and content 0.

    `style`: Gram distance to the targets, as a share of the untouched photographs'. `content`: what of the
    photographs' coarse brightness is not shown any more; 1 for an empty picture or another one, 0.02 to 0.07
    for paintings by the paintbox's painters. Their sum decides: by style alone, a texture without a picture
    would be the best. `colour`: L1 of local colours to the photographs, of 255.
    """
    bank = RandomPyramid(seed=1)

    def distance(pictures: np.ndarray) -> float:
        """Without counterparts, all held-out targets together are the texture to reach."""
        ours, theirs = (bank(images.to_signed(one)) for one in (pictures, held_out.target))
        return float(perceptual.style(ours, theirs, "relative", together=not held_out.paired))

    untouched = distance(held_out.source)
    # Photographs that are their own targets have no way to go that a distance could be a share of.
    style = distance(fake) / (untouched or 1.0)
    content = np.mean([lost(*pair) for pair in zip(fake, held_out.source, strict=True)])
    pixels = (ops.convert_to_tensor(one, "float32") for one in (fake, held_out.source))
    colour = float(perceptual.pooled_colour(*pixels))
    return {"style": style, "content": float(content), DECIDING: style + float(content), "colour": colour}


def lost(fake: np.ndarray, source: np.ndarray) -> float:
    """1 minus the correlation of both pictures' mean brightness in windows of 8 pixels, in 0..2."""
    coarse = []
    for picture in (fake, source):
        height, width = (side // WINDOW for side in picture.shape[:2])
        grey = (picture @ np.array(perceptual.LUMINANCE))[: height * WINDOW, : width * WINDOW]
        means = grey.reshape(height, WINDOW, width, WINDOW).mean(axis=(1, 3))
        coarse.append(means - means.mean())
    size = np.linalg.norm(coarse[0]) * np.linalg.norm(coarse[1])
    correlation = np.sum(coarse[0] * coarse[1]) / size if size > 0 else float(np.array_equal(fake, source))
    return max(0.0, float(1.0 - correlation))  # rounding must not make it better than perfect


def sheet(fake: np.ndarray, held_out: Validation) -> np.ndarray:
    """Photographs above, their translations below, and their true counterparts where there are any."""
    rows = [list(held_out.source), list(fake)]
    return images.contact_sheet([*rows, list(held_out.target)] if held_out.paired else rows)
