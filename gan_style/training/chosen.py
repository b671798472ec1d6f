"""Which of a run's checkpoints is taken."""

from pathlib import Path

from gan_style.experiment import saved
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Checkpoint, Which
from gan_style.system.errors import UserError


def chosen_checkpoint(run_folder: Path, which: Which = "last") -> Checkpoint:
    """The newest intact checkpoint of a run, or the one that did best on the validation pictures."""
    run = Run(run_folder)
    run.check_links()
    run.check_vocabulary()
    folder = run_folder / "checkpoints"
    checkpoint = saved.newest(folder) if which == "last" else saved.best(folder)
    if checkpoint is None:
        missing = "no intact checkpoint" if which == "last" else "no checkpoint that was marked as the best"
        raise UserError(f"{run_folder}: this folder holds {missing}")
    return checkpoint
