"""Whether what a recipe trains fits this machine: known from shapes alone, before anything is built."""

import math
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import keras

from gan_style.experiment.recipe import Experiment
from gan_style.system.errors import UserError
from gan_style.system.hardware import memory

SLOTS = {"adam": 2, "adamw": 2, "rmsprop": 1}  # numbers that an optimizer keeps for each weight
NUMBER = 4  # bytes of a float32


@dataclass(frozen=True)
class Size:
    """Of one network: its weights, and the features that a step keeps for the gradient."""

    weights: int
    features: int


KNOWN: dict[tuple[str, int, int], Size] = {}


def refuse_what_does_not_fit(config: Experiment) -> None:
    """The least that training needs, whatever else it needs: networks, gradients, optimizers and features."""
    needed, there = least_memory(config), memory()
    if there is not None and needed > there:
        raise UserError(
            f"method: training this takes {needed / 1e9:,.0f} GB of memory or more, and this machine has "
            f"{there / 1e9:,.0f}; fewer filters, a smaller data.batch or data.crop take less, and so do "
            "train.accumulate and train.recompute"
        )


def least_memory(config: Experiment) -> int:
    """Bytes."""
    method: Any = config.method
    side, batch = config.data.side(), config.data.batch_size()
    total = getattr(method, "pool_size", 0) * side * side * 3 * NUMBER
    for part, build in networks(method):
        size, optimizer = shaped(build, batch, side), getattr(method, f"{part}_optimizer", None)
        copies = 2 + SLOTS.get(getattr(optimizer, "kind", ""), 0)  # with the gradients
        if part == "generator":
            copies += bool(getattr(method, "ema_decay", 0)) + 3 * bool(
                getattr(method, "identity_finetune", 0)
            )
        total += copies * size.weights * NUMBER
        # Features may be kept with half as many bits, of a part of the batch, or only between segments.
        if not config.train.recompute:
            total += size.features * NUMBER // 2 // config.train.accumulate
    return total


def networks(method: Any) -> Iterator[tuple[str, Callable[[], keras.Model]]]:
    """Those whose architecture the recipe chooses. What else a method has is small beside them."""
    for part in ("generator", "discriminator"):
        if chosen := getattr(method, part, None):
            yield part, chosen


def shaped(build: Callable[[], keras.Model], batch: int, side: int) -> Size:
    """Of a step with so many pictures, found once in a process."""
    asked = (repr(build), batch, side)
    if asked not in KNOWN:
        KNOWN[asked] = _shaped(build, batch, side)
    return KNOWN[asked]


def _shaped(build: Callable[[], keras.Model], batch: int, side: int) -> Size:
    """Built without any memory for its weights, in a thread, with which Keras' notes of them end.

    Initialisers draw seeds even so; what is drawn after them must stay what it was.
    """

    def shapes() -> Size:
        with keras.StatelessScope(initialize_variables=False):
            network = build()
            learning = [layer for layer in network.layers if layer.weights]
            seen = {id(one): one for layer in learning for one in keras.tree.flatten(layer.input)}
            whole = keras.Model(network.inputs, list(seen.values()))
            inputs = [(batch, side, side, one.shape[-1]) for one in network.inputs]
            found = whole.compute_output_shape(inputs if len(inputs) > 1 else inputs[0])
            return Size(network.count_params(), sum(map(math.prod, found)))

    state = random.getstate()
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(shapes).result()
    except Exception:  # told where it is built: too small a picture, a layer that computes while it is built
        return Size(0, 0)
    finally:
        random.setstate(state)
