"""Every GradientTape is in this file, but for that of features computed again (networks/recompute.py)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import keras
import tensorflow as tf
from keras import ops

from gan_style.optim.balance import Balance
from gan_style.optim.clipping import UsualNorm
from gan_style.system import replicas
from gan_style.system.learning import asking
from gan_style.system.tensor import Tensor

Terms = dict[str, Tensor]
Weights = Mapping[str, Any]  # of terms: a number, or `auto`


class Player:
    """Variables that one optimizer updates together: networks, or an image being optimised.

    The optimizer is built here, so that a checkpoint is complete from step 0.
    """

    def __init__(
        self,
        name: str,
        networks: Sequence[Any],
        optimizer: keras.optimizers.Optimizer,
        clip_norm: float | Literal["auto"] | None = None,
        auto: Sequence[str] = (),
    ) -> None:
        """`auto`: terms whose weights are found from the first gradients, before anything is learned."""
        self.name = name
        self.variables = [variable for network in networks for variable in network.trainable_variables]
        self.optimizer = optimizer
        self.balance, self.measuring = Balance(auto), False
        self.given: Weights = {}
        self.usual_norm = UsualNorm() if clip_norm == "auto" else None
        self.clip_norm = None if clip_norm == "auto" else clip_norm
        optimizer.build(self.variables)
        # Keras would sum over replicas what `differentiate` has averaged already: clipping needs it whole.
        optimizer._all_reduce_sum_gradients = list

    @contextmanager
    def record(self) -> Iterator[tf.GradientTape]:
        """Record a forward pass; the tape is then given to `minimize`, which goes on recording the loss."""
        with tf.GradientTape(persistent=self.measuring, watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in self.variables])
            with asking(self.variables):
                yield tape

    def minimize(
        self,
        compute_terms: Callable[[], Terms],
        weights: Weights,
        tape: tf.GradientTape | None = None,
    ) -> Terms:
        """Weigh and sum the unweighted scalars that `compute_terms` returns, and apply the gradient.

        Comes back with the terms, their weighted `total` and the norm of the gradient before clipping.
        """
        if self.measuring:
            self.given = weights
            return self.measure(compute_terms, tape)
        terms, gradients = self.differentiate(compute_terms, self.weighing(weights), tape)
        clipped = self.clipped(gradients, terms["gradient_norm"])
        self.optimizer.apply_gradients(zip(clipped, self.variables, strict=True))
        return terms

    def clipped(self, gradients: Sequence[Tensor], norm: Tensor) -> Sequence[Tensor]:
        """Scaled down to the norm that is allowed, where theirs is larger."""
        limit = self.usual_norm.limit(norm) if self.usual_norm else self.clip_norm
        if limit is None:
            return gradients
        # Spikes are rare: what need not be scaled is not copied.
        return tf.cond(
            norm > limit, lambda: [gradient * (limit / norm) for gradient in gradients], lambda: gradients
        )

    def measure(self, compute_terms: Callable[[], Terms], tape: tf.GradientTape | None) -> Terms:
        """Note how hard each term pulls, and move nothing."""
        with tape or self.record() as tape:
            terms = compute_terms()
        at = [variable.value for variable in self.variables]
        slopes = {name: tape.gradient(term, at) for name, term in terms.items()}
        self.balance.note(
            {
                name: tf.linalg.global_norm([one for one in some if one is not None])
                for name, some in slopes.items()
            }
        )
        return terms

    def settle(self) -> None:
        """Automatic weights, of the gradients that were measured."""
        if self.balance.weights:
            self.balance.settle(self.given)

    def weighing(self, weights: Weights) -> Weights:
        return {**weights, **self.balance.weights}

    def state(self) -> list[Any]:
        """What a checkpoint holds of it, beside the networks."""
        usual = self.usual_norm.variables() if self.usual_norm else []
        return [*self.optimizer.variables, *usual, *self.balance.weights.values()]

    def differentiate(
        self,
        compute_terms: Callable[[], Terms],
        weights: Mapping[str, float],
        tape: tf.GradientTape | None = None,
    ) -> tuple[Terms, list[Tensor]]:
        """The terms with their `total` and its `gradient_norm`, and the gradient at each variable."""
        # A tape that is entered again goes on where it was left.
        with tape or self.record() as tape, asking(self.variables):
            terms = compute_terms()
            total = weighed(terms, weights)
        gradients = tape.gradient(total, [variable.value for variable in self.variables])
        gradients = replicas.mean(gradients)
        pairs = zip(self.variables, gradients, strict=True)
        if untouched := [variable.path for variable, gradient in pairs if gradient is None]:
            raise ValueError(f"{self.name}: no gradient reaches {', '.join(untouched)}")
        told = replicas.mean({**terms, "total": total})
        return {**told, "gradient_norm": tf.linalg.global_norm(gradients)}, gradients

    def learning_rate(self) -> float:
        return float(self.optimizer.learning_rate)


def weighed(terms: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The sum of the terms, each by its weight."""
    return ops.sum(ops.stack([weights[name] * ops.cast(term, "float32") for name, term in terms.items()]))


def gradient(compute: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """The gradient of a scalar function, itself differentiable: for penalties inside `minimize`."""
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = compute(at)
    return tape.gradient(value, at)


def compiled(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The step as one graph. Without XLA, which was slower on CPU."""
    return tf.function(step, autograph=False, reduce_retracing=True)
