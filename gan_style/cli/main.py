"""`gan-style`: every file of this folder is a command of its name.

TensorFlow is imported only inside those that compute.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click

NO_COMMANDS = ("exported", "main", "many", "painting", "shared")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gan-style")
def main() -> None:
    """Image-to-image style translation: train a generator, let it paint."""


for found in iter_modules([str(Path(__file__).parent)]):
    if found.name not in NO_COMMANDS:
        main.add_command(getattr(import_module(f"gan_style.cli.{found.name}"), found.name))
