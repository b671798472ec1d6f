"""The command `film`."""

from pathlib import Path
from typing import Any

import click

from gan_style.cli.sample import Size, included_painter
from gan_style.cli.shared import PATH, checkpoint_option, ends_well, on_a_run
from gan_style.experiment.card import asked_of
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


def painting_options(command: Any) -> Any:
    """What is asked of a painter for every frame."""
    for option in reversed(
        (
            click.option("--style", help="A style of the run, a blend (oil=0.7+cartoon=0.3), or several."),
            click.option(
                "--style-image",
                "style_pictures",
                multiple=True,
                metavar="FILE[=WEIGHT]",
                help="Paint in the style of this picture, where a method can; several are mixed.",
            ),
            click.option("--keep-colour", is_flag=True, help="The film's colours, not the style image's."),
            click.option("--direction", help="For methods with two: source_to_target or target_to_source."),
            click.option("--strength", type=click.FloatRange(0, 1), help="0: the film; 1: as learned."),
            checkpoint_option,
            click.option(
                "--noise-seed", type=click.IntRange(0, 2**31 - 1), help="Other strokes. Default: 0."
            ),
            click.option("--threads", type=click.IntRange(1, 256), help="Default: as in the training."),
        )
    ):
        command = option(command)
    return command


def wishes(run: Run, options: dict[str, Any]) -> Any:
    """The requests that the options make."""
    from gan_style.inference.requests import requests, style_images
    from gan_style.methods import Request

    plain = Request(
        direction=options["direction"],
        strength=options["strength"],
        seed=options["noise_seed"],
        style_images=style_images(options["style_pictures"]),
        keep_colour=options["keep_colour"] or None,
    )
    return requests(plain, asked_of(run.folder, options["style"]), ())


@click.command()
@ends_well
@on_a_run("oil", included_painter)
@click.option("--input", "source", type=PATH, required=True, metavar="FILM", help="Any film file.")
@click.option("--output", type=PATH, required=True, metavar="FILM", help=".mp4, .mov, .mkv or .webm.")
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT; never the film that is painted.")
@click.option("--size", type=Size(), help="Longer side in pixels at which frames are painted, or full.")
@click.option(
    "--memory",
    type=click.FloatRange(1, 4096),
    default=2.0,
    metavar="GIB",
    help="Frames that do not fit into so much are painted in tiles. Default: 2.",
)
@click.option(
    "--steadiness",
    type=click.FloatRange(0, 0.95),
    default=0.7,
    help="How much of a frame is what was painted in the one before, moved along. Default: 0.7.",
)
@painting_options
def film(
    run: Run,
    source: Path,
    output: Path,
    overwrite: bool,
    size: int | None,
    memory: float,
    steadiness: float,
    **options: Any,
) -> int:
    """Paint a film: strokes move with what is shown; sound, times and length stay as they are.

    Stopped, or killed, the same command goes on. Needs the extra `video`.
    """
    import_tensorflow()
    from gan_style.experiment.find import read_recipe
    from gan_style.inference.films.paint import FramePainter, Wish, paint_film
    from gan_style.inference.films.steady import Steady
    from gan_style.inference.settings import settings
    from gan_style.training.load import chosen_checkpoint, load_method

    asked, checkpoint, limit = wishes(run, options), options["checkpoint"], int(memory * 2**30)
    recipe = read_recipe(str(run.config)).config
    known = settings(run, recipe, chosen_checkpoint(run.folder, checkpoint), asked, size, limit)

    def load() -> Any:
        method, config, _ = load_method(run, checkpoint, options["threads"])
        painter = FramePainter(method, config, size, asked, limit)
        return Steady(painter, painter.passes, painter.size, steadiness)

    return paint_film(Wish(source, output, overwrite, f"{known} {steadiness:g}"), load)
