"""The command `train`."""

from pathlib import Path

import click

from gan_style.cli.shared import ablation_option, ends_well, name_option, plain_name, runs_option, seed_option
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("experiment")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@ablation_option
@seed_option
@name_option
@click.option("--fresh", is_flag=True, help="Move an existing run aside and start anew.")
@click.option(
    "--until",
    type=click.IntRange(1),
    metavar="STEP",
    help="Stop there as if interrupted; the same command without it goes on.",
)
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
    runs_folder: Path | None,
) -> int:
    """Train EXPERIMENT, or go on where it was stopped.

    EXPERIMENT is a folder under experiments/ or the path of a YAML file. KEY=VALUE changes the recipe,
    as in train.steps=100.
    """
    import_tensorflow()
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run, runs_root
    from gan_style.training.loop import train as train_run

    recipe = read_recipe(experiment, ablation, overrides)
    seed = 0 if seed is None else seed
    folder = runs_root(runs_folder) / recipe.name / plain_name(name, recipe.folder_name()) / f"seed{seed}"
    return train_run(recipe, seed, Run(folder), fresh=fresh, until=until)
