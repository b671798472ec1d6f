"""The command `import-weights`."""

import shlex
from pathlib import Path

import click

from gan_style.cli.shared import ablation_option, ends_well, name_option, plain_name, runs_option
from gan_style.system.quiet import import_tensorflow


@click.command("import-weights")
@click.argument("file")
@click.argument("experiment")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@ablation_option
@click.option(
    "--network", metavar="NAME", help="Which of the experiment's networks. Default: its (first) generator."
)
@name_option
@runs_option
@ends_well
def import_weights(
    file: str,
    experiment: str,
    overrides: tuple[str, ...],
    ablation: str | None,
    network: str | None,
    name: str | None,
    runs_folder: Path | None,
) -> None:
    """Make a run of EXPERIMENT at step 0 with the weights of FILE, a state dict of PyTorch's (.pth).

    The experiment's network must be the file's, as the official CycleGAN, pix2pix and CUT have it. Training
    goes on from these weights.
    """
    import_tensorflow()
    from gan_style.exchange.pytorch.imported_run import import_run
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run, runs_root
    from gan_style.system.progress import say

    source = Path(file).expanduser()
    name = plain_name(name, f"imported-{source.stem}")
    recipe = read_recipe(experiment, ablation, overrides)
    run = Run(runs_root(runs_folder) / recipe.name / name / "seed0")
    import_run(recipe, source, network, run)
    words = ["gan-style", "train", experiment, "--name", name]
    words += ["--ablation", ablation] if ablation else []
    words += ["--runs", str(runs_folder)] if runs_folder else []
    say(f"to train on  {shlex.join([*words, *overrides])}")
    say(f"now type     make sample EXP={run.folder}")
