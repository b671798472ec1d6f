"""A recipe that trains in seconds, and the pictures for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

SMALL_RECIPE = """
data:
  kind: folders
  source: {source}
  target: {target}
  crop: 32
  batch: 2
  augment: {{colour: 0.2, rotate: 5, scale: 1.2}}
method:
  kind: gan
  generator: {{kind: resnet, noise_channels: 2, filters: 4, blocks: 1, kernel: 3, input_skip: features}}
  discriminator: {{kind: patchgan, filters: 4, depth: 1, spectral_norm: true}}
  weights: {{style: 0.1, target_reconstruction: 1, structure: 1, total_variation: 0.1, r1: 0.1}}
  style_features: {{kind: random_pyramid, levels: 2, kernels: [3, 5], filters: 4}}
  generator_input: {{input_blur: 1, stroke_noise: 0.1, dabs: {{widths: [4]}}}}
  colour_gain: 3
  pool_size: 3
  identity_warmup: 2
  diffaugment: [colour, translation, cutout]
train: {{steps: 8, threads: 2, precision: float32}}
output: {{log_every: 1, validate_every: 4, checkpoint_every: 2}}
wandb: {{mode: disabled}}
"""


@contextmanager
def by_hand() -> Iterator[None]:
    """Without graphs: a few steps are sooner done than traced."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def write_small_recipe(folder: Path) -> Path:
    """A YAML file that switches on everything `gan` offers, beside folders of its pictures."""
    rng = np.random.default_rng(0)
    path = folder / "small.yaml"
    sides = {
        side: smooth_pictures(folder / name, rng)
        for side, name in (("source", "photos"), ("target", "paintings"))
    }
    path.write_text(SMALL_RECIPE.format(**sides))
    return path


def smooth_pictures(
    folder: Path, rng: np.random.Generator, count: int = 6, size: tuple[int, int] = (48, 40)
) -> Path:
    """A folder of random smooth pictures."""
    folder.mkdir()
    for index in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
        coarse.resize(size, Image.Resampling.BICUBIC).save(folder / f"{index:02d}.png")
    return folder
