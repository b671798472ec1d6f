"""Small pictures, small recipes, and a cache that the whole session shares."""

import gc
import os
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the commands have it, before TensorFlow is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.data.kinds.paintbox import Paintbox
from gan_style.data.paintbox import prepare
from gan_style.system.machine import Machine, configure
from tests.small import smooth_pictures, write_small_recipe

SMALL_PAINTBOX = ("data.scenes=1", "data.photo_crops=1")

# What nohup has ignored is heard here all the same.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Before any test module computes anything: threads cannot be set later.
configure(Machine("float32", 2, "tests"), seed=0)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through it again at every graph that is traced."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def plain_precision() -> None:
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the session's own, so that no test sees or changes the user's; with few held-out scenes."""
    prepare.HELD_OUT_SCENES = {"val": (250_000, 2), "test": (260_000, 2)}
    folder = tmp_path_factory.mktemp("cache")
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Painting takes long: the workers share what one of them has painted.
        shared = tmp_path_factory.getbasetemp().parent / "paintbox"
        shared.mkdir(exist_ok=True)
        (folder / "paintbox").symlink_to(shared)
    os.environ["GAN_STYLE_CACHE"] = str(folder)
    os.environ["WANDB_MODE"] = "offline"
    for name in ("GAN_STYLE_RUNS", "WANDB_API_KEY"):
        os.environ.pop(name, None)
    return folder


@pytest.fixture(scope="session")
def small_paintbox(cache: Path) -> Path:
    """An oil paintbox with one scene, and one crop of each photograph."""
    return prepare.prepare(
        Paintbox(kind="paintbox", painter="oil", scenes=1, photo_crops=1, crop=64).settings(), cache
    )


@pytest.fixture
def untraced() -> Iterator[None]:
    """A few steps are sooner done by hand than traced into a graph."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def pictures(tmp_path: Path, rng: np.random.Generator) -> Callable[..., Path]:
    """Make a folder of random smooth pictures."""

    def make(name: str, count: int = 6, size: tuple[int, int] = (48, 40)) -> Path:
        return smooth_pictures(tmp_path / name, rng, count, size)

    return make


@pytest.fixture
def small_recipe(tmp_path: Path) -> Path:
    return write_small_recipe(tmp_path)
