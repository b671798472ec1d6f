"""The command `export`."""

from pathlib import Path
from typing import Any, Literal, get_args

import click

from gan_style.cli.painting import included_painter
from gan_style.cli.shared import PATH, checkpoint_option, ends_well, on_a_run
from gan_style.exchange.formats import Format, Numbers
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


class Sides(click.ParamType):
    """HEIGHTxWIDTH in pixels."""

    name = "HxW"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, int]:
        height, cross, width = str(value).partition("x")
        if not (
            cross and height.isdecimal() and width.isdecimal() and int(height) >= 16 and int(width) >= 16
        ):
            self.fail(f"'{value}' is no size such as 256x384, height by width, from 16 on", param, context)
        return int(height), int(width)


def of_a_style(experiment: str, options: dict[str, Any]) -> Run | None:
    return included_painter(experiment, {"style": None, "style_pictures": ()})


@click.command()
@ends_well
@on_a_run("oil", of_a_style)
@click.option(
    "--to", type=click.Choice(get_args(Format)), default="onnx", show_default=True, help="The format."
)
@click.option("--output", type=PATH, metavar="FILE", help="Default: in exported/ in the run folder.")
@click.option("--overwrite", is_flag=True, help="Replace OUTPUT.")
@click.option("--size", type=Sides(), help="Of litert's pictures: it knows one size alone. Others take any.")
@click.option(
    "--numbers",
    type=click.Choice(get_args(Numbers)),
    default="float32",
    show_default=True,
    help="Of litert's weights; int8 computes with them too.",
)
@click.option(
    "--strength",
    type=click.FloatRange(0, 1),
    help="Decided here where it mixes weights; adain's is an input.",
)
@click.option("--direction", help="For methods with two: source_to_target (default) or target_to_source.")
@click.option(
    "--onnxruntime-web",
    type=PATH,
    metavar="DIR",
    help="For a page: the npm package's folder. Default: node_modules/onnxruntime-web here or above.",
)
@checkpoint_option
def export(
    run: Run,
    to: Format,
    output: Path | None,
    overwrite: bool,
    size: tuple[int, int] | None,
    numbers: Numbers,
    strength: float | None,
    direction: str | None,
    checkpoint: Literal["last", "best"],
    onnxruntime_web: Path | None,
) -> None:
    """Write a run, or an included painter, as a file for other libraries: uint8 pixels in, uint8 pixels out.

    A page is a folder for any static web server, which paints in the visitor's browser.

    It is run at once, and kept only if it paints as the run does. Needs the extra `export`.
    """
    import_tensorflow()
    from gan_style.exchange.export import export as write
    from gan_style.exchange.traced import Fixed

    fixed = Fixed(strength, direction, size)
    write(run, to, output, fixed, checkpoint, numbers, overwrite, onnxruntime_web)
