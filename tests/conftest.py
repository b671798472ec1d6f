"""Small pictures, small recipes, and a cache that the whole session shares."""

import gc
import os
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the commands have it, before TensorFlow is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.small import by_hand, smooth_pictures, write_small_recipe

SMALL_PAINTBOX = ("data.scenes=1", "data.photo_crops=1")
SMALL_RUN = Path("runs", "small", "default", "seed0")
LOADERS = ("inference.sampling", "inference.painter", "evaluation.evaluate", "training.load")

# What nohup has ignored is heard here all the same.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection() -> None:
    """Before any test module computes anything: threads cannot be set later.

    TensorFlow is imported here and not above: the process that hands tests to others can do without.
    """
    from gan_style.system.machine import Machine, configure

    configure(Machine("float32", 2, "tests"), seed=0)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through it again at every graph that is traced."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def plain_precision() -> None:
    import keras

    keras.mixed_precision.set_global_policy("float32")


def of_all_workers(factory: pytest.TempPathFactory) -> Path:
    """Where they share what takes long to make."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the session's own, so that no test sees or changes the user's; few pictures are held out."""
    from gan_style.data.paintbox import prepare

    prepare.HELD_OUT_SCENES = {"val": (250_000, 2), "test": (260_000, 2)}
    plan = prepare.plan

    def shorter(settings: prepare.PaintboxSettings) -> Iterator[prepare.Job]:
        """Of `SMALL_PAINTBOX`, one corner of each photograph that is held out."""
        small, jobs = (settings.scenes, settings.side) == (1, 256), plan(settings)
        return (job for job in jobs if not small or job.name.startswith("train") or job.name.endswith("0"))

    prepare.plan = shorter
    prepare.cores = lambda: 1  # to start a process takes longer than to paint so few
    folder = tmp_path_factory.mktemp("cache")
    (shared := of_all_workers(tmp_path_factory) / "paintbox").mkdir(exist_ok=True)
    (folder / "paintbox").symlink_to(shared)
    os.environ["GAN_STYLE_CACHE"] = str(folder)
    os.environ["WANDB_MODE"] = "offline"
    for name in ("GAN_STYLE_RUNS", "WANDB_API_KEY"):
        os.environ.pop(name, None)
    return folder


@pytest.fixture(scope="session")
def small_paintbox(cache: Path) -> Path:
    """An oil paintbox with one scene, and one crop of each photograph."""
    from gan_style.data.kinds.paintbox import Paintbox
    from gan_style.data.paintbox import prepare

    return prepare.prepare(
        Paintbox(kind="paintbox", painter="oil", scenes=1, photo_crops=1, crop=64).settings(), cache
    )


@pytest.fixture(scope="session")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small recipe, its pictures, and a run of it (`SMALL_RUN`): trained once, and nobody changes it."""
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run
    from gan_style.system.locks import exclusive
    from gan_style.training.loop import train

    folder = of_all_workers(tmp_path_factory) / "trained"
    run = Run(folder / SMALL_RUN)
    with exclusive(folder.with_name("trained.lock"), int):
        if not run.is_finished(2):
            folder.mkdir()
            changes = "train.steps=2", "output.checkpoint_every=1"
            with by_hand():
                assert train(read_recipe(str(write_small_recipe(folder)), None, changes), 0, run) == 0
    return folder


@pytest.fixture
def untraced() -> Iterator[None]:
    """A few steps are sooner done by hand than traced into a graph."""
    with by_hand():
        yield


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what stands around a network: equal ones are read, and traced to paint, only once."""
    from tests.loaded import load_once

    for module in LOADERS:
        monkeypatch.setattr(f"gan_style.{module}.load_method", load_once)


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
