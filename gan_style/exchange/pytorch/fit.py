"""Weights of a PyTorch network into one of ours, parameter by parameter, in the order of both networks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from gan_style.networks.layers.resampling import BlurDown, UpBilinear
from gan_style.system.errors import UserError

# What earlier PyTorch stored for instance norms, and the statistics of batch norms that pix2pix does not use.
STALE = ("running_mean", "running_var", "num_batches_tracked")
BLUR = "filt"  # CUT's fixed filters
KNOWN = (layers.Conv2D, layers.Conv2DTranspose, layers.Dense)
COUNTERPART = {"kernel": "weight", "gamma": "weight", "bias": "bias", "beta": "bias"}
# Of our kernel within theirs, by its number of axes. Theirs are (out, in, height, width), ours (height,
# width, in, out); of transposed convolutions theirs are (in, out, height, width), ours (height, width, out,
# in), and neither is turned.
AXES = {1: (0,), 2: (1, 0), 4: (2, 3, 1, 0)}


@dataclass(frozen=True)
class Place:
    """One of our parameters, and what is expected for it."""

    layer: str
    variable: Any

    @property
    def part(self) -> str:
        return COUNTERPART[self.variable.name]

    @property
    def axes(self) -> tuple[int, ...]:
        return AXES[len(self.variable.shape)]

    @property
    def shape(self) -> tuple[int, ...]:
        """As PyTorch has it."""
        return tuple(self.variable.shape[self.axes.index(axis)] for axis in range(len(self.axes)))

    def __str__(self) -> str:
        return f"{self.layer} has a {self.part} of shape {self.shape}"


def fit(weights: Mapping[str, np.ndarray], network: keras.Model, source: str) -> None:
    """Set all parameters of the network from all weights, or none and raise. `source` is for messages."""
    check_blurs(weights, network, source)
    theirs = [(key, array) for key, array in weights.items() if last_part(key) not in (*STALE, BLUR)]
    ours = list(places(network))
    for (key, array), place in zip(theirs, ours, strict=False):
        if last_part(key) != place.part or array.shape != place.shape:
            raise UserError(f"{source}: {key} of shape {array.shape} comes where {place}")
        if not np.isfinite(array).all():
            raise UserError(f"{source}: {key} holds values that are not finite")
    if len(theirs) > len(ours):
        key, array = theirs[len(ours)]
        raise UserError(f"{source}: {key} of shape {array.shape} is left over; {network.name} ends before it")
    if len(ours) > len(theirs):
        raise UserError(f"{source}: ends too early; {ours[len(theirs)]}")
    for (_, array), place in zip(theirs, ours, strict=True):
        place.variable.assign(array.transpose(place.axes).astype(np.float32))


def places(network: keras.Model) -> Iterator[Place]:
    """Our parameters in the order of the network."""
    for number, layer in enumerate((layer for layer in network.layers if layer.weights), start=1):
        name = f"layer {number} of {network.name} ({type(layer).__name__})"
        known = isinstance(layer, KNOWN) or hasattr(layer, "gamma")
        for variable in layer.weights:
            if not known or variable.name not in COUNTERPART:
                reason = f"'{variable.name}', which has no counterpart in PyTorch's files"
                raise UserError(f"{name} has {reason}; nothing can be imported")
            yield Place(name, variable)


def check_blurs(weights: Mapping[str, np.ndarray], network: keras.Model, source: str) -> None:
    """Blurs hold nothing to be trained, so only their number tells whether the networks are alike."""
    theirs = sum(last_part(key) == BLUR for key in weights)
    down, up = (sum(isinstance(layer, kind) for layer in network.layers) for kind in (BlurDown, UpBilinear))
    # Bilinear enlarging is a blur of CUT's, and none of PyTorch's own.
    if theirs not in (down, down + up):
        raise UserError(
            f"{source}: this network blurs {theirs} times where it changes the size of pictures, "
            f"{network.name} {down + up} times; CUT's generators have `antialias: true, upsampling: bilinear`"
        )


def last_part(key: str) -> str:
    return key.rpartition(".")[2]
