"""`sample` with an exported file in the place of a run. TensorFlow is not needed."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from gan_style.system.errors import UserError

SUFFIX = ".onnx"
UNDERSTOOD = {
    *("run", "inputs", "output", "overwrite", "size", "style", "style_pictures", "strength", "noise_seed"),
    *("direction", "threads", "grey"),
}


def or_a_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command is not called where RUN is an exported file."""

    @wraps(command)
    def wrapped(run: str, **options: Any) -> Any:
        return (
            paint(Path(run).expanduser(), **options) if run.endswith(SUFFIX) else command(run=run, **options)
        )

    return wrapped


def paint(file: Path, **options: Any) -> int:
    refuse_others()
    if not options["inputs"]:
        raise UserError(f"{file}: which pictures? name them with --input")
    from gan_style.exchange.sampling import Wish, sample_file

    wish = Wish(
        style=options["style"],
        style_pictures=options["style_pictures"],
        strength=options["strength"],
        seed=options["noise_seed"],
        direction=options["direction"],
        size=options["size"],
        grey=options["grey"],
    )
    output = options["output"] or file.with_suffix("") / "painted"
    return sample_file(file, options["inputs"], output, wish, options["overwrite"], options["threads"])


def refuse_others() -> None:
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in UNDERSTOOD:
            option = max(parameter.opts, key=len)
            raise UserError(f"{option}: an exported file cannot do that; the run that it was made from can")
