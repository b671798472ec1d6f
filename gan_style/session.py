"""What one training process works with, set up and restored before the first step."""

import platform
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gan_style import checkpoints, images, runs
from gan_style.checkpoints import Checkpoint, Which
from gan_style.config import load
from gan_style.data.config import Fixed, Gallery
from gan_style.data.dataset import Dataset, cache_folder, open_dataset
from gan_style.data.fixed import read_fixed
from gan_style.engine import Machine, choose_machine, configure
from gan_style.errors import RunError, UserError
from gan_style.experiment import Experiment, Recipe
from gan_style.objectives import OBJECTIVES, Objective, Setting, Subject
from gan_style.progress import say, warn
from gan_style.runs import Run


@dataclass
class State:
    """What the loop remembers from step to step, beside the objective's variables."""

    step: int = 0
    seconds: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """Everything one training process works with."""

    recipe: Recipe
    config: Experiment
    seed: int
    run: Run
    machine: Machine
    dataset: Dataset
    objective: Objective
    identity: dict[str, Any]  # facts for summary.json that stay the same


def build_objective(config: Experiment, seed: int) -> Objective:
    build = OBJECTIVES[config.objective.kind]
    data, steps = config.data, config.train.steps
    objective: Objective = build(config.objective, Setting(data.crop, data.batch, steps, seed, style_names(config), subject_of(config)))
    for name, network in objective.networks().items():
        if not takes_pictures(network):
            continue
        try:
            network.compute_output_shape((config.data.batch, config.data.crop, config.data.crop, network.input.shape[-1]))
        except ValueError:
            raise UserError(f"data.crop: {config.data.crop} pixels are too few for the {name}") from None
    return objective


def style_names(config: Experiment) -> tuple[str, ...]:
    return tuple(config.data.styles) if isinstance(config.data, Gallery) else ()


def subject_of(config: Experiment) -> Subject | None:
    if not isinstance(config.data, Fixed):
        return None
    pictures = read_fixed(config.data, cache_folder())
    styles = {name: images.to_signed(pixels) for name, pixels in pictures.styles.items()}
    return Subject(images.to_signed(pictures.content), styles, pictures.style_masks)


def takes_pictures(network: keras.Model) -> bool:
    return len(network.inputs) == 1 and len(network.inputs[0].shape) == 4


def open_session(recipe: Recipe, seed: int, run: Run) -> Session:
    config, before = recipe.config, run.summary()
    machine = choose_machine(config.train.precision, config.train.threads)
    for setting in ("precision", "threads"):
        here, there = getattr(machine, setting), before.get(setting)
        if there not in (None, here):
            warn(f"{setting}: this run was started with {there}, which is kept; this machine would choose {here}")
            machine = replace(machine, **{setting: there}, why="as the run was started")
    configure(machine, seed)
    say(f"precision {machine.precision} ({machine.why}), {machine.threads} threads, seed {seed}")
    # Before the pictures: a mistake in a network shows at once.
    objective = build_objective(config, seed)
    objective.prepare()
    dataset = open_dataset(config.data, seed, cache_folder())
    if before.get("data", dataset.fingerprint()) != dataset.fingerprint():
        raise UserError(f"{run.folder}: the training pictures are not those the run was started with; use --fresh")
    identity = facts(recipe, seed, machine) | {"data": dataset.fingerprint()}
    if "imported" in before:
        identity["imported"] = before["imported"]
    if before.get("versions", identity["versions"]) != identity["versions"]:
        warn(f"this run was started with {before['versions']}; with {identity['versions']} its numbers may differ")
    return Session(recipe, config, seed, run, machine, dataset, objective, identity)


def facts(recipe: Recipe, seed: int, machine: Machine) -> dict[str, Any]:
    """What summary.json says of a run before its first step."""
    return {
        "experiment": recipe.name,
        "variant": recipe.variant,
        "seed": seed,
        "overrides": list(recipe.overrides),
        "precision": machine.precision,
        "threads": machine.threads,
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "git_commit": runs.git_commit(),
    }


def resume(session: Session) -> State:
    """From the newest intact checkpoint; otherwise from `init_from` or from scratch."""
    checkpoint = checkpoints.newest(session.run.checkpoints)
    if checkpoint is not None:
        checkpoints.restore(session.objective, checkpoint)
        say(f"resuming {session.run.folder} at step {checkpoint.step:,}")
        return State(checkpoint.step, checkpoint.seconds, checkpoint.figures)
    if session.run.has_checkpoint():
        raise RunError(f"{session.run.checkpoints}: every checkpoint is damaged; --fresh moves the run aside and starts anew")
    if session.config.train.init_from:
        source = chosen_checkpoint(Path(session.config.train.init_from)).folder
        for name in checkpoints.start_from(session.objective, source):
            warn(f"init_from: {name} has no counterpart in {source} and starts from scratch")
    return State()


def chosen_checkpoint(run_folder: Path, which: Which = "last") -> Checkpoint:
    """The newest intact checkpoint of a run, or the one that did best on the validation pictures."""
    folder = run_folder / "checkpoints"
    checkpoint = checkpoints.newest(folder) if which == "last" else checkpoints.best(folder)
    if checkpoint is None:
        missing = "no intact checkpoint" if which == "last" else "no checkpoint that was marked as the best"
        raise UserError(f"{run_folder}: this folder holds {missing}")
    return checkpoint


def load_painter(run: Run, which: Which = "last") -> tuple[Objective, Experiment, Checkpoint]:
    """A trained run's objective with the networks of a checkpoint."""
    if not run.config.is_file():
        raise UserError(f"{run.folder}: this is no run folder (it holds no config.yaml)")
    config, summary = load(run.config, Experiment).config, run.summary()
    configure(Machine(summary.get("precision", "float32"), summary.get("threads", 1), ""), summary.get("seed", 0))
    checkpoint = chosen_checkpoint(run.folder, which)
    objective = build_objective(config, summary.get("seed", 0))
    checkpoints.restore_networks(objective, checkpoint.folder)
    say(f"painting with {checkpoint.folder}")
    return objective, config, checkpoint
