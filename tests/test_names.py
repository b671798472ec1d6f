"""Names of experiments and ablations, however odd: found, or told in one sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.experiment.find import find
from gan_style.experiment.variants import variants
from gan_style.system.errors import UserError


@pytest.fixture
def mine(tmp_path, monkeypatch) -> Path:
    """An experiment with an ablation and a sweep."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "experiments" / "mine"
    (folder / "ablations").mkdir(parents=True)
    (folder / "sweeps").mkdir()
    (folder / "config.yaml").write_text("train: {steps: 8}\n")
    (folder / "ablations" / "größer.yaml").write_text("extends: ../config.yaml\n")
    sweep = "extends: ../config.yaml\nsweep: {over: {train.steps: [1, 2]}}\n"
    (folder / "sweeps" / "long.yaml").write_text(sweep)
    return folder


ODD = [
    "",
    " ",
    ".",
    "..",
    "a/b",
    "/",
    "größer\n",
    "a\nb",
    "a\0b",
    "\udcff",
    "n" * 300,
    "ü" * 200,
    "=",
    "=a",
    "a=",
    "*",
]


@pytest.mark.parametrize("name", [*ODD, "a=b", "long=steps", "long=", "config", "default", "../config"])
def test_an_odd_name_of_an_ablation_is_one_sentence(name, mine):
    told = CliRunner().invoke(main, ["check", "mine", "--ablation", name])
    assert told.exit_code == 2
    assert (
        "größer" in told.stderr
        or "expected the name of a file" in told.stderr
        or "has no trial" in told.stderr
    )
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", [name for name in ODD if name not in (".", "..")])
def test_an_odd_name_of_an_experiment_is_one_sentence(name, mine):
    told = CliRunner().invoke(main, ["check", name])
    assert told.exit_code == 2
    assert "there is no" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_names_in_other_scripts_and_trials_are_found(mine):
    assert find("mine", "größer")[2] == Path("experiments/mine/ablations/größer.yaml")
    assert find("mine", "long=steps-1")[2] == Path("experiments/mine/sweeps/long.yaml")
    assert variants("mine") == ["default", "größer", "long=steps-1", "long=steps-2"]


def test_an_ablation_that_could_be_a_trial_is_told_wherever_it_is_met(mine):
    """It was listed as an ablation that there is, and then looked for among the sweeps."""
    path = mine / "ablations" / "long=steps-1.yaml"
    path.write_text("extends: ../config.yaml\n")
    expected = "long=steps-1.yaml: with '=' in its name it could be a trial of a sweep; give it another name"
    for meet in (
        lambda: find("mine", "long=steps-1"),
        lambda: find(str(path)),
        lambda: variants("mine"),
    ):
        with pytest.raises(UserError, match=expected):
            meet()
