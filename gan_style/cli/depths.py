"""`gan-style depths`: what the layers of an encoder remember of pictures."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, on_a_run
from gan_style.experiment.runs import Run
from gan_style.system.quiet import import_tensorflow


@click.command()
@ends_well
@on_a_run("inverse_decoder")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=PATH,
    metavar="PATH",
    help="Picture or folder of pictures. Default: the bundled test photos.",
)
@click.option(
    "--output",
    type=PATH,
    metavar="DIR",
    help="Where sheet and figures go. Default: depths/ in the run folder.",
)
def depths(run: Run, inputs: tuple[Path, ...], output: Path | None) -> None:
    """Reconstruct pictures from every layer: MSE, PSNR, SSIM and a sheet by depth.

    By the decoders of an inverse_decoder run, or by a search for each layer as an inversion run does it.
    """
    import_tensorflow()
    from gan_style.analysis.depths import reconstruct

    reconstruct(run, list(inputs), output)
