"""Checkpoints: complete, hashed, written so that a crash at any moment leaves the one before it intact.

checkpoints/step-00000250/networks.npz   trained networks, EMA and identity weights: what sampling needs
                          training.npz   optimizers, pools, random generators
                          manifest.json  step, hashes of both files, figures, the method and its networks
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from gan_style.methods.base.method import Method
from gan_style.system.errors import RunError, UserError
from gan_style.system.progress import warn

BEST = "best"
FILES = ("networks.npz", "training.npz")
Arrays = Mapping[str, np.ndarray]
Which = Literal["last", "best"]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk, and what the loop has to remember beside variables."""

    folder: Path
    step: int
    seconds: float  # of training so far
    figures: dict[str, float]  # the newest validation figures

    def networks_sha256(self) -> str:
        return str(json.loads((self.folder / "manifest.json").read_text())["sha256"][FILES[0]])

    def verify(self) -> str:
        """What is wrong with the files, or nothing."""
        hashes = json.loads((self.folder / "manifest.json").read_text())["sha256"]
        for name in FILES:
            path = self.folder / name
            if not path.is_file():
                return f"{name} is missing"
            if file_hash(path) != hashes[name]:
                return f"{name} is damaged (its hash differs)"
        return ""


def save(
    method: Method,
    folder: Path,
    step: int,
    *,
    seconds: float,
    figures: Mapping[str, float],
    config: Mapping[str, Any],
) -> Path:
    """Write everything beside the final place, flush it to the disk, then rename."""
    final, partial = folder / f"step-{step:08d}", folder / f".step-{step:08d}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, arrays in zip(FILES, (network_arrays(method), training_arrays(method)), strict=True):
        with (partial / name).open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            _flush(file)
    manifest = {
        "step": step,
        "seconds": seconds,
        "figures": figures,
        # Whoever finds a checkpoint alone knows its networks, and how pix2pix treats dropout when it paints.
        "method": config,
        "sha256": {name: file_hash(partial / name) for name in FILES},
    }
    with (partial / "manifest.json").open("w") as file:
        json.dump(manifest, file, indent=2)
        _flush(file)
    _flush_folder(partial)
    if final.exists():
        shutil.rmtree(final)
    partial.rename(final)
    _flush_folder(folder)
    return final


def keep_last(folder: Path, count: int) -> None:
    for checkpoint in sorted(folder.glob("step-*"))[:-count]:
        shutil.rmtree(checkpoint)


def mark_best(checkpoint: Path) -> None:
    """Copy a checkpoint to `best`, where `keep_last` does not look."""
    final, partial = checkpoint.parent / BEST, checkpoint.parent / f".{BEST}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(checkpoint, partial)
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)


def best_figure(folder: Path, name: str) -> float | None:
    """A figure of the checkpoint marked as the best, where there is one."""
    try:
        return read_manifest(folder / BEST).figures.get(name)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def newest(folder: Path) -> Checkpoint | None:
    """The newest intact checkpoint; damaged ones are told and passed over."""
    for path in sorted(folder.glob("step-*"), reverse=True):
        try:
            checkpoint = read_manifest(path)
            wrong = checkpoint.verify()
        except (OSError, ValueError, KeyError, TypeError) as problem:
            wrong = f"manifest.json is damaged ({problem})"
        if not wrong:
            return checkpoint
        warn(f"{path}: {wrong}; looking for an older checkpoint")
    return None


def best(folder: Path) -> Checkpoint | None:
    """The checkpoint marked as the best, where it is there and intact."""
    try:
        checkpoint = read_manifest(folder / BEST)
        wrong = checkpoint.verify()
    except (OSError, ValueError, KeyError, TypeError) as problem:
        wrong = str(problem)
    if wrong:
        warn(f"{folder / BEST}: {wrong}")
        return None
    return checkpoint


def read_manifest(path: Path) -> Checkpoint:
    manifest = json.loads((path / "manifest.json").read_text())
    return Checkpoint(path, *(manifest[key] for key in ("step", "seconds", "figures")))


def restore(method: Method, checkpoint: Checkpoint) -> None:
    """Set every variable of the method, or raise."""
    _assign(_network_variables(method), checkpoint.folder / FILES[0])
    _assign(_training_variables(method), checkpoint.folder / FILES[1])


def restore_networks(method: Method, folder: Path) -> None:
    """Only what sampling needs."""
    _assign(_network_variables(method), folder / FILES[0])


def start_from(method: Method, folder: Path) -> list[str]:
    """Networks of another run, layer by layer where name and shape agree; returns what stays as it is."""
    with np.load(folder / FILES[0], allow_pickle=False) as arrays:
        kept = []
        for name, variable in _network_variables(method).items():
            if name in arrays and arrays[name].shape == tuple(variable.shape):
                variable.assign(arrays[name])
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


def _assign(variables: Mapping[str, Any], path: Path) -> None:
    with np.load(path, allow_pickle=False) as arrays:
        missing, unknown = variables.keys() - set(arrays.files), set(arrays.files) - variables.keys()
        if missing or unknown:
            names = f"missing: {sorted(missing)[:3]}, unknown: {sorted(unknown)[:3]}"
            raise RunError(f"{path}: belongs to another configuration ({names})")
        for name, variable in variables.items():
            found, expected = arrays[name].shape, tuple(variable.shape)
            if found != expected:
                raise RunError(f"{path}: {name} has shape {found}, {expected} was expected")
            variable.assign(arrays[name])


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
