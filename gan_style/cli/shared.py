"""What commands share: options, a quiet import of TensorFlow, and how they end."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from gan_style.experiment.runs import NoRun, Run, newest_run, runs_root
from gan_style.system import included
from gan_style.system.errors import RunError, UserError
from gan_style.system.output import guarded
from gan_style.system.progress import note
from gan_style.system.signals import heard_by


class GivenPath(click.ParamType):
    """A path as it was typed; an empty one would be the working directory."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not str(value).strip() or "\0" in str(value):
            self.fail("expected a path, found nothing" if "\0" not in str(value) else "a path holds no NUL")
        return Path(os.path.expanduser(value))


PATH = GivenPath()
RUNS = "gan_style.runs"  # where run folders are, for commands that were given one of them
OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError")  # the second is TensorFlow's, not imported here
runs_option = click.option(
    "--runs",
    "runs_folder",
    type=PATH,
    metavar="DIR",
    help="Where run folders are (or GAN_STYLE_RUNS; default ./runs).",
)
seed_option = click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed of the run.")
ablation_option = click.option(
    "--ablation", metavar="NAME", help="A file of the experiment's ablations/ folder, without .yaml."
)
checkpoint_option = click.option(
    "--checkpoint",
    type=click.Choice(["last", "best"]),
    default="last",
    show_default=True,
    help="best: by the validation pictures.",
)

on_option = click.option(
    "--on", metavar="NAME", help="Where: a file of clusters/, without .yaml. Default: this machine."
)
name_option = click.option("--name", metavar="NAME", help="A run folder of this name, not the usual one.")


def plain_name(name: str | None, otherwise: str) -> str:
    if name is not None and (Path(name).name != name or name.startswith(".")):
        raise UserError(f"--name {name}: expected a plain name, for a folder among the experiment's runs")
    return name or otherwise


def run_of(named: str, ablation: str | None, seed: int | None, runs_folder: Path | None) -> Run:
    """A run folder as it is named, or the newest run of an experiment."""
    if named.startswith(included.PREFIX):
        named = str(included.place(named))
    if os.sep in named and not os.path.lexists(named):
        raise UserError(f"{named}: there is no such run folder")
    if (Path(named) / "config.yaml").is_file() and (Path(named) / "checkpoints").is_dir():
        if ablation is not None or seed is not None:
            raise UserError(f"{named} is one run; --ablation and --seed choose among an experiment's runs")
        return Run(Path(named))
    name = Path(named).resolve().parent.name if Path(named).name == "config.yaml" else Path(named).stem
    return newest_run(runs_root(runs_folder), name, ablation or "default", seed)


def on_a_run(
    default: str, otherwise: Callable[[str, dict[str, Any]], Run | None] = lambda run, options: None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """RUN, --ablation, --seed and --runs; the command is given the run that they name.

    `otherwise`: what an experiment's name stands for while it has no run, whatever else was asked for.
    """

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.argument("run", default=default)
        @ablation_option
        @seed_option
        @runs_option
        @wraps(command)
        def wrapped(
            run: str, ablation: str | None, seed: int | None, runs_folder: Path | None, **options: Any
        ) -> Any:
            try:
                found = run_of(run, ablation, seed, runs_folder)
            except NoRun:
                particular = (ablation, seed, runs_folder) != (None, None, None)
                if particular or not (stand_in := otherwise(run, options)):
                    raise
                found = stand_in
            click.get_current_context().meta[RUNS] = runs_root(runs_folder)
            return command(found, **options)

        return wrapped

    return decorated


def ends_well(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the expected errors into one message and an exit code; anything else is a bug and shows itself.

    Signals, and a closed pipe at standard output, end it by SystemExit, so that what is under way is cleaned
    up. Training puts its own, gentler listener over this one.
    """

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        def leave(number: int, frame: FrameType | None) -> NoReturn:
            sys.exit(128 + number)

        with heard_by(leave, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2), guarded() as output:
            try:
                code = exit_code(partial(command, *arguments, **options))
                sys.stdout.flush()
            except SystemExit as end:
                code = int(end.code or 0)
        if output.loss and output.loss.errno == errno.EPIPE:
            code = code or 128 + signal.SIGPIPE
        elif output.loss and output.loss.errno != errno.EIO:
            code = 1
        sys.exit(code)

    return wrapped


def exit_code(command: Callable[[], int | None]) -> int:
    """What the command gives, or that of the expected error, which is told."""
    try:
        return command() or 0
    except KeyboardInterrupt:
        return 130
    except RunError as problem:
        note(f"run failed: {problem}")
        return 1
    except UserError as problem:
        note(f"error: {problem}")
    except RecursionError:
        note("error: something that was read is nested too deeply")
    except OSError as problem:
        names = [os.fsdecode(name) for name in (problem.filename, problem.filename2) if is_name(name)]
        note("error: " + ": ".join([*names, problem.strerror or str(problem) or type(problem).__name__]))
    except Exception as problem:
        if type(problem).__name__ not in OUT_OF_MEMORY:
            raise
        advice = "smaller pictures, a smaller batch or fewer jobs need less"
        detail = f" ({str(problem).splitlines()[0]})" if str(problem) else ""
        note(f"run failed: not enough memory; {advice}{detail}")
        return 1
    return 2


def is_name(given: object) -> bool:
    """Whether an OSError tells which file; it may also tell a descriptor's number, or nothing."""
    return isinstance(given, str | bytes)
