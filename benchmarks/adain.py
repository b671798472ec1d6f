"""How well decoders show features: photographs encoded and decoded, and how near AdaIN comes to a style.

    python -m benchmarks.adain runs/adain/vgg19/seed0 --photographs FOLDER --styles FOLDER

`--reference` is any decoder of the same shape, of arrays dec3_1/kernel and so on, into RGB in [0, 1].
`statistics` and `content` are measured as the loss does, in the encoder's own features or, with `--judge`, in
those of VGG19: the painted picture's distance to the style's moments, as a share of the identity baseline's,
and to the features that AdaIN asks for.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

SIDE = 256  # pixels; pictures are cut to the middle


@click.command()
@click.argument("run")
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
@click.option(
    "--judge",
    type=click.Path(exists=True, dir_okay=False),
    help="VGG19 with normalised activations, .npz; measures in place of the encoder.",
)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
def main(
    run: str, photographs: str, styles: str, reference: str | None, judge: str | None, output: str | None
) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.experiment.runs import Run
    from gan_style.features.vgg19_normalised import NormalisedVGG19
    from gan_style.methods.adain import AdaIn
    from gan_style.methods.base.encoder import Encoder
    from gan_style.system import included
    from gan_style.training.load import load_method

    method, _, _ = load_method(Run(included.place(run)))
    if not isinstance(method, AdaIn):
        raise click.BadParameter(f"{run} is no run of the method 'adain'")
    decoders: dict[str, Callable[[Any], Any]] = {
        run: lambda features: method.ema.network(features, training=False)
    }
    if reference:
        decoders[reference] = load_reference(Path(reference), method)
    seen = Encoder(lambda: NormalisedVGG19(weights=judge)) if judge else method.encoder
    figures = {
        name: measure(method, decode, squares(photographs), squares(styles), seen)
        for name, decode in decoders.items()
    }
    for name, row in figures.items():
        print(f"{name}: " + "  ".join(f"{figure} {value:.3f}" for figure, value in row.items()))
    if output:
        Path(output).write_text(json.dumps(figures, indent=2) + "\n")


def load_reference(path: Path, method: Any) -> Callable[[Any], Any]:
    """A decoder without skips, whose convolutions are in the order of ours, whatever they are called."""
    from gan_style.networks.decoder import build_decoder

    deepest = method.encoder.deepest
    network = build_decoder([method.encoder.channels[deepest]], method.encoder.halvings[deepest])
    with np.load(path, allow_pickle=False) as arrays:
        names = sorted({name.split("/")[0] for name in arrays}, reverse=True)  # dec3_1 comes first
        network.set_weights([arrays[f"{name}/{part}"] for name in names for part in ("kernel", "bias")])
    return lambda features: network(features[:1], training=False) * 2.0 - 1.0


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
    method: Any,
    decode: Callable[[Any], Any],
    photographs: list[np.ndarray],
    styles: list[np.ndarray],
    judge: Any,
) -> dict[str, float]:
    """Means over the photographs, each in the style of the next picture, which come round again."""
    from gan_style.losses.statistics import adain, moments, statistics_distance
    from gan_style.metrics.fidelity import psnr, ssim
    from gan_style.system import images

    rows = []
    for number, photograph in enumerate(photographs):
        picture = styles[number % len(styles)]
        content, painting = method.encoded(photograph), method.encoded(picture)
        styled = [adain(one, moments(other)) for one, other in zip(content, painting, strict=True)]
        again = images.to_bytes(np.asarray(decode(content)))[0]
        fake = np.clip(np.asarray(decode(styled)), -1, 1)
        maps, style, seen = judge(photograph), judge(picture), judge(fake)
        distance = float(statistics_distance(seen, style) / statistics_distance(maps, style))
        wanted = adain(maps[judge.deepest], moments(style[judge.deepest]))
        missed = float(np.mean((np.asarray(seen[judge.deepest]) - np.asarray(wanted)) ** 2))
        original = images.to_bytes(photograph)[0]
        rows.append((psnr(again, original), ssim(again, original), distance, missed))
    return dict(
        zip(("psnr", "ssim", "statistics", "content"), map(float, np.mean(rows, axis=0)), strict=True)
    )


if __name__ == "__main__":
    main()
