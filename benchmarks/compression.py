"""What painting costs: multiply-adds, weights and milliseconds of several runs' networks, side by side.

    python -m benchmarks.compression included/oil runs/oil/compressed/seed0 ...

All are given the same random picture, in turns, so that whatever else the machine does disturbs them alike.
The first run is what the others are compared with.
"""

import statistics
from functools import partial
from typing import Any

import click

from benchmarks.timing import seconds
from gan_style.system.quiet import import_tensorflow

HALF = 2  # bytes of a weight, as networks are packed


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--size", default=512, show_default=True, help="Pixels of both sides.")
@click.option("--rounds", default=15, show_default=True, help="In which each paints once.")
@click.option("--threads", default=1, show_default=True)
def main(runs: tuple[str, ...], size: int, rounds: int, threads: int) -> None:
    import_tensorflow()
    from gan_style.optim.costs import costs_of

    painters = {run: painter(run, threads) for run in runs}
    times = alternating([*painters.values()], size, rounds)
    print(f"{size}x{size} pixels, {threads} threads, medians of {rounds} rounds")
    first = None
    for (run, paint), found in zip(painters.items(), times, strict=True):
        network = paint.function
        step = partial(network, training=False)
        multiply_adds, count = costs_of(step, shape(network, size)).multiply_adds, network.count_params()
        first = first or (multiply_adds, found)
        print(
            f"{run}: {multiply_adds / 1e9:.2f} G multiply-adds "
            f"(1/{first[0] / multiply_adds:.1f}), {count:,} parameters, "
            f"{HALF * count / 1e6:.2f} MB, {1000 * found:.0f} ms (1/{first[1] / found:.1f})"
        )


def painter(run: str, threads: int) -> Any:
    """A graph of the generator that paints."""
    from gan_style.experiment.runs import Run
    from gan_style.system import included
    from gan_style.training.load import load_method

    return load_method(Run(included.place(run)), threads=threads)[0].generator.at(None)


def shape(network: Any, size: int) -> Any:
    import tensorflow as tf

    return tf.TensorSpec((1, size, size, network.input.shape[-1]), tf.float32)


def alternating(painters: list[Any], size: int, rounds: int) -> list[float]:
    """Medians, in seconds; a first round, in which graphs are traced, does not count."""
    import tensorflow as tf

    channels = [one.function.input.shape[-1] for one in painters]
    pictures = [tf.random.stateless_uniform((1, size, size, some), (1, 2), -1, 1) for some in channels]

    def once() -> list[float]:
        pairs = zip(painters, pictures, strict=True)
        return [seconds(partial(painted, paint, picture)) for paint, picture in pairs]

    once()
    return [statistics.median(some) for some in zip(*(once() for _ in range(rounds)), strict=True)]


def painted(paint: Any, picture: Any) -> Any:
    return paint(picture, training=False).numpy()


if __name__ == "__main__":
    main()
