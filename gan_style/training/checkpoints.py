"""Checkpoints: complete, hashed, written so that a crash at any moment leaves the one before it intact.

checkpoints/step-00000250/networks.npz   trained networks, EMA and identity weights: what sampling needs
                          training.npz   optimizers, pools, random generators
                          manifest.json  step, figures, hashes of both files, the run; a hash of all that
"""

import hashlib
import json
import math
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from gan_style.config.model import first_complaint
from gan_style.experiment.saved import BEST, FILES, MANIFEST, SEAL, Checkpoint, in_order, seal
from gan_style.methods.base.method import Method
from gan_style.system import disk
from gan_style.system.errors import RunError, UserError

PAINTING = "painting/"  # how names begin in files of what paints alone
ENTRY = 350  # bytes that a file of arrays spends on each of them, beside its numbers
Arrays = Mapping[str, np.ndarray]


def save(
    method: Method,
    folder: Path,
    step: int,
    *,
    seconds: float,
    figures: Mapping[str, float],
    config: Mapping[str, Any],
    identity: Mapping[str, Any],
) -> Path:
    """Write everything beside the final place, flush it to the disk, then rename."""
    final = folder / f"step-{step:08d}"
    told = {
        "step": step,
        "seconds": seconds,
        "figures": dict(figures),
        # Whoever finds a checkpoint alone knows its networks, and how pix2pix treats dropout when it paints.
        "method": config,
        # What decides how the run goes on, as long as one checkpoint is intact.
        "identity": dict(identity),
    }
    files = dict(zip(FILES, (network_arrays(method), training_arrays(method)), strict=True))
    with disk.replacing_folder(final, size(method)) as partial:
        write(partial, files, told)
    return final


def write(folder: Path, files: Mapping[str, Arrays], told: dict[str, Any]) -> None:
    """Arrays by file, and a manifest that tells all that, and their hashes."""
    for name, arrays in files.items():
        with (folder / name).open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            disk.flush(file)
    told["sha256"] = {name: disk.file_sha256(folder / name) for name in files}
    told = json.loads(json.dumps(told))  # lists for tuples, as they will be read
    disk.write(folder / MANIFEST, json.dumps({**told, SEAL: seal(told)}, indent=2))


def size(method: Method) -> int:
    """Bytes of a checkpoint, nearly."""
    variables = [*_network_variables(method).values(), *_training_variables(method).values()]
    kinds = [np.dtype(keras.backend.standardize_dtype(variable.dtype)) for variable in variables]
    pairs = zip(variables, kinds, strict=True)
    return sum(math.prod(variable.shape) * kind.itemsize + ENTRY for variable, kind in pairs)


def keep_last(checkpoint: Path, count: int) -> None:
    """Of this one and those before it; what is named as a later one was damaged when this run went on."""
    every = in_order(checkpoint.parent)
    for old in every[: every.index(checkpoint) + 1][:-count]:
        disk.remove(old)


def mark_best(checkpoint: Path) -> None:
    """Copy a checkpoint to `best`, where `keep_last` does not look."""
    files = [checkpoint / name for name in (*FILES, MANIFEST)]
    final = checkpoint.parent / BEST
    with disk.replacing_folder(final, sum(file.stat().st_size for file in files)) as partial:
        for file in files:
            shutil.copyfile(file, partial / file.name)


def restore(method: Method, checkpoint: Checkpoint) -> None:
    """Set every variable of the method, or raise."""
    _assign(_network_variables(method), checkpoint.folder / FILES[0])
    _assign(_training_variables(method), checkpoint.folder / FILES[1])


def restore_networks(method: Method, checkpoint: Checkpoint) -> None:
    """Only what sampling needs."""
    path, variables = checkpoint.folder / FILES[0], _network_variables(method)
    if not checkpoint.is_packed():
        _assign(variables, path)
        return
    _refuse_odd_numbers(path)
    # The networks themselves, their EMA and their copies for the identity are all the one that was packed.
    groups: dict[str, dict[str, Any]] = {}
    for name, variable in variables.items():
        group, _, place = name.partition("/")
        if place.partition("/")[0] in method.painting():
            groups.setdefault(group, {})[PAINTING + place] = variable
    for places in groups.values():
        _assign(places, path)


