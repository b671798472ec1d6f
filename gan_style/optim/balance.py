"""Weights that a recipe leaves to the first gradients: `auto`.

Such a term pulls at the start as hard as the strongest of those whose weights are given. Closest: loss
balancing by gradient norms (GradNorm, Chen et al. 2018), which goes on with it while training.
"""

from collections.abc import Iterable, Mapping

import keras
import numpy as np
from keras import ops

from gan_style.system.tensor import Tensor

AUTO = "auto"


class Balance:
    """The automatic weights of a player's terms, in variables that checkpoints hold; at first 1."""

    def __init__(self, terms: Iterable[str]) -> None:
        self.weights = {term: keras.Variable(1.0, trainable=False, name=f"weight_{term}") for term in terms}
        self.pulls: dict[str, list[float]] = {}  # gradient norms of unweighted terms

    def note(self, norms: Mapping[str, Tensor]) -> None:
        for term, norm in norms.items():
            self.pulls.setdefault(term, []).append(float(norm))

    def settle(self, given: Mapping[str, float]) -> None:
        """Of what was noted, in the geometric mean over batches."""
        usual = {
            term: float(np.exp(np.mean(np.log(np.array(norms) + 1e-20))))
            for term, norms in self.pulls.items()
        }
        strongest = max(
            (given[term] * pull for term, pull in usual.items() if term not in self.weights), default=1.0
        )
        for term, weight in self.weights.items():
            weight.assign(strongest / max(usual[term], 1e-12))

    def told(self) -> dict[str, float]:
        return {term: float(ops.convert_to_numpy(weight)) for term, weight in self.weights.items()}
