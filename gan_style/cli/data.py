"""`gan-style data`: the classic sets. Needs no TensorFlow."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well

output_option = click.option(
    "--output",
    type=PATH,
    metavar="DIR",
    help="The folder that holds the sets (or GAN_STYLE_DATA; default ./data).",
)


@click.group()
def data() -> None:
    """Fetch and list the classic sets of pictures."""


@data.command()
@click.argument("name")
@click.option("--url", metavar="ADDRESS", help="A mirror to fetch the archive from.")
@click.option("--from-file", type=PATH, metavar="FILE", help="A copy of the archive; nothing is downloaded.")
@click.option("--sha256", metavar="HASH", help="Accept the archive with this hash and no other.")
@output_option
@ends_well
def fetch(
    name: str, url: str | None, from_file: Path | None, sha256: str | None, output: Path | None
) -> None:
    """Download the set NAME, check it and unpack it; go on where a download was stopped."""
    from gan_style.data.fetch.fetch import fetch as fetch_set
    from gan_style.data.fetch.registry import data_root

    fetch_set(name, data_root(output), url, from_file, sha256)


@data.command("list")
@output_option
@ends_well
def list_sets(output: Path | None) -> None:
    """List the classic sets, and which of them are there."""
    from gan_style.data.fetch.registry import data_root
    from gan_style.report.listing import print_sets

    print_sets(data_root(output))
