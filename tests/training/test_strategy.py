"""A batch shared by several devices or processes: the same function as on one."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gan_style.system.errors import UserError
from gan_style.training.strategy import place_among_workers
from tests.methods.small_methods import SMALL

GRADIENTS, TERMS = 1e-5, 1e-4
# Slopes of absolute differences jump where a difference is rounding.
JUMPS = {"cartoon": 5e-5, "cut": 5e-5}


def run(kind: str, folder: Path, strategy: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.training.replicas_program", kind, str(folder), strategy]
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
        if name.startswith("term/"):
            # Some terms begin at nothing: beside the whole loss, that is.
            apart = np.max(np.abs(values - shared[name]) / np.maximum(np.abs(values), total))
            assert apart < TERMS, (name, apart, values, shared[name])


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_two_mirrored_replicas_compute_the_same_function(kind, tmp_path):
    finished(run(kind, tmp_path, "none"), run(kind, tmp_path, "mirrored"))
    compare(kind, tmp_path, "mirrored")


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


@pytest.mark.parametrize(
    "config",
    ["", "{", "{}", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "[]"],
)
def test_a_wrong_tf_config_is_one_clear_error(config, monkeypatch):
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(UserError, match="TF_CONFIG"):
        place_among_workers()
