"""`make bench-peers`: CycleGAN here and in PyTorch on this processor, in processes of their own, in turn.

Each finished measurement is kept: the same command goes on where it was stopped.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import plot, processor
from benchmarks.bench import Bench
from benchmarks.grid import LINES, MACHINE
from benchmarks.results import Results, show
from gan_style.system import hardware
from gan_style.system.processor import flags
from gan_style.system.progress import say


@click.command()
@click.option("--python", required=True, type=click.Path(exists=True, dir_okay=False), help="Has PyTorch.")
@click.option("--output", default="benchmarks/results", show_default=True, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, help="Lines whose name holds this; may come again.")
@click.option("--rounds", type=click.IntRange(min=1), help="Of every line. [default: 3 of three, else 1]")
@click.option("--isa", type=click.Choice(list(processor.LESSER)), help="As if the processor had no more.")
@click.option("--quick", is_flag=True, help="One round of three steps: a look, kept apart.")
@click.option("--fresh", is_flag=True, help="Measure the lines anew.")
def main(
    *,
    python: str,
    output: Path,
    only: Sequence[str],
    rounds: int | None,
    isa: str | None,
    quick: bool,
    fresh: bool,
) -> None:
    lines = [line for line in LINES if not only or any(part in line.name() for part in only)]
    if not lines:
        names = ", ".join(line.name() for line in LINES)
        raise click.UsageError(f"--only: no line's name holds that; there are {names}")
    machine = described(isa)
    results = Results(output / f"peers-{machine['kind']}{'-quick' if quick else ''}.json")
    if fresh:
        results.forget([MACHINE, *lines])
    bench = Bench(python, machine, results, quick)
    failed = bench.run([MACHINE, *lines], 1 if quick else rounds)
    show(results, lines)
    picture = results.path.with_suffix(".png")
    plot.write(picture, f"{machine['processor']} ({machine['kind']})", results, LINES)
    say(f"\nin {results.path} and {picture}")
    if failed:
        raise click.ClickException(f"{failed} measurements failed: the same command tries them again")


def described(isa: str | None) -> dict[str, Any]:
    """The machine; as the lesser one that `isa` makes of it, for this process and all that it starts."""
    name = hardware.processor()
    kind = processor.kind(name, flags(), isa)
    if isa:
        os.environ.update(processor.LESSER[isa])
    return {
        "processor": name,
        "kind": kind,
        "flags": processor.telling(flags()),
        "threads": hardware.cores(),
        "bfloat16": processor.has_bfloat16(flags()),
    }


if __name__ == "__main__":
    main()
