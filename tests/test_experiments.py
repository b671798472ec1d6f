"""Every recipe resolves and runs for one step at reduced size."""

from pathlib import Path

import keras
import numpy as np
import pytest

from gan_style import training
from gan_style.config import load
from gan_style.experiment import Experiment, read_recipe
from gan_style.located import read_yaml
from gan_style.runs import Run
from tests.conftest import SMALL_PAINTBOX

ROOT = Path(__file__).parents[1] / "experiments"
RECIPES = sorted(ROOT.glob("*/config.yaml")) + sorted(ROOT.glob("*/ablations/*.yaml"))
REDUCED = (
    "data.crop=32",
    "data.batch=1",
    "objective.generator.filters=4",
    "objective.generator.blocks=1",
    "objective.discriminator.filters=4",
    "objective.warm_up=0",
    "train.steps=1",
    "train.threads=2",
    "train.precision=float32",
    "wandb.mode=disabled",
)


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory) -> Path:
    """Stand-in weights for VGG19: the real shapes, small random values."""
    rng, arrays, channels = np.random.default_rng(0), {}, 3
    for block, (count, width) in enumerate(((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)), start=1):
        for layer in range(1, count + 1):
            arrays[f"conv{block}_{layer}/kernel"] = rng.normal(0, np.sqrt(2 / 9 / channels), (3, 3, channels, width)).astype(np.float32)
            arrays[f"conv{block}_{layer}/bias"] = np.zeros(width, np.float32)
            channels = width
    path = tmp_path_factory.mktemp("vgg19") / "vgg19.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recipe_runs_one_step(path, tmp_path, vgg19, small_paintbox, monkeypatch):
    monkeypatch.chdir(ROOT.parent)
    overrides = list(REDUCED) + list(SMALL_PAINTBOX)
    if "application" in str(read_yaml(path).plain()):
        overrides.append(f"objective.style_features.weights={vgg19}")
    keras.mixed_precision.set_global_policy("float32")
    recipe = read_recipe(str(path), None, tuple(overrides))
    assert training.train(recipe, 0, Run(tmp_path / "run")) == 0
    assert Run(tmp_path / "run").summary()["status"] == "finished"


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/ablations/*.yaml")), ids=lambda path: path.stem)
def test_ablations_say_why_and_change_little(path):
    raw = read_yaml(path).plain()
    assert raw["extends"] == "../config.yaml"
    assert raw["why"].strip()[-1] in ".?)"
    changed, default = (load(some, Experiment).config.model_dump() for some in (path, path.parents[1] / "config.yaml"))
    assert changed["objective"] != default["objective"] or changed["data"] != default["data"] or changed["train"] != default["train"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/config.yaml")), ids=lambda path: path.parent.name)
def test_recipes_begin_with_command_hardware_time_and_score(path):
    head = "\n".join(line for line in path.read_text().splitlines()[:8] if line.startswith("#"))
    for word in ("make train", "CPU", "minutes", "score"):
        assert word in head, word
