"""The command `sample`."""

from pathlib import Path
from typing import Any

import click

from gan_style.cli.exported import or_a_file
from gan_style.cli.many import Many, many_options, paint_manifest
from gan_style.cli.painting import Asked, included_painter, memory_option, painting_options, size_option
from gan_style.cli.shared import PATH, ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@or_a_file
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
@size_option
@memory_option
@painting_options
@click.option(
    "--mask",
    "masks",
    multiple=True,
    metavar="STYLE=FILE",
    help="Paint this style, or the style image of this number (1, 2, ...), where the picture FILE is white.",
)
@click.option(
    "--stroke-scale",
    type=click.FloatRange(1),
    metavar="FACTOR",
    help="Strokes so many times as wide as they were learned, in pixels of --size, and as sharp. Default: 1.",
)
@click.option("--grey", is_flag=True, help="Pictures that are grey stay grey.")
@many_options
def sample(
    run: Run,
    inputs: tuple[Path, ...],
    output: Path | None,
    overwrite: bool,
    size: int | None,
    memory: float,
    masks: tuple[str, ...],
    stroke_scale: float | None,
    grey: bool,
    asked: Asked,
    **given: Any,
) -> int:
    """Paint pictures with the newest run of an experiment (oil), a run folder, or an exported .onnx file.

    What is painted already, with the same settings, is left: stopped or killed, the same command goes on.

    Very many pictures are named in a --manifest. They are painted in shards, side by side or --on a cluster;
    any shard may be killed, and the same command goes on.
    """
    options = Many(**given)
    options.check(inputs, output)
    import_tensorflow()
    from gan_style.inference.sampling import sample as paint

    requests, limit = asked.requests(run, masks, stroke_scale), int(memory * 2**30)
    how = (size, requests, asked.checkpoint)
    if options.manifest and output:
        return paint_manifest(run, options, output, *how, asked.threads, limit, grey)
    return paint(run, list(inputs), output, *how, overwrite, asked.threads, limit, grey)