def _refuse_odd_numbers(path: Path) -> None:
    """What was packed comes from elsewhere."""
    with _arrays(path) as arrays:
        for name in arrays.files:
            array = arrays[name]
            if array.dtype.kind != "f" or not np.isfinite(array).all():
                raise UserError(f"{path}: {name} ({array.dtype}) must hold finite floating-point numbers")


def start_from(method: Method, folder: Path) -> list[str]:
    """Networks of another run, layer by layer where name and shape agree; returns what stays as it is."""
    with _arrays(folder / FILES[0]) as arrays:
        kept = []
        for name, variable in _network_variables(method).items():
            array = arrays.get(name, arrays.get(PAINTING + name.partition("/")[2]))
            if array is not None and array.shape == tuple(variable.shape):
                variable.assign(array)
            else:
                kept.append(name)
    if len(kept) == len(_network_variables(method)):
        raise UserError(f"{folder}: no layer there fits this experiment's networks")
    return kept


def weights_sha256(method: Method) -> str:
    """A hash over the trained networks' weights, without EMA."""
    digest = hashlib.sha256()
    for name, network in sorted(method.networks.items()):
        for place, variable in _places(network):
            digest.update(f"{name}/{place}".encode())
            digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
    return digest.hexdigest()


def network_arrays(method: Method) -> Arrays:
    return {name: variable.numpy() for name, variable in _network_variables(method).items()}


def painting_arrays(method: Method) -> Arrays:
    """What paints, and nothing else, in half precision."""
    painters = ((name, *place) for name, one in method.painting().items() for place in _places(one))
    return halves({f"{PAINTING}{name}/{place}": variable.numpy() for name, place, variable in painters})


def halves(arrays: Arrays) -> Arrays:
    with np.errstate(over="ignore"):
        rounded = {name: array.astype(np.float16) for name, array in arrays.items()}
    for name, array in rounded.items():
        if not np.isfinite(array).all():
            raise UserError(f"{name}: holds numbers that float16 does not have")
    return rounded


def training_arrays(method: Method) -> Arrays:
    return {name: variable.numpy() for name, variable in _training_variables(method).items()}


def _network_variables(method: Method) -> dict[str, Any]:
    # Numbered by place: Keras numbers layers by process, so their paths differ between two runs.
    named = {f"networks/{name}": network for name, network in method.networks.items()}
    named |= method.copies
    placed = ((prefix, *place) for prefix, network in named.items() for place in _places(network))
    return {f"{prefix}/{place}": variable for prefix, place, variable in placed}


def _places(network: keras.Model) -> list[tuple[str, Any]]:
    places = []
    for number, layer in enumerate(layer for layer in network.layers if layer.variables):
        name = f"{number:03d}-{type(layer).__name__}"
        places += [(f"{name}/{variable.name}", variable) for variable in layer.variables]
    return places


def _training_variables(method: Method) -> dict[str, Any]:
    # By number alone: Keras names optimizer variables after layers, which it counts through the process.
    return {
        f"{group}/{number:03d}": variable
        for group, variables in method.training_state().items()
        for number, variable in enumerate(variables)
    }


@contextmanager
def _arrays(path: Path) -> Iterator[Any]:
    """The arrays of a file that perhaps somebody else made."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            # Ours are not compressed; a small file could otherwise fill the memory.
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in arrays.zip.infolist()):
                raise ValueError("it is compressed, which checkpoints are not")
            yield arrays
    except (RunError, UserError):
        raise
    except Exception as problem:  # NumPy raises whatever it likes on damaged files
        raise UserError(f"{path}: these are no arrays of a checkpoint: {first_complaint(problem)}") from None


def _assign(variables: Mapping[str, Any], path: Path) -> None:
    with _arrays(path) as arrays:
        missing, unknown = variables.keys() - set(arrays.files), set(arrays.files) - variables.keys()
        if missing or unknown:
            names = f"missing: {sorted(missing)[:3]}, unknown: {sorted(unknown)[:3]}"
            raise RunError(f"{path}: belongs to another configuration ({names})")
        for name, variable in variables.items():
            array, expected = arrays[name], tuple(variable.shape)
            if array.shape != expected:
                raise RunError(f"{path}: {name} has shape {array.shape}, {expected} was expected")
            variable.assign(array)
