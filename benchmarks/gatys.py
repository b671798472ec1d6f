"""How much of the distance to a style the optimisation of Gatys et al. closes, as VGG19 sees it.

    python -m benchmarks.gatys RUN RUN --judge vgg19.npz --photographs FOLDER --styles FOLDER

Each run paints each photograph in the style of one picture, at 256 pixels. `closed` is 1 minus the Gram
distance that is left, as a share of the photograph's own, in the mean over relu1_1 to relu3_1; `content` is
the squared distance of relu3_1 to the photograph's.
"""

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.adain import squares


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--judge", required=True, type=click.Path(exists=True, dir_okay=False), help="VGG19, .npz.")
@click.option("--photographs", required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--styles", required=True, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--count", default=6, show_default=True, help="Photographs, and styles, spread over the folders."
)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
@click.option("--pictures", type=click.Path(file_okay=False), help="A folder for what was painted.")
def main(
    runs: tuple[str, ...],
    judge: str,
    photographs: str,
    styles: str,
    count: int,
    output: str | None,
    pictures: str | None,
) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.features.vgg19_normalised import NormalisedVGG19

    seen = NormalisedVGG19(weights=judge)
    pairs = list(zip(spread(squares(photographs), count), spread(squares(styles), count), strict=True))
    figures = {}
    for number, run in enumerate(runs):
        folder = Path(pictures) / str(number) if pictures else None
        figures[run] = measure(run, seen, pairs, folder)
        print(f"{run}: " + "  ".join(f"{name} {value:.3f}" for name, value in figures[run].items()))
    if output:
        Path(output).write_text(json.dumps(figures, indent=2) + "\n")


def spread(found: list[np.ndarray], count: int) -> list[np.ndarray]:
    return found[:: max(1, len(found) // count)][:count]


def measure(
    run: str, judge: Any, pairs: list[tuple[np.ndarray, np.ndarray]], folder: Path | None
) -> dict[str, float]:
    from gan_style.experiment.runs import Run
    from gan_style.methods import Request
    from gan_style.system import images
    from gan_style.training.load import load_method

    method, _, _ = load_method(Run(Path(run)))
    rows = []
    for number, (photograph, style) in enumerate(pairs):
        started = time.perf_counter()
        request = Request(style_images=((style[0], 1.0),))
        painted = np.clip(np.asarray(method.translate(photograph, request)), -1, 1)
        seconds = time.perf_counter() - started
        closed, content = compared(judge(photograph), judge(painted), judge(style))
        rows.append((closed, content, seconds))
        if folder:
            file = folder / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            images.write(file, images.Picture(images.to_bytes(painted)[0]))
    return dict(zip(("closed", "content", "seconds"), map(float, np.mean(rows, axis=0)), strict=True))


def compared(photograph: Any, painted: Any, style: Any) -> tuple[float, float]:
    from gan_style.losses.perceptual import gram_distance

    shares = [
        float(gram_distance(painted[layer], maps, "relative"))
        / float(gram_distance(photograph[layer], maps, "relative"))
        for layer, maps in style.items()
    ]
    deepest = list(style)[-1]
    content = np.mean((np.asarray(painted[deepest]) - np.asarray(photograph[deepest])) ** 2)
    return 1.0 - float(np.mean(shares)), float(content)


if __name__ == "__main__":
    main()
