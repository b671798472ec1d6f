"""What each layer of an encoder still knows of a picture: its reconstructions, measured and on a sheet."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from keras import ops

from gan_style.data.manifest import PictureStore
from gan_style.experiment.runs import Run
from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import refuse_inputs
from gan_style.inference.sheets import fitted
from gan_style.inference.working_size import SMALLEST_SIDE
from gan_style.methods.inverse_decoder import InverseDecoder
from gan_style.methods.inversion import Inversion
from gan_style.metrics.fidelity import mse, psnr, ssim
from gan_style.system import disk, images
from gan_style.system.errors import UserError
from gan_style.system.progress import say, track
from gan_style.training.load import load_method

FIGURES = {"mse": mse, "psnr": psnr, "ssim": ssim}
SHOWN, SIDE = 8, 256


def reconstruct(run: Run, inputs: Sequence[Path], output: Path | None) -> None:
    """Table, depths.json and depths.png: pictures, and below what each layer gives back, shallowest first."""
    method, config, _ = load_method(run)
    if not isinstance(method, InverseDecoder | Inversion):
        expected = "depths are of runs of 'inverse_decoder' and 'inversion'"
        raise UserError(f"{run.folder}: {expected}; this is one of '{config.method.kind}'")
    files = find_pictures(inputs) if inputs else config.data.photographs(PictureStore())
    output = output or run.folder / "depths"
    refuse_inputs([output / "depths.png"], files)
    # All are read before the first long search: one that cannot be used must not cost those before it.
    pictures = [small(file, config.sample.size) for file in files]
    figures: dict[str, dict[str, list[float]]] = {}
    columns: list[dict[str, np.ndarray]] = []
    for picture in track(pictures, len(pictures), "reconstructing"):
        found = method.reconstructions(images.to_signed(picture[None]))
        again = {layer: one(pixels) for layer, pixels in found.items()}
        for layer, pixels in again.items():
            for name, figure in FIGURES.items():
                figures.setdefault(layer, {}).setdefault(name, []).append(figure(pixels, picture))
        columns += [{"": picture, **again}] if len(columns) < SHOWN else []
    # A bank may leave out what it cannot see in a small picture.
    figures = {layer: row for layer, row in figures.items() if len(row["mse"]) == len(files)}
    means: dict[str, dict[str, float]] = {}
    for layer, row in figures.items():
        means[layer] = {name: float(np.mean(values)) for name, values in row.items()}
    rows = [[fitted(column[layer], SIDE) for column in columns] for layer in ("", *means)]
    sheet = images.contact_sheet(rows)
    images.write(output / "depths.png", images.Picture(sheet))
    text = json.dumps({"pictures": len(files), "layers": means}, indent=2)
    disk.write(output / "depths.json", f"{text}\n")
    for layer, mean in means.items():
        say(f"  {layer:<12} MSE {mean['mse']:8.1f}   PSNR {mean['psnr']:5.2f} dB   SSIM {mean['ssim']:.3f}")
    say(f"means over {len(files)} pictures, in levels of 0..255; all together: {output / 'depths.png'}")


def small(file: Path, size: int) -> np.ndarray:
    """A picture no longer than `size`."""
    pixels = images.read(file).pixels
    height, width, _ = pixels.shape
    if min(height, width) < SMALLEST_SIDE:
        needed = f"{SMALLEST_SIDE}x{SMALLEST_SIDE} are needed"
        raise UserError(f"{file}: {width}x{height} pixels are too few; {needed}")
    return images.reduced(pixels, size, SMALLEST_SIDE)


def one(signed: object) -> np.ndarray:
    return images.to_bytes(ops.convert_to_numpy(signed))[0]
