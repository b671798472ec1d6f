"""The command `evaluate`."""

import sys
from contextlib import nullcontext, redirect_stdout
from functools import cache, partial
from pathlib import Path
from typing import Literal

import click

from gan_style.cli.shared import PATH, checkpoint_option, ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("oil")
@click.option(
    "--split",
    "part",
    type=click.Choice(["test", "val"]),
    default="test",
    show_default=True,
    help="Which held-out pictures.",
)
@click.option(
    "--backbone",
    metavar="KIND",
    help="wavelets, or one with its file: '{kind: mobilenet_v2, weights: FILE}'. Default: the recipe's.",
)
@checkpoint_option
@click.option(
    "--lpips",
    type=click.Path(),
    nargs=2,
    metavar="NETWORK HEADS",
    help="LPIPS too, from SqueezeNet 1.1 and its heads (.npz).",
)
@click.option(
    "--labels",
    nargs=2,
    metavar="NETWORK WEIGHTS",
    help="Do labels of a classifier agree? A Keras application such as MobileNetV2, and its file.",
)
@click.option("--force-fid", is_flag=True, help="A Fréchet distance even from too few pictures.")
@click.option(
    "--frames",
    type=PATH,
    metavar="DIR",
    help="Frames of a film, in the order of their names: does the painting flicker?",
)
@click.option(
    "--film",
    type=PATH,
    metavar="FILE",
    help="A film: how steady it is painted, by `film` and frame by frame (the warping error of its start).",
)
@click.option(
    "--budget", default="full", metavar="TEXT", help="What was made equal between runs, for tables."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Nothing but the whole result, as JSON, on standard output."
)
@click.option(
    "--output",
    type=PATH,
    help="Where the result goes. Default: evaluation/ in the run folder.",
)
def evaluate(
    run: Run,
    part: Literal["val", "test"],
    backbone: str | None,
    checkpoint: Literal["last", "best"],
    lpips: tuple[str, str] | None,
    labels: tuple[str, str] | None,
    force_fid: bool,
    frames: Path | None,
    film: Path | None,
    budget: str,
    as_json: bool,
    output: Path | None,
) -> None:
    """Measure the newest run of an experiment (oil), or a run folder, between two references.

    Every figure stands between the identity baseline, the photograph left as it is, and real vs real, real
    targets against other real targets. With --checkpoint best, the last one is shown too.
    """
    import_tensorflow()
    from gan_style.evaluation import evaluate as evaluation
    from gan_style.evaluation.log import log
    from gan_style.evaluation.result import place
    from gan_style.evaluation.show import print_result
    from gan_style.features.backbones import backbone_named
    from gan_style.metrics.labels import Classifier
    from gan_style.metrics.lpips import LPIPS
    from gan_style.training.chosen import chosen_checkpoint

    # Opened once for both, and not before the first has settled the threads.
    bank = cache(backbone_named(backbone)) if backbone else None
    perceived = cache(partial(LPIPS, network=lpips[0], heads=lpips[1])) if lpips else None
    classifier = cache(partial(Classifier, *labels)) if labels else None
    chosen_checkpoint(run.folder, checkpoint)
    for which in dict.fromkeys(("last", checkpoint)):
        # What is read by a program must be nothing but JSON.
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            asked = which == checkpoint
            moving = (frames, film) if asked else (None, None)
            extras = evaluation.Extras(perceived, classifier, force_fid, *moving)
            result = evaluation.evaluate(run, bank, part=part, which=which, budget=budget, extras=extras)
            path = output if output and asked else run.products / "evaluation" / f"{place(which, part)}.json"
            result.write(path)
            print_result(result, path)
            if asked and run.products == run.folder:
                log(run, result)
    if as_json:
        click.echo(result.model_dump_json(indent=1))
