"""A generator with all that painting needs: its moving average, and the anchor that its warm-up left for `--strength`.

A generator first learns to give the photograph back (the warm-up), and only then to paint. The weights in
between belong to painters in between (Deep Network Interpolation, Wang et al. 2019): fewer and fainter
strokes, not the photograph shining through a finished painting.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import MovingAverage, Player, Terms
from gan_style.errors import UserError
from gan_style.networks import GeneratorChoice
from gan_style.objectives.objective import Metrics
from gan_style.objectives.optimizers import Adam


class PainterConfig(Config):
    """What every method says of its generators."""

    takes_noise: ClassVar[bool] = False

    generator: GeneratorChoice
    generator_optimizer: Adam = Adam()
    average: Annotated[float, Field(ge=0, lt=1, description="decay of the generator's moving average, which paints; 0: none")] = 0.0
    warm_up: Annotated[int, Field(ge=0, description="first steps, which learn to give the photo back: --strength needs them")] = 0

    @model_validator(mode="after")
    def noise_is_given(self) -> Self:
        if not self.takes_noise and getattr(self.generator, "noise", None):
            raise ValueError("generator.noise: only the method 'gan' gives its generator noise")
        return self


class Painter:
    """A generator, its average and its warm-up."""

    def __init__(self, name: str, network: keras.Model, config: PainterConfig) -> None:
        self.name, self.network = name, network
        self.average = MovingAverage(network, config.average)
        # Adam's memory of the tiny gradients of the warm-up would make the first steps of the game far too large.
        self.player = config.generator_optimizer.player(f"{name}_warm_up", [network], config.warm_up) if config.warm_up else None
        self.anchor = keras.models.clone_model(network) if config.warm_up else None
        self.between: tuple[float, keras.Model] | None = None

    def warm_up_step(self, source: Any, paint: Callable[[Any], Any] | None = None) -> Metrics:
        """One update towards paint(source) = source."""
        paint = paint or (lambda images: self.network(images, training=True))

        def terms() -> tuple[Terms, Any]:
            return {"reconstruction": ops.mean(ops.abs(paint(source) - source))}, None

        assert self.player is not None
        assert self.anchor is not None
        told, _ = self.player.minimize(terms, {"reconstruction": 1.0})
        for kept, variable in zip(self.anchor.weights, self.network.weights, strict=True):
            kept.assign(variable)
        self.average.update(0)
        return {self.name: told}

    def players(self) -> list[Player]:
        return [self.player] if self.player else []

    def copies(self) -> dict[str, keras.Model]:
        averages = {f"averages/{self.name}": self.average.network} if self.average.decay else {}
        return averages | ({f"anchors/{self.name}": self.anchor} if self.anchor else {})

    def at(self, strength: float | None) -> keras.Model:
        """The network that paints; with a strength, the one whose weights lie so far on the way from the anchor to it."""
        if strength is None:
            return self.average.network
        if self.anchor is None:
            raise UserError("strength: this run was trained without a warm-up (objective.warm_up is 0), so there is no strength to choose")
        if self.between is None or self.between[0] != strength:
            network = keras.models.clone_model(self.average.network)
            for variable, start, end in zip(network.weights, self.anchor.weights, self.average.network.weights, strict=True):
                variable.assign(start + strength * (end - start))
            self.between = strength, network
        return self.between[1]
