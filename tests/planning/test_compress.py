"""From a trained run to the recipe of a smaller network: what it says, and what is refused."""

import shutil

import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.planning.compress import make
from gan_style.system import included
from gan_style.system.errors import UserError
from gan_style.training.build import build_method
from tests.methods.small_methods import small_teacher


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_an_included_painter_becomes_the_teacher_of_a_quarter_of_its_width():
    told = CliRunner().invoke(main, ["compress", "included/oil", "--name", "tiny"]).output
    assert "make train EXP=tiny" in told
    config, teacher = read_recipe("tiny").config, read_recipe(str(included.FOLDER / "oil")).config
    assert config.method.teacher == "included/oil"
    assert config.method.generator == teacher.method.generator.model_copy(update={"filters": 8})
    assert config.method.generator_input == teacher.method.generator_input
    assert config.data == teacher.data
    assert config.sample == teacher.sample


def test_a_run_of_ones_own_teaches_with_the_recipe_that_is_written(tmp_path):
    make(Run(small_teacher()), "mine", 0.5, 7)
    config = read_recipe("mine").config
    assert (config.method.generator.filters, config.train.steps) == (2, 7)
    assert build_method(config, 0).teacher.layers == ["block1"]


def test_nothing_is_written_over_and_nothing_where_nobody_can_teach(tmp_path):
    make(Run(small_teacher()), "mine", 0.5, 7)
    with pytest.raises(UserError, match="there already"):
        make(Run(small_teacher()), "mine", 0.5, 7)
    with pytest.raises(UserError, match="plain name"):
        make(Run(small_teacher()), "../mine", 0.5, 7)
    with pytest.raises(UserError, match="does not paint in one pass"):
        make(Run(small_teacher("adain")), "other", 0.5, 7)
    empty = tmp_path / "empty"
    shutil.copytree(small_teacher(), empty)
    shutil.rmtree(empty / "checkpoints")
    with pytest.raises(UserError, match="no intact checkpoint"):
        make(Run(empty), "other", 0.5, 7)
    assert not (tmp_path / "experiments" / "other").exists()
