"""A sweep file of ours as one of W&B's, whose agents then train with our command. Needs no TensorFlow."""

import json
from pathlib import Path
from typing import Any

import yaml

from gan_style.config.axes import Range
from gan_style.config.sweeps import Sweep, SweepFile
from gan_style.system.errors import UserError

HEADER = """\
# Made by `gan-style wandb sweep {experiment} --sweep {name}` from {path}. To use it:
#   wandb sweep {output}
# registers it with the server and prints the sweep's ID;
#   wandb agent ID
# trains one trial after the other, here and on as many machines as you like.
"""
NOTES = {
    "random": "# W&B draws the trials itself: others than those of `gan-style ablate`.\n",
    "halving": "# W&B draws the trials itself; Hyperband, which counts validations, stands for halving.\n",
}
LIST_OF_WHOLES = 8  # W&B has no whole numbers on a logarithmic scale; so many values stand for them


def sweep_file(experiment: str, file: SweepFile, output: str) -> str:
    """The text of a W&B sweep configuration."""
    sweep, command = file.sweep, ("gan-style", "train", experiment, "wandb.mode=online")
    config: dict[str, Any] = {
        "name": f"{experiment}-{file.path.stem}",
        "method": "grid" if sweep.search == "grid" else "random",
        "metric": {"name": "validation/style_and_content", "goal": "minimize"},
        "parameters": parameters(sweep),
        # ${{args_no_hyphens}} becomes key=value, as our command line has it.
        "command": ["${env}", *command, *fixed_changes(file), "${args_no_hyphens}"],
    }
    if sweep.trials is not None:
        config["run_cap"] = sweep.trials
    if sweep.search == "halving":
        config["early_terminate"] = {"type": "hyperband", "eta": 2, "min_iter": 1}
    header = HEADER.format(experiment=experiment, name=file.path.stem, path=file.path, output=output)
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=1000)
    return header + NOTES.get(sweep.search, "") + text


def parameters(sweep: Sweep) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, axis in sweep.over.items():
        if isinstance(axis, Range):
            told[key] = range_of(axis, sweep.search == "grid")
        else:
            told[key] = {"values": [_argument(value) for value in axis]}
    if sweep.folds is not None:
        told |= {"data.folds": {"value": sweep.folds}, "data.fold": {"values": list(range(sweep.folds))}}
    return told


def range_of(axis: Range, grid: bool) -> dict[str, Any]:
    if grid or (axis.is_whole() and axis.scale == "log"):
        return {"values": list(dict.fromkeys(axis.values(axis.count or LIST_OF_WHOLES)))}
    distribution = "log_uniform_values" if axis.scale == "log" else "uniform"
    if axis.is_whole():
        distribution = "int_uniform"
    return {"distribution": distribution, "min": axis.low, "max": axis.high}


def fixed_changes(file: SweepFile) -> list[str]:
    """What the sweep file, and any ablation it extends, change in every trial, as overrides."""
    config = (file.path.parents[1] / "config.yaml").resolve()
    leaves = [(path, leaf) for path, leaf in file.recipe.leaves() if path[0] not in ("extends", "why")]
    changed = [(path, leaf) for path, leaf in leaves if Path(leaf.origin.source).resolve() != config]
    return [f"{'.'.join(path)}={_argument(leaf.plain())}" for path, leaf in changed]


def _argument(value: Any) -> Any:
    """A value that W&B's agent, which writes True where we write true, puts on the command line unchanged."""
    plain = isinstance(value, int | float | str) and not isinstance(value, bool)
    return value if plain else json.dumps(value)


def find_sweep(sweeps: dict[str, SweepFile], name: str, folder: Path) -> SweepFile:
    if name not in sweeps:
        raise UserError(f"--sweep {name}: {folder / 'sweeps'} holds: {', '.join(sweeps) or 'no sweeps'}")
    return sweeps[name]
