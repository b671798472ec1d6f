"""What one training process works with, set up and restored before the first step."""

import platform
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gan_style.data.batches import Stream
from gan_style.data.doctor.examine import warn_before_training
from gan_style.data.held_out import Validation
from gan_style.data.manifest import PictureStore
from gan_style.experiment import saved
from gan_style.experiment.commit import git_commit
from gan_style.experiment.find import Recipe
from gan_style.experiment.recipe import Experiment, learned_hash
from gan_style.experiment.runs import Run
from gan_style.methods import Method
from gan_style.methods.base.style_loss import MEASURED
from gan_style.system import included
from gan_style.system.errors import RunError, UserError
from gan_style.system.machine import Machine, choose_machine, configure
from gan_style.system.processor import ONEDNN, onednn_in_use
from gan_style.system.progress import say, warn
from gan_style.training import checkpoints
from gan_style.training.build import build_method
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.size import refuse_what_does_not_fit
from gan_style.training.strategy import Devices, choose_devices

BALANCED = 4  # batches whose gradients settle automatic weights


@dataclass
class State:
    """What the loop remembers from step to step, beside the method's variables."""

    step: int = 0
    seconds: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    alarms: list[dict[str, Any]] = field(default_factory=list)  # raised so far


@dataclass(frozen=True)
class Session:
    """Everything one training process works with."""

    recipe: Recipe
    config: Experiment
    seed: int
    run: Run
    machine: Machine
    devices: Devices
    stream: Stream
    validation: Validation
    method: Method
    identity: dict[str, Any]  # facts for summary.json that stay the same


def open_session(recipe: Recipe, seed: int, run: Run) -> Session:
    config, before = recipe.config, run.told()
    machine = choose_machine(config.train.precision, config.train.threads)
    for setting in ("precision", "threads", "convolutions"):
        here, there = getattr(machine, setting), before.get(setting)
        if there not in (None, here):
            kept = f"this run was started with {there}, which is kept"
            warn(f"{setting}: {kept}; this machine would choose {here}")
            machine = replace(machine, **{setting: there}, why="as the run was started")
    configure(machine, seed)
    devices = choose_devices(config.train.strategy, config.data.batch_size())
    refuse_other_backend(run, before)
    say(f"precision {machine.precision} ({machine.why}), {machine.threads} threads, seed {seed}")
    if not run.has_checkpoint():
        warn_before_training(config.data.looked_over())
    # Before the pictures: a mistake in a network shows at once.
    refuse_what_does_not_fit(config)
    store = PictureStore()
    with devices.building():
        method = build_method(config, seed, store)
        method.prepare()
    stream, validation = config.data.train(seed, store), config.data.validation(store)
    validation = validation.returned() if method.reconstructs() else validation
    if before.get("data", stream.fingerprint()) != stream.fingerprint():
        reason = "the training pictures are not those the run was started with"
        raise UserError(f"{run.folder}: {reason}; use --fresh")
    identity = facts(recipe, seed, machine) | {"data": stream.fingerprint()}
    if "imported" in before:
        identity["imported"] = before["imported"]
    now, then = identity["versions"], before.get("versions", identity["versions"])
    if then != now:
        warn(f"this run was started with {then}; with {now} its numbers may differ")
    return Session(recipe, config, seed, run, machine, devices, stream, validation, method, identity)


def refuse_other_backend(run: Run, before: dict[str, Any]) -> None:
    """TensorFlow was told at its import whether to use oneDNN, which changes numbers in their last bits."""
    then = before.get("onednn", onednn_in_use())
    if then != onednn_in_use():
        how = f"with oneDNN {'on' if then else 'off'}; go on with {ONEDNN}={int(then)} before the command"
        raise UserError(f"{run.folder}: this run was started {how}, or use --fresh")


def facts(recipe: Recipe, seed: int, machine: Machine) -> dict[str, Any]:
    """What summary.json and every checkpoint say of a run, from before its first step on."""
    return {
        "experiment": recipe.name,
        "variant": recipe.variant,
        "seed": seed,
        "overrides": list(recipe.overrides),
        "precision": machine.precision,
        "threads": machine.threads,
        "convolutions": machine.convolutions,
        "onednn": onednn_in_use(),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "git_commit": git_commit(),
        "config_sha256": learned_hash(recipe.config),
    }


def resume(session: Session) -> State:
    """From the newest intact checkpoint; otherwise from `init_from` or from scratch."""
    checkpoint = saved.newest(session.run.checkpoints)
    if checkpoint is not None:
        checkpoints.restore(session.method, checkpoint)
        if not checkpoint.step:  # of imported weights: nobody has looked at the pictures yet
            measure(session)
            settle_weights(session)
        say(f"resuming {session.run.folder} at step {checkpoint.step:,}")
        raised = [one for one in session.run.summary().get("alarms", []) if one["step"] <= checkpoint.step]
        return State(checkpoint.step, checkpoint.seconds, checkpoint.figures, raised)
    if session.run.has_checkpoint():
        advice = "--fresh moves the run aside and starts anew"
        raise RunError(f"{session.run.checkpoints}: every checkpoint is damaged; {advice}")
    if session.config.train.init_from:
        source = chosen_checkpoint(included.place(session.config.train.init_from)).folder
        for name in checkpoints.start_from(session.method, source):
            warn(f"init_from: {name} has no counterpart in {source} and starts from scratch")
    measure(session)
    settle_weights(session)
    return State()


def measure(session: Session) -> None:
    """Before the first step, what a method has to know of the pictures as a whole, from the first of them."""
    batches = -(-MEASURED // session.config.data.batch_size())
    session.method.measure(islice(session.stream.stream(0), batches))


def settle_weights(session: Session) -> None:
    """Before the first step: the weights that the recipe calls `auto`, from gradients that move nothing."""
    players = session.method.players
    if not any(player.balance.weights for player in players):
        return
    for player in players:
        player.measuring = True
    for batch in islice(session.stream.stream(0), BALANCED):
        session.method.step(batch)
    for player in players:
        player.measuring = False
        player.settle()
    say(f"weights      {session.method.findings()['auto_weights']}")
