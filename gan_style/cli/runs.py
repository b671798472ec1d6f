"""The command `runs`."""

from pathlib import Path

import click

from gan_style.cli.shared import ends_well, runs_option


@click.command()
@runs_option
@ends_well
def runs(runs_folder: Path | None) -> None:
    """List run folders."""
    from gan_style.experiment.runs import runs_root
    from gan_style.report.listing import print_runs

    print_runs(runs_root(runs_folder))
