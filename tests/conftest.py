"""Small pictures, small recipes, and a cache that the whole session shares."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from gan_style.data.config import Paintbox
from gan_style.engine import Machine, configure

SMALL_PAINTBOX = ("data.scenes=1", "data.cuts=1")

# Before any test module computes anything: threads cannot be set later.
configure(Machine("float32", 2, "tests"), seed=0)


@pytest.fixture(autouse=True)
def plain_precision() -> None:
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the session's own, so that no test sees or changes the user's."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["GAN_STYLE_CACHE"] = str(folder)
    os.environ["WANDB_MODE"] = "offline"
    for name in ("GAN_STYLE_RUNS", "WANDB_API_KEY"):
        os.environ.pop(name, None)
    return folder


@pytest.fixture(scope="session")
def small_paintbox(cache: Path) -> Path:
    """The folder of an oil paintbox with one scene and one cut of each photograph."""
    from gan_style.paintbox.prepare import prepare

    return prepare(Paintbox(kind="paintbox", painter="oil", scenes=1, cuts=1, crop=64).settings(), cache)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def pictures(tmp_path: Path, rng: np.random.Generator) -> Callable[..., Path]:
    """Make a folder of random smooth pictures."""

    def make(name: str, count: int = 6, size: tuple[int, int] = (48, 40)) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for index in range(count):
            coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
            coarse.resize(size, Image.Resampling.BICUBIC).save(folder / f"{index:02d}.png")
        return folder

    return make


SMALL_RECIPE = """
data:
  kind: folders
  source: {source}
  target: {target}
  crop: 32
  batch: 2
  augment: {{colour: 0.2, rotate: 5, scale: 1.2}}
objective:
  kind: gan
  generator: {{kind: resnet, noise: 2, filters: 4, blocks: 1, kernel: 3, colour_path: features}}
  discriminator: {{kind: patchgan, filters: 4, depth: 1, spectral_norm: true}}
  weights: {{style: 0.1, rehearsal: 1, structure: 1, total_variation: 0.1, r1: 0.1}}
  style_features: {{kind: random_pyramid, levels: 2, kernels: [3, 5], filters: 4}}
  underpainting: {{squint: 1, dabs: 0.1}}
  pool: 3
  warm_up: 2
  augment: [colour, translation, cutout]
train: {{steps: 8, threads: 2, precision: float32}}
output: {{log_every: 1, sheet_every: 4, checkpoint_every: 2}}
wandb: {{mode: disabled}}
"""


@pytest.fixture
def small_recipe(tmp_path: Path, pictures: Callable[..., Path]) -> Path:
    """A YAML file that switches on everything `gan` offers, and trains in seconds."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_RECIPE.format(source=pictures("photos"), target=pictures("paintings")))
    return path
