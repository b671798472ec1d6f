"""How well decoders show features: photographs encoded and decoded, and how near AdaIN comes to a style.

    python -m benchmarks.adain runs/adain/vgg19/seed0 --photographs FOLDER --styles FOLDER

`--reference` is any decoder of the same shape, of arrays dec3_1/kernel and so on, into RGB in [0, 1].
`statistics` and `content` are measured as the loss does, in the encoder's own features: the painted picture's
distance to the style's moments, as a share of the identity baseline's, and to the features asked for.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

SIDE = 256  # pixels; pictures are cut to the middle


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False))
@click.option("--photographs", required=True, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--styles",
    required=True,
    type=click.Path(exists=True, file_okay=False),
    help="Pictures; each photograph meets one of them.",
)
@click.option(
    "--reference",
    type=click.Path(exists=True, dir_okay=False),
    help="Another decoder of the same features, .npz.",
)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
def main(run: str, photographs: str, styles: str, reference: str | None, output: str | None) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.experiment.runs import Run
    from gan_style.methods.adain import AdaIn
    from gan_style.training.load import load_method

    method, _, _ = load_method(Run(Path(run)))
    if not isinstance(method, AdaIn):
        raise click.BadParameter(f"{run} is no run of the method 'adain'")
    decoders: dict[str, Callable[[Any], Any]] = {
        run: lambda features: method.ema.network(features, training=False)
    }
    if reference:
        decoders[reference] = load_reference(Path(reference), method)
    figures = {
        name: measure(method, decode, squares(photographs), squares(styles))
        for name, decode in decoders.items()
    }
    for name, row in figures.items():
        print(f"{name}: " + "  ".join(f"{figure} {value:.3f}" for figure, value in row.items()))
    if output:
        Path(output).write_text(json.dumps(figures, indent=2) + "\n")


def load_reference(path: Path, method: Any) -> Callable[[Any], Any]:
    """A decoder whose convolutions are those of ours, in the same order, whatever they are called."""
    from gan_style.networks.decoder import build_decoder

    deepest = method.encoder.deepest
    network = build_decoder(method.encoder.channels[deepest], method.encoder.halvings[deepest])
    with np.load(path, allow_pickle=False) as arrays:
        names = sorted({name.split("/")[0] for name in arrays}, reverse=True)  # dec3_1 comes first
        network.set_weights([arrays[f"{name}/{part}"] for name in names for part in ("kernel", "bias")])
    return lambda features: network(features, training=False) * 2.0 - 1.0


def squares(folder: str) -> list[np.ndarray]:
    from gan_style.inference.files import find_pictures
    from gan_style.system import images

    found = []
    for file in find_pictures([Path(folder)]):
        pixels = images.read(file).pixels
        side = min(SIDE, *(length - length % 16 for length in pixels.shape[:2]))
        y, x = ((length - side) // 2 for length in pixels.shape[:2])
        found.append(images.to_signed(pixels[y : y + side, x : x + side][None]))
    return found


def measure(
    method: Any, decode: Callable[[Any], Any], photographs: list[np.ndarray], styles: list[np.ndarray]
) -> dict[str, float]:
    """Means over the photographs, each in the style of the next picture, which come round again."""
    from gan_style.losses.statistics import adain, moments, statistics_distance
    from gan_style.metrics.fidelity import psnr, ssim
    from gan_style.system import images

    rows = []
    encoder = method.encoder
    for number, photograph in enumerate(photographs):
        maps, style = encoder(photograph), encoder(styles[number % len(styles)])
        again = images.to_bytes(np.asarray(decode(maps[encoder.deepest])))[0]
        wanted = adain(maps[encoder.deepest], moments(style[encoder.deepest]))
        seen = encoder(np.clip(np.asarray(decode(wanted)), -1, 1))
        distance = float(statistics_distance(seen, style) / statistics_distance(maps, style))
        content = float(np.mean((np.asarray(seen[encoder.deepest]) - np.asarray(wanted)) ** 2))
        original = images.to_bytes(photograph)[0]
        rows.append((psnr(again, original), ssim(again, original), distance, content))
    return dict(
        zip(("psnr", "ssim", "statistics", "content"), map(float, np.mean(rows, axis=0)), strict=True)
    )


if __name__ == "__main__":
    main()
