"""`gan-style compress`: from a trained run to the recipe of a smaller network that it teaches."""

import json
from pathlib import Path
from typing import Any

from gan_style.experiment.find import EXPERIMENTS, read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.system import disk, included
from gan_style.system.errors import UserError
from gan_style.system.progress import say
from gan_style.training.chosen import chosen_checkpoint

RATE = 1e-3  # of learning: nobody plays against the student


def make(run: Run, name: str | None, width: float, steps: int) -> Path:
    """Write experiments/NAME/config.yaml: the run's pictures and input, and `width` times its channels."""
    chosen_checkpoint(run.folder)
    config = read_recipe(str(run.config)).config
    teacher = included.PREFIX + run.folder.name if included.is_included(run.folder) else str(run.folder)
    name = name or f"{run.summary().get('experiment') or run.folder.name}-compressed"
    path = EXPERIMENTS / name / "config.yaml"
    if Path(name).name != name or name.startswith("."):
        raise UserError(f"--name {name}: expected a plain name, for a folder in {EXPERIMENTS}")
    if path.parent.exists():
        raise UserError(f"{path.parent} is there already; choose another --name")
    text = written(name, config, teacher, width, steps)
    path.parent.mkdir(parents=True)
    disk.write(path, text)
    say(f"written      {path}\nnow type     make train EXP={name}")
    return path


def written(name: str, config: Experiment, teacher: str, width: float, steps: int) -> str:
    """YAML: a line for each key, with groups as JSON, which YAML reads as it is meant."""
    method: Any = config.method
    if not hasattr(method, "generator"):
        raise UserError(f"{teacher}: a {method.kind} does not paint in one pass with a generator")
    if config.data.style_names():
        raise UserError(f"{teacher}: this {method.kind} has several styles; only one can be taught")
    generator = said(method.generator)
    generator["filters"] = max(1, round(width * method.generator.filters))
    lines = {
        "kind": "compression",
        "teacher": teacher,
        "generator": generator,
        "generator_input": said(getattr(method, "generator_input", None)),
        "generator_optimizer": {"kind": "adam", "learning_rate": RATE},
        # Other networks have no residual blocks whose channels could be compared.
        "weights": {} if method.generator.kind == "resnet" else {"channels": 0},
    }
    keys = "\n".join(f"  {key}: {json.dumps(value)}" for key, value in lines.items() if value)
    return (
        f"# make train EXP={name}\n"
        f"data: {json.dumps(said(config.data))}\n"
        f"method:\n{keys}\n"
        f"train: {{steps: {steps}}}\n"
        f"sample: {json.dumps(said(config.sample) or {'size': config.sample.size})}\n"
    )


def said(block: Any) -> dict[str, Any]:
    """What of a block is not as it is anyhow."""
    if block is None:
        return {}
    told = block.model_dump(mode="json", exclude_defaults=True)
    return {"kind": block.kind, **told} if hasattr(block, "kind") else told
