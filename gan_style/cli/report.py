"""`gan-style report`: what an experiment's results come to."""

from pathlib import Path

import click

from gan_style.cli.shared import ends_well, runs_option
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("experiment")
@click.option(
    "--results", metavar="DIR", help="Where the results are. Default: results/ in the experiment's folder."
)
@runs_option
@click.option(
    "--output", metavar="DIR", help="Where the report goes. Default: report/ among the experiment's runs."
)
@ends_well
def report(experiment: str, results: str | None, runs_folder: str | None, output: str | None) -> None:
    """Write report.html, tables and plots of EXPERIMENT, and the results table of its README."""
    import_tensorflow()
    from gan_style.experiment.runs import runs_root
    from gan_style.report.write import report as write

    places = [Path(place).expanduser() if place else None for place in (results, output)]
    write(experiment, places[0], runs_root(runs_folder), places[1])
