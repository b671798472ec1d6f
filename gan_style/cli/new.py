"""The command `new`."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("name")
@click.option("--source", type=PATH, required=True, metavar="DIR", help="A folder of photographs.")
@click.option("--target", type=PATH, required=True, metavar="DIR", help="A folder of paintings.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True, max=100_000),
    default=40,
    show_default=True,
    help="How long the training may take.",
)
@ends_well
def new(name: str, source: Path, target: Path, minutes: float) -> None:
    """Plan an experiment on your own pictures: look them over, time a few steps, write its recipe.

    Writes experiments/NAME/config.yaml, with a comment for each choice, and says what to expect.
    """
    import_tensorflow()
    from gan_style.planning.new import make

    make(name, source, target, minutes)
