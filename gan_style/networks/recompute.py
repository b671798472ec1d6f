"""Activations that are computed again for the gradient, instead of being kept (Chen et al. 2016).

A batch may also pass in parts, one after the other (gradient caching, Gao et al. 2021). What becomes of it,
the loss included, is still the whole batch's, and so is the gradient.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from gan_style.system.tensor import Tensor

Function = Callable[[Sequence[Tensor], Sequence[Tensor]], list[Tensor]]


@dataclass(frozen=True)
class Plan:
    """What networks keep for the gradient while they learn."""

    parts: int = 1  # of each batch, of which only one's features are there at a time
    segments: bool = False  # each network keeps what goes from segment to segment, and nothing inside


in_use = Plan()  # by this process
here = (0, 1, 0)  # the part that is being traced, how many there are, and rows of all of them


def use(plan: Plan) -> None:
    global in_use
    in_use = plan


def whole(count: int) -> int:
    """How many rows the batch has of which there are so many here."""
    return here[2] if here[1] > 1 else count


def own(values: Tensor) -> Tensor:
    """The rows of the part that is being traced, of what belongs to the whole batch."""
    return part_of(values, *here[:2])


def recomputed(
    function: Function,
    rows: Sequence[Tensor],
    values: Sequence[Tensor],
    parts: int = 1,
    *,
    learns: bool = True,
) -> list[Tensor]:
    """`function(rows, values)`, computed again for its gradient, at which only what goes in is still known.

    `rows` belong to pictures, and so does what comes out; `values`, such as weights, are the same for all.
    The gradient at values is asked for where it `learns`, else that at rows.
    """

    @tf.custom_gradient
    def forward(*given: Tensor) -> tuple[list[Tensor], Any]:
        rows, values = given[: len(given) - len(values_given)], given[len(given) - len(values_given) :]
        outputs: list[list[Tensor]] = []
        for part in range(parts):
            with tracing(part, parts, rows, outputs[-1] if outputs else ()):
                outputs.append(function([part_of(one, part, parts) for one in rows], values))

        def backward(*slopes: Tensor) -> list[Tensor]:
            return slopes_of(function, rows, values, slopes, parts, learns)

        return [joined(pieces) for pieces in zip(*outputs, strict=True)], backward

    values_given = list(values)
    return list(forward(*rows, *values))


def slopes_of(
    function: Function,
    rows: Sequence[Tensor],
    values: Sequence[Tensor],
    slopes: Sequence[Tensor],
    parts: int,
    learns: bool,
) -> list[Tensor]:
    """At rows and values, for the slopes at what came out. Those at values add up over the parts."""
    at_rows: list[list[Tensor]] = []
    at_values: list[Tensor] = [None] * len(values)
    before: Sequence[Tensor] = slopes
    for part in range(parts):
        with tracing(part, parts, rows, before):
            # Copies, which wait for what comes before: else all would be computed early, and kept after all.
            again = [tf.identity(part_of(one, part, parts)) for one in rows]
            same = [tf.identity(one) for one in values]
            with tf.GradientTape() as tape:
                tape.watch([*again, *same])
                outputs = function(again, same)
            upstream = [part_of(slope, part, parts) for slope in slopes]
            found = tape.gradient(outputs, [*again, *same], upstream)
        at_rows.append(found[: len(rows)])
        at_values = [added(*two) for two in zip(at_values, found[len(rows) :], strict=True)]
        # Nothing of this part is needed any more once this is there.
        before = [one for one in (at_values if learns else at_rows[-1]) if one is not None]
    return [*(joined(pieces) for pieces in zip(*at_rows, strict=True)), *at_values]


@contextmanager
def tracing(part: int, parts: int, rows: Sequence[Tensor], after: Sequence[Tensor]) -> Iterator[None]:
    """One part of these rows, once what stands in `after` is there."""
    global here
    outer, here = here, (part, parts, rows[0].shape[0]) if parts > 1 else here
    try:
        with tf.control_dependencies(after):
            yield
    finally:
        here = outer


def part_of(values: Tensor, part: int, parts: int) -> Tensor:
    """Parts are as equal as can be: one row more or fewer."""
    if parts == 1:
        return values
    count = values.shape[0]
    return values[part * count // parts : (part + 1) * count // parts]


def joined(pieces: Sequence[Tensor]) -> Tensor:
    return tf.concat(pieces, 0) if len(pieces) > 1 and pieces[0] is not None else pieces[0]


def added(one: Tensor, other: Tensor) -> Tensor:
    return other if one is None else one if other is None else one + other
