"""The command `film`."""

from pathlib import Path
from typing import Any

import click

from gan_style.cli.painting import (
    Asked,
    included_painter,
    memory_option,
    painting_options,
    size_option,
    steadiness_option,
)
from gan_style.cli.shared import PATH, ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("oil", included_painter)
@click.option("--input", "source", type=PATH, required=True, metavar="FILM", help="Any film file.")
@click.option("--output", type=PATH, required=True, metavar="FILM", help=".mp4, .mov, .mkv or .webm.")
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT; never the film that is painted.")
@size_option
@memory_option
@steadiness_option
@painting_options
def film(
    run: Run,
    source: Path,
    output: Path,
    overwrite: bool,
    size: int | None,
    memory: float,
    steadiness: float,
    asked: Asked,
) -> int:
    """Paint a film: strokes move with what is shown; sound, times and length stay as they are.

    Stopped, or killed, the same command goes on. Needs the extra `video`.
    """
    import_tensorflow()
    from gan_style.experiment.find import read_recipe
    from gan_style.inference.films.paint import FramePainter, Wish, paint_film
    from gan_style.inference.films.steady import Steady
    from gan_style.inference.settings import settings
    from gan_style.training.chosen import chosen_checkpoint
    from gan_style.training.load import load_method

    requests, checkpoint, limit = asked.requests(run), asked.checkpoint, int(memory * 2**30)
    recipe = read_recipe(str(run.config)).config
    known = settings(run, recipe, chosen_checkpoint(run.folder, checkpoint), requests, size, limit)

    def load() -> Any:
        method, config, _ = load_method(run, checkpoint, asked.threads)
        painter = FramePainter(method, config, size, requests, limit)
        return Steady(painter, painter.passes, painter.size, steadiness)

    return paint_film(Wish(source, output, overwrite, f"{known} {steadiness:g}"), load)
