"""The command `compress`."""

import click

from gan_style.cli.shared import ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("oil")
@click.option("--name", metavar="NAME", help="Of the new experiment. Default: the run's, with -compressed.")
@click.option(
    "--width",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.25,
    show_default=True,
    help="Channels of the small network, as a share of the run's own.",
)
@click.option(
    "--steps", type=click.IntRange(1), default=4000, show_default=True, help="How long it is taught."
)
def compress(run: Run, name: str | None, width: float, steps: int) -> None:
    """Plan a small network that paints as the newest run of an experiment (oil), or a run folder, does.

    Writes experiments/NAME/config.yaml, whose teacher is that run, and says how to train it.
    """
    import_tensorflow()
    from gan_style.planning.compress import make

    make(run, name, width, steps)
