"""`gan-style depths`: what the layers of an encoder remember of pictures."""

from pathlib import Path

import click

from gan_style.cli.shared import (
    ablation_option,
    ends_well,
    import_tensorflow,
    run_of,
    runs_option,
    seed_option,
)


@click.command()
@click.argument("run", default="inverse_decoder")
@ablation_option
@seed_option
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="PATH",
    help="Picture or folder of pictures. Default: the bundled test photos.",
)
@click.option(
    "--output", metavar="DIR", help="Where sheet and figures go. Default: depths/ in the run folder."
)
@runs_option
@ends_well
def depths(
    run: str,
    ablation: str | None,
    seed: int | None,
    inputs: tuple[str, ...],
    output: str | None,
    runs_folder: str | None,
) -> None:
    """Reconstruct pictures from every layer: MSE, PSNR, SSIM and a sheet by depth.

    By the decoders of an inverse_decoder run, or by a search for each layer as an inversion run does it.
    """
    chosen = run_of(run, ablation, seed, runs_folder)
    import_tensorflow()
    from gan_style.analysis.depths import reconstruct

    reconstruct(chosen, [Path(path).expanduser() for path in inputs], Path(output) if output else None)
