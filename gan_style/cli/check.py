"""The command `check`."""

import click

from gan_style.cli.shared import ablation_option, ends_well
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("experiment")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@ablation_option
@click.option("--device", metavar="NAME", help="Count a step, and say how fast this GPU can be at best.")
@ends_well
def check(experiment: str, overrides: tuple[str, ...], ablation: str | None, device: str | None) -> None:
    """Show what would be trained, and where each value comes from, without training."""
    import_tensorflow()
    from gan_style.experiment.find import read_recipe
    from gan_style.training.dry_run import describe

    describe(read_recipe(experiment, ablation, overrides), device)
