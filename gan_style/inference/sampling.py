"""`gan-style sample`: a trained run and pictures in, styled pictures out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.data.manifest import PictureStore
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import SHEET, Outputs
from gan_style.inference.painting import MEMORY, checked, paint
from gan_style.inference.sheets import fitted, side_by_side
from gan_style.inference.threads import RenewedThread
from gan_style.methods import Method, Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.machine import OUT_OF_MEMORY
from gan_style.system.progress import say, track, warn
from gan_style.training.load import load_method

SHOWN = 12  # pictures on the sheet; no others are kept in memory
NAMED = 20  # of the pictures that could not be painted


def sample(
    run: Run,
    inputs: list[Path],
    output: Path | None,
    size: int | None,
    requests: Sequence[Request],
    which: Which = "last",
    overwrite: bool = False,
    threads: int | None = None,
    memory: int = MEMORY,
    grey: bool = False,
) -> int:
    """Translate pictures, by one request after the other; with `grey` grey ones stay grey.

    Returns the exit code: 2 where some could not be read or written, the others being painted all the same.
    """
    output = output or run.products / "painted"
    run.check_links()
    # What is wrong with files and folders is told before anything is written, or the networks are read.
    outputs = Outputs(output, find_pictures(inputs, own_paintings=False), overwrite)
    plan = outputs.planned()

    def busy() -> None:
        raise UserError(f"{output}: another process is painting into this folder")

    with exclusive(output / ".painting.lock", busy):
        method, config, _ = load_method(run, which, threads)
        if not inputs:
            outputs = Outputs(output, config.data.photographs(PictureStore()), overwrite)
            plan = outputs.planned()
        return paint_all(method, config, outputs, plan, size, requests, memory, grey)


def paint_all(
    method: Method,
    config: Experiment,
    outputs: Outputs,
    plan: Sequence[tuple[Path, Path]],
    size: int | None,
    requests: Sequence[Request],
    memory: int = MEMORY,
    grey: bool = False,
) -> int:
    """One picture after the other, whatever becomes of single ones."""
    painted = painter_of(method, config, size, requests, memory, grey)
    shown: list[tuple[np.ndarray, np.ndarray]] = []
    failed: list[Path] = []
    for file, target in track(plan, len(plan), "painting"):
        try:
            picture = images.read(file, as_stored=True)
            fake = painted(picture)
            outputs.write(target, fake)
        except (UserError, *OUT_OF_MEMORY) as problem:
            failed.append(file)
            if len(failed) <= NAMED:
                few = "not enough memory to paint it; a smaller --size or --memory needs less"
                warn(str(problem) if isinstance(problem, UserError) else f"{file}: {few}")
            continue
        if len(shown) < SHOWN:
            shown.append((fitted(picture.pixels), fitted(fake.pixels)))
    return finish(outputs, shown, len(plan), failed)


def painter_of(
    method: Method,
    config: Experiment,
    size: int | None,
    requests: Sequence[Request],
    memory: int = MEMORY,
    grey: bool = False,
) -> Callable[[images.Picture], images.Picture]:
    """A picture through all requests, one after the other; a wrong request is refused at once.

    `grey`: one that is grey stays grey.
    """
    longer = size or config.sample.size
    fitting = checked(method, requests, longer)
    # A search takes long; where there is no second thread it can be interrupted.
    how: dict[str, Any] = {} if config.data.one_picture else {"work": RenewedThread()}

    def painted(picture: images.Picture) -> images.Picture:
        for request in fitting:
            pad = config.sample.reflect_pad
            picture = paint(method, picture, longer, request, pad, memory=memory, **how)
        return as_asked(picture, grey)

    return painted


def as_asked(picture: images.Picture, grey: bool) -> images.Picture:
    """A painting of a grey picture in colours, or grey as well."""
    if not picture.grey:
        return picture
    return images.as_grey(picture) if grey else replace(picture, grey=False)


def finish(
    outputs: Outputs, shown: list[tuple[np.ndarray, np.ndarray]], count: int, failed: list[Path]
) -> int:
    """A sheet of the first pictures, and what became of all of them."""
    if shown:
        sheet = outputs.folder / f"{SHEET}.png"
        try:
            outputs.write(sheet, images.Picture(side_by_side(shown)))
            where = f"; all together: {sheet}"
        except UserError as problem:
            where = f"; no sheet: {problem}"
        say(f"painted {count - len(failed)} pictures into {outputs.folder}{where}")
    if failed:
        names = ", ".join(str(file) for file in failed[:NAMED])
        more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        warn(f"{len(failed)} of {count} pictures could not be painted: {names}{more}")
    return 2 if failed else 0
