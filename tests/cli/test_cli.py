"""The commands as their users meet them: exit codes, one message, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from tests.conftest import SMALL_RUN


def invoke(*arguments: str):
    return CliRunner().invoke(main, arguments)


def test_help_is_fast_and_imports_no_tensorflow():
    code = "import sys; sys.argv = ['gan-style', '--help']\nfrom gan_style.cli.main import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "assert not {'tensorflow', 'keras', 'wandb', 'numpy'} & set(sys.modules), sorted(sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    for command in (
        "train",
        "sample",
        "evaluate",
        "ablate",
        "check",
        "runs",
        "report",
        "schema",
        "data",
        "import-weights",
        "wandb",
    ):
        assert command in told.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "oli"], "there is no experiment 'oli'; experiments/ holds:"),
        (["train", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["train", "oil", "--ablation", "no_grem"], "has no ablation 'no_grem'; it has:"),
        (["train", "oil", "train.setps=5"], "train.setps: unknown key, did you mean 'steps'?"),
        (
            ["train", "oil", "train.steps=many"],
            "train.steps: expected a valid integer, found the text 'many'",
        ),
        (["train", "oil", "method.generator.kind=resent"], "method.generator"),
        (["sample", "oil", "--runs", "nowhere"], "no run of 'oil' (default) with a checkpoint"),
        (["train", "oil", "train.steps=5", "train.steps=6"], "train.steps: is given twice"),
        (["train", "oil", "extends=other.yaml"], "not on the command line"),
        (
            ["train", "oil", "data.crop=16", "method.discriminator.depth=6"],
            "16 pixels are too few for the discriminator",
        ),
        (["train", "oil", "--name", "../x"], "expected a plain name"),
        (["train", "oil", "--ablation", "../config"], "expected the name of a file"),
        (["train", "../oil"], "no such folder"),
    ],
)
def test_mistakes_exit_with_2_and_one_message(arguments, expected):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output


def test_a_mistake_in_a_file_names_its_line(small_recipe):
    small_recipe.write_text(small_recipe.read_text().replace("steps: 8", "setps: 8"))
    result = invoke("train", str(small_recipe))
    assert result.exit_code == 2
    line = next(
        number
        for number, text in enumerate(small_recipe.read_text().splitlines(), start=1)
        if "setps" in text
    )
    assert f"{small_recipe}:{line}:9: train.setps: unknown key, did you mean 'steps'?" in result.stderr


@pytest.mark.usefixtures("untraced")
def test_train_sample_and_runs_go_together(small_recipe, tmp_path):
    runs, photos = str(tmp_path / "runs"), str(tmp_path / "photos")
    trained = invoke("train", str(small_recipe), "--runs", runs, "train.steps=1", "method.identity_warmup=0")
    assert trained.exit_code == 0, trained.output
    (folder,) = (tmp_path / "runs" / "small").glob("default+*/seed0")
    assert f"make sample EXP={folder}" in trained.output
    sampled = invoke("sample", "small", "--runs", runs, "--input", photos, "--output", str(tmp_path / "out"))
    assert sampled.exit_code == 0, sampled.output
    assert len(list((tmp_path / "out").glob("*.png"))) == 7
    by_folder = invoke("sample", str(folder), "--input", photos, "--output", str(tmp_path / "out2"))
    assert by_folder.exit_code == 0, by_folder.output
    listed = invoke("runs", "--runs", runs)
    assert "small/default+" in listed.output
    assert "finished" in listed.output
    assert "1/1" in listed.output


def test_sampling_bad_input(trained, tmp_path):
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "a.png").write_bytes(b"junk")
    (tmp_path / "void").mkdir()
    for path, expected in (
        ("junk", "a.png: not a picture"),
        ("void", "holds no pictures"),
        ("nowhere", "no such file or folder"),
    ):
        result = invoke(
            "sample",
            str(trained / SMALL_RUN),
            "--input",
            str(tmp_path / path),
            "--output",
            str(tmp_path / "out"),
        )
        assert result.exit_code == 2
        assert expected in result.stderr
        assert "Traceback" not in result.output


def test_the_newest_run_is_found_overridden_or_not(tmp_path):
    for age, (name, variant) in enumerate(
        (("default+aaaaaa", "default"), ("default", "default"), ("no_gram", "no_gram"))
    ):
        folder = tmp_path / "oil" / name / "seed0"
        (folder / "checkpoints" / "step-00000001").mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps({"experiment": "oil", "variant": variant, "seed": 0}))
        (folder / "config.yaml").write_text("")
        for path in (folder / "summary.json", folder / "checkpoints", folder / "config.yaml"):
            os.utime(path, (1000 - age, 1000 - age))
    from gan_style.experiment.runs import newest_run

    assert newest_run(tmp_path, "oil", "default", None).folder.parent.name == "default+aaaaaa"
    assert newest_run(tmp_path, "oil", "no_gram", None).folder.parent.name == "no_gram"


def test_check_tells_where_values_come_from():
    result = invoke("check", "oil", "train.steps=7")
    assert result.exit_code == 0, result.output
    assert "command line 'train.steps=7'" in result.output
    assert "experiments/oil/config.yaml:" in result.output
    assert "default" in result.output
    assert "parameters" in result.output
    assert "7 steps" in result.output


def test_the_schema_knows_every_key(tmp_path):
    result = invoke("schema", "--output", str(tmp_path / "schema.json"))
    assert result.exit_code == 0, result.output
    schema = json.loads((tmp_path / "schema.json").read_text())
    assert {"data", "method", "train", "output", "sample", "wandb"} <= set(schema["properties"])
    assert "input_skip" in json.dumps(schema)


def test_make_help_lists_every_target():
    told = subprocess.run(
        ["make", "help"], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout
    targets = (
        "setup",
        "lint",
        "test",
        "test-slow",
        "check",
        "train",
        "sample",
        "evaluate",
        "ablate",
        "runs",
        "report",
        "bench",
        "bench-peers",
        "clean",
    )
    for target in targets:
        assert f"  {target} " in told
