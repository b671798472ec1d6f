"""`gan-style wandb`: what the W&B server is to know."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, runs_option
from gan_style.system import disk
from gan_style.system.quiet import import_tensorflow


@click.group()
def wandb() -> None:
    """Upload offline runs to Weights & Biases; let it run a sweep."""


@wandb.command()
@click.argument("experiment", required=False)
@click.option("--dry-run", is_flag=True, help="List what would be uploaded.")
@runs_option
@ends_well
def sync(experiment: str | None, dry_run: bool, runs_folder: Path | None) -> None:
    """Upload the runs that were logged offline; of EXPERIMENT, or all."""
    import_tensorflow()
    from gan_style.experiment.find import find
    from gan_style.experiment.runs import all_runs, runs_root
    from gan_style.tracking.wandb_sync import sync as sync_runs

    root, name = runs_root(runs_folder), find(experiment)[0] if experiment else None
    runs = [run for run in reversed(all_runs(root)) if name in (None, run.folder.relative_to(root).parts[0])]
    sync_runs({run.folder: run.is_held() for run in runs}, dry_run=dry_run)


@wandb.command()
@click.argument("experiment")
@click.option(
    "--sweep",
    "name",
    required=True,
    metavar="NAME",
    help="A file of the experiment's sweeps/ folder, without .yaml.",
)
@click.option("--output", type=PATH, metavar="FILE", help="A file instead of standard output.")
@ends_well
def sweep(experiment: str, name: str, output: Path | None) -> None:
    """Write a sweep of EXPERIMENT as a W&B sweep file, for `wandb sweep` and `wandb agent`."""
    import_tensorflow()
    from gan_style.experiment.variants import folder_of, sweeps_of
    from gan_style.tracking.wandb_sweep import find_sweep, sweep_file

    found = find_sweep(sweeps_of(experiment), name, folder_of(experiment))
    text = sweep_file(experiment, found, str(output or "FILE"))
    if output:
        disk.write(output, text)
    else:
        click.echo(text, nl=False)
