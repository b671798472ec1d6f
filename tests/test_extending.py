"""Everything that CONTRIBUTING.md says can be added, from outside: registered, trained a step, measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.small import smooth_pictures


@pytest.fixture(scope="module")
def toys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toys")
    for side in ("photos", "paintings"):
        smooth_pictures(folder / side, np.random.default_rng(0), 6, (80, 72))
    told = subprocess.run(
        [sys.executable, "-m", "tests.toys", str(folder)],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"GAN_STYLE_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    return json.loads(told.stdout.rpartition("TOYS")[2])


def test_every_command_ends_well(toys):
    assert toys["codes"] == dict.fromkeys(("check", "train", "evaluate", "toy"), 0), toys["said"]


def test_a_data_kind_describes_itself(toys):
    assert "toy pictures in" in toys["said"]["check"]


def test_a_method_with_its_loss_network_upsampler_and_optimizer_trains(toys):
    assert {"step", "generator/darkness", "generator/total", "learning_rate/generator"} <= set(toys["logged"])


def test_a_metric_is_measured_for_the_method_and_both_references(toys):
    assert "whiteness" in toys["figures"]


def test_a_command_is_listed(toys):
    assert toys["said"]["toy"] == "toy command\n"
