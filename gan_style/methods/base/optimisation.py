"""What methods share that optimise the pixels of one picture instead of training a network.

Another picture than the run's own is translated by doing for it, anew, what the run did.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from keras import ops

from gan_style.losses import perceptual
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.pixels import ImagePyramid, Level
from gan_style.optim.memory import peak_memory
from gan_style.optim.player import compiled, gradient
from gan_style.system.hardware import available_memory, resident_memory
from gan_style.system.progress import say, track, warn
from gan_style.system.tensor import Tensor


def run_anew(steps: list[Callable[[Any], Any]], pyramid: ImagePyramid) -> np.ndarray:
    """The image (H, W, 3) after all steps, each at its level."""
    graphs = [compiled(step) for step in steps]
    total = pyramid.first_steps[-1]
    for step in track(range(total), total, "optimising"):
        graphs[pyramid.level_at(step)](None)
    return pyramid.result()


def announce_memory(level: Level, features: FrozenFeatures) -> None:
    """A step needs most while the gradient comes back through the features; what losses add is left out."""

    def loss(bank: Any, image: Tensor) -> Tensor:
        return sum(ops.mean(ops.square(perceptual.gram(maps, "relative"))) for maps in bank(image).values())

    # Built first, so that its weights count as memory in use.
    through_features = partial(loss, features.bank)
    standing, free = resident_memory(os.getpid()), available_memory()
    needed = peak_memory(lambda anything: gradient(through_features, level.start))
    height, width = level.size
    total, used = (standing + needed) / 1e9, standing / 1e9
    say(f"memory: about {total:.2f} GB at {width}x{height} pixels, {used:.2f} GB of it already in use")
    if free is not None and needed > free:
        warn(f"only {free / 1e9:.2f} GB more are free; a smaller data.size would need less")
