"""Offline runs reach W&B's own command; sweep files become W&B's, whose agents speak our command line."""

import sys

import pytest
import yaml
from click.testing import CliRunner
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

from gan_style.cli.main import main
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run, claimed
from gan_style.tracking import wandb_sync
from tests.ablation.tables import make_experiment


@pytest.fixture
def runs(tmp_path):
    """Three runs: one logged offline twice, one uploaded already, one of another experiment."""
    for place, parts in {
        "oil/default": ["offline-run-1-a", "offline-run-2-a"],
        "oil/no_gram": ["offline-run-1-b"],
        "toon/default": ["offline-run-1-c"],
    }.items():
        folder = tmp_path / "runs" / place / "seed0"
        for part in parts:
            (folder / "wandb" / part).mkdir(parents=True)
            (folder / "wandb" / part / f"run-{part[-1]}.wandb").write_bytes(bytes(1_500_000))
        (folder / "config.yaml").write_text("")
    (tmp_path / "runs/oil/no_gram/seed0/wandb/offline-run-1-b/run-b.wandb.synced").touch()
    return tmp_path / "runs"


def test_a_dry_run_lists_what_waits(runs):
    told = CliRunner().invoke(main, ["wandb", "sync", "--dry-run", "--runs", str(runs)])
    assert told.exit_code == 0, told.output
    assert sorted(told.output.splitlines()) == [
        f"{runs}/oil/default/seed0: 2 parts, 3.0 MB",
        f"{runs}/toon/default/seed0: 1 part, 1.5 MB",
    ]
    make_experiment(runs.parent / "toon")
    told = CliRunner().invoke(
        main, ["wandb", "sync", str(runs.parent / "toon"), "--dry-run", "--runs", str(runs)]
    )
    assert told.output == f"{runs}/toon/default/seed0: 1 part, 1.5 MB\n"
    assert (
        "there is no experiment 'ouil'"
        in CliRunner().invoke(main, ["wandb", "sync", "ouil", "--runs", str(runs)]).stderr
    )


def test_a_run_in_training_is_left_for_later(runs):
    with claimed(Run(runs / "oil" / "default" / "seed0"), fresh=False):
        told = CliRunner().invoke(main, ["wandb", "sync", "--dry-run", "--runs", str(runs)])
    assert told.stdout == f"{runs}/toon/default/seed0: 1 part, 1.5 MB\n"
    assert f"warning: {runs}/oil/default/seed0: it is training now" in told.stderr


def test_without_a_key_it_says_so(runs, monkeypatch, tmp_path):
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    told = CliRunner().invoke(main, ["wandb", "sync", "--runs", str(runs)])
    assert told.exit_code == 2
    assert "error: W&B: no API key (run 'wandb login' or set WANDB_API_KEY)" in told.stderr


def test_all_parts_of_a_run_go_in_one_command_and_failures_are_told(runs, monkeypatch, tmp_path, capfd):
    """W&B's command is replaced by one that writes down what it was given and refuses the run c."""
    monkeypatch.setattr(wandb_sync, "why_not_online", lambda: "")
    stand_in = tmp_path / "python"
    stand_in.write_text(
        f"#!{sys.executable}\n"
        "import sys; print('GIVEN', *sys.argv[1:]); sys.exit('run-1-c' in sys.argv[-1])\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stand_in))
    told = CliRunner().invoke(main, ["wandb", "sync", "--runs", str(runs)])
    assert told.exit_code == 1
    assert "1 of 2 runs were not uploaded" in told.stderr
    folder = runs / "oil" / "default" / "seed0" / "wandb"
    given = [line for line in capfd.readouterr().out.splitlines() if line.startswith("GIVEN")]
    assert f"GIVEN -m wandb sync --yes {folder}/offline-run-1-a {folder}/offline-run-2-a" in given
    assert len(given) == 2


SWEEP = """extends: ../ablations/wide.yaml
why: To try it.
method: {diffaugment: [], weights: {structure: 2}}
sweep:
  search: random
  trials: 5
  folds: 3
  over:
    method.discriminator.spectral_norm: [true, false]
    method.generator_optimizer.learning_rate: {from: 1e-4, to: 1e-3, scale: log}
    method.pool_size: {from: 0, to: 9}
    method.discriminator.filters: {from: 4, to: 32, scale: log, count: 4}
"""


@pytest.fixture
def sweep(tmp_path):
    """What the command writes for a sweep, read back."""

    def write(text: str) -> dict:
        folder = tmp_path / "tiny"
        if not folder.exists():
            make_experiment(folder)
            (folder / "sweeps").mkdir()
        (folder / "sweeps" / "some.yaml").write_text(text)
        told = CliRunner().invoke(main, ["wandb", "sweep", str(folder), "--sweep", "some"])
        assert told.exit_code == 0, told.output
        assert "wandb agent" in told.output.split("name:")[0]
        return yaml.safe_load(told.output)

    return write


def test_a_sweep_becomes_one_of_wandb(sweep):
    config = sweep(SWEEP)
    assert config["method"] == "random"
    assert config["run_cap"] == 5
    assert config["metric"] == {"name": "validation/style_and_content", "goal": "minimize"}
    parameters = config["parameters"]
    assert parameters["method.generator_optimizer.learning_rate"] == {
        "distribution": "log_uniform_values",
        "min": 0.0001,
        "max": 0.001,
    }
    assert parameters["method.pool_size"] == {"distribution": "int_uniform", "min": 0, "max": 9}
    assert parameters["method.discriminator.filters"] == {"values": [4, 8, 16, 32]}
    assert parameters["data.fold"] == {"values": [0, 1, 2]}
    halving = SWEEP.replace("random", "halving").replace("  folds: 3\n", "")
    assert sweep(halving)["early_terminate"]["type"] == "hyperband"


def test_the_command_of_an_agent_is_ours(sweep):
    """W&B's own code fills its macros in; our own reads the result."""
    config = sweep(SWEEP)
    chosen = {
        key: some.get("value", some.get("values", [some.get("min")])[-1] if "value" not in some else None)
        for key, some in config["parameters"].items()
    }
    filled = create_sweep_command_args({"args": {key: {"value": value} for key, value in chosen.items()}})
    words = [
        word
        for part in config["command"]
        for word in (filled["args_no_hyphens"] if part == "${args_no_hyphens}" else [part])
    ]
    assert words[:3] == ["${env}", "gan-style", "train"]
    recipe = read_recipe(words[3], None, tuple(words[4:])).config
    assert recipe.wandb.mode == "online"
    assert recipe.method.generator.filters == 6, "what the ablation changes, which the sweep extends"
    assert recipe.method.generator.blocks == 1
    assert recipe.method.diffaugment == ()
    assert recipe.method.weights.structure == 2
    assert recipe.method.discriminator.spectral_norm is False
    assert recipe.method.generator_optimizer.learning_rate == 1e-4
    assert (recipe.data.folds, recipe.data.fold) == (3, 2)


def test_an_unknown_sweep_lists_those_there_are(sweep, tmp_path):
    sweep(SWEEP)
    told = CliRunner().invoke(main, ["wandb", "sweep", str(tmp_path / "tiny"), "--sweep", "same"])
    assert told.exit_code == 2
    assert "holds: some" in told.stderr
