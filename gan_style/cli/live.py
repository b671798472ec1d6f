"""The command `live`."""

import click

from gan_style.cli.painting import Asked, included_painter, painting_options, steadiness_option
from gan_style.cli.shared import ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("oil", included_painter)
@click.option(
    "--input",
    "source",
    default="/dev/video0",
    show_default=True,
    metavar="CAMERA|FILM",
    help="A camera's device, or a film, which then runs at its own speed.",
)
@click.option(
    "--output",
    default="window",
    show_default=True,
    metavar="window|FILE|DEVICE",
    help="A window, a film file, or a v4l2loopback device that others take for a camera.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 120),
    default=5.0,
    show_default=True,
    help="Frames a second; the working size changes until they are reached.",
)
@click.option(
    "--size", type=click.IntRange(96, 8192), default=1024, show_default=True, help="The largest, in pixels."
)
@steadiness_option
@painting_options
def live(run: Run, source: str, output: str, rate: float, size: int, steadiness: float, asked: Asked) -> int:
    """Paint a camera's pictures, or a film, while it runs; tells how many frames a second, and how late.

    Needs the extra `video`.
    """
    import_tensorflow()
    from gan_style.inference.films.live import live as run_live
    from gan_style.inference.films.paint import FramePainter
    from gan_style.inference.painting import MEMORY
    from gan_style.training.load import load_method

    method, config, _ = load_method(run, asked.checkpoint, asked.threads)
    painter = FramePainter(method, config, size, asked.requests(run), MEMORY)
    return run_live(source, output, painter, rate, steadiness)
