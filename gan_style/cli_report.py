"""`gan-style report`: what an experiment's results come to. Needs no TensorFlow."""

from pathlib import Path

import click

from gan_style.cli_shared import ends_well, runs_option


@click.command()
@click.argument("experiment")
@click.option("--results", metavar="DIR", help="Where the results are. Default: results/ in the experiment's folder.")
@runs_option
@click.option("--output", metavar="DIR", help="Where the report goes. Default: report/ among the experiment's runs.")
@ends_well
def report(experiment: str, results: str | None, runs_folder: str | None, output: str | None) -> None:
    """Write report.html, tables and plots of EXPERIMENT, and the results table of its README."""
    from gan_style.report.write import report as write
    from gan_style.runs import runs_root

    write(
        experiment, Path(results).expanduser() if results else None, runs_root(runs_folder), Path(output).expanduser() if output else None
    )
