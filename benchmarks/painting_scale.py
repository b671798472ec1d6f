"""Whether a picture costs the same in a folder of 1,000 as in one of 100: medians of five commands each.

    python -m benchmarks.painting_scale runs/oil/default/seed0

Every picture has a shape of its own. What a command spends before its first picture is not counted.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from PIL import Image

SIDES = 64, 129  # pixels, at least and below
FEW, MANY = 100, 1000
LOOK = 0.01  # seconds between looks at the folder of paintings


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False))
@click.option("--repeats", default=5, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
def main(run: str, repeats: int, output: str | None) -> None:
    rates: dict[int, list[float]] = {FEW: [], MANY: []}
    with TemporaryDirectory() as folder:
        photos = {count: photographs(Path(folder) / str(count), count) for count in rates}
        for repeat in range(repeats):
            for count, rate in rates.items():
                rate.append(painted_per_second(run, photos[count], Path(folder) / f"out{repeat}-{count}"))
                print(f"{count} pictures: {rate[-1]:.1f} a second", flush=True)
    medians = {count: statistics.median(rate) for count, rate in rates.items()}
    print(f"medians {medians}: {MANY} at {medians[MANY] / medians[FEW]:.3f} of the rate of {FEW}")
    if output:
        Path(output).write_text(json.dumps({"images_per_second": rates, "medians": medians}, indent=2) + "\n")


def photographs(folder: Path, count: int) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(count)
    for number in range(count):
        height, width = rng.integers(*SIDES, 2)
        pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04}.png")
    return folder


def painted_per_second(run: str, photos: Path, output: Path) -> float:
    """Pictures after the first, by the seconds after it."""
    command = [sys.executable, "-m", "gan_style", "sample", run]
    words = [*command, "--input", str(photos), "--output", str(output)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not any(output.glob("*.png")):
            time.sleep(LOOK)
        started = time.monotonic()
        if process.wait():
            raise SystemExit(process.returncode)
    return (len(list(photos.iterdir())) - 1) / (time.monotonic() - started)


if __name__ == "__main__":
    main()
