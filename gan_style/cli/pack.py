"""The command `pack`."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("oil")
@click.argument("folder", type=PATH)
@click.option("--about", required=True, metavar="TEXT", help="What it is, in a sentence, for the card.")
@click.option(
    "--pictures",
    required=True,
    multiple=True,
    metavar="TEXT",
    help="Pictures that it was trained on, and their licence; may be repeated.",
)
def pack(run: Run, folder: Path, about: str, pictures: tuple[str, ...]) -> None:
    """Pack a finished run as what paints alone, into FOLDER, in half precision.

    What comes out is a run folder of a few megabytes: it can be painted with, evaluated, and started from
    (train.init_from). Strength and further training need the run itself. Of an evaluated run, the card tells
    the scores.
    """
    import_tensorflow()
    from gan_style.evaluation.pack import pack

    pack(run, folder, about, pictures)
