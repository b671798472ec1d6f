"""Named arrays from a local .npz, each of the expected shape, or one clear error."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from gan_style.system.errors import UserError


def read_arrays(path: str, shapes: Mapping[str, tuple[int, ...]], what: str) -> dict[str, np.ndarray]:
    """The arrays named in `shapes`, as float32 in that order; what else the file holds is left alone."""
    found = _read(path, shapes, what)
    where = f"{Path(path).expanduser()}: {what}"
    return {name: _checked(found.get(name), name, shape, where) for name, shape in shapes.items()}


def read_every_array(path: str, what: str) -> dict[str, np.ndarray]:
    """All arrays of the file, as float32, whatever their shapes."""
    found = _read(path, None, what)
    where = f"{Path(path).expanduser()}: {what}"
    return {name: _checked(array, name, array.shape, where) for name, array in found.items()}


def _read(path: str, names: Iterable[str] | None, what: str) -> dict[str, np.ndarray]:
    file = Path(path).expanduser()
    if not file.is_file():
        raise UserError(f"there is no file {file}; the weights of {what} are a local .npz file")
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in (stored if names is None else names) if name in stored}
    except (OSError, ValueError, EOFError, BadZipFile, TypeError, AttributeError):
        raise UserError(f"{file}: this is no readable .npz file of {what}") from None


def _checked(array: np.ndarray | None, name: str, shape: tuple[int, ...], where: str) -> np.ndarray:
    if array is None:
        raise UserError(f"{where}: there is no array '{name}'")
    if array.shape != shape:
        raise UserError(f"{where}: '{name}' has shape {array.shape}, {shape} was expected")
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise UserError(f"{where}: '{name}' ({array.dtype}) must hold finite floating-point numbers")
    return array.astype(np.float32)
