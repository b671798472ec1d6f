"""Exported files beside the runs that they were made from: what differs, and how long both take.

    python -m benchmarks.export [NAME ...]

NAME: included/PAINTER, or a method, whose networks are then new. Default: all. Each is measured in a
process of its own. Times are processor time of all threads, medians of turns that alternate. Columns have a
figure for each of the sizes 256x256, 301x199 and 512x384; LiteRT has the second alone.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from gan_style.system.quiet import import_tensorflow

if TYPE_CHECKING:
    from gan_style.exchange.loaded import Loaded

INCLUDED = [f"included/{name}" for name in ("any", "cartoon", "oil", "sketch", "watercolor")]
# By method an experiment and its ablation; networks are as they begin.
METHODS: dict[str, tuple[str, str | None]] = {
    "gan": ("oil", None),
    "cyclegan": ("oil", "cyclegan"),
    "cut": ("oil", "cut"),
    "fastcut": ("oil", "fastcut"),
    "pix2pix": ("paired", None),
    "compression": ("oil", "compressed"),
    "cartoon": ("cartoon", None),
    "multistyle": ("multistyle", None),
    "feedforward": ("feedforward", None),
    "deconvnet": ("deconvnet", None),
    "adain": ("adain", None),
    "inverse_decoder": ("inverse_decoder", None),
}
SIZES = ((256, 256), (199, 301), (384, 512))
TURNS = 5
THREADS = 2
HEAD = (
    "| painter | format | largest of 255 | mean of [0, 1] | TensorFlow, ms | file, ms | bytes |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)
Paint = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def spent(act: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    begun = time.process_time()
    act()
    return 1000 * (time.process_time() - begun)


def fresh(method: str, folder: Path) -> Path:
    from gan_style.exchange.pytorch.imported_run import write_run
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run
    from gan_style.system.machine import Machine, configure
    from gan_style.training.build import build_method

    configure(Machine("float32", THREADS, "benchmark"), 0)
    experiment, ablation = METHODS[method]
    found = read_recipe(experiment, ablation)
    run, facts = (
        Run(folder / "seed0"),
        {"experiment": experiment, "variant": ablation or "default", "seed": 0},
    )
    same = {"threads": THREADS, "precision": "float32"}
    write_run(run, found, build_method(found.config, 0), {**facts, **same})
    return run.folder


def rows(name: str, folder: Path) -> None:
    import_tensorflow()
    from gan_style.exchange.export import SUFFIXES, export, size_of
    from gan_style.exchange.litert import LiteRtPainter
    from gan_style.exchange.loaded import loaded
    from gan_style.exchange.runtime import ExportedPainter
    from gan_style.exchange.saved_model import SavedPainter
    from gan_style.exchange.traced import Fixed
    from gan_style.experiment.runs import Run
    from gan_style.system import included
    from gan_style.system.errors import UserError

    run = Run(included.place(name)) if name in INCLUDED else Run(fresh(name, folder))
    whole = loaded(run, Fixed())
    for to in ("onnx", "saved-model"):
        file = export(run, to, folder / f"model{SUFFIXES.get(to, '')}", Fixed())
        painter: Paint = ExportedPainter(file, THREADS) if to == "onnx" else SavedPainter(file)
        print(row(name, to, whole, painter, SIZES, size_of(file)), flush=True)
    if name not in INCLUDED:
        return
    fixed = Fixed(size=SIZES[1])
    whole = loaded(run, fixed)
    for numbers in ("float32", "float16", "int8"):
        try:
            file = export(run, "litert", folder / f"{numbers}.tflite", fixed, numbers=numbers)
        except UserError as problem:
            print(f"| {name} | litert {numbers} | refused: {problem} |", flush=True)
            continue
        lite = LiteRtPainter(file.read_bytes(), THREADS)
        print(row(name, f"litert {numbers}", whole, lite, SIZES[1:2], size_of(file)), flush=True)


def row(
    name: str, kind: str, run: "Loaded", painter: Paint, sizes: Sequence[tuple[int, int]], count: int
) -> str:
    found = [measured(run, painter, size) for size in sizes]
    told = (" / ".join(column) for column in zip(*found, strict=True))
    return f"| {name} | {kind} | {' | '.join(told)} | {count:,} |"


def measured(run: "Loaded", painter: Paint, size: tuple[int, int]) -> tuple[str, ...]:
    """The largest and the mean difference, and the milliseconds of both."""
    from gan_style.exchange.parity import by_network, picture

    known = {
        "picture": picture(*size, seed=2)[None],
        "seed": np.array([1], np.int32),
        "styles": np.ones(len(run.method.styles), np.float32),
        "style_image": picture(*SIZES[1], seed=8)[None],
        "strength": np.ones(1, np.float32),
    }
    feed = {one.name: known[one.name] for one in run.description().inputs}
    away = np.abs(painter(feed).astype(int) - by_network(run, feed))
    times = [(spent(lambda: by_network(run, feed)), spent(lambda: painter(feed))) for _ in range(TURNS)]
    ours, files = (median(column) for column in zip(*times, strict=True))
    return f"{away.max()}", f"{away.mean() / 255:.6f}", f"{ours:.0f}", f"{files:.0f}"


def main(names: list[str]) -> None:
    if len(names) == 1:
        with TemporaryDirectory() as folder:
            rows(names[0], Path(folder))
        return
    print(HEAD, flush=True)
    for name in names or [*INCLUDED, *METHODS]:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.export", name], capture_output=True, text=True, check=False
        )
        table = [line for line in done.stdout.splitlines() if line.startswith("|")]
        last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        print(
            "\n".join([*table, *([f"| {name} | failed: {last[:200]} |"] if done.returncode else [])]),
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
