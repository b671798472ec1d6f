"""The command `doctor`. Needs no TensorFlow."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option(
    "--sheet",
    "sheet_path",
    type=PATH,
    metavar="FILE",
    default=Path("doctor.png"),
    show_default=True,
    help="Where the pictures it objects to are shown.",
)
@ends_well
def doctor(paths: tuple[Path, ...], sheet_path: Path) -> None:
    """Look pictures over before they are trained on: a folder of photographs, then one of paintings.

    A single PATH may hold trainA, trainB and the like. Exits with 1 where training would be in vain.
    """
    from gan_style.data.doctor import examine, show
    from gan_style.data.doctor.findings import findings, refuse_what_is_in_vain
    from gan_style.system import images
    from gan_style.system.progress import say

    domains = examine.domains(paths)
    found = findings(domains)
    show.show(domains, found)
    sheet = show.sheet(domains, found)
    if sheet is not None:
        say(f"\nthe pictures are shown in {images.write(sheet_path, images.Picture(sheet))}")
    refuse_what_is_in_vain(found)
