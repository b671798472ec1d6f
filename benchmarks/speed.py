"""`make bench`: how fast this machine trains, paints and reads, as a share of the matrix products it can do.

Figures from different machines, or from a busy one, do not compare; the shares and ratios do, roughly.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import click

SQUARE = 2048  # side of the matrices whose product measures the machine
REPEATS = 7
PUBLISHED = (
    "data.crop=256",
    "data.batch=1",
    "method.generator={filters: 64, blocks: 9, kernel: 7, upsampling_kernel: 3, noise_channels: 0, "
    "affine: false, input_skip: none}",
    "method.discriminator={filters: 64, depth: 3}",
    "method.weights={colour: 10, style: 0, target_reconstruction: 0}",
    "method.generator_input={input_blur: 0, stroke_noise: 0}",
)


@click.command()
@click.option(
    "--output", default="benchmarks/results/speed.json", show_default=True, help="Where the figures go."
)
@click.option("--quick", is_flag=True, help="The default recipe only.")
def main(output: str, quick: bool) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.system.machine import choose_machine, configure

    machine = choose_machine("auto", "auto")
    configure(machine, 0)
    rate = matrix_rate(machine.precision)
    print(f"{machine.precision} ({machine.why}), {machine.threads} threads")
    print(f"matrix products at {rate / 1e9:.0f} GFLOP/s\n")
    rows = [measure("default recipe", (), rate)]
    if not quick:
        rows.append(measure("CycleGAN's networks, 256 pixels", PUBLISHED, rate))
    figures = {
        "machine": {
            "cpu": platform.processor() or platform.machine(),
            "threads": machine.threads,
            "precision": machine.precision,
        },
        "matrix_products_flops": rate,
        "recipes": rows,
    }
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
    print_table(rows)
    print(f"\nwritten to {path}")


def matrix_rate(precision: str) -> float:
    """Multiplications and additions a second in a large matrix product at the training precision."""
    import tensorflow as tf

    matrix = tf.cast(
        tf.random.stateless_normal((SQUARE, SQUARE), (1, 2)),
        "bfloat16" if precision == "mixed_bfloat16" else "float32",
    )
    multiply = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)), autograph=False)
    return 2 * SQUARE**3 / median_seconds(lambda: float(multiply()))


def measure(name: str, overrides: tuple[str, ...], rate: float) -> dict[str, Any]:
    """One recipe: a training step, painting one picture of its crop, and its input pipeline alone."""
    from gan_style.data.manifest import PictureStore
    from gan_style.experiment.find import read_recipe
    from gan_style.methods import Request
    from gan_style.optim.player import compiled
    from gan_style.training.session import build_method

    config = read_recipe("oil", None, overrides).config
    method = build_method(config, 0)
    batches = config.data.train(0, PictureStore())
    batch = next(iter(batches.stream(0)))
    step = compiled(method.step)
    seconds = median_seconds(lambda: float(step(batch)["generator"]["total"]))
    request = Request(seed=0)
    painting = median_seconds(lambda: method.translate(batch.source, request).numpy())
    count = max(50, 400 // config.data.batch)
    stream = iter(batches.stream(0))
    next(stream)
    started = time.perf_counter()
    for _ in islice(stream, count):
        pass
    reading = (time.perf_counter() - started) / count
    operations = step_operations(method, config.data.crop, config.data.batch)
    return {
        "name": name,
        "crop": config.data.crop,
        "batch": config.data.batch,
        "steps_per_second": 1 / seconds,
        "images_per_second": config.data.batch / seconds,
        "share_of_matrix_rate": operations / seconds / rate,
        "painted_images_per_second": config.data.batch / painting,
        "read_images_per_second": config.data.batch / reading,
        "reading_over_training": seconds / reading,
    }


def step_operations(method: Any, crop: int, batch: int) -> float:
    """Multiplications and additions of the networks' convolutions in one step, without features and norms.

    Generator: forward and two backward products for each fake, of which target reconstruction makes two a
    picture.
    Discriminator: the same on reals and fakes, and forward and one backward product for the generator.
    """
    generator, discriminator = (convolutions(network, crop) for network in method.networks.values())
    fakes = batch * (2 if method.weights["target_reconstruction"] else 1)
    return fakes * 3 * generator + (batch + fakes) * 3 * discriminator + fakes * 2 * discriminator


def convolutions(network: Any, crop: int) -> float:
    """Operations of one forward pass of one picture."""
    import keras
    import tensorflow as tf

    total = 0.0
    layers = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose)
    ]
    probe = keras.Model(network.input, [(layer.input, layer.output) for layer in layers])
    for layer, (before, after) in zip(
        layers, probe(tf.zeros((1, crop, crop, network.input.shape[-1]))), strict=True
    ):
        places = before if isinstance(layer, keras.layers.Conv2DTranspose) else after
        total += 2 * float(tf.size(places[..., 0])) * float(tf.size(layer.kernel))
    return total


def median_seconds(act: Callable[[], Any]) -> float:
    act()
    act()
    spans = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        act()
        spans.append(time.perf_counter() - started)
    return statistics.median(spans)


def print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in (
        "recipe",
        "steps/s",
        "images/s",
        "of the matrix rate",
        "painted/s",
        "read/s",
        "reading : training",
    ):
        table.add_column(heading, justify="left" if heading == "recipe" else "right")
    for row in rows:
        table.add_row(
            f"{row['name']} ({row['batch']} x {row['crop']}²)",
            f"{row['steps_per_second']:.2f}",
            f"{row['images_per_second']:.1f}",
            f"{row['share_of_matrix_rate']:.0%}",
            f"{row['painted_images_per_second']:.1f}",
            f"{row['read_images_per_second']:.0f}",
            f"{row['reading_over_training']:.1f} x",
        )
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(table)


if __name__ == "__main__":
    main()
