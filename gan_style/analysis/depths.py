"""What each layer of an encoder still knows of a picture: its reconstructions measured, and on one sheet by depth."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from keras import ops

from gan_style.data.cache import picture_store
from gan_style.evaluation.metrics.fidelity import mse, psnr, ssim
from gan_style.experiment.runs import Run
from gan_style.inference.files import find_pictures
from gan_style.inference.painting import SMALLEST_SIDE
from gan_style.inference.sheets import fitted
from gan_style.methods.inverse_decoder import InverseDecoder
from gan_style.methods.inversion import Inversion
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import say, track
from gan_style.training.session import load_method

FIGURES = {"mse": mse, "psnr": psnr, "ssim": ssim}
SHOWN, SIDE = 8, 256


def reconstruct(run: Run, inputs: Sequence[Path], output: Path | None) -> None:
    """Table, depths.json and depths.png: pictures above, below them what every layer gives back, the shallowest first."""
    method, config, _ = load_method(run)
    if not isinstance(method, InverseDecoder | Inversion):
        raise UserError(
            f"{run.folder}: depths are of runs of 'inverse_decoder' and 'inversion'; this is one of '{config.method.kind}'"
        )
    files = list(dict.fromkeys(find_pictures(inputs))) if inputs else config.data.photographs(picture_store())
    # All are read before the first long search: one that cannot be used must not cost those before it.
    pictures = [small(file, config.sample.size) for file in files]
    figures: dict[str, dict[str, list[float]]] = {}
    columns: list[dict[str, np.ndarray]] = []
    for picture in track(pictures, len(pictures), "reconstructing"):
        again = {
            layer: one(pixels)
            for layer, pixels in method.reconstructions(images.to_signed(picture[None])).items()
        }
        for layer, pixels in again.items():
            for name, figure in FIGURES.items():
                figures.setdefault(layer, {}).setdefault(name, []).append(figure(pixels, picture))
        columns += [{"": picture, **again}] if len(columns) < SHOWN else []
    # A bank may leave out what it cannot see in a small picture.
    figures = {layer: row for layer, row in figures.items() if len(row["mse"]) == len(files)}
    means = {
        layer: {name: float(np.mean(values)) for name, values in row.items()}
        for layer, row in figures.items()
    }
    sheet = images.contact_sheet(
        [[fitted(column[layer], SIDE) for column in columns] for layer in ("", *means)]
    )
    output = output or run.folder / "depths"
    images.write(output / "depths.png", images.Picture(sheet))
    (output / "depths.json").write_text(
        json.dumps({"pictures": len(files), "layers": means}, indent=2) + "\n"
    )
    for layer, row in means.items():
        say(f"  {layer:<12} MSE {row['mse']:8.1f}   PSNR {row['psnr']:5.2f} dB   SSIM {row['ssim']:.3f}")
    say(f"means over {len(files)} pictures, in levels of 0..255; all together: {output / 'depths.png'}")


def small(file: Path, size: int) -> np.ndarray:
    """A picture no longer than `size`."""
    pixels = images.read(file).pixels
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        raise UserError(
            f"{file}: {pixels.shape[1]}x{pixels.shape[0]} pixels are too few; {SMALLEST_SIDE}x{SMALLEST_SIDE} are needed"
        )
    return images.reduced(pixels, size, SMALLEST_SIDE)


def one(signed: object) -> np.ndarray:
    return images.to_bytes(ops.convert_to_numpy(signed))[0]
