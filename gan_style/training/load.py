"""A run's method with the networks of a checkpoint, to paint with."""

from dataclasses import replace
from typing import Any, Literal

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment, learned_hash
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Checkpoint, Which
from gan_style.methods import Method
from gan_style.system import machine
from gan_style.system.errors import UserError
from gan_style.system.machine import Machine, choose_machine, configure, convolutions_for
from gan_style.system.progress import say, warn
from gan_style.training import checkpoints
from gan_style.training.build import build_method
from gan_style.training.chosen import chosen_checkpoint


def machine_for(checkpoint: Checkpoint, told: dict[str, Any]) -> Machine:
    """As the run was trained; what was packed paints everywhere alike, and beside others in one process."""
    if checkpoint.is_packed():
        return choose_machine("float32", machine.in_use.threads if machine.in_use else "auto")
    precision = told.get("precision", "float32")
    return Machine(precision, told.get("threads", 1), "", convolutions_for(precision))


def load_method(
    run: Run,
    which: Which = "last",
    threads: int | None = None,
    precision: Literal["float32"] | None = None,
) -> tuple[Method, Experiment, Checkpoint]:
    """A trained run's method with the networks of a checkpoint; with its number of threads or another.

    `precision`: another one than it was trained in.
    """
    if not run.config.is_file():
        raise UserError(f"{run.folder}: this is no run folder (it holds no config.yaml)")
    checkpoint = chosen_checkpoint(run.folder, which)
    config, told = load(run.config, Experiment).config, run.summary() | checkpoint.identity
    changed = told.get("config_sha256", learned_hash(config)) != learned_hash(config)
    # What is packed is as its card says, though it may be older than a key of today's.
    if changed and not checkpoint.is_packed():
        warn(f"{run.config}: this is not what {checkpoint.folder} was trained with")
    seed = told.get("seed", 0)
    chosen = machine_for(checkpoint, told)
    chosen = replace(chosen, threads=threads) if threads else chosen
    configure(replace(chosen, precision=precision) if precision else chosen, seed)
    method = build_method(config, seed, learning=False)
    checkpoints.restore_networks(method, checkpoint)
    say(f"painting with {checkpoint.folder}")
    return method, config, checkpoint
