"""Runs end, stop, die and come back: the same weights whatever happened on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gan_style.experiment import saved
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run, claimed
from gan_style.system.errors import RunError, UserError
from gan_style.training import checkpoints, session
from gan_style.training import loop as training
from tests.small import write_small_recipe

COMMAND = (sys.executable, "-m", "gan_style")


def train(recipe: Path, folder: Path, *overrides: str, **options) -> int:
    return training.train(read_recipe(str(recipe), None, overrides), 0, Run(folder), **options)


def summary(folder: Path) -> dict:
    return json.loads((folder / "summary.json").read_text())


def metrics(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A recipe, and beside it a run that nothing has disturbed: trained once, for all tests of this file."""
    folder = tmp_path_factory.mktemp("trained")
    assert train(write_small_recipe(folder), folder / "straight") == 0
    return folder


@pytest.fixture
def small_recipe(trained) -> Path:
    return trained / "small.yaml"


@pytest.fixture
def straight(trained, tmp_path) -> Path:
    """A copy of the undisturbed run, to do with as one likes."""
    return Path(shutil.copytree(trained / "straight", tmp_path / "runs" / "straight"))


def test_a_run_leaves_what_its_user_needs(straight):
    written = summary(straight)
    assert written["status"] == "finished"
    assert written["step"] == written["steps"] == 8
    for key in (
        "seconds",
        "images_per_second",
        "precision",
        "threads",
        "convolutions",
        "onednn",
        "seed",
        "versions",
        "git_commit",
        "weights_sha256",
        "figures",
    ):
        assert written[key] not in (None, ""), key
    assert sorted(path.name for path in (straight / "samples").iterdir()) == [
        "step-00000004.png",
        "step-00000008.png",
    ]
    assert sorted(path.name for path in (straight / "checkpoints").iterdir()) == [
        "best",
        *(f"step-0000000{step}" for step in (4, 6, 8)),
    ]
    lines = metrics(straight)
    steps = [line["step"] for line in lines if "generator/total" in line]
    assert steps == list(range(1, 9))
    assert {"generator/colour", "discriminator/r1", "learning_rate/generator", "images_per_second"} <= set(
        lines[-2]
    )
    assert any("validation/style" in line for line in lines)
    assert not list(straight.rglob("*partial*"))


def test_stopped_and_resumed_in_process_gives_the_same_weights(small_recipe, straight, tmp_path, monkeypatch):
    """Stopped by SIGTERM after step 3: inside the warm-up's wake, between two checkpoints."""
    folder, calls = tmp_path / "runs" / "stopped", []

    def stop_at_3(running, state, *rest):
        calls.append(state.step)
        if state.step == 3 and len(calls) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(training, "tell", stop_at_3)
    assert train(small_recipe, folder) == 143
    assert summary(folder)["status"] == "interrupted"
    assert summary(folder)["step"] == 3
    assert train(small_recipe, folder) == 0
    assert calls == [1, 2, 3, *range(4, 9)]
    assert summary(folder)["weights_sha256"] == summary(straight)["weights_sha256"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_killed_and_resumed_gives_the_same_weights(small_recipe, straight, tmp_path):
    """A real `kill -9` at whatever step the process happens to be."""
    runs = tmp_path / "killed"
    command = [*COMMAND, "train", str(small_recipe), "--runs", str(runs), "--name", "k"]
    folder = runs / "small" / "k" / "seed0"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: any((folder / "checkpoints").glob("step-*")), process)
    process.kill()
    process.wait()
    assert Run(folder).status() == "killed"
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "resuming" in finished.stdout
    assert "now type" in finished.stdout
    assert summary(folder)["weights_sha256"] == summary(straight)["weights_sha256"]
    assert [line["step"] for line in metrics(folder) if "generator/total" in line] == list(range(1, 9))


