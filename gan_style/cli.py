"""The commands. TensorFlow is imported only inside those that compute."""

from pathlib import Path
from typing import Literal

import click

from gan_style.cli_ablate import ablate
from gan_style.cli_data import data
from gan_style.cli_depths import depths
from gan_style.cli_evaluate import evaluate
from gan_style.cli_import import import_weights
from gan_style.cli_report import report
from gan_style.cli_shared import ablation_option, checkpoint_option, ends_well, import_tensorflow, run_of, runs_option, seed_option
from gan_style.cli_styles import styles
from gan_style.cli_units import units
from gan_style.cli_wandb import wandb
from gan_style.errors import UserError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gan-style")
def main() -> None:
    """Image-to-image style translation: train a painter, let it paint."""


main.add_command(ablate)
main.add_command(data)
main.add_command(depths)
main.add_command(import_weights)
main.add_command(evaluate)
main.add_command(report)
main.add_command(styles)
main.add_command(units)
main.add_command(wandb)


@main.command()
@click.argument("experiment")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@ablation_option
@seed_option
@click.option("--name", metavar="NAME", help="A run folder of this name instead of the variant's.")
@click.option("--fresh", is_flag=True, help="Move an existing run aside and start anew.")
@click.option("--until", type=click.IntRange(1), metavar="STEP", help="Stop there as if interrupted; the same command without it goes on.")
@runs_option
@ends_well
def train(
    experiment: str,
    overrides: tuple[str, ...],
    ablation: str | None,
    seed: int | None,
    name: str | None,
    fresh: bool,
    until: int | None,
    runs_folder: str | None,
) -> int:
    """Train EXPERIMENT, or go on where it was stopped.

    EXPERIMENT is a folder under experiments/ or the path of a YAML file. KEY=VALUE changes the recipe,
    as in train.steps=100.
    """
    import_tensorflow()
    from gan_style.experiment import read_recipe
    from gan_style.runs import Run, runs_root
    from gan_style.training import train as train_run

    if name is not None and (Path(name).name != name or name.startswith(".")):
        raise UserError(f"--name {name}: expected a plain name, for a folder among the experiment's runs")
    recipe = read_recipe(experiment, ablation, overrides)
    seed = 0 if seed is None else seed
    folder = runs_root(runs_folder) / recipe.name / (name or recipe.folder_name()) / f"seed{seed}"
    return train_run(recipe, seed, Run(folder), fresh=fresh, until=until)


@main.command()
@click.argument("run", default="oil")
@ablation_option
@seed_option
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="PATH",
    help="Picture or folder of pictures; may be repeated. Default: the bundled test photos.",
)
@click.option("--output", metavar="DIR", help="Where the paintings go. Default: painted/ in the run folder.")
@click.option(
    "--size", type=click.IntRange(16, 8192), help="Longer side in pixels at which a picture is painted; it comes back at its own size."
)
@click.option("--style", help="A style of the run, a blend (oil=0.7+cartoon=0.3), one after the other (oil,cartoon), or auto.")
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
@click.option("--strength", type=click.FloatRange(0, 1), help="0 gives the photo back, 1 is what was learned (default).")
@checkpoint_option
@click.option("--noise-seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Another seed, other strokes.")
@runs_option
@ends_well
def sample(
    run: str,
    ablation: str | None,
    seed: int | None,
    inputs: tuple[str, ...],
    output: str | None,
    size: int | None,
    style: str | None,
    style_pictures: tuple[str, ...],
    keep_colour: bool,
    masks: tuple[str, ...],
    direction: str | None,
    strength: float | None,
    checkpoint: Literal["last", "best"],
    noise_seed: int,
    runs_folder: str | None,
) -> int:
    """Paint pictures with the newest run of an experiment (oil), or with a run folder."""
    chosen = run_of(run, ablation, seed, runs_folder)
    import_tensorflow()
    from gan_style.asking import requests, style_images
    from gan_style.objectives import Request
    from gan_style.sampling import sample as paint

    plain = Request(
        direction=direction, strength=strength, seed=noise_seed, style_images=style_images(style_pictures), keep_colour=keep_colour or None
    )
    asked = requests(plain, style, masks)
    return paint(chosen, [Path(path).expanduser() for path in inputs], Path(output) if output else None, size, asked, checkpoint)


@main.command()
@click.argument("experiment")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@ablation_option
@ends_well
def check(experiment: str, overrides: tuple[str, ...], ablation: str | None) -> None:
    """Show what would be trained, and where each value comes from, without training."""
    import_tensorflow()
    from gan_style.dry_run import describe
    from gan_style.experiment import read_recipe

    describe(read_recipe(experiment, ablation, overrides))


@main.command()
@runs_option
@ends_well
def runs(runs_folder: str | None) -> None:
    """List run folders."""
    from gan_style.report.listing import print_runs
    from gan_style.runs import runs_root

    print_runs(runs_root(runs_folder))


@main.command()
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help="A file instead of standard output.")
@ends_well
def schema(output: str | None) -> None:
    """Write the JSON schema of experiment files, for editors."""
    import json

    import_tensorflow()
    from gan_style.experiment import Experiment

    whole = Experiment.model_json_schema()
    # An ablation names its parent and leaves out what that one says.
    whole["properties"]["extends"] = {"type": "string", "description": "the file whose values this one changes"}
    del whole["required"]
    text = json.dumps(whole, indent=2)
    if output:
        Path(output).write_text(text + "\n")
    else:
        click.echo(text)
