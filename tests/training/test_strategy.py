"""A batch shared by several devices or processes: the same function as on one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gan_style.experiment.runs import Run
from tests.methods.small_methods import SMALL, recipe
from tests.small import smooth_pictures, write_small_recipe

GRADIENTS, TERMS = 1e-5, 1e-4
# Large slopes cancel at the last bias: two threads instead of one change it by as much, on one device.
JUMPS = {"cartoon": 5e-5, "cut": 5e-5, "pix2pix": 5e-4}


def run(
    kind: str, folder: Path, strategy: str, *overrides: str, **environment: str
) -> subprocess.Popen[bytes]:
    program = "tests.training.replicas_program"
    command = [sys.executable, "-m", program, kind, str(folder), strategy, *overrides]
    return subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE)


def finished(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        _, told = process.communicate()
        assert process.returncode == 0, told.decode()[-3000:]


def compare(kind: str, folder: Path, strategy: str) -> None:
    alone, shared = (dict(np.load(folder / f"{kind}-{name}.npz")) for name in ("none", strategy))
    assert set(alone) == set(shared)
    gradients = {name: array for name, array in alone.items() if name.startswith("gradient/")}
    largest = max(np.linalg.norm(gradient) for gradient in gradients.values())
    for name, gradient in gradients.items():
        assert np.array_equal(
            alone[name.replace("gradient", "before")], shared[name.replace("gradient", "before")]
        )
        # A bias before a norm has no gradient, but for rounding.
        if np.linalg.norm(gradient) > 1e-5 * largest:
            apart = np.linalg.norm(gradient - shared[name]) / np.linalg.norm(gradient)
            assert apart < JUMPS.get(kind, GRADIENTS), (name, apart)
    total = np.min([np.abs(values) for name, values in alone.items() if name.endswith("/total")], axis=0)
    for name, values in alone.items():
        if name.startswith("term/") and not name.endswith("gradient_norm"):
            # Some terms begin at nothing: beside the whole loss, that is.
            apart = np.max(np.abs(values - shared[name]) / np.maximum(np.abs(values), total))
            assert apart < TERMS, (name, apart, values, shared[name])


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_two_mirrored_replicas_compute_the_same_function(kind, tmp_path):
    finished(run(kind, tmp_path, "none"), run(kind, tmp_path, "mirrored"))
    compare(kind, tmp_path, "mirrored")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gan", "feedforward"])
def test_two_mirrored_replicas_set_photographs_in_the_same_motion(kind, tmp_path):
    moving = ["method.weights.temporal=2", "method.weights.target_reconstruction=1"]
    moving += [
        "method.generator.noise_channels=2",
        "method.generator_input={input_blur: 1, dabs: {widths: [4]}}",
    ]
    finished(run(kind, tmp_path, "none", *moving), run(kind, tmp_path, "mirrored", *moving))
    compare(kind, tmp_path, "mirrored")


INSTANCE_NORM = ["method.generator.norm=instance", "method.discriminator.norm=instance"]


@pytest.mark.slow
@pytest.mark.parametrize("sparing", [["train.accumulate=2"], ["train.accumulate=4", "train.recompute=true"]])
@pytest.mark.parametrize("kind", SMALL)
def test_less_memory_computes_the_same_function(kind, sparing, tmp_path):
    alike = INSTANCE_NORM if kind == "pix2pix" else []
    (tmp_path / "plain").mkdir()
    finished(run(kind, tmp_path / "plain", "none", *alike), run(kind, tmp_path, "none", *alike, *sparing))
    (tmp_path / f"{kind}-none.npz").rename(tmp_path / "plain" / f"{kind}-sparing.npz")
    compare(kind, tmp_path / "plain", "sparing")


def workers(count: int) -> list[str]:
    """A TF_CONFIG for each of so many processes on this machine."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    cluster = {"worker": [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]}
    for one in sockets:
        one.close()
    return [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}) for i in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gan", "cyclegan"])
def test_two_processes_compute_the_same_function(kind, tmp_path):
    finished(run(kind, tmp_path, "none"))
    finished(*(run(kind, tmp_path, "multiworker", TF_CONFIG=config) for config in workers(2)))
    compare(kind, tmp_path, "multiworker")


