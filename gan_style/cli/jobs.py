"""`gan-style jobs`: what was submitted to a cluster."""

from pathlib import Path

import click

from gan_style.cli.shared import ends_well, runs_option
from gan_style.system.errors import UserError
from gan_style.system.progress import say


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(context: click.Context) -> None:
    """List the jobs that were submitted from here to a cluster; show logs, cancel."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@jobs.command("list")
@runs_option
@ends_well
def show(runs_folder: Path | None = None) -> None:
    """What waits, what runs, what is finished; also without `list`."""
    from gan_style.cluster.ledger import entries
    from gan_style.cluster.slurm import states
    from gan_style.cluster.status import print_jobs
    from gan_style.experiment.runs import runs_root

    if found := entries(runs_root(runs_folder)):
        print_jobs(found, states())
    else:
        say(f"no jobs were submitted for {runs_root(runs_folder)}")


@jobs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that wait or run.")
@runs_option
@ends_well
def cancel(names: tuple[str, ...], everything: bool, runs_folder: Path | None) -> None:
    """Cancel jobs by NAME or number; what trains is saved first."""
    from gan_style.cluster import slurm
    from gan_style.cluster.ledger import entries
    from gan_style.cluster.status import named
    from gan_style.experiment.runs import runs_root

    if bool(names) == everything:
        raise UserError("name the jobs to cancel, or give --all")
    known, found = slurm.states(), entries(runs_root(runs_folder))
    chosen = [entry for entry in (found if everything else named(found, names)) if entry.number in known]
    slurm.cancel([entry.number for entry in chosen])
    told = ", ".join(entry.name for entry in chosen)
    say(f"cancelled {len(chosen)} jobs: {told}" if chosen else "none of these waits or runs")


@jobs.command()
@click.argument("name")
@click.option("--lines", type=click.IntRange(1), default=40, show_default=True)
@runs_option
@ends_well
def log(name: str, lines: int, runs_folder: Path | None) -> None:
    """The end of the log of the job NAME, or of this number."""
    from gan_style.cluster.ledger import entries
    from gan_style.cluster.status import named
    from gan_style.experiment.runs import runs_root

    for entry in named(entries(runs_root(runs_folder)), [name]):
        say(f"{entry.name}: {entry.log}")
        for line in entry.tail(lines):
            say(f"  {line}")
