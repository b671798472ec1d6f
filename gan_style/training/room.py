"""Room on the disk: asked for before the first step, and told of where it runs out all the same."""

from collections.abc import Iterator
from contextlib import contextmanager

from gan_style.experiment import saved
from gan_style.experiment.runs import Run
from gan_style.system import disk
from gan_style.system.errors import RunError, UserError
from gan_style.training import checkpoints
from gan_style.training.session import Session

BESIDE = 2  # checkpoints beside those that are kept: the best one, and the one that is being written


def check_room(session: Session) -> None:
    """Refuse to begin what could not be saved; of checkpoints, as all else is small beside them."""
    run, kept = session.run, session.config.output.keep_checkpoints
    for place in (run.checkpoints, run.samples):
        if (place.exists() or place.is_symlink()) and not place.is_dir():
            raise UserError(f"{place}: a folder is needed here, and this is none; move it away")
    one, free = checkpoints.size(session.method), disk.free(run.folder)
    there = sum(path.stat().st_size for path in run.checkpoints.rglob("*") if path.is_file())
    needed = (kept + BESIDE) * one - there
    if needed > free:
        each = f"{kept} newest, the best and one being written, {disk.size(one)} each"
        advice = "make room, train with --runs on another disk, or keep fewer (output.keep_checkpoints)"
        found = f"the checkpoints ({each}) need {disk.size(needed)} more and {disk.size(free)} are free"
        raise UserError(f"{run.checkpoints}: {found}; {advice}")


@contextmanager
def told_what_is_safe(run: Run) -> Iterator[None]:
    """A full disk ends a run in one line that says from where the same command goes on."""
    try:
        yield
        return
    except disk.FullDisk as problem:
        told = str(problem)
    except OSError as problem:
        if not disk.is_full(problem):
            raise
        told = disk.why_full(run.folder, problem)
    kept = saved.newest(run.checkpoints)
    safe = f"the checkpoint of step {kept.step:,} is intact" if kept else "there was no checkpoint yet"
    raise RunError(f"{told}; {safe}; make room and the same command goes on")
