"""What commands share: options, a quiet import of TensorFlow, and how they end."""

import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from gan_style.experiment.runs import Run, newest_run, runs_root
from gan_style.system.errors import RunError, UserError

runs_option = click.option(
    "--runs", "runs_folder", metavar="DIR", help="Where run folders are (or GAN_STYLE_RUNS; default ./runs)."
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


name_option = click.option("--name", metavar="NAME", help="A run folder of this name, not the usual one.")


def plain_name(name: str | None, otherwise: str) -> str:
    if name is not None and (Path(name).name != name or name.startswith(".")):
        raise UserError(f"--name {name}: expected a plain name, for a folder among the experiment's runs")
    return name or otherwise


def run_of(named: str, ablation: str | None, seed: int | None, runs_folder: str | None) -> Run:
    """A run folder as it is named, or the newest run of an experiment."""
    if (Path(named) / "config.yaml").is_file() and (Path(named) / "checkpoints").is_dir():
        if ablation is not None or seed is not None:
            raise UserError(f"{named} is one run; --ablation and --seed choose among an experiment's runs")
        return Run(Path(named))
    name = Path(named).resolve().parent.name if Path(named).name == "config.yaml" else Path(named).stem
    return newest_run(runs_root(runs_folder), name, ablation or "default", seed)


def on_a_run(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """RUN, --ablation, --seed and --runs; the command is given the run that they name."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.argument("run", default=default)
        @ablation_option
        @seed_option
        @runs_option
        @wraps(command)
        def wrapped(
            run: str, ablation: str | None, seed: int | None, runs_folder: str | None, **options: Any
        ) -> Any:
            return command(run_of(run, ablation, seed, runs_folder), **options)

        return wrapped

    return decorated


def ends_well(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the expected errors into one message and an exit code; anything else is a bug and shows itself."""

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        # So that what is under way is cleaned up. Training puts its own, gentler handler over this one.
        before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        try:
            code = command(*arguments, **options) or 0
        except UserError as problem:
            click.echo(f"error: {problem}", err=True)
            code = 2
        except RunError as problem:
            click.echo(f"run failed: {problem}", err=True)
            code = 1
        except OSError as problem:
            if problem.filename is None:
                raise
            click.echo(f"error: {problem.filename}: {problem.strerror}", err=True)
            code = 2
        except KeyboardInterrupt:
            code = 130
        finally:
            signal.signal(signal.SIGTERM, before)
        sys.exit(code)

    return wrapped
