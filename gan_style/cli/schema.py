"""The command `schema`."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well
from gan_style.system import disk
from gan_style.system.quiet import import_tensorflow


@click.command()
@click.option("--output", type=PATH, help="A file instead of standard output.")
@ends_well
def schema(output: Path | None) -> None:
    """Write the JSON schema of experiment files, for editors."""
    import json

    import_tensorflow()
    from gan_style.experiment.recipe import Experiment

    whole = Experiment.model_json_schema()
    # An ablation names its parent and leaves out what that one says.
    description = "the file whose values this one changes"
    whole["properties"]["extends"] = {"type": "string", "description": description}
    del whole["required"]
    text = json.dumps(whole, indent=2)
    if output:
        disk.write(output, text + "\n")
    else:
        click.echo(text)
