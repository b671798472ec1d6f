"""The command `ablate`."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, on_option, runs_option
from gan_style.system.errors import UserError
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("experiment")
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Train every variant with so many seeds, from 0.",
)
@click.option(
    "--only",
    metavar="NAME,NAME",
    help="These variants: default, ablations, trials, or a sweep for all of its trials.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Trainings side by side, which share the cores. Default: 1.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Of each training. Default: a share of the cores."
)
@on_option
@click.option("--wait", is_flag=True, help="For the jobs of a cluster; they go on by themselves otherwise.")
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    help="Equal time: timed once, then frozen as steps beside the results.",
)
@click.option("--steps", type=click.IntRange(1), help="Equally many steps. Default: each recipe's own.")
@click.option("--fresh", is_flag=True, help="Move runs aside that were trained with another recipe.")
@click.option(
    "--dry-run", is_flag=True, help="Show the cells, what is done of them, and how long the rest will take."
)
@click.option("--time-only", is_flag=True, help="With --minutes: freeze the steps, and train nothing.")
@runs_option
@click.option(
    "--results",
    type=PATH,
    metavar="DIR",
    help="Where results go. Default: results/ in the experiment's folder.",
)
@click.option("--backbone", metavar="KIND", help="Metric backbone, as for evaluate. Default: the recipe's.")
@ends_well
def ablate(
    experiment: str,
    seeds: int,
    only: str | None,
    jobs: int | None,
    threads: int | None,
    on: str | None,
    wait: bool,
    minutes: float | None,
    steps: int | None,
    fresh: bool,
    dry_run: bool,
    time_only: bool,
    runs_folder: Path | None,
    results: Path | None,
    backbone: str | None,
) -> int:
    """Train and evaluate every variant of EXPERIMENT with every seed.

    Variants are the default, each file in ablations/, and each trial of the files in sweeps/. What is done
    is skipped, and whatever was stopped or killed goes on where it was: give the same command again.
    On a cluster (--on) each cell is a job, and the same command submits whatever is not under way.
    """
    if time_only and minutes is None:
        raise UserError("--time-only needs --minutes")
    if minutes is not None and steps is not None:
        raise UserError("--minutes and --steps are two budgets; give one of them")
    import_tensorflow()
    from gan_style.ablation.ablate import ablate as run_ablation
    from gan_style.ablation.plan import Plan
    from gan_style.cluster.kinds import chosen_cluster
    from gan_style.experiment.runs import runs_root
    from gan_style.experiment.variants import folder_of

    folder = results or folder_of(experiment) / "results"
    names = tuple(name.strip() for name in (only or "").split(",") if name.strip())
    where = chosen_cluster(on, jobs, threads)
    plan = Plan(
        experiment, runs_root(runs_folder), folder, seeds, names, where, minutes, steps, backbone, fresh
    )
    return run_ablation(plan, dry_run=dry_run, wait=wait, time_only=time_only)
