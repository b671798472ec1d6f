"""`gan-style styles`: which styles are alike."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FOLDER|FILE...", type=PATH)
@click.option(
    "--distance",
    type=click.Choice(["gram", "euclidean", "cosine", "wasserstein"]),
    default="gram",
    show_default=True,
    help="Of Grams, of channels' means and deviations, of Grams of any strength, of features' Gaussians.",
)
@click.option(
    "--backbone",
    default="wavelets",
    show_default=True,
    metavar="KIND",
    help="Whose features: as of `gan-style evaluate`.",
)
@click.option(
    "--nearest",
    type=PATH,
    metavar="FILE",
    help="Which styles are nearest to this picture, and a blend of them.",
)
@click.option(
    "--clusters", "groups", type=click.IntRange(1), metavar="K", help="Sort the styles into K groups."
)
@click.option(
    "--size",
    type=click.IntRange(64),
    default=512,
    show_default=True,
    help="Larger pictures are scaled down to this longer side.",
)
@click.option("--output", type=PATH, default=Path("styles"), show_default=True, metavar="DIR")
@ends_well
def styles(
    paths: tuple[Path, ...],
    distance: str,
    backbone: str,
    nearest: Path | None,
    groups: int | None,
    size: int,
    output: Path,
) -> None:
    """Compare the textures of pictures, or of folders of pictures, each with each.

    Writes the distances as CSV, as a heat map, and as a map on which like lies near to like.
    """
    import_tensorflow()
    from gan_style.analysis.styles.compare import compare
    from gan_style.features.backbones import backbone_named

    bank = backbone_named(backbone)()
    compare(paths, bank, distance=distance, size=size, output=output, groups=groups, nearest=nearest)
