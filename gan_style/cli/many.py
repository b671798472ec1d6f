"""The options of `sample` for very many pictures."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gan_style.cli.shared import PATH, RUNS, on_option
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.system.errors import UserError

# What says where the work is done and not what is painted: each shard is told its own.
WHERE = {
    "on",
    "jobs",
    "wait",
    "shards",
    "shard",
    "dry_run",
    "threads",
    "run",
    "ablation",
    "seed",
    "runs_folder",
}
# Neither do these decide how a picture is painted.
FILES = {"manifest", "output", "overwrite", "tars"}


@dataclass(frozen=True)
class Many:
    manifest: Path | None
    shards: int | None
    shard: int | None
    tars: bool
    jobs: int | None
    on: str | None
    wait: bool
    dry_run: bool

    def check(self, inputs: Sequence[Path], output: Path | None) -> None:
        if self.manifest is None:
            for name, value in vars(self).items():
                if value not in (None, False):
                    raise UserError(f"--{name.replace('_', '-')} needs --manifest")
            return
        if inputs:
            raise UserError("--input and --manifest: give one of the two")
        if output is None:
            raise UserError("--manifest needs --output, a folder for what is painted")
        if not self.manifest.is_file():
            raise UserError(f"--manifest {self.manifest}: there is no such file")
        if self.shard is not None and (self.on or self.jobs or self.wait or self.dry_run):
            raise UserError("--shard paints one here; --on, --jobs, --wait and --dry-run are for all of them")


def many_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--dry-run", is_flag=True, help="Count what --manifest names, and paint nothing."),
        click.option(
            "--wait", is_flag=True, help="For a cluster's jobs; they go on by themselves otherwise."
        ),
        on_option,
        click.option("--jobs", type=click.IntRange(1), help="Shards side by side, which share the cores."),
        click.option("--tars", is_flag=True, help="Paint single pictures into one tar for each shard."),
        click.option(
            "--shard", type=click.IntRange(0), help="Only this one, counted from 0, and in this process."
        ),
        click.option("--shards", type=click.IntRange(1, 100_000), help="Default: as many as --jobs."),
        click.option(
            "--manifest", type=PATH, metavar="FILE", help="A list of pictures, folders and tars, one a line."
        ),
    ):
        command = option(command)
    return command


def paint_manifest(
    run: Run,
    options: Many,
    output: Path,
    size: int | None,
    requests: Sequence[Any],
    which: Which,
    threads: int | None,
    memory: int,
    grey: bool,
) -> int:
    """One shard in this process, or all of them in processes or jobs of their own."""
    from gan_style.cluster.kinds import chosen_cluster
    from gan_style.inference.many.paint import Work, paint_many, paint_shard

    assert options.manifest
    context = click.get_current_context()
    given = given_options(context)
    decides = {name: str(value) for name, value in given.items() if name not in FILES}
    overwrite = bool(given.get("overwrite"))
    places = (options.manifest, output, options.shards, options.tars, overwrite)
    work = Work(*places, decides, requests, size, which, threads, memory, grey)
    if options.shard is not None:
        return paint_shard(run, work, options.shard)
    cluster = chosen_cluster(options.on, options.jobs)

    def command(number: int, count: int) -> list[str]:
        chosen = ["--shard", str(number), "--shards", str(count)]
        count_of_threads = threads or cluster.threads()
        chosen += ["--threads", str(count_of_threads)] if count_of_threads else []
        return [sys.executable, "-m", "gan_style", "sample", str(run.folder), *words(context, given), *chosen]

    runs = context.meta[RUNS]
    return paint_many(run, runs, work, cluster, command, wait=options.wait, dry_run=options.dry_run)


def given_options(context: click.Context) -> dict[str, Any]:
    """Those of the command line that a shard is told too."""
    return {
        name: value
        for name, value in context.params.items()
        if name not in WHERE and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


def words(context: click.Context, given: dict[str, Any]) -> list[str]:
    """These options as they are typed."""
    typed: list[str] = []
    for option in context.command.params:
        if option.name not in given:
            continue
        value = given[option.name]
        for one in value if isinstance(value, tuple) else (value,):
            typed += [option.opts[0]] if one is True else [option.opts[0], str(one)]
    return typed
