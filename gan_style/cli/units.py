"""`gan-style units`: what single units of a network respond to."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well
from gan_style.system.errors import UserError
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.option(
    "--weights", required=True, metavar="FILE", help="VGG19 with normalised activations: a local .npz file."
)
@click.option("--layer", default="relu3_1", show_default=True, help="relu1_1, relu1_2, relu2_1 and so on.")
@click.option("--units", "numbers", required=True, metavar="N,N...", help="Channels of the layer, from 0.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    required=True,
    type=PATH,
    metavar="PATH",
    help="Picture or folder of pictures; may be repeated.",
)
@click.option(
    "--size",
    type=click.IntRange(16),
    default=512,
    show_default=True,
    help="Larger pictures are scaled down to this longer side.",
)
@click.option("--output", type=PATH, default=Path("units"), show_default=True, metavar="DIR")
@ends_well
def units(weights: str, layer: str, numbers: str, inputs: tuple[Path, ...], size: int, output: Path) -> None:
    """Show the patches that excite single units most, and what in them does it (Zeiler & Fergus 2014)."""
    import_tensorflow()
    from gan_style.analysis.units import show_units
    from gan_style.features.vgg19_normalised import CHANNELS, NormalisedVGG19

    bank = NormalisedVGG19(weights=weights, layers=(layer,))
    count = CHANNELS[bank.places[-1]]
    asked = [number.strip() for number in numbers.split(",")]
    for number in asked:
        if not number.isdecimal() or int(number) >= count:
            known = f"the {count} units of {layer}, 0 to {count - 1}"
            raise UserError(f"--units {numbers}: '{number}' is none of {known}")
    show_units(bank, list(dict.fromkeys(map(int, asked))), inputs, size, output)
