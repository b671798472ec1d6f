"""Every recipe resolves and, here or with the slow tests, runs for one step at reduced size."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.config.load import load
from gan_style.config.located import read_yaml
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.training import loop as training
from tests.conftest import SMALL_PAINTBOX
from tests.small import by_hand

ROOT = Path(__file__).parents[1] / "experiments"
RECIPES = sorted(ROOT.glob("*/config.yaml")) + sorted(ROOT.glob("*/ablations/*.yaml"))
ONE_STEP = ("train.steps=1", "train.threads=2", "train.precision=float32", "wandb.mode=disabled")
SMALL = ("data.crop=32", "data.batch=2")
GENERATORS = {
    "resnet": ("filters=4", "blocks=1"),
    "unet": ("filters=4", "depth=3"),
    "deconvnet": ("filters=4", "depth=2"),
}
# What only some methods have.
PARTS = {
    "discriminator": "discriminator.filters=4",
    "identity_warmup": "identity_warmup=0",
    "identity_finetune": "identity_finetune=0",
}
BANKS = ("style_features", "content_features", "encoder", "features", "teacher", "loss_features")
# One recipe of each method takes its step here. Others, and ablations, which change some keys of a recipe,
# are read here and take their step with the slow tests. They do it by hand, which is sooner done than traced.
# Steps are traced in tests/methods, and by the slow tests for a recipe of each method.
FIRST = {
    load(path, Experiment).config.method.kind: path
    for path in reversed(RECIPES)
    if path.name == "config.yaml"
}


def stepped(path: Path, traced: bool, *, slow: bool):
    name = f"{path.parent.name}-{path.stem}{'-traced' * traced}"
    return pytest.param(path, traced, marks=[pytest.mark.slow] * slow, id=name)


STEPPED = [stepped(path, False, slow=path not in FIRST.values()) for path in RECIPES]
STEPPED += [stepped(path, True, slow=True) for path in FIRST.values()]
FULL_SIZE = ("monet", "horse2zebra", "facades")


def reduced(path: Path, published: Path, vgg19: Path) -> tuple[str, ...]:
    """Overrides that make any recipe small, and give it pictures."""
    config = load(path, Experiment).config
    parts = [change for part, change in PARTS.items() if hasattr(config.method, part)]
    if hasattr(config.method, "generator"):
        parts += [f"generator.{change}" for change in GENERATORS[config.method.generator.kind]]
    if getattr(getattr(config.method, "discriminator", None), "kind", "") == "multiscale":
        parts.append("discriminator.depth=1")  # the second one sees half of a small crop
    overrides = [*ONE_STEP, *(f"method.{change}" for change in parts)]
    overrides += ["data.size=96"] if config.data.kind == "fixed" else SMALL
    if config.data.kind in ("domains", "aligned"):
        overrides += [f"data.folder={published / config.data.kind}", "data.load_size=36"]
    elif config.data.kind == "folders":
        sides = {"source": "trainA", "target": "trainB"}
        overrides += [f"data.{side}={published / 'domains' / part}" for side, part in sides.items()]
        overrides.append("data.short_side=40")
    elif config.data.kind != "fixed":
        overrides += SMALL_PAINTBOX
        places = getattr(config.data, "styles", {})
        painted = [name for name, place in places.items() if place == "paintbox"][:1]  # painting takes long
        folders = [name for name in places if name not in painted]
        overrides += [f"data.styles.{name}={published / 'domains' / 'trainB'}" for name in folders]
    if config.method.kind in ("cut", "fastcut"):
        overrides.append("method.nce_layers=[picture, down1, down2, block1]")
    overrides += [
        f"method.{bank}.weights={vgg19}"
        for bank in BANKS
        if hasattr(getattr(config.method, bank, None), "weights")
        and getattr(config.method, bank).weights != "included/features"
    ]
    return tuple(overrides)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """Small sets in the layouts of the classic ones."""
    rng, root = np.random.default_rng(0), tmp_path_factory.mktemp("published")
    widths = {f"domains/{part}{side}": 40 for part in ("train", "test") for side in "AB"}
    for folder, width in {**widths, "aligned/train": 80, "aligned/val": 80, "aligned/test": 80}.items():
        (root / folder).mkdir(parents=True)
        for index in range(4):
            coarse = Image.fromarray(rng.integers(0, 256, (5, 10, 3), np.uint8))
            coarse.resize((width, 40), Image.Resampling.BICUBIC).save(root / folder / f"{index}.png")
    return root


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory) -> Path:
    """Stand-in weights for VGG19: the real shapes, small random values."""
    rng, arrays, channels = np.random.default_rng(0), {}, 3
    for block, (count, width) in enumerate(((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)), start=1):
        for layer in range(1, count + 1):
            arrays[f"conv{block}_{layer}/kernel"] = rng.normal(
                0, np.sqrt(2 / 9 / channels), (3, 3, channels, width)
            ).astype(np.float32)
            arrays[f"conv{block}_{layer}/bias"] = np.zeros(width, np.float32)
            channels = width
    arrays |= {
        "preprocess/kernel": 255 * np.eye(3, dtype=np.float32)[None, None, ::-1],
        "preprocess/bias": np.zeros(3, np.float32),
    }
    path = tmp_path_factory.mktemp("vgg19") / "vgg19.npz"
    np.savez(path, **arrays)
    return path


def test_every_recipe_resolves(published, vgg19, monkeypatch):
    monkeypatch.chdir(ROOT.parent)
    for path in RECIPES:
        assert read_recipe(str(path), None, reduced(path, published, vgg19)).config.train.steps == 1


@pytest.mark.parametrize(("path", "traced"), STEPPED)
def test_every_recipe_runs_one_step(path, traced, tmp_path, vgg19, published, small_paintbox, monkeypatch):
    monkeypatch.chdir(ROOT.parent)
    recipe = read_recipe(str(path), None, reduced(path, published, vgg19))
    with nullcontext() if traced else by_hand():
        assert training.train(recipe, 0, Run(tmp_path / "run")) == 0
    assert Run(tmp_path / "run").summary()["status"] == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL_SIZE)
def test_the_published_recipes_run_one_real_step_at_full_size(name, tmp_path, published, monkeypatch):
    monkeypatch.chdir(ROOT.parent)
    path = ROOT / name / "config.yaml"
    folder = published / load(path, Experiment).config.data.kind
    recipe = read_recipe(
        str(path), None, (f"data.folder={folder}", "train.steps=1", "train.threads=2", "wandb.mode=disabled")
    )
    run = Run(tmp_path / "run")
    assert training.train(recipe, 0, run) == 0
    assert run.summary()["step"] == 1


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/ablations/*.yaml")), ids=lambda path: path.stem)
def test_ablations_say_why_and_change_little(path):
    raw = read_yaml(path).plain()
    assert raw["extends"] == "../config.yaml"
    assert raw["why"].strip()[-1] in ".?)"
    changed, default = (
        load(some, Experiment).config.model_dump() for some in (path, path.parents[1] / "config.yaml")
    )
    assert (
        changed["method"] != default["method"]
        or changed["data"] != default["data"]
        or changed["train"] != default["train"]
    )


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/config.yaml")), ids=lambda path: path.parent.name)
def test_recipes_begin_with_command_hardware_time_and_score(path):
    head = "\n".join(line for line in path.read_text().splitlines()[:8] if line.startswith("#"))
    for word in (f"make train EXP={path.parent.name}", "hardware:", "CPU", "time:", "score:"):
        assert word in head, word


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recipe_takes_another_kind_of_optimizer(path):
    """With that kind's own settings, and not those that the recipe has for Adam."""
    method = load(path, Experiment).config.method
    (key, *_) = [key for key in ("generator_optimizer", "optimizer") if hasattr(method, key)]
    other = load(path, Experiment, (f"method.{key}.kind=sgd",)).config.method
    chosen = getattr(other, key)
    assert chosen == type(chosen)(kind="sgd")
