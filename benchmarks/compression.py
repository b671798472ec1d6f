"""What painting costs: multiply-adds, weights and milliseconds of several generators, side by side.

    python -m benchmarks.compression included/oil experiments/oil/ablations/compressed.yaml ...

Each is a run, or a recipe, whose generator is then untrained and costs the same. All are given the same
random picture, in turns, so that whatever else the machine does disturbs them alike. The first is what the
others are compared with. Multiply-adds are those of plain convolutions, however they are computed.
"""

import statistics
import time
from functools import partial
from typing import Any

import click

from gan_style.system.quiet import import_tensorflow

HALF = 2  # bytes of a weight, as networks are packed


@click.command()
@click.argument("painters", nargs=-1, required=True)
@click.option("--size", default=512, show_default=True, help="Pixels of both sides.")
@click.option("--rounds", default=15, show_default=True, help="In which each paints once, with one thread.")
def main(painters: tuple[str, ...], size: int, rounds: int) -> None:
    import_tensorflow()
    graphs = [painter(one) for one in painters]
    times = alternating(graphs, size, rounds)
    counts = [multiply_adds(graph.function, size) for graph in graphs]
    print("| painter | multiply-adds | parameters | half precision | processor time |")
    print("| --- | --- | --- | --- | --- |")
    for name, graph, count, found in zip(painters, graphs, counts, times, strict=True):
        weights = graph.function.count_params()
        print(
            f"| `{name}` | {count / 1e9:.2f} G (1/{counts[0] / count:.1f}) | {weights:,} | "
            f"{HALF * weights / 1e6:.2f} MB | {1000 * found:.0f} ms (1/{times[0] / found:.1f}) |"
        )


def painter(named: str) -> Any:
    """A graph of the generator that paints."""
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run
    from gan_style.system import included
    from gan_style.training.build import build_method
    from gan_style.training.load import load_method

    method: Any
    if named.endswith(".yaml"):
        method = build_method(read_recipe(named).config, 0, learning=False)
    else:
        method = load_method(Run(included.place(named)), threads=1)[0]
    return method.generator.at(None)


def multiply_adds(network: Any, size: int) -> int:
    import tensorflow as tf

    from gan_style.optim.costs import costs_of
    from gan_style.system.machine import Machine, supposing

    with supposing(Machine("float32", 1, "", "direct")):
        pictures = tf.TensorSpec((1, size, size, network.input.shape[-1]), tf.float32)
        return costs_of(partial(network, training=False), pictures).multiply_adds


def alternating(graphs: list[Any], size: int, rounds: int) -> list[float]:
    """Medians of processor time in seconds; a first round, in which graphs are traced, does not count."""
    import tensorflow as tf

    channels = [one.function.input.shape[-1] for one in graphs]
    pictures = [tf.random.stateless_uniform((1, size, size, some), (1, 2), -1, 1) for some in channels]
    pairs = list(zip(graphs, pictures, strict=True))
    rows = [[seconds(*pair) for pair in pairs] for _ in range(rounds + 1)]
    return [statistics.median(some) for some in zip(*rows[1:], strict=True)]


def seconds(graph: Any, picture: Any) -> float:
    begun = time.process_time()
    graph(picture, training=False).numpy()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