class Workers:
    """`gan-style train` in as many processes as there are to be, in one run folder."""

    def __init__(self, recipe: Path, runs: Path) -> None:
        self.command = [sys.executable, "-m", "gan_style", "train", str(recipe), "--runs", str(runs)]
        self.run = Run(runs / recipe.stem / "default" / "seed0")

    def start(self, count: int, *more: str) -> list[subprocess.Popen[bytes]]:
        """0: one process that shares with nobody."""
        shared = ["train.strategy=multiworker"] if count else []
        settings = [{"TF_CONFIG": config} for config in workers(count)] or [{}]
        return [
            subprocess.Popen(
                [*self.command, *shared, *more], env={**os.environ, **one}, stderr=subprocess.PIPE
            )
            for one in settings
        ]

    def wait_for_checkpoint(self) -> None:
        deadline = time.monotonic() + 120
        while not self.run.has_checkpoint():
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def terms(self) -> dict[int, dict[str, float]]:
        lines = [json.loads(line) for line in (self.run.folder / "metrics.jsonl").read_text().splitlines()]
        found = [(one["step"], {name: one[name] for name in one if "tor/" in name}) for one in lines]
        return {step: terms for step, terms in found if terms}


def small_gan(folder: Path, steps: int) -> Path:
    sides = [smooth_pictures(folder / name, np.random.default_rng(0)) for name in ("photos", "paintings")]
    text = recipe("gan", *sides).replace("steps: 6", f"steps: {steps}").replace("threads: 2", "threads: 1")
    path = folder / "small.yaml"
    path.write_text(text.replace("learning_rate: 2e-3", "learning_rate: 2e-4"))
    return path


def everything(folder: Path) -> Path:
    """What a GAN can have: noise, dabs, DiffAugment, R1, a pool, Grams of whole batches; twelve steps."""
    path = write_small_recipe(folder)
    changes = {"threads: 2": "threads: 1", "batch: 2": "batch: 4", "steps: 8": "steps: 12"}
    for old, new in changes.items():
        path.write_text(path.read_text().replace(old, new))
    return path


@pytest.mark.slow
def test_a_run_goes_from_one_process_to_two_and_back(tmp_path):
    path = everything(tmp_path)
    straight, moved = Workers(path, tmp_path / "straight"), Workers(path, tmp_path / "moved")
    finished(*straight.start(0))
    for count, until in ((0, ["--until", "4"]), (2, ["--until", "8"]), (0, [])):
        for process in moved.start(count, *until):
            process.communicate()
    assert moved.run.summary()["status"] == "finished"
    assert_same_terms(straight.terms(), moved.terms())


def assert_same_terms(alone: dict[int, dict[str, float]], shared: dict[int, dict[str, float]]) -> None:
    """Of each of the twelve steps."""
    assert list(alone) == list(shared) == list(range(1, 13))
    assert len(alone[12]) > 8
    for step, terms in alone.items():
        for name, value in terms.items():
            assert shared[step][name] == pytest.approx(value, rel=1e-4, abs=1e-5), (step, name)


TWO_DEVICES = """
import sys
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from gan_style.__main__ import main

main()
"""


@pytest.mark.slow
def test_a_run_moves_from_one_device_to_two_and_back(tmp_path):
    path = everything(tmp_path)
    straight, moved = Workers(path, tmp_path / "straight"), Workers(path, tmp_path / "moved")
    finished(*straight.start(0))
    finished(*moved.start(0, "--until", "4"))
    shared = ["train.strategy=mirrored", "train.recompute=true", "--until", "8"]
    finished(subprocess.Popen([sys.executable, "-c", TWO_DEVICES, *moved.command[3:], *shared]))
    finished(*moved.start(0))
    assert_same_terms(straight.terms(), moved.terms())


@pytest.mark.slow
def test_a_lost_worker_stops_the_run_and_those_left_go_on(tmp_path):
    both = Workers(small_gan(tmp_path, 5000), tmp_path / "runs")
    chief, other = both.start(2)
    both.wait_for_checkpoint()
    other.kill()
    _, told = chief.communicate(timeout=120)
    assert chief.returncode == 1
    assert "run failed: another worker is lost" in told.decode()
    assert "the same command goes on from the newest checkpoint" in told.decode()
    assert "Traceback" not in told.decode()
    step = both.run.told()["step"]
    (left,) = both.start(1, "--until", str(step + 3))
    left.communicate(timeout=120)
    assert both.run.summary()["step"] == step + 3


@pytest.mark.slow
def test_a_signal_to_any_worker_stops_all_at_the_same_step(tmp_path):
    both = Workers(small_gan(tmp_path, 5000), tmp_path / "runs")
    chief, other = both.start(2)
    both.wait_for_checkpoint()
    other.send_signal(signal.SIGTERM)
    for process in (chief, other):
        _, told = process.communicate(timeout=120)
        assert process.returncode == 143, told.decode()[-2000:]
    assert both.run.summary()["status"] == "interrupted"
    assert (both.run.checkpoints / f"step-{both.run.summary()['step']:08d}").is_dir()
