"""The command `painters`."""

import click

from gan_style.cli.shared import ends_well


@click.command()
@ends_well
def painters() -> None:
    """List the trained networks that come with the package: what they paint, and how they were made."""
    from gan_style.report.listing import print_cards

    print_cards()
