"""`make bench`: how fast this machine trains, paints and reads, as a share of the products it can do.

Figures from different machines, or from a busy one, do not compare; the shares and ratios do, roughly.
"""

import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

import click

from benchmarks.operations import of_network
from benchmarks.timing import median_seconds

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
    from benchmarks.rates import tensorflow_rates
    from gan_style.system.hardware import processor
    from gan_style.system.machine import choose_machine, configure

    machine = choose_machine("auto", "auto")
    configure(machine, 0)
    rates = tensorflow_rates(machine.precision)
    rate = max(rates.values())
    print(f"{machine.precision} ({machine.why}), {machine.threads} threads")
    print("  ".join(f"{what}: {reached / 1e9:.0f} GFLOP/s" for what, reached in rates.items()) + "\n")
    rows = [measure("default recipe", (), rate)]
    if not quick:
        rows.append(measure("CycleGAN's networks, 256 pixels", PUBLISHED, rate))
    figures = {
        "machine": {
            "cpu": processor(),
            "threads": machine.threads,
            "precision": machine.precision,
        },
        "rates": rates,
        "recipes": rows,
    }
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
    print_table(rows)
    print(f"\nwritten to {path}")


def measure(name: str, overrides: tuple[str, ...], rate: float) -> dict[str, Any]:
    """One recipe: a training step, painting one picture of its crop, and its input pipeline alone."""
    from gan_style.data.manifest import PictureStore
    from gan_style.experiment.find import read_recipe
    from gan_style.methods import Request
    from gan_style.optim.player import compiled
    from gan_style.training.build import build_method

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
        "share_of_rate": operations / seconds / rate,
        "painted_images_per_second": config.data.batch / painting,
        "read_images_per_second": config.data.batch / reading,
        "reading_over_training": seconds / reading,
    }


def step_operations(method: Any, crop: int, batch: int) -> float:
    """Of the networks' convolutions in one step, without features and norms.

    The generator learns from each fake, of which target reconstruction makes two a picture; the discriminator
    from reals and fakes, and it judges the fakes for the generator.
    """
    generator, discriminator = (of_network(network, crop).forward for network in method.networks.values())
    fakes = batch * (2 if method.weights["target_reconstruction"] else 1)
    return fakes * 3 * generator + (batch + fakes) * 3 * discriminator + fakes * 2 * discriminator


def print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in (
        "recipe",
        "steps/s",
        "images/s",
        "of the rate",
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
            f"{row['share_of_rate']:.0%}",
            f"{row['painted_images_per_second']:.1f}",
            f"{row['read_images_per_second']:.0f}",
            f"{row['reading_over_training']:.1f} x",
        )
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(table)


if __name__ == "__main__":
    main()
