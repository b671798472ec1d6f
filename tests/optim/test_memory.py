"""Memory as it is announced beside memory as it was used, at full size and with real features."""

import os
import re
import subprocess
import sys

import pytest

from tests.evaluation.stand_ins import SHARED, needs_shared


@pytest.mark.slow
@needs_shared
def test_gatys_at_512_pixels_with_vgg19_needs_what_it_says_within_a_fifth(tmp_path):
    weights = SHARED / "vgg19_normalised" / "vgg19_normalised_relu3_1.npz"
    changes = [
        "data.content=astronaut",
        "data.size=512",
        "train.steps=4",
        "wandb.mode=disabled",
        f"method.features.weights={weights}",
    ]
    command = [
        sys.executable,
        "-m",
        "gan_style",
        "train",
        "gatys",
        "--ablation",
        "vgg19",
        "--runs",
        str(tmp_path),
        *changes,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    announced, size = re.search(r"memory: about ([\d.]+) GB at (\d+x\d+) pixels", said).groups()
    assert size == "512x512"
    used = usage.ru_maxrss * 1024 / 1e9
    print(f"announced {announced} GB, used {used:.2f}")
    assert abs(float(announced) / used - 1) < 0.2
