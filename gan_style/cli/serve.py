"""The command `serve`."""

from pathlib import Path

import click

from gan_style.cli.shared import PATH, ends_well, runs_option
from gan_style.system.errors import UserError


@click.command()
@runs_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Another address asks for a token.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any that is free."
)
@click.option(
    "--token",
    envvar="GAN_STYLE_TOKEN",
    metavar="TEXT",
    help="What visitors need (or GAN_STYLE_TOKEN); made and shown once where it is needed and not given.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Another name by which browsers reach this machine, such as that of a proxy; may be repeated.",
)
@click.option("--open/--no-open", "show", default=None, help="Open a browser. Default: if there is a screen.")
@click.option("--threads", type=click.IntRange(1, 256), help="Default: as many as a run was trained with.")
@click.option(
    "--paintings",
    multiple=True,
    metavar="NAME=DIR",
    help="Anybody's paintings, to be compared under this name; may be repeated.",
)
@click.option("--photographs", type=PATH, metavar="DIR", help="What they were painted from.")
@click.option(
    "--answers",
    type=PATH,
    metavar="FILE",
    help="Where people's answers are kept. Default: answers.jsonl among the runs.",
)
@ends_well
def serve(
    runs_folder: Path | None,
    host: str,
    port: int,
    token: str | None,
    names: tuple[str, ...],
    show: bool | None,
    threads: int | None,
    paintings: tuple[str, ...],
    photographs: Path | None,
    answers: Path | None,
) -> int:
    """Open a page in the browser: paint photographs, follow trainings, ask people what they prefer.

    It works without a network. Needs the extra `web`.
    """
    from gan_style.web.extra import check_extra

    check_extra()
    from gan_style.evaluation.preferences import ANSWERS
    from gan_style.experiment.runs import runs_root
    from gan_style.web.app import Page
    from gan_style.web.asking import Asking, given
    from gan_style.web.doors import Doors
    from gan_style.web.serve import bound
    from gan_style.web.serve import serve as run

    root = runs_root(runs_folder)
    if photographs and not photographs.is_dir():
        raise UserError(f"--photographs {photographs}: there is no such folder")
    asking = Asking(root, answers or root / ANSWERS, given(paintings), photographs)
    doors = Doors.of(host, token, names)
    listening = bound(host, port)
    return run(Page(doors, root, asking, threads), listening, host, show)
