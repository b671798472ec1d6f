"""What commands that paint share: their options, the requests that these make, and who paints by default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from gan_style.cli.shared import checkpoint_option
from gan_style.experiment.card import asked_of, painter_of
from gan_style.experiment.runs import Run
from gan_style.system import included
from gan_style.system.progress import say

if TYPE_CHECKING:
    from gan_style.methods import Request

FULL = 1_000_000  # pixels: no picture is longer


def included_painter(experiment: str, options: dict[str, Any]) -> Run | None:
    """Where nothing was trained yet, what comes with the package and paints what is asked for."""
    found = painter_of(experiment, options["style"], any_style=bool(options["style_pictures"]))
    if not found:
        return None
    name, card = found
    say(f"painting with included/{name}: {card.about}")
    variant = "" if card.variant == "default" else f" ABLATION={card.variant}"
    say(f"make train EXP={card.experiment}{variant} makes your own")
    return Run(included.FOLDER / name)


class Size(click.ParamType):
    """Pixels, or `full`."""

    name = "pixels"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int:
        if value == "full":
            return FULL
        if not str(value).isdecimal() or not 16 <= int(value) <= FULL:
            self.fail(f"'{value}' is neither full nor a number of pixels from 16 on", param, context)
        return int(value)


OPTIONS: list[Callable[[Any], Any]] = [
    click.option(
        "--style",
        help="A style of the run, a blend (oil=0.7+cartoon=0.3), one after the other (oil,cartoon), or auto.",
    ),
    click.option(
        "--style-image",
        "style_pictures",
        multiple=True,
        metavar="FILE[=WEIGHT]",
        help="Paint in the style of this picture, where a method can; several are mixed by their weights.",
    ),
    click.option("--keep-colour", is_flag=True, help="The photo's colours instead of the style image's."),
    click.option("--direction", help="For methods with two: source_to_target (default) or target_to_source."),
    click.option(
        "--strength",
        type=click.FloatRange(0, 1),
        help="0 gives the photo back, 1 is what was learned (default).",
    ),
    checkpoint_option,
    click.option(
        "--noise-seed", type=click.IntRange(0, 2**31 - 1), help="Another seed, other strokes. Default: 0."
    ),
    click.option(
        "--threads", type=click.IntRange(1, 256), help="Default: as many as the run was trained with."
    ),
]
size_option = click.option(
    "--size",
    type=Size(),
    help="Longer side in pixels at which a picture is painted, or full; it comes back at its own size.",
)
memory_option = click.option(
    "--memory",
    type=click.FloatRange(1, 4096),
    default=2.0,
    metavar="GIB",
    help="What does not fit into so much is painted in tiles that cannot be seen. Default: 2.",
)
steadiness_option = click.option(
    "--steadiness",
    type=click.FloatRange(0, 0.95),
    default=0.92,
    show_default=True,
    help="How much of a frame is what was painted in the one before, moved along.",
)


@dataclass(frozen=True)
class Asked:
    """What the options say of every picture."""

    style: str | None
    style_pictures: tuple[str, ...]
    keep_colour: bool
    direction: str | None
    strength: float | None
    checkpoint: Literal["last", "best"]
    noise_seed: int | None
    threads: int | None

    def requests(
        self, run: Run, masks: Sequence[str] = (), stroke_scale: float | None = None
    ) -> "list[Request]":
        """One for each pass."""
        from gan_style.inference.requests import requests, style_images
        from gan_style.methods import Request

        plain = Request(
            direction=self.direction,
            strength=self.strength,
            stroke_scale=stroke_scale,
            seed=self.noise_seed,
            style_images=style_images(self.style_pictures),
            keep_colour=self.keep_colour or None,
        )
        return requests(plain, asked_of(run.folder, self.style), masks)


def painting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command is given them together, as `asked`."""

    @wraps(command)
    def wrapped(*given: Any, **options: Any) -> Any:
        asked = Asked(**{one.name: options.pop(one.name) for one in fields(Asked)})
        return command(*given, asked=asked, **options)

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
