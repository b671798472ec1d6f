"""The loop: ask the method for a step, log, sample, checkpoint, stop. It never asks which method it runs."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from gan_style.cluster.allocation import workers
from gan_style.experiment import runs, saved
from gan_style.experiment.find import Recipe
from gan_style.experiment.runs import Run
from gan_style.system import images
from gan_style.system.errors import RunError, UserError
from gan_style.system.progress import note, say
from gan_style.system.signals import Stopper
from gan_style.tracking.tracker import Tracker
from gan_style.tracking.wandb_run import identity
from gan_style.training import checkpoints, validation
from gan_style.training.alarms.watch import Watch, told_briefly
from gan_style.training.progress import TrainingBar
from gan_style.training.room import check_room, told_what_is_safe
from gan_style.training.session import Session, State, open_session, resume
from gan_style.training.strategy import told_of_lost_workers
from gan_style.training.workers import scratch, untracked


def train(recipe: Recipe, seed: int, run: Run, *, fresh: bool = False, until: int | None = None) -> int:
    """Train, or go on training, in a run folder, to the end or `until` a step. Returns the exit code."""
    if recipe.config.train.strategy == "multiworker" and workers().place:
        with scratch(run, fresh=fresh) as own:
            return train_in(untracked(recipe), seed, own, until=until)
    return train_in(recipe, seed, run, fresh=fresh, until=until)


def train_in(recipe: Recipe, seed: int, run: Run, *, fresh: bool = False, until: int | None = None) -> int:
    steps_asked, strategy = recipe.config.train.steps, recipe.config.train.strategy
    with runs.claimed(run, fresh=fresh), told_what_is_safe(run), told_of_lost_workers(strategy):
        runs.settle_config(run, recipe.config.model_dump(mode="json"))
        if run.is_finished(steps_asked):
            say(f"{run.folder}: this run is finished, at step {steps_asked:,}")
            say_results(run, recipe)
            return 0
        session = open_session(recipe, seed, run)
        check_room(session)
        state = resume(session)
        check_beginning(session, state)
        mark_if_best(session, state)  # a kill may have come between a checkpoint and its mark
        code = run_loop(session, state, min(until or steps_asked, steps_asked))
        session.devices.leave_together()
        return code


def check_beginning(session: Session, state: State) -> None:
    """Workers that begin at other steps, or with other weights, would average what is none of theirs."""
    if not session.devices.several_processes:
        return
    mark = int(checkpoints.weights_sha256(session.method)[:6], 16)
    if not session.devices.all_have(state.step * 2**24 + mark):
        reason = "the workers do not begin alike; all must see the same run folder, and its checkpoints"
        raise UserError(f"{session.run.folder}: {reason}")


def run_loop(session: Session, state: State, end: int) -> int:
    run, config = session.run, session.config
    first_step = state.step
    about = identity(run.folder, config.model_dump(mode="json"), session.identity)
    tracker = Tracker(run.folder, first_step, config.wandb, **about)
    with tracker, Stopper() as stopper, TrainingBar(end, first_step) as bar:
        summarise(session, state, "running")
        watch, stopping = Watch(session, tracker), 0
        try:
            for metrics in steps(session, state, end):
                tell(session, state, metrics, tracker, bar, first_step)
                watch.after_step(state, metrics)
                last = state.step == end
                stopping = session.devices.agreed(stopper.signal)
                looked = last or state.step % config.output.validate_every == 0
                if looked:
                    watch.at_validation(state, validate(session, state, tracker))
                ending = last or stopping
                due = looked or stopping or state.step % config.output.checkpoint_every == 0
                if due and (watch.allows_checkpoint(state) or ending):
                    save(session, state, looked)
                if stopping:
                    break
        except BaseException as problem:
            with suppress(RunError, UserError):  # what it failed of is told already
                status = "interrupted" if isinstance(problem, KeyboardInterrupt) else "failed"
                summarise(session, state, status)
            raise
        finished = state.step == config.train.steps
        summary = summarise(session, state, "finished" if finished else "interrupted")
        tracker.summarise(summary)
    if not finished:
        kept = run.checkpoints / f"step-{state.step:08d}"
        note(f"stopped at step {state.step:,}; saved as {kept}; the same command resumes")
        return 128 + stopping if stopping else 0
    say_results(run, session.recipe)
    return 0


def steps(session: Session, state: State, end: int) -> Iterator[dict[str, float]]:
    """The numbers of each remaining step up to `end`, with `state` already moved on."""
    compiled_steps: dict[Any, Any] = {}
    stream = iter(session.stream.stream(state.step))
    while state.step < end:
        started = time.monotonic()
        step = session.method.step_at(state.step)
        if step not in compiled_steps:
            compiled_steps[step] = session.devices.compiled(step)
        run_step = compiled_steps[step]
        told = run_step(next(stream)).items()
        metrics = {
            f"{player}/{name}": float(value) for player, terms in told for name, value in terms.items()
        }
        check_finite(session, state.step, metrics)
        state.step += 1
        state.seconds += time.monotonic() - started
        yield metrics


def check_finite(session: Session, step: int, metrics: Mapping[str, float]) -> None:
    bad = [name for name, value in metrics.items() if not np.isfinite(value)]
    if bad:
        files = "\n".join(f"  {name}" for name in session.stream.files(step))
        kept = saved.newest(session.run.checkpoints)
        where = f"the last good checkpoint is {kept.folder}" if kept else "there is no checkpoint yet"
        raise RunError(f"step {step}: {bad[0]} is {metrics[bad[0]]}; {where}; the batch was made of\n{files}")


def tell(
    session: Session,
    state: State,
    metrics: dict[str, float],
    tracker: Tracker,
    bar: TrainingBar,
    first_step: int,
) -> None:
    """Progress at every step, the log at its cadence."""
    speed = images_per_second(session, state)
    bar.update(state.step, metrics, speed)
    ends = (first_step + 1, session.config.train.steps)
    if state.step % session.config.output.log_every == 0 or state.step in ends:
        tracker.log(state.step, {**metrics, **session.method.learning_rates(), "images_per_second": speed})


def images_per_second(session: Session, state: State) -> float:
    return round(state.step * session.config.data.batch_size() / max(state.seconds, 1e-9), 2)


def validate(session: Session, state: State, tracker: Tracker) -> np.ndarray:
    """Paint held-out pictures: a sheet for the eye, figures for the choice of the best checkpoint."""
    held_out = session.validation
    fake = validation.paint_all(session.method, held_out)
    state.figures = validation.figures(fake, held_out)
    tracker.log(state.step, {f"validation/{name}": value for name, value in state.figures.items()})
    sheet = images.captioned(validation.sheet(fake, held_out), told_briefly(state.alarms))
    images.write(session.run.samples / f"step-{state.step:08d}.png", images.Picture(sheet))
    tracker.log_sheet(state.step, sheet)
    return fake


def save(session: Session, state: State, looked: bool) -> None:
    """A checkpoint; where it was `looked` at and its figure is the lowest so far, also the best one."""
    folder = checkpoints.save(
        session.method,
        session.run.checkpoints,
        state.step,
        seconds=state.seconds,
        figures=state.figures,
        config=session.config.method.model_dump(mode="json"),
        identity=session.identity,
    )
    checkpoints.keep_last(folder, session.config.output.keep_checkpoints)
    if looked:
        mark_if_best(session, state)
    summarise(session, state, "running")


def mark_if_best(session: Session, state: State) -> None:
    """The newest checkpoint, where its figure is the lowest so far."""
    folder = session.run.checkpoints
    best = saved.best_figure(folder, validation.DECIDING)
    figure = state.figures.get(validation.DECIDING, math.nan)
    # What was marked without a finite figure gives way to the first that has one.
    if math.isfinite(figure) and (best is None or not best <= figure):
        checkpoints.mark_best(folder / f"step-{state.step:08d}")


def summarise(session: Session, state: State, status: str) -> dict[str, Any]:
    summary = {
        **session.identity,
        **session.method.findings(),
        "status": status,
        "step": state.step,
        "steps": session.config.train.steps,
        "seconds": round(state.seconds, 1),
        "images_per_second": images_per_second(session, state) if state.step else None,
        "figures": state.figures,
        "alarms": state.alarms,
        "weights_sha256": checkpoints.weights_sha256(session.method),
    }
    session.run.write_summary(summary)
    return summary


def say_results(run: Run, recipe: Recipe) -> None:
    sheets, kept = sorted(run.samples.glob("step-*.png")), saved.in_order(run.checkpoints)
    if sheets:
        say(f"last sheet   {sheets[-1]}")
    if kept:
        say(f"checkpoint   {kept[-1]}")
    say(f"now type     make sample EXP={run.folder}")
