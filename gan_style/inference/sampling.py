"""`gan-style sample`: a trained run and pictures in, styled pictures out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gan_style.data.manifest import PictureStore
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.inference.beside import Store, beside, fills_memory
from gan_style.inference.by_rows import painted_by_rows
from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import Outputs, painting_into
from gan_style.inference.painting import MEMORY, checked, paint
from gan_style.inference.results import Job, Plan, Results
from gan_style.inference.settings import settings
from gan_style.inference.threads import RenewedThread
from gan_style.inference.tiles import Work
from gan_style.methods import Method, Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.machine import OUT_OF_MEMORY
from gan_style.system.progress import track
from gan_style.system.rows.saving import RowPainting
from gan_style.system.rows.source import Rows, by_rows
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method

SHARE = 8  # of the memory: what takes more of it when it is decoded is read by rows


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

    with painting_into(output):
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


@dataclass(frozen=True)
class Painted:
    """A picture through all requests, one after the other."""

    method: Method
    requests: Sequence[Request]
    size: int  # pixels of the longer side
    reflect_pad: int
    memory: int  # bytes of this process
    grey: bool  # one that is grey stays grey
    work: Work

    def __call__(self, picture: images.Picture) -> images.Picture:
        how: dict[str, Any] = {"memory": self.memory, "work": self.work}
        for request in self.requests:
            picture = paint(self.method, picture, self.size, request, self.reflect_pad, **how)
        return images.as_asked(picture, self.grey)

    def by_rows(self, rows: Rows) -> RowPainting | None:
        """None where all of the picture is needed at once."""
        if len(self.requests) > 1 or self.size < max(rows.shape):
            return None
        parts = painted_by_rows(self.method, rows, self.requests[0], self.reflect_pad, self.memory, self.work)
        return RowPainting(rows, parts, rows.grey and self.grey) if parts else None


def paint_all(results: Results, plan: Plan, painted: Painted, heavy: Callable[[Path], bool]) -> None:
    """One picture after the other, whatever becomes of single ones."""

    def read(job: Job) -> tuple[images.Picture | Rows, str]:
        found = by_rows(job[0], painted.memory // SHARE)
        return found or images.read(job[0], as_stored=True), results.outputs.made_of(job[0])

    def tried(job: Job, given: Callable[[], tuple[images.Picture | Rows, str]]) -> Store:
        try:
            picture, made_of = given()
            if isinstance(picture, Rows):
                with picture:
                    if painting := painted.by_rows(picture):
                        results.store(*job, picture, painting, made_of)
                        return lambda: None
                picture = images.read(job[0], as_stored=True)
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
) -> Painted:
    """A wrong request is refused at once."""
    longer = size or config.sample.size
    fitting = checked(method, requests, longer)
    # A search takes long; where there is no second thread it can be interrupted.
    work: Work = (lambda act: act()) if config.data.one_picture else RenewedThread()
    return Painted(method, fitting, longer, config.sample.reflect_pad, memory, grey, work)
