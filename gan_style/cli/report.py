"""`gan-style report`: what an experiment's results come to."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, runs_option
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("experiment")
@click.option(
    "--results",
    type=PATH,
    metavar="DIR",
    help="Where the results are. Default: results/ in the experiment's folder.",
)
@runs_option
@click.option(
    "--output",
    type=PATH,
    metavar="DIR",
    help="Where the report goes. Default: report/ among the experiment's runs.",
)
@ends_well
def report(experiment: str, results: Path | None, runs_folder: Path | None, output: Path | None) -> None:
    """Write report.html, tables and plots of EXPERIMENT, and the results table of its README."""
    import_tensorflow()
    from gan_style.experiment.runs import runs_root
    from gan_style.report.write import report as write

    write(experiment, results, runs_root(runs_folder), output)
