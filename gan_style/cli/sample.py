"""The command `sample`."""

from pathlib import Path
from typing import Any, Literal

import click

from gan_style.cli.many import Many, many_options, paint_manifest
from gan_style.cli.shared import PATH, checkpoint_option, ends_well, on_a_run
from gan_style.experiment.card import asked_of, painter_of
from gan_style.experiment.runs import Run
from gan_style.system import included
from gan_style.system.progress import say
from gan_style.system.quiet import import_tensorflow

FULL = 1_000_000  # pixels: no picture is longer


def included_painter(experiment: str, options: dict[str, Any]) -> Run | None:
    """Where nothing was trained yet, what comes with the package and paints what is asked for."""
    found = painter_of(experiment, options["style"], any_style=bool(options["style_pictures"]))
    if not found:
        return None
    name, card = found
    say(f"painting with included/{name}: {card.about}")
    variant = "" if card.variant == "default" else f" ABLATION={card.variant}"
    say(f"make train EXP={card.experiment}{variant} makes your own")
    return Run(included.FOLDER / name)


class Size(click.ParamType):
    """Pixels, or `full`."""

    name = "pixels"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        if value == "full":
            return FULL
        if not str(value).isdecimal() or not 16 <= int(value) <= FULL:
            self.fail(f"'{value}' is neither full nor a number of pixels from 16 on", param, context)
        return int(value)


@click.command()
@ends_well
@on_a_run("oil", included_painter)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=PATH,
    metavar="PATH",
    help="Picture or folder of pictures; may be repeated. Default: the bundled test photos.",
)
@click.option(
    "--output", type=PATH, metavar="DIR", help="Where the paintings go. Default: painted/ in the run folder."
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Paint all anew, and replace files that gan-style did not paint; never the pictures themselves.",
)
@click.option(
    "--size",
    type=Size(),
    help="Longer side in pixels at which a picture is painted, or full; it comes back at its own size.",
)
@click.option(
    "--memory",
    type=click.FloatRange(1, 4096),
    default=2.0,
    metavar="GIB",
    help="What does not fit into so much is painted in tiles that cannot be seen. Default: 2.",
)
@click.option(
    "--style",
    help="A style of the run, a blend (oil=0.7+cartoon=0.3), one after the other (oil,cartoon), or auto.",
)
@click.option(
    "--style-image",
    "style_pictures",
    multiple=True,
    metavar="FILE[=WEIGHT]",
    help="Paint in the style of this picture, where a method can; several are mixed by their weights.",
)
@click.option("--keep-colour", is_flag=True, help="The photo's colours instead of the style image's.")
@click.option(
    "--mask",
    "masks",
    multiple=True,
    metavar="STYLE=FILE",
    help="Paint this style, or the style image of this number (1, 2, ...), where the picture FILE is white.",
)
@click.option("--direction", help="For methods with two: source_to_target (default) or target_to_source.")
@click.option(
    "--strength", type=click.FloatRange(0, 1), help="0 gives the photo back, 1 is what was learned (default)."
)
@click.option(
    "--stroke-scale",
    type=click.FloatRange(1),
    metavar="FACTOR",
    help="Strokes so many times as wide as they were learned, in pixels of --size, and as sharp. Default: 1.",
)
@click.option("--grey", is_flag=True, help="Pictures that are grey stay grey.")
@checkpoint_option
@click.option(
    "--noise-seed", type=click.IntRange(0, 2**31 - 1), help="Another seed, other strokes. Default: 0."
)
@click.option("--threads", type=click.IntRange(1, 256), help="Default: as many as the run was trained with.")
@many_options
def sample(
    run: Run,
    inputs: tuple[Path, ...],
    output: Path | None,
    overwrite: bool,
    size: int | None,
    memory: float,
    style: str | None,
    style_pictures: tuple[str, ...],
    keep_colour: bool,
    masks: tuple[str, ...],
    direction: str | None,
    strength: float | None,
    stroke_scale: float | None,
    grey: bool,
    checkpoint: Literal["last", "best"],
    noise_seed: int | None,
    threads: int | None,
    **given: Any,
) -> int:
    """Paint pictures with the newest run of an experiment (oil), or with a run folder.

    What is painted already, with the same settings, is left: stopped or killed, the same command goes on.

    Very many pictures are named in a --manifest. They are painted in shards, side by side or --on a cluster;
    any shard may be killed, and the same command goes on.
    """
    options = Many(**given)
    options.check(inputs, output)
    import_tensorflow()
    from gan_style.inference.requests import requests, style_images
    from gan_style.inference.sampling import sample as paint
    from gan_style.methods import Request

    plain = Request(
        direction=direction,
        strength=strength,
        seed=noise_seed,
        stroke_scale=stroke_scale,
        style_images=style_images(style_pictures),
        keep_colour=keep_colour or None,
    )
    asked, limit = requests(plain, asked_of(run.folder, style), masks), int(memory * 2**30)
    if options.manifest and output:
        return paint_manifest(run, options, output, size, asked, checkpoint, threads, limit, grey)
    return paint(run, list(inputs), output, size, asked, checkpoint, overwrite, threads, limit, grey)
