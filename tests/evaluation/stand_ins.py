"""Files with the shapes of real networks and random values."""

from pathlib import Path

import numpy as np
import pytest

# Beside the checkout, on machines that have it: real weights, which the project does not ship.
SHARED = Path(__file__).parents[3] / "shared" / "weights"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real weights are not on this machine")


def write(path: Path, shapes: dict[str, tuple[int, ...]], seed: int = 0) -> str:
    """Kernels that keep activations of order one (He et al. 2015), small biases."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for name, shape in shapes.items():
        fan_in = (
            np.prod(shape) / max(shape[0] if name.endswith("weight") else shape[-1], 1)
            if len(shape) == 4
            else 1
        )
        arrays[name] = rng.normal(0, np.sqrt(2 / fan_in) if len(shape) == 4 else 0.1, shape).astype(
            np.float32
        )
    np.savez(path, **arrays)
    return str(path)


def squeezenet_shapes() -> dict[str, tuple[int, ...]]:
    """Written out again from the paper's table 1, so that the code is not its own reference."""
    kernels = {"features.0": (64, 3, 3, 3)}
    inputs = 64
    for fire, squeezed, expanded in zip(
        (3, 4, 6, 7, 9, 10, 11, 12),
        (16, 16, 32, 32, 48, 48, 64, 64),
        (64, 64, 128, 128, 192, 192, 256, 256),
        strict=True,
    ):
        kernels[f"features.{fire}.squeeze"] = (squeezed, inputs, 1, 1)
        kernels[f"features.{fire}.expand1x1"] = (expanded, squeezed, 1, 1)
        kernels[f"features.{fire}.expand3x3"] = (expanded, squeezed, 3, 3)
        inputs = 2 * expanded
    return {
        f"{name}.{part}": shape
        for name, shape_ in kernels.items()
        for part, shape in (("weight", shape_), ("bias", shape_[:1]))
    }
