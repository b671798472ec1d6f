"""How like its teacher a distilled network sees pictures, and how much quicker.

    python -m benchmarks.features --teacher vgg19.npz --pictures FOLDER --pictures FOLDER

Over pairs of pictures that nobody trained on: the rank correlation of the Gram distances that both see, and
of the distances of their channels' moments, layer by layer. Time is that of one picture of 256 pixels, both
taking turns.
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.adain import squares

ROUNDS, CALLS = 15, 3  # medians over rounds, of so many calls each


@click.command()
@click.option("--student", default="included/features", show_default=True, metavar="FOLDER")
@click.option("--teacher", required=True, type=click.Path(exists=True, dir_okay=False), help="VGG19, .npz.")
@click.option("--pictures", multiple=True, required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--pairs", default=500, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
def main(
    student: str, teacher: str, pictures: tuple[str, ...], pairs: int, threads: int, output: str | None
) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.features.distilled import Distilled
    from gan_style.features.vgg19_normalised import NormalisedVGG19
    from gan_style.system.hardware import processor
    from gan_style.system.machine import Machine, configure

    configure(Machine("float32", threads, "", "direct"), 0)
    banks: dict[str, Any] = {
        "student": Distilled(weights=student),
        "teacher": NormalisedVGG19(weights=teacher),
    }
    found = [picture for folder in pictures for picture in squares(folder)]
    drawn = drawn_pairs(len(found), pairs)
    figures: dict[str, Any] = {"hardware": processor(), "threads": threads, "pairs": len(drawn)}
    figures |= {"pictures": len(found), "correlations": correlations(banks, found, drawn)}
    figures |= timed(banks, found[0]) | sizes(student)
    print(json.dumps(figures, indent=1))
    if output:
        Path(output).write_text(json.dumps(figures, indent=1) + "\n")


def drawn_pairs(count: int, wanted: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(0)
    every = [(one, other) for one in range(count) for other in range(one)]
    return [every[number] for number in rng.permutation(len(every))[:wanted]]


def correlations(
    banks: dict[str, Any], pictures: list[np.ndarray], pairs: list[tuple[int, int]]
) -> dict[str, dict[str, float]]:
    """Spearman's, by layer of the teacher: of Gram distances and of distances of moments."""
    from scipy.stats import spearmanr

    described = {name: [descriptions(bank, one) for one in pictures] for name, bank in banks.items()}
    layers = zip(described["student"][0], described["teacher"][0], strict=True)
    rows = {}
    for ours, theirs in layers:
        found = {}
        for what in ("gram", "moments"):
            distances = [
                [
                    float(np.linalg.norm(every[one][layer][what] - every[other][layer][what]))
                    for one, other in pairs
                ]
                for every, layer in ((described["student"], ours), (described["teacher"], theirs))
            ]
            found[what] = round(float(spearmanr(*distances).statistic), 4)
        rows[theirs] = found
    return rows


def descriptions(bank: Any, picture: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    from gan_style.losses.perceptual import gram
    from gan_style.losses.statistics import moments

    return {
        layer: {
            "gram": np.asarray(gram(maps, "magenta")).ravel(),
            "moments": np.concatenate([np.asarray(one).ravel() for one in moments(maps)]),
        }
        for layer, maps in bank(picture).items()
    }


def timed(banks: dict[str, Any], picture: np.ndarray) -> dict[str, Any]:
    import tensorflow as tf

    image = tf.constant(picture)
    calls: dict[str, Callable[[Any], Any]] = {
        name: tf.function(bank, autograph=False) for name, bank in banks.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS + 1):  # the first is for tracing
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(CALLS):
                [np.asarray(maps) for maps in call(image).values()]
            seconds[name].append((time.perf_counter() - started) / CALLS)
    rounds = {name: some[1:] for name, some in seconds.items()}
    ratios = sorted(slow / quick for slow, quick in zip(rounds["teacher"], rounds["student"], strict=True))
    milliseconds = {name: round(1000 * statistics.median(some), 2) for name, some in rounds.items()}
    ratio = {"median": statistics.median(ratios), "min": ratios[0], "max": ratios[-1]}
    return {"milliseconds": milliseconds, "times_quicker": {key: round(one, 2) for key, one in ratio.items()}}


def sizes(student: str) -> dict[str, int]:
    from gan_style.features.distilled import TEACHER
    from gan_style.system import included

    file = included.checked(student, included.FEATURES)
    with np.load(file) as arrays:
        return {
            "parameters": sum(arrays[name].size for name in arrays if name != TEACHER),
            "bytes": file.stat().st_size,
        }


if __name__ == "__main__":
    main()
