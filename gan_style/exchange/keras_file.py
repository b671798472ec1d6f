"""The network that paints as a .keras file: Keras loads it where this package is imported."""

from pathlib import Path

import keras
import numpy as np

from gan_style.exchange.loaded import Loaded
from gan_style.system import disk
from gan_style.system.errors import UserError

SIZES = ((64, 96), (67, 81), (50, 33))


def write_keras(loaded: Loaded, output: Path) -> None:
    """Read again and compared before it is kept: it is to give the same numbers."""
    network = chosen(loaded)
    with disk.replacing(output) as file:
        # Keras knows a format by the file's name, and the partial file has another.
        beside = output.with_name(f".{output.name}.partial.keras")
        try:
            keras.saving.save_model(network, beside)
            check_same(network, beside)
            file.write(beside.read_bytes())
        finally:
            beside.unlink(missing_ok=True)


def chosen(loaded: Loaded) -> keras.Model:
    """The one that paints, of the direction and strength that were asked for."""
    networks = loaded.method.painting()
    names = [name for name in networks if name not in ("attention", "palettes")]
    generators = getattr(loaded.method, "generators", None) or [getattr(loaded.method, "generator", None)]
    if generators[0] is None:
        if len(names) > 1:
            raise UserError(
                "keras: this method paints with several networks; export it to onnx or saved-model"
            )
        return networks[names[0]]
    directions = loaded.method.directions
    number = directions.index(loaded.fixed.direction) if loaded.fixed.direction else 0
    return generators[number].at(loaded.fixed.strength).function


def check_same(network: keras.Model, file: Path) -> None:
    again = keras.saving.load_model(file, compile=False)
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        given = [
            rng.uniform(-1, 1, (1, height, width, one.shape[-1])).astype(np.float32) for one in network.inputs
        ]
        theirs, ours = (np.asarray(one(given if len(given) > 1 else given[0])) for one in (again, network))
        if not np.array_equal(theirs, ours):
            raise UserError("what was exported is not what the network computes, so no file is kept")
