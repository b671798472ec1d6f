"""Draws the golden set: ten pictures, and given features. What is committed counts, not what this draws next.

    python tests/evaluation/golden/draw.py

Afterwards figures.json has to be computed anew, by compute.py in its own environment.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from gan_style.data.paintbox.painters import cartoon, oil
from gan_style.data.paintbox.scenes import draw_scene
from gan_style.data.paintbox.sketch import sketch
from gan_style.data.paintbox.watercolor import watercolor

FOLDER = Path(__file__).parent
# MS-SSIM halves a picture four times: 176 leaves the 11 pixels of its window, and no halving leaves a rest.
HEIGHT, WIDTH = 176, 192
COLOURS = 48  # of a palette, so that the files are small
LAYERS = {"fine": (8, 12), "coarse": (4, 16)}  # feature maps: places each way, channels


def pictures() -> dict[str, np.ndarray]:
    """Three scenes, paintings of them, and what damages them; (H, W, 3) uint8."""
    rng = np.random.default_rng(13)
    one, two, three = (draw_scene(seed, WIDTH)[:HEIGHT] for seed in (3, 8, 21))
    drawn = {
        "one": one,
        "one_oil": oil(one, 1),
        "one_watercolor": watercolor(one, 2),
        "one_noisy": one + rng.normal(0, 20, one.shape),
        "two": two,
        "two_cartoon": cartoon(two, 3),
        "two_blurred": ndimage.gaussian_filter(two, (2, 2, 0)),
        "three": three,
        "three_sketch": sketch(three, 4),
        "three_warm": three * [1.0, 0.85, 0.6] + [20, 5, 0],
    }
    return {name: np.clip(picture, 0, 255).astype(np.uint8) for name, picture in drawn.items()}


def save(name: str, picture: np.ndarray) -> np.ndarray:
    """Returns what the file holds."""
    few = Image.fromarray(picture).quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
    return np.asarray(few.convert("RGB"))


def maps(picture: np.ndarray) -> dict[str, np.ndarray]:
    """Rectified random projections of blocks (h, w, C) float32, as if by a network."""
    found = {}
    for index, (layer, (side, channels)) in enumerate(LAYERS.items()):
        height, width = HEIGHT // side, WIDTH // side
        blocks = (
            picture.reshape(side, height, side, width, 3).swapaxes(1, 2).reshape(side, side, -1) / 127.5 - 1
        )
        filters = np.random.default_rng([13, index]).normal(0, height**-0.5, (blocks.shape[-1], channels))
        found[layer] = np.maximum(blocks @ filters, 0).astype(np.float32)
    return found


def vectors() -> dict[str, np.ndarray]:
    """Embeddings (N, 64) float32 of 10 fakes and 12 targets from two distributions that overlap."""
    rng = np.random.default_rng(14)
    mixing = rng.normal(0, 1, (8, 64))
    fakes, targets = rng.normal(1, 1.2, (10, 8)), rng.normal(0, 1, (12, 8))
    return {
        name: np.log1p(np.maximum(hidden @ mixing, 0)).astype(np.float32)
        for name, hidden in (("fakes", fakes), ("targets", targets))
    }


def main() -> None:
    arrays = vectors()
    for name, picture in pictures().items():
        arrays |= {f"{name}/{layer}": values for layer, values in maps(save(name, picture)).items()}
    np.savez_compressed(FOLDER / "features.npz", **arrays)


if __name__ == "__main__":
    main()
