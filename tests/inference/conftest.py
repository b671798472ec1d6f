"""A trained run to paint with."""

import shutil
from pathlib import Path

import pytest

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.training import loop as training
from tests.small import write_small_recipe

PLACE = Path("runs", "small", "default", "seed0")


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A recipe, its pictures, and a run of it: trained once, and nobody changes it."""
    folder = tmp_path_factory.mktemp("trained")
    training.train(read_recipe(str(write_small_recipe(folder))), 0, Run(folder / PLACE))
    return folder


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory) -> Run:
    """A copy of it for this module, to do with as it likes."""
    folder = tmp_path_factory.mktemp("sampling") / "copy"
    return Run(Path(shutil.copytree(trained, folder, symlinks=True)) / PLACE)
