"""A trained run to paint with."""

import pytest

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.training import loop as training
from tests.small import write_small_recipe


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """A trained run, made once for this module."""
    folder = tmp_path_factory.mktemp("sampling")
    recipe = write_small_recipe(folder)
    trained = Run(folder / "runs" / "small" / "default" / "seed0")
    training.train(read_recipe(str(recipe)), 0, trained)
    return trained