def wait_until(happened, process: subprocess.Popen, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, "the process ended early"
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_a_finished_run_says_so_and_does_nothing(small_recipe, straight, capsys):
    before = {path: path.stat().st_mtime_ns for path in straight.rglob("*") if path.is_file()}
    assert train(small_recipe, straight) == 0
    assert "this run is finished" in capsys.readouterr().out
    changed = [path.name for path, time in before.items() if path.stat().st_mtime_ns != time]
    assert set(changed) <= {"config.yaml"}


def test_another_config_is_refused_with_the_difference(small_recipe, straight):
    with pytest.raises(UserError) as caught:
        train(small_recipe, straight, "method.weights.colour=3")
    assert "another configuration" in str(caught.value)
    assert "-    colour: 10.0" in str(caught.value)
    assert "+    colour: 3.0" in str(caught.value)


def test_cadences_may_change_on_resume(small_recipe, straight):
    assert train(small_recipe, straight, "output.log_every=7") == 0


@pytest.mark.usefixtures("untraced")
def test_fresh_moves_the_old_run_aside_and_the_seed_decides_the_weights(small_recipe, straight, tmp_path):
    before, shas = summary(straight), []
    for seed in (0, 1):
        again, run = read_recipe(str(small_recipe)), Run(straight)
        assert training.train(again, seed, run, fresh=True, until=1) == 0
        assert summary(straight)["step"] == 1
        shas.append(summary(straight)["weights_sha256"])
    assert shas[0] != shas[1]
    asides = [summary(path) for path in (tmp_path / "runs").glob("straight.old-*")]
    assert len(asides) == 2
    assert before in asides


def test_two_processes_on_one_folder_the_second_is_refused(small_recipe, tmp_path):
    folder = tmp_path / "r" / "small" / "default" / "seed0"
    with claimed(Run(folder), fresh=False):
        command = [*COMMAND, "train", str(small_recipe), "--runs", str(tmp_path / "r")]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "another process is working in this run folder" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.usefixtures("untraced")
def test_the_first_non_finite_number_stops_the_run(small_recipe, tmp_path, monkeypatch):
    build = session.build_method

    def poisoned(*arguments):
        method = build(*arguments)
        step = method.step

        def step_with_nan(batch):
            result = step(batch)
            result["generator"]["style"] = result["generator"]["style"] * np.nan
            return result

        method.step = step_with_nan
        return method

    monkeypatch.setattr(session, "build_method", poisoned)
    folder = tmp_path / "runs" / "nan"
    with pytest.raises(RunError) as caught:
        train(small_recipe, folder)
    told = str(caught.value)
    assert "step 2: generator/style is nan" in told
    assert "the last good checkpoint is" in told
    assert "step-00000002" in told
    assert "photos/0" in told
    assert "paintings/0" in told
    assert summary(folder)["status"] == "failed"


@pytest.mark.usefixtures("untraced")
def test_starting_from_another_run(small_recipe, straight, tmp_path, capsys):
    folder = tmp_path / "runs" / "second"
    changes = f"train.init_from={straight}", "method.discriminator.filters=6"
    assert train(small_recipe, folder, *changes, until=1) == 0
    told = capsys.readouterr().err
    assert "init_from: networks/discriminator" in told
    assert "networks/generator" not in told


def test_changed_pictures_are_noticed_on_resume(small_recipe, straight, trained, tmp_path):
    stopped = json.loads((straight / "summary.json").read_text()) | {"status": "interrupted"}
    (straight / "summary.json").write_text(json.dumps(stopped))
    photo = sorted((trained / "photos").iterdir())[0]
    photo.rename(tmp_path / photo.name)
    try:
        with pytest.raises(UserError, match="not those the run was started with"):
            train(small_recipe, straight)
    finally:
        (tmp_path / photo.name).rename(photo)


def newest_step(folder: Path) -> str:
    return max((path.name for path in (folder / "checkpoints").glob("step-*")), default="")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_default_recipe_is_exact_whatever_kills_it(number, tmp_path, cache):
    """60 steps of the real recipe with a checkpoint every 10; killed at a random step, twice in a row."""
    shortened = ["train.steps=60", "output.checkpoint_every=10", "output.validate_every=30"]

    def command(name: str) -> list[str]:
        return [*COMMAND, "train", "oil", "--runs", str(tmp_path), "--name", name, *shortened]

    subprocess.run(command("straight"), check=True, stdout=subprocess.DEVNULL)
    expected = summary(tmp_path / "oil" / "straight" / "seed0")["weights_sha256"]
    for attempt in range(2):
        folder = tmp_path / "oil" / f"killed{attempt}" / "seed0"
        for _ in range(2):
            before = newest_step(folder)
            process = subprocess.Popen(command(f"killed{attempt}"), stdout=subprocess.DEVNULL)
            wait_until(lambda folder=folder, before=before: newest_step(folder) > before, process, 240)
            time.sleep(float(np.random.default_rng().uniform(0, 1)))
            process.send_signal(number)
            assert process.wait() == (143 if number == signal.SIGTERM else -9)
        subprocess.run(command(f"killed{attempt}"), check=True, stdout=subprocess.DEVNULL)
        assert summary(folder)["weights_sha256"] == expected


def test_until_a_step_is_an_interruption_with_figures(small_recipe, straight, tmp_path):
    """What successive halving needs: validated and saved at the step asked for, and none the worse for it."""
    folder = tmp_path / "runs" / "halted"
    for until in (3, 2):  # the second asks for a step that lies behind
        assert train(small_recipe, folder, until=until) == 0
        assert summary(folder)["status"] == "interrupted"
        assert summary(folder)["step"] == 3
    (looked,) = [line for line in metrics(folder) if "validation/style" in line]
    assert looked["step"] == 3
    assert looked["validation/style"] == summary(folder)["figures"]["style"]
    assert train(small_recipe, folder) == 0
    assert summary(folder)["status"] == "finished"
    assert summary(folder)["weights_sha256"] == summary(straight)["weights_sha256"]


@pytest.mark.slow
def test_damaged_small_files_change_nothing_of_what_is_learned(small_recipe, straight, tmp_path, capsys):
    folder = tmp_path / "runs" / "damaged"
    assert train(small_recipe, folder, until=4) == 0
    (folder / "summary.json").write_bytes(b"null")
    (folder / "config.yaml").write_bytes(
        (folder / "config.yaml").read_bytes().replace(b": 10.0", b": 10.5", 1)
    )
    log = (folder / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    log[1:1] = [b"\xff\n", b"[" * 100_000 + b"\n"]
    (folder / "metrics.jsonl").write_bytes(b"".join(log))
    capsys.readouterr()
    assert train(small_recipe, folder) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith(f"warning: {folder}")]
    assert [line.partition(": damaged")[0].rpartition("/")[2] for line in told] == [
        "config.yaml",
        "summary.json",
    ]
    assert summary(folder)["weights_sha256"] == summary(straight)["weights_sha256"]
    assert (folder / "config.yaml").read_bytes() == (straight / "config.yaml").read_bytes()
    kept = (folder / "metrics.jsonl").read_bytes().splitlines(keepends=True)
    assert kept[: len(log)] == log
    assert len(kept) == len(log) + 4 + 1, "four steps, and what the validation pictures said"


@pytest.mark.usefixtures("untraced")
def test_the_best_checkpoint_has_the_lowest_finite_figure(small_recipe, tmp_path, monkeypatch):
    told, marked = ("nan", 0.8, "nan", 0.9, 0.5, "inf", 0.6, 0.4), []
    looks = iter([{"style_and_content": float(value)} for value in told])
    monkeypatch.setattr(training.validation, "figures", lambda *pictures: next(looks))
    mark = checkpoints.mark_best

    def marking(folder):
        marked.append(saved.read_manifest(folder).step)
        mark(folder)

    monkeypatch.setattr(checkpoints, "mark_best", marking)
    assert train(small_recipe, tmp_path / "looked", "output.validate_every=1") == 0
    assert marked == [2, 5, 8]
