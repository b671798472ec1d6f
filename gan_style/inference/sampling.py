"""`gan-style sample`: a trained run and pictures in, styled pictures out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gan_style.data.manifest import PictureStore
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.inference.beside import Store, beside, fills_memory
from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import Outputs
from gan_style.inference.painting import MEMORY, checked, paint
from gan_style.inference.results import Job, Plan, Results
from gan_style.inference.settings import settings
from gan_style.inference.threads import RenewedThread
from gan_style.methods import Method, Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.machine import OUT_OF_MEMORY
from gan_style.system.progress import track
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method

Paint = Callable[[images.Picture], images.Picture]


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
    """Translate pictures, by one request after the other; those that are painted just so already are left.

    `grey`: grey ones stay grey.

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
        checkpoint = chosen_checkpoint(run.folder, which)
        config = read_recipe(str(run.config)).config
        if not inputs:
            outputs = Outputs(output, config.data.photographs(PictureStore()), overwrite)
            plan = outputs.planned()
        outputs.settings = settings(run, config, checkpoint, requests, size, memory, grey)
        results = Results(outputs, plan)
        if left := results.left():
            method, *_ = load_method(run, which, threads)
            heavy = partial(fills_memory, size=size or config.sample.size, memory=memory)
            paint_all(results, left, painter_of(method, config, size, requests, memory, grey), heavy)
        return results.finish()


def paint_all(results: Results, plan: Plan, painted: Paint, heavy: Callable[[Path], bool]) -> None:
    """One picture after the other, whatever becomes of single ones."""

    def read(job: Job) -> tuple[images.Picture, str]:
        return images.read(job[0], as_stored=True), results.outputs.made_of(job[0])

    def tried(job: Job, given: Callable[[], tuple[images.Picture, str]]) -> Store:
        try:
            picture, made_of = given()
            return partial(results.store, *job, picture, painted(picture), made_of)
        except (UserError, *OUT_OF_MEMORY) as problem:
            results.fail(job[0], problem)
            return lambda: None

    for _ in track(beside(plan, read, tried, lambda job: heavy(job[0])), len(plan), "painting"):
        pass


def painter_of(
    method: Method,
    config: Experiment,
    size: int | None,
    requests: Sequence[Request],
    memory: int = MEMORY,
    grey: bool = False,
) -> Paint:
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
