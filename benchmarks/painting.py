"""How well runs paint: relative Gram distance to the photographs' true paintings, with two references.

    python -m benchmarks.painting --weights vgg19.npz runs/oil/default/seed0 runs/oil/default/seed1 ...

1.0 is the identity baseline; the other reference, real vs real, is a second painting of the same photograph
by the same painter. Measured with VGG19 relu3_1 from a local file, or, where VGG19 was trained with, with
SqueezeNet 1.1; without either, with a random bank of another design and seed than any used in training.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import click
import numpy as np


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False))
@click.option("--weights", type=click.Path(exists=True, dir_okay=False), help="VGG19 weights, .npz or .h5.")
@click.option(
    "--squeezenet",
    type=click.Path(exists=True, dir_okay=False),
    help="torchvision's SqueezeNet 1.1, .npz; measures instead.",
)
@click.option("--output", type=click.Path(dir_okay=False), help="A JSON file for the figures.")
def main(runs: tuple[str, ...], weights: str | None, squeezenet: str | None, output: str | None) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    figures = {run: measure(Path(run), metric_backbone(weights, squeezenet)) for run in runs}
    for run, row in figures.items():
        print(f"{run}: " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    print(
        "mean over runs: "
        + "  ".join(f"{name} {statistics.mean(row[name] for row in figures.values()):.3f}" for name in row)
    )
    if output:
        Path(output).write_text(json.dumps(figures, indent=2) + "\n")


def measure(run: Path, backbone: Any) -> dict[str, float]:
    """Means over the test photographs; `style` and `second` are shares of the identity baseline's."""
    from gan_style.data.manifest import PictureStore
    from gan_style.experiment.runs import Run
    from gan_style.inference.painting import paint
    from gan_style.methods import Request
    from gan_style.system import images
    from gan_style.training.load import load_method

    method, config, _ = load_method(Run(run))
    test = PictureStore().prepare(config.data.settings()) / "test"
    photos, paintings, second = (
        [images.read(file).pixels for file in sorted((test / role).glob("*.png"))]
        for role in ("source", "target", "second")
    )
    size, pad = config.sample.size, config.sample.reflect_pad
    painted = [paint(method, images.Picture(photo), size, Request(seed=0), pad).pixels for photo in photos]
    distances = {
        name: [gram_distance(backbone, *two) for two in zip(pictures, paintings, strict=True)]
        for name, pictures in (("photo", photos), ("style", painted), ("second", second))
    }
    share = {
        name: float(np.mean(np.divide(distances[name], distances["photo"]))) for name in ("style", "second")
    }
    colour = [
        np.mean([window_difference(one, photo) for one, photo in zip(pictures, photos, strict=True)])
        for pictures in (painted, paintings)
    ]
    return {**share, "photo": float(np.mean(distances["photo"])), "colour": float(colour[0] / colour[1])}


def metric_backbone(weights: str | None = None, squeezenet: str | None = None) -> Any:
    if squeezenet:
        from gan_style.features.backbones.squeezenet import SqueezeNet

        return SqueezeNet(weights=squeezenet)
    from gan_style.features.applications import Application
    from gan_style.features.random_pyramid import RandomPyramid

    if weights:
        return Application(network="VGG19", layers=("block3_conv1",), weights=weights)
    return RandomPyramid(levels=2, kernels=(9,), filters=96, seed=101)


def gram_distance(backbone: Any, fake: np.ndarray, target: np.ndarray) -> float:
    from gan_style.losses.perceptual import style
    from gan_style.system.images import to_signed

    return float(style(backbone(to_signed(fake)[None]), backbone(to_signed(target)[None]), "relative"))


def window_difference(fake: np.ndarray, photo: np.ndarray) -> float:
    """L1 of the averages of 8x8 windows, of 255."""
    height, width = (side // 8 * 8 for side in photo.shape[:2])

    def averages(picture: np.ndarray) -> np.ndarray:
        return (
            picture[:height, :width].astype(np.float64).reshape(height // 8, 8, width // 8, 8, 3).mean((1, 3))
        )

    return float(np.abs(averages(fake) - averages(photo)).mean())


if __name__ == "__main__":
    main()
