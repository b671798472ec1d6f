"""Training on several machines: the chief writes the run; the others have a folder that nobody keeps."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path

from gan_style.experiment import saved
from gan_style.experiment.find import Recipe
from gan_style.experiment.runs import SUMMARY, Run
from gan_style.tracking.wandb_run import Wandb


@contextmanager
def scratch(run: Run, *, fresh: bool) -> Iterator[Run]:
    """A run folder with the newest checkpoint of the run, for a worker that computes and writes nothing.

    The chief writes the next one after a step, and no step is made without this worker.
    """
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        own = Run(Path(folder) / run.folder.name)
        checkpoint = None if fresh else saved.newest(run.checkpoints)
        if checkpoint:
            shutil.copytree(checkpoint.folder, own.checkpoints / checkpoint.folder.name)
            for name in (run.config.name, SUMMARY):
                if (run.folder / name).is_file():
                    shutil.copyfile(run.folder / name, own.folder / name)
        with redirect_stdout(nowhere):  # the chief tells
            yield own


def untracked(recipe: Recipe) -> Recipe:
    """The same, and W&B hears nothing of it."""
    config = recipe.config.model_copy(update={"wandb": Wandb(mode="disabled")})
    return replace(recipe, resolved=replace(recipe.resolved, config=config))
