"""How strongly a picture is restyled, chosen when sampling: between the photograph and what the generator learned.

A generator first learns to give the photograph back (the warm-up), and only then to paint. The weights in
between belong to painters in between (Deep Network Interpolation, Wang et al. 2019): fewer and fainter
strokes, not the photograph shining through a finished painting.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from gan_style.engine import Terms
from gan_style.errors import UserError
from gan_style.objectives.objective import Metrics
from gan_style.objectives.optimizers import Adam


class WarmUp:
    """The first steps, in which a generator learns the identity; what it is then is kept as the anchor of strength 0."""

    def __init__(self, name: str, network: keras.Model, steps: int, optimizer: Adam) -> None:
        self.name, self.network, self.steps = name, network, steps
        # Without a warm-up there is nothing to remember.
        self.player = optimizer.player(f"{name}_warm_up", [network], steps) if steps else None
        self.anchor = keras.models.clone_model(network) if steps else None
        self.between: tuple[float, keras.Model] | None = None

    def step(self, paint: Callable[[Any], Any], source: Any) -> Metrics:
        """One update towards paint(source) = source."""

        def terms() -> tuple[Terms, Any]:
            return {"reconstruction": ops.mean(ops.abs(paint(source) - source))}, None

        assert self.player is not None
        assert self.anchor is not None
        told, _ = self.player.minimize(terms, {"reconstruction": 1.0})
        for kept, variable in zip(self.anchor.weights, self.network.weights, strict=True):
            kept.assign(variable)
        return {self.name: told}

    def players(self) -> list[Any]:
        return [self.player] if self.player else []

    def copies(self) -> dict[str, keras.Model]:
        return {f"anchors/{self.name}": self.anchor} if self.anchor else {}

    def painter(self, finished: keras.Model, strength: float | None) -> keras.Model:
        """The network whose weights lie at `strength` on the way from the anchor to the finished painter."""
        if strength is None:
            return finished
        if not self.anchor:
            raise UserError("strength: this run was trained without a warm-up (objective.warm_up is 0), so there is no strength to choose")
        if self.between is None or self.between[0] != strength:
            network = keras.models.clone_model(finished)
            for variable, start, end in zip(network.weights, self.anchor.weights, finished.weights, strict=True):
                variable.assign(start + strength * (end - start))
            self.between = strength, network
        return self.between[1]
