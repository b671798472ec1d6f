"""L-BFGS (Nocedal & Wright 2006, algorithms 7.4 and 3.1), its history in variables that checkpoints hold."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from gan_style.optim.player import Player, Terms, weighed
from gan_style.system.errors import UserError
from gan_style.system.hardware import memory
from gan_style.system.progress import warn
from gan_style.system.tensor import Tensor

FIRST_STEP = 0.05  # root mean square over the unknowns, while no curvature is known
ENOUGH = 1e-4  # share of the decrease promised by the slope (Armijo) that makes a step good enough
SHORTEST = 2.0**-20
FLAT = 1e-10  # cosine between step and change of gradient below which a pair says nothing about curvature


class History(keras.optimizers.Optimizer):
    """The last `length` steps and changes of gradient, oldest first; zeros where there were none yet."""

    def __init__(self, length: int) -> None:
        super().__init__(learning_rate=1.0, name="lbfgs")
        self.length = length

    def build(self, variables: Sequence[Any]) -> None:
        super().build(variables)
        size = sum(math.prod(variable.shape) for variable in variables)
        self.refuse_what_does_not_fit(4 * size * (2 * self.length + 2))
        self.place, self.slope = (self.add_variable((size,), name=name) for name in ("place", "slope"))
        table = (self.length, size)
        self.steps, self.changes = (self.add_variable(table, name=name) for name in ("steps", "changes"))

    def refuse_what_does_not_fit(self, needed: int) -> None:
        """Bytes; every step remembered is as large as the picture, twice."""
        if (there := memory()) is not None and needed > there:
            raise UserError(
                f"method.optimizer.history: {self.length} steps take {needed / 1e9:.0f} GB of memory, and "
                f"this machine has {there / 1e9:.0f}; a shorter history or a smaller data.size takes less"
            )

    def remember(self, place: Tensor, slope: Tensor) -> None:
        """Where the search stands now: the way from the last place tells the curvature."""
        step, change = place - self.place, slope - self.slope
        curved = ops.sum(step * change) > FLAT * ops.norm(step) * ops.norm(change)
        for kept, newest in ((self.steps, step), (self.changes, change)):
            useful = ops.logical_and(curved, self.iterations > 0)
            kept.assign(ops.where(useful, ops.concatenate([kept[1:], newest[None]]), kept))
        self.place.assign(place)
        self.slope.assign(slope)
        self.iterations.assign_add(1)

    def direction(self) -> Tensor:
        """Against the slope, as the curvature seen so far bends it (algorithm 7.4)."""
        curvature = ops.sum(self.steps * self.changes, axis=1)
        inverse = ops.where(curvature > 0, 1.0 / ops.maximum(curvature, 1e-30), 0.0)
        way, shares = ops.convert_to_tensor(self.slope), []
        for i in reversed(range(self.length)):
            shares.append(inverse[i] * ops.sum(self.steps[i] * way))
            way = way - shares[-1] * self.changes[i]
        first = FIRST_STEP * self.slope.shape[0] ** 0.5 / (ops.norm(self.slope) + 1e-30)
        newest = curvature[-1] / ops.maximum(ops.sum(ops.square(self.changes[-1])), 1e-30)
        way = way * ops.where(curvature[-1] > 0, newest, first)
        for i in range(self.length):
            back = inverse[i] * ops.sum(self.changes[i] * way)
            way = way + self.steps[i] * (shares[self.length - 1 - i] - back)
        return -way

    def forget_unless(self, moved: Tensor) -> None:
        """A direction that leads nowhere means that the curvature is not what it was."""
        for kept in (self.steps, self.changes):
            kept.assign(ops.where(moved, kept, ops.zeros_like(kept)))


class LbfgsPlayer(Player):
    """Moves its variables along L-BFGS directions, each step halved until the total falls enough."""

    def __init__(self, name: str, networks: Sequence[Any], history: int) -> None:
        self.history = History(history)
        self.warned = False
        super().__init__(name, networks, self.history)

    def minimize(
        self, compute_terms: Callable[[], Terms], weights: Mapping[str, float], tape: Any = None
    ) -> Terms:
        """As `Player.minimize`; `step_length` comes with the terms, and is 0 where no step was found.

        Nothing may be recorded before: the terms are computed again on the way.
        """
        assert tape is None
        terms, gradients = self.differentiate(compute_terms, weights)
        place, slope = flat(self.variables), flat(gradients)
        self.history.remember(place, slope)
        direction = self.history.direction()
        promised = ENOUGH * ops.sum(direction * slope)

        def tried(length: Tensor) -> Tensor:
            self.move_to(place + length * direction)
            return weighed(compute_terms(), weights)

        def too_high(length: Tensor, value: Tensor) -> Tensor:
            # Written so that a value that is no number is too high as well.
            low = value <= terms["total"] + length * promised
            return ops.logical_and(ops.logical_not(low), length > SHORTEST)

        def halved(length: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
            return length / 2, tried(length / 2)

        one = ops.convert_to_tensor(1.0)
        length, _ = ops.while_loop(too_high, halved, (one, tried(one)))
        moved = length > SHORTEST
        self.move_to(ops.where(moved, place + length * direction, place))
        self.history.forget_unless(moved)
        tf.numpy_function(self.warn_unless, [moved], [])
        return {**terms, "step_length": ops.where(moved, length, 0.0)}

    def warn_unless(self, moved: bool) -> None:
        """Once: without curvature the next step is another one, but after that all are the same."""
        if not moved and not self.warned:
            self.warned = True
            warn(f"{self.name}: L-BFGS finds no step that lowers the loss; such steps log a step_length of 0")

    def move_to(self, place: Tensor) -> None:
        start = 0
        for variable in self.variables:
            size = math.prod(variable.shape)
            variable.assign(ops.reshape(place[start : start + size], variable.shape))
            start += size


def flat(tensors: Sequence[Tensor]) -> Tensor:
    return ops.concatenate([ops.reshape(tensor, (-1,)) for tensor in tensors])
