"""Painting a thousand pictures takes hardly more memory than painting ten."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.training import loop
from tests.small import write_small_recipe

MOST_GROWTH = 0.1  # MB a picture, after the tenth
WINDOW = 25  # pictures


def small(folder: Path, rng: np.random.Generator) -> int:
    """A thousand pictures, nearly each of a shape of its own."""
    for index in range(1000):
        height, width = rng.integers(40, 160, 2)
        Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(folder / f"{index}.png")
    return 1000


def large(folder: Path, rng: np.random.Generator) -> int:
    coarse = Image.fromarray(rng.integers(0, 256, (200, 300, 3), np.uint8))
    coarse.resize((3000, 2000)).save(folder / "0.jpg")
    for index in range(1, 100):
        (folder / f"{index}.jpg").write_bytes((folder / "0.jpg").read_bytes())
    return 100


def resident(process: subprocess.Popen) -> float:
    """MB."""
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.slow
@pytest.mark.parametrize("pictures", [small, large])
def test_memory_does_not_grow_with_the_pictures(pictures, tmp_path, rng):
    recipe = read_recipe(str(write_small_recipe(tmp_path)), None, ("train.steps=1", "sample.size=256"))
    run, photos, painted = Run(tmp_path / "run"), tmp_path / "in", tmp_path / "out"
    loop.train(recipe, 0, run)
    photos.mkdir()
    count, seen = pictures(photos, rng), []
    words = [sys.executable, "-m", "gan_style", "sample", str(run.folder)]
    process = subprocess.Popen([*words, "--input", str(photos), "--output", str(painted)])
    while process.poll() is None:
        done = len([*painted.glob("*.*")])
        if 10 <= done < count:
            seen.append((done, resident(process)))
        time.sleep(0.02)
    assert process.returncode == 0
    # Peaks, over more pictures than a thread lives for.
    early = max(memory for done, memory in seen if done < 10 + WINDOW)
    late = max(memory for done, memory in seen if done >= count - WINDOW)
    print(f"{pictures.__name__}: peak {early:.0f} MB at first, {late:.0f} MB at last")
    assert late - early < MOST_GROWTH * (count - 10)
