"""A trained run to paint with."""

import shutil
from pathlib import Path

import pytest

from gan_style.experiment.runs import Run
from tests.conftest import SMALL_RUN


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory) -> Run:
    """A copy of it for this module, to do with as it likes."""
    folder = tmp_path_factory.mktemp("sampling") / "copy"
    return Run(Path(shutil.copytree(trained, folder, symlinks=True)) / SMALL_RUN)
